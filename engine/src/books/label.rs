//! A short name given by the operator: of a rail, of a bank account, of a network.

use serde::{Deserialize, Deserializer, Serialize};

use crate::spelled;

/// 1 to 24 of `a-z`, `0-9` and `-`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct Label {
    bytes: [u8; LABEL_BYTES_MAX],
    len: u8,
}

const LABEL_BYTES_MAX: usize = 24;

/// Why a text is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a label is 1 to 24 of a-z, 0-9 and -")]
pub struct LabelError;

impl Label {
    /// The rail that needs no outside world; test realms only.
    pub const SANDBOX: Self = Self::literal("sandbox");
    /// The issuing of cards: what their scheme is owed, and has brought back.
    pub const ISSUING: Self = Self::literal("issuing");
    /// Payments from users' wallets, as charges are agreed on.
    pub const WALLET: Self = Self::literal("wallet");
    /// Payments with points, as charges are agreed on.
    pub const POINTS: Self = Self::literal("points");
    /// The platform's bank account, where only one is configured.
    pub const MAIN: Self = Self::literal("main");
    /// The network whose coin is TON.
    pub const TON: Self = Self::literal("ton");
    /// The network that USDT is on.
    pub const ETHEREUM: Self = Self::literal("ethereum");

    /// A label written in the code.
    const fn literal(text: &str) -> Self {
        let (from, mut bytes, mut at) = (text.as_bytes(), [0; LABEL_BYTES_MAX], 0);
        while at < from.len() {
            bytes[at] = from[at];
            at += 1;
        }
        Self { bytes, len: at as u8 }
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("labels are made from ASCII only")
    }
}

impl std::str::FromStr for Label {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !plain || text.is_empty() || text.len() > LABEL_BYTES_MAX {
            return Err(LabelError);
        }
        Ok(Self::literal(text))
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        spelled::read(deserializer, "a label")
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.as_str().to_owned()
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}
