//! Signed notes, as C2SP's signed-note has them: a text, an empty line, and a line for each signature.

use super::{
    base64,
    key::{PublicKey, Signature},
};

/// A text with signatures by whomever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// What is signed, its last line break included.
    pub(super) text: String,
    signatures: Vec<Line>,
}

/// One signature line: `— name base64(id, signature)`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    /// The key's id, and what that kind of key signs with.
    bytes: Vec<u8>,
}

/// What signature lines begin with: an em dash and a blank.
const DASH: &str = "\u{2014} ";

impl Note {
    /// `text` with one signature, by `key` under `name`.
    pub(super) fn signed(text: String, name: &str, key: &PublicKey, signature: &Signature) -> Self {
        let bytes = [&key.id(name)[..], signature.bytes()].concat();
        Self { text, signatures: vec![Line { name: name.to_owned(), bytes }] }
    }

    /// The note of a text and its signature lines, both without their last line break.
    pub(super) fn parse(text: &str, signatures: &str) -> Option<Self> {
        let is_plain = |c: char| c == '\n' || !c.is_ascii_control();
        let signatures: Option<Vec<Line>> = signatures.split('\n').map(Line::parse).collect();
        if text.is_empty() || !text.chars().all(is_plain) {
            return None;
        }
        Some(Self { text: format!("{text}\n"), signatures: signatures? })
    }

    /// What the signatures say that claim to be by `key` under `name`: `None` if there is none, else whether all
    /// of them are good. Others' count for nothing.
    pub(super) fn is_signed_by(&self, name: &str, key: &PublicKey) -> Option<bool> {
        let claims = |line: &&Line| line.name == name && line.bytes.starts_with(&key.id(name));
        let is_good = |line: &Line| {
            let signature = Signature::try_from(line.bytes[4..].to_vec());
            signature.is_ok_and(|signature| key.verify(self.text.as_bytes(), &signature))
        };
        let claimed: Vec<bool> = self.signatures.iter().filter(claims).map(is_good).collect();
        (!claimed.is_empty()).then(|| claimed.into_iter().all(|is_good| is_good))
    }
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
        let is_name =
            |name: &str| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
        let bytes = base64::decode(bytes).filter(|bytes| bytes.len() > 4 && is_name(name))?;
        Some(Self { name: name.to_owned(), bytes })
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Line { name, bytes } in &self.signatures {
            writeln!(f, "{DASH}{name} {}", base64::encode(bytes))?;
        }
        Ok(())
    }
}
