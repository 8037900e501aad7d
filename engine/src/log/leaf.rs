//! An event as a leaf of the tree of proofs: the time of its commit, then its record, both as they are stored.
//!
//! The time goes with it because a record says nothing of when it was recorded, and leaves out what is the same.

use super::{
    Recorded,
    record::{self, take},
};
use crate::{
    domain::Timestamp,
    fault::Fault,
    proof::{Hash, leaf_hash},
};

/// The bytes of one event in its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Eight bytes of the frame's header.
    pub(super) time: &'a [u8],
    /// The record with its length.
    pub(super) record: &'a [u8],
}

impl Leaf<'_> {
    /// Its hash in the tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(&[self.time, self.record])
    }

    /// What is hashed.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.time, self.record].concat()
    }
}

impl Recorded {
    /// Reads a leaf back as the event at `position`.
    ///
    /// # Errors
    /// [`Fault::Undecodable`] for anything but one time and one record.
    pub fn of_leaf(position: u64, mut leaf: &[u8]) -> Result<Self, Fault> {
        let recorded_at = Timestamp(i64::from_le_bytes(take(&mut leaf)?));
        let recorded = record::decode(record::split(&mut leaf)?, position, recorded_at, &mut Vec::new())?;
        if leaf.is_empty() { Ok(recorded) } else { Err(Fault::Undecodable("bytes follow the record".into())) }
    }
}
