//! Facts about signing keys. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::{
    domain::StreamId,
    proof::{PublicKey, Signature},
};

/// A fact about a signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Checkpoints are signed with another key from now on.
    KeyAdopted(KeyAdopted),
}

/// Checkpoints are signed with another key from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAdopted {
    /// Counted from 1.
    pub number: u32,
    /// The key.
    pub key: PublicKey,
    /// The signature of the key before over [`crate::proof::endorsed_text`]; none for the first.
    pub endorsement: Option<Signature>,
}

impl Event {
    /// `signer-ledger`.
    pub const fn stream(&self) -> StreamId {
        match self {
            Self::KeyAdopted(_) => StreamId::Signer,
        }
    }
}
