//! Ed25519 keys and signatures (RFC 8032), and keys as people hand them on: C2SP's verifier keys.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::base64;

/// The number of Ed25519 among the kinds of keys that sign notes.
const ED25519: u8 = 1;

/// A key that signatures are checked with; known to be one that only its secret can sign for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "[u8; 32]")]
pub struct PublicKey(#[serde(serialize_with = "crate::domain::readable")] [u8; 32]);

/// The bytes are no Ed25519 key, or one that anybody can sign for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no key that can be relied on")]
pub struct NoKeyError;

impl TryFrom<[u8; 32]> for PublicKey {
    type Error = NoKeyError;

    fn try_from(bytes: [u8; 32]) -> Result<Self, NoKeyError> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| NoKeyError)?;
        // Of a point that has two ways of writing only the shorter is let in, so that a key has one text.
        let is_canonical = key.to_edwards().compress().to_bytes() == bytes;
        if is_canonical && !key.is_weak() { Ok(Self(bytes)) } else { Err(NoKeyError) }
    }
}

impl PublicKey {
    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is this key's over `message`, by the strictest reading of RFC 8032.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        let bytes: Result<[u8; 64], _> = signature.0[..].try_into();
        let key = VerifyingKey::from_bytes(&self.0);
        let (Ok(bytes), Ok(key)) = (bytes, key) else { return false };
        key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&bytes)).is_ok()
    }

    /// What a note's signature line says which key it is by, together with the name.
    pub(super) fn id(&self, name: &str) -> [u8; 4] {
        let hash = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(self.kind_and_bytes());
        hash.finalize()[..4].try_into().expect("a hash has more than four bytes")
    }

    fn kind_and_bytes(&self) -> Vec<u8> {
        [&[ED25519][..], &self.0].concat()
    }
}

/// A signature: 64 bytes, of which nothing else is known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>")]
pub struct Signature(#[serde(serialize_with = "crate::domain::readable")] Vec<u8>);

/// Not 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signature has 64 bytes")]
pub struct NoSignatureError;

impl TryFrom<Vec<u8>> for Signature {
    type Error = NoSignatureError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, NoSignatureError> {
        if bytes.len() == 64 { Ok(Self(bytes)) } else { Err(NoSignatureError) }
    }
}

impl Signature {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signature({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// A key that signs; its bytes are overwritten when it is dropped.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of 32 random bytes.
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// What its signatures are checked with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs; the same message has the same signature.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes().into())
    }
}

/// A key with the name that notes are signed under: `name+id+key`, as C2SP's signed-note writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    /// Whose it is.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// The text is no verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a verifier key of Ed25519, such as choai/0123…+89abcdef+Ab…=")]
pub struct ParseVerifierKeyError;

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (id, key) = (self.key.id(&self.name), self.key.kind_and_bytes());
        write!(f, "{}+{}+{}", self.name, crate::hex(&id), base64::encode(&key))
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = ParseVerifierKeyError;

    fn from_str(text: &str) -> Result<Self, ParseVerifierKeyError> {
        // Base64 has plus signs too: the key is all that follows the second.
        let mut parts = text.splitn(3, '+');
        let (name, key) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
        let [kind, bytes @ ..] = base64::decode_array::<33>(key).ok_or(ParseVerifierKeyError)?;
        let key = PublicKey::try_from(bytes).map_err(|_| ParseVerifierKeyError)?;
        let parsed = Self { name: name.to_owned(), key };
        // The id is a checksum over the name and the key.
        if kind == ED25519 && parsed.to_string() == text { Ok(parsed) } else { Err(ParseVerifierKeyError) }
    }
}
