//! What chains call things, and who may tell what they say.

use serde::{Deserialize, Serialize};

use super::PlatformRejection;
use crate::{
    books::{Holder, Realm},
    domain::{Context, Timestamp},
    state::State,
};

/// A hash as its chain computes it, of a transaction or a message: 32 to 64 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>")]
pub struct ChainHash(#[serde(serialize_with = "crate::domain::bytes::readable")] Vec<u8>);

/// The text or bytes are no hash of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a chain's hash is 32 to 64 bytes, as hex")]
pub struct ParseChainHashError;

impl TryFrom<Vec<u8>> for ChainHash {
    type Error = ParseChainHashError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, ParseChainHashError> {
        if (32..=64).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(ParseChainHashError) }
    }
}

/// Hex in either case, with or without Ethereum's `0x`.
impl std::str::FromStr for ChainHash {
    type Err = ParseChainHashError;

    fn from_str(text: &str) -> Result<Self, ParseChainHashError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let byte = |two: &[u8]| match two {
            &[high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
        bytes.ok_or(ParseChainHashError)?.try_into()
    }
}

impl std::fmt::Display for ChainHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::hex(&self.0))
    }
}

impl std::fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// One movement of coins on a network: a transaction, and which of its log entries or outputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Output {
    /// The transaction's hash.
    pub transaction: ChainHash,
    /// Counted as the network counts them.
    pub index: u32,
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.transaction, self.index)
    }
}

/// The block that something stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its number, as the network counts them.
    pub number: u64,
    /// Its own time. What is posted is effective when we learn of it, so this is told and orders nothing.
    pub at: Timestamp,
}

/// Something that is told once: where a second report would post a second entry. Variants are stored by position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Told {
    /// Coins that left a place of ours.
    Moved(Output),
    /// What the transaction cost, told by itself.
    Fee(ChainHash),
    /// Coins of ours that arrived at an address of ours, where whoever watches it sees a deposit.
    Arrived(Output),
    /// Some of what the transaction cost, told with a withdrawal that it carried.
    FeePart(ChainHash),
}

/// The realm of what a chain says, which only the platform's workers and its operator may tell: a tenant who could
/// would make coins of words.
pub fn check_platform(state: &State, context: &Context) -> Result<Realm, PlatformRejection> {
    let realm = context.realm.ok_or(PlatformRejection::NoRealm)?;
    if context.tenant.is_some() {
        return Err(PlatformRejection::Tenant);
    }
    match realm {
        Realm::Test(tenant) if state.merchants.get(&tenant).is_none() => {
            Err(PlatformRejection::Unknown(Holder::Merchant(tenant)))
        }
        Realm::Test(_) | Realm::Live => Ok(realm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_32_to_64_bytes_of_hex() {
        let hex = |bytes: usize| "aB".repeat(bytes);
        for (text, expected) in [
            (hex(31), None),
            (hex(32), Some(32)),
            (format!("0x{}", hex(32)), Some(32)),
            (hex(64), Some(64)),
            (hex(65), None),
            (format!("{}a", hex(32)), None),
            (format!("0x0x{}", hex(32)), None),
            (format!("+{}", &hex(32)[1..]), None),
            (format!("{}é", hex(31)), None),
            (String::new(), None),
        ] {
            let hash = text.parse::<ChainHash>();
            assert_eq!(hash.as_ref().ok().map(|hash| hash.0.len()), expected, "{text:?}");
            if let Ok(hash) = hash {
                assert_eq!(hash.to_string(), "ab".repeat(hash.0.len()), "printed in one way");
            }
        }
    }
}
