//! Addresses of ours, as their network writes them.

use serde::{Deserialize, Serialize};

/// An address of ours on a network: 1 to 128 visible ASCII characters.
///
/// Compared letter by letter: a worker whose network writes one address in several ways settles on one of them.
/// Addresses of other people are personal data, and never kept as this.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChainAddress(String);

/// No network's address is longer: TON's have 48 or 67 characters, Ethereum's 42, Cardano's at most 108.
const CHARS_MAX: usize = 128;

/// The text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address is 1 to {CHARS_MAX} visible ASCII characters")]
pub struct ParseChainAddressError;

impl ChainAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ChainAddress {
    type Error = ParseChainAddressError;

    fn try_from(text: String) -> Result<Self, ParseChainAddressError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_one = is_plain && (1..=CHARS_MAX).contains(&text.len());
        if is_one { Ok(Self(text)) } else { Err(ParseChainAddressError) }
    }
}

impl std::str::FromStr for ChainAddress {
    type Err = ParseChainAddressError;

    fn from_str(text: &str) -> Result<Self, ParseChainAddressError> {
        text.to_owned().try_into()
    }
}

impl From<ChainAddress> for String {
    fn from(address: ChainAddress) -> Self {
        address.0
    }
}

impl std::fmt::Display for ChainAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for ChainAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_1_to_128_visible_ascii_characters() {
        let longest = "a".repeat(CHARS_MAX);
        for (text, expected) in [
            ("0QB7BSerVyP9xAKnxp3QpqR8JO2HKwZhl10zsfwg7aJ281ZR", true),
            ("0x07fd8aba", true),
            ("a", true),
            ("~!", true),
            (&*longest, true),
            (&*format!("{longest}a"), false),
            ("", false),
            ("two words", false),
            ("new\nline", false),
            ("délta", false),
        ] {
            assert_eq!(text.parse::<ChainAddress>().is_ok(), expected, "{text:?}");
        }
    }
}
