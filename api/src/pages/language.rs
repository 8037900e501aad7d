//! The language a page is written in, chosen from what the reader's browser asks for.

/// A language our pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 日本語.
    Japanese,
    /// English, also for everyone who asks for neither.
    English,
}

/// How much a language is wanted: its weight first, then a range that names it over `*`, then the earlier one.
type Rank = (u16, bool, std::cmp::Reverse<usize>);

impl Language {
    /// The tag for `<html lang>` and for the `language` field of our forms and links.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Japanese => "ja",
            Language::English => "en",
        }
    }

    /// What the language calls itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Language::Japanese => "日本語",
            Language::English => "English",
        }
    }

    /// The one to switch to.
    pub fn other(self) -> Language {
        match self {
            Language::Japanese => Language::English,
            Language::English => Language::Japanese,
        }
    }

    /// The language with this tag, if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Language> {
        [Language::Japanese, Language::English].into_iter().find(|language| language.tag() == tag)
    }

    /// What the reader picked (`language` in the query or form) if we have it, else what the browser asks for.
    pub fn choose(picked: Option<&str>, accept_language: Option<&str>) -> Language {
        picked.and_then(Language::from_tag).unwrap_or_else(|| from_accept_language(accept_language))
    }
}

/// The language an `Accept-Language` header prefers (RFC 9110 §12.5.4); English if it prefers neither of ours.
///
/// A range names a language by its first subtag. At equal weight a named language beats `*`, and then the
/// earlier one wins, as browsers list them in the order of preference. Entries we cannot read are passed over.
pub fn from_accept_language(header: Option<&str>) -> Language {
    let header = header.unwrap_or_default();
    let japanese = rank(header, "ja");
    let english = rank(header, "en");
    if japanese.is_some() && japanese > english { Language::Japanese } else { Language::English }
}

/// How much the header wants the language whose first subtag is `wanted`; `None` if not at all.
fn rank(header: &str, wanted: &str) -> Option<Rank> {
    let ranges = || header.split(',').enumerate().filter_map(|(at, entry)| Some((at, range(entry)?)));
    let best = |named: bool| {
        let wanted = if named { wanted } else { "*" };
        ranges()
            .filter(|(_, (subtag, _))| subtag.eq_ignore_ascii_case(wanted))
            .map(|(at, (_, weight))| (weight, named, std::cmp::Reverse(at)))
            .max()
    };
    // `*` speaks only for languages the header does not name: `ja;q=0, *` does not want Japanese.
    best(true).or_else(|| best(false)).filter(|(weight, ..)| *weight > 0)
}

/// The first subtag of one entry, and its weight in thousandths.
fn range(entry: &str) -> Option<(&str, u16)> {
    let mut parts = entry.split(';').map(str::trim);
    let subtag = parts.next()?.split('-').next().filter(|subtag| !subtag.is_empty())?;
    let weight = parts.next().map_or(Some(1000), |parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))?
    })?;
    parts.next().is_none().then_some((subtag, weight))
}

/// A weight as the RFC writes it: `0` or `1`, with at most three decimals, and never above 1.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let readable = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, readable) {
        ("0", true) => format!("{decimals:0<3}").parse().ok(),
        ("1", true) => decimals.bytes().all(|byte| byte == b'0').then_some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{English, Japanese};
    use super::*;

    #[test]
    fn the_header_decides_the_language() {
        for (header, language) in [
            ("", English),
            ("ja", Japanese),
            ("JA", Japanese),
            ("ja-JP", Japanese),
            ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", Japanese),
            ("en-US,en;q=0.9,ja;q=0.8", English),
            ("en;q=0.8, ja;q=0.9", Japanese),
            ("en;q=0.80 , ja;q=0.801", Japanese),
            ("en ; q = 0.8 , ja ; Q=0.9", Japanese),
            // At equal weight the earlier one wins.
            ("ja,en", Japanese),
            ("en,ja", English),
            ("en;q=0.5,ja;q=0.500", English),
            // A language is weighed by the best range that names it.
            ("ja-JP;q=0.2,en;q=0.5,ja;q=0.9", Japanese),
            // Other languages give no hint between ours; one of ours is better than neither.
            ("fr", English),
            ("fr,ja;q=0.1", Japanese),
            ("fr,en;q=0.1", English),
            ("jam,jav-ID", English),
            // The wildcard speaks for whatever is not named.
            ("*", English),
            ("*,ja", Japanese),
            ("ja;q=0.5,*", English),
            ("ja;q=0.5,*;q=0.5", Japanese),
            ("*;q=0.4,ja;q=0.5", Japanese),
            ("ja;q=0,*", English),
            ("en;q=0,*", Japanese),
            // Nothing wanted, nothing readable.
            ("ja;q=0", English),
            ("ja;q=0.000", English),
            ("ja;q=0,en;q=0", English),
            ("ja;q=1.001", English),
            ("ja;q=2", English),
            ("ja;q=-1", English),
            ("ja;q=0.1234", English),
            ("ja;q=.9", English),
            ("ja;q=", English),
            ("ja;q=high", English),
            ("ja;level=1", English),
            ("ja;q=0.9;q=0.1", English),
            (",;,-,;q=1,=", English),
            ("ja;q=x,en;q=0.1", English),
            (",ja", Japanese),
        ] {
            assert_eq!(from_accept_language(Some(header)), language, "for {header:?}");
        }
        assert_eq!(from_accept_language(None), English);
    }

    #[test]
    fn a_pick_beats_the_header_and_an_unknown_pick_does_not() {
        for (picked, header, language) in [
            (Some("en"), Some("ja"), English),
            (Some("ja"), Some("en"), Japanese),
            (Some("ko"), Some("ja"), Japanese),
            (Some("<script>"), None, English),
            (None, Some("ja"), Japanese),
        ] {
            assert_eq!(Language::choose(picked, header), language, "for {picked:?}, {header:?}");
        }
    }
}
