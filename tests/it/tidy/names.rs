//! The names a source file uses: every path in Rust code, every dependency in a manifest.

/// One use of a name, split at `::`; crates are spelled as in code, with `_`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) line: usize,
    pub(super) path: Vec<String>,
}

impl Name {
    /// Whether `pattern` is this name or a stretch of it; `*f64` stands for every word that ends so.
    pub(super) fn is(&self, pattern: &str) -> bool {
        let wanted: Vec<&str> = pattern.split("::").collect();
        let fits = |(word, wanted): (&String, &&str)| match wanted.strip_prefix('*') {
            Some(end) => word.ends_with(end),
            None => word == wanted,
        };
        let mut stretches = self.path.windows(wanted.len());
        stretches.any(|words| words.iter().zip(&wanted).all(fits))
    }
}

/// The paths in Rust code, with groups spread out: `std::{io, fs}` is `std::io` and `std::fs`.
/// What comments and strings say does not count.
pub(super) fn in_rust(text: &str) -> Vec<Name> {
    let tokens = tokens(text);
    let mut names = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at].1 {
            Token::Word(_) => path(&tokens, at, &[], &mut names),
            Token::Through | Token::Mark(_) => at + 1,
        };
    }
    names
}

/// The crates a package's manifest depends on, by whatever kind of dependency and under whatever alias.
pub(super) fn in_manifest(text: &str) -> Vec<Name> {
    let mut names = Vec::new();
    let mut in_dependencies = false;
    for (index, line) in text.lines().enumerate() {
        let mut add = |name: &str| {
            let path = vec![name.trim_matches(['"', '\'', ' ']).replace('-', "_")];
            let line = index + 1;
            names.push(Name { line, path });
        };
        if let Some(header) = line.trim().strip_prefix('[') {
            let parts: Vec<&str> = header.trim_end_matches(']').split('.').collect();
            let kind = parts.iter().position(|part| part.ends_with("dependencies"));
            // The workspace's list is a price list; what a package takes from it is what counts.
            in_dependencies = kind.is_some() && parts[0] != "workspace";
            if let (true, Some(name)) = (in_dependencies, kind.and_then(|kind| parts.get(kind + 1))) {
                add(name);
            }
        } else if in_dependencies && line.contains('=') {
            add(line.split(['.', '=']).next().unwrap_or_default());
            if let Some((_, renamed)) = line.split_once("package") {
                add(renamed.split('"').nth(1).unwrap_or_default());
            }
        }
    }
    names
}

enum Token<'a> {
    Word(&'a str),
    /// `::`
    Through,
    Mark(char),
}

/// Adds the path that starts at `at`, behind `prefix`; returns the place of the first token after it.
fn path(tokens: &[(usize, Token<'_>)], mut at: usize, prefix: &[String], names: &mut Vec<Name>) -> usize {
    let mut path = prefix.to_vec();
    let line = tokens[at].0;
    while let Some((_, token)) = tokens.get(at) {
        match token {
            Token::Word(word) => path.push((*word).to_owned()),
            Token::Mark('{') => return group(tokens, at + 1, &path, names),
            Token::Through | Token::Mark(_) => break,
        }
        at += 1;
        if !matches!(tokens.get(at), Some((_, Token::Through))) {
            break;
        }
        at += 1;
    }
    names.push(Name { line, path });
    at
}

/// Adds the paths of a group whose brace has just been opened; returns the place after its end.
fn group(tokens: &[(usize, Token<'_>)], mut at: usize, prefix: &[String], names: &mut Vec<Name>) -> usize {
    while let Some((_, token)) = tokens.get(at) {
        at = match token {
            Token::Mark('}') => return at + 1,
            // The alias is the file's own word, not a name it uses.
            Token::Word("as") => at + 2,
            Token::Word(_) => path(tokens, at, prefix, names),
            Token::Through | Token::Mark(_) => at + 1,
        };
    }
    at
}

/// Cuts code into tokens with their lines; comments, strings, characters and lifetimes are left out.
fn tokens(text: &str) -> Vec<(usize, Token<'_>)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (silent, word) = (silent(rest), word(rest));
        let length = if silent > 0 {
            silent
        } else if word > 0 {
            tokens.push((line, Token::Word(&rest[..word])));
            word
        } else if rest.starts_with("::") {
            tokens.push((line, Token::Through));
            2
        } else {
            if !first.is_whitespace() {
                tokens.push((line, Token::Mark(first)));
            }
            first.len_utf8()
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// The length of the comment, string, character or lifetime that `rest` begins with, or 0.
fn silent(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    // Strings of bytes and for C begin with a letter more.
    if let Some(raw) = rest.trim_start_matches(['b', 'c']).strip_prefix('r') {
        return raw_literal(raw).map_or(0, |length| rest.len() - raw.len() + length);
    }
    if rest.starts_with('"') {
        return quoted(rest, '"');
    }
    let mut after = rest.chars().skip(1);
    match (rest.starts_with('\''), after.next(), after.next()) {
        (false, ..) => 0,
        (true, Some('\\'), _) | (true, _, Some('\'')) => quoted(rest, '\''),
        (true, ..) => 1 + word(&rest[1..]),
    }
}

/// The length of the word that `rest` begins with, or 0.
fn word(rest: &str) -> usize {
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
    end.unwrap_or(rest.len())
}

/// The length of a raw string behind its `r`, or of the mark in `r#type`; none for other words with an `r`.
fn raw_literal(behind_r: &str) -> Option<usize> {
    let hashes = behind_r.len() - behind_r.trim_start_matches('#').len();
    match behind_r[hashes..].strip_prefix('"') {
        Some(text) => {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = text.find(&end).map_or(text.len(), |at| at + end.len());
            Some(hashes + 1 + length)
        }
        None => (hashes == 1).then_some(1),
    }
}

/// The length of a quoted literal, its quotes included; a backslash hides what follows it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut hidden = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if hidden => hidden = false,
            '\\' => hidden = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while let Some(first) = rest[at..].chars().next() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += first.len_utf8();
        }
    }
    at
}
