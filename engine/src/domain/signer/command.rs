//! Wishes about signing keys.

use crate::proof::{PublicKey, Signature};

/// A wish about a signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Sign with another key from now on, or with the first.
    AdoptKey {
        /// Its number, which the one before has signed with it.
        number: u32,
        /// The key; its secret is in the vault.
        key: PublicKey,
        /// The signature of the key before over [`crate::proof::endorsed_text`]; none for the first.
        endorsement: Option<Signature>,
    },
}
