//! A ledger's signing keys from the first one on, each vouched for by the one before; and its name, made of the first.

use sha2::{Digest, Sha256};

use super::{
    base64,
    disproof::Disproof,
    key::{PublicKey, Signature, VerifierKey},
};

const ORIGIN_BYTES: usize = 16;
/// What every ledger's name begins with.
const PREFIX: &str = "choai/";
/// Separates a name's hash from any other of the same key.
const ORIGIN_PURPOSE: &[u8] = b"choai origin 1 ";

/// A ledger's name in checkpoints: a hash of its first signing key, so that no two ledgers have the same, and
/// whoever knows it knows where the chain of keys must begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin([u8; ORIGIN_BYTES]);

impl Origin {
    /// The name of the ledger whose first key this is.
    pub fn of(first: &PublicKey) -> Self {
        let hash = Sha256::new_with_prefix(ORIGIN_PURPOSE).chain_update(first.bytes()).finalize();
        Self(hash[..ORIGIN_BYTES].try_into().expect("a hash is longer than a name"))
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PREFIX}{}", crate::hex(&self.0))
    }
}

/// The text is no ledger's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ledger's name is `{PREFIX}` and 32 hex digits")]
pub struct ParseOriginError;

impl std::str::FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, ParseOriginError> {
        let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == 2 * ORIGIN_BYTES);
        let number =
            digits.and_then(|digits| u128::from_str_radix(digits, 16).ok()).ok_or(ParseOriginError)?;
        let origin = Self(number.to_be_bytes());
        // Capitals and signs would be read too.
        if origin.to_string() == text { Ok(origin) } else { Err(ParseOriginError) }
    }
}

/// What the key before signs, to vouch for the key that follows it.
pub fn endorsed_text(origin: Origin, number: u32, key: &PublicKey) -> String {
    format!("choai signing key\n{origin}\n{number}\n{}\n", base64::encode(key.bytes()))
}

/// A key as it was adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedKey {
    /// The key.
    pub key: PublicKey,
    /// The signature of the key before over [`endorsed_text`]; the first has none.
    pub endorsement: Option<Signature>,
}

/// Every key so far, numbered from 1; each proved to be vouched for by the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    origin: Origin,
    adopted: Vec<AdoptedKey>,
}

impl Keys {
    /// Proves the chain of `adopted`.
    ///
    /// # Errors
    /// [`Disproof`] if there is none, or one is not vouched for.
    pub fn prove(adopted: Vec<AdoptedKey>) -> Result<Self, Disproof> {
        let first = adopted.first().ok_or(Disproof::NoKeys)?;
        if first.endorsement.is_some() {
            return Err(Disproof::NotEndorsed { number: 1 });
        }
        let origin = Origin::of(&first.key);
        for (number, pair) in (2..).zip(adopted.windows(2)) {
            let text = endorsed_text(origin, number, &pair[1].key);
            let endorsement = pair[1].endorsement.as_ref();
            if !endorsement.is_some_and(|endorsement| pair[0].key.verify(text.as_bytes(), endorsement)) {
                return Err(Disproof::NotEndorsed { number });
            }
        }
        Ok(Self { origin, adopted })
    }

    /// The ledger's name.
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// The keys as they were adopted.
    pub fn adopted(&self) -> &[AdoptedKey] {
        &self.adopted
    }

    /// Every key with its number.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &PublicKey)> {
        (1..).zip(self.adopted.iter().map(|adopted| &adopted.key))
    }

    /// The key that signs now, with its number.
    pub fn current(&self) -> (u32, &PublicKey) {
        self.numbered().last().expect("there is a first key")
    }

    /// A key of this ledger as it is handed on.
    pub fn verifier(&self, key: &PublicKey) -> VerifierKey {
        VerifierKey { name: self.origin.to_string(), key: *key }
    }
}
