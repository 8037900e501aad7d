//! Proofs that need nobody's word: a Merkle tree over the log's events, signed, and files that anybody can check.
//!
//! Everything in here is a function of its arguments: no store, no clock, no key but the one handed in. So what was
//! made beside a ledger is verified without one. `docs/event-format.md` has the bytes.

mod base64;
mod checkpoint;
mod disproof;
mod file;
mod key;
mod keys;
mod note;
#[cfg(test)]
mod tests;
mod tree;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use disproof::Disproof;
pub use file::{Anchor, EventProof, GrowthProof, Proof, Proven, SignedBy};
pub use key::{PublicKey, SecretKey, Signature, VerifierKey};
pub use keys::{AdoptedKey, Keys, Origin, endorsed_text};
pub use tree::{Hash, Nodes, TreeHead, consistency, inclusion, leaf_hash, node_hash, root};
