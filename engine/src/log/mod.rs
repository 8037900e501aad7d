//! The log: sealed commits of events in one order, and the ports to where they are kept.

mod backup;
pub mod codec;
mod faulty;
mod frame;
mod leaf;
mod memory;
mod proof;
mod record;
mod rocks;
mod rocks_tables;
#[cfg(test)]
mod tests;
mod upcast;
mod witness;

pub use backup::{Backups, Manifest, Outdated, Step, Taken, Watcher};
pub use codec::Kind;
pub use faulty::{Call, FaultyStore, Left};
pub use frame::{EVENTS_MAX, Frame, FrameDraft, Head};
pub use leaf::Leaf;
pub use memory::MemoryStore;
pub use proof::{Chain, Walk, prove};
pub use record::{Actor, RecordHeader, Recorded};
pub use rocks::RocksStore;
pub use rocks_tables::RocksTables;
pub use witness::Witness;

use crate::{fault::Fault, vault::VaultWrite};

/// Where commits are kept, each appended once and never changed.
pub trait Log: Send + Sync {
    /// Where the log ends.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    fn head(&self) -> Result<Head, Fault>;

    /// Appends `frame` after `expected`, with what belongs to it in the vault, and syncs both.
    ///
    /// # Errors
    /// [`Fault`]; whether the frame is on disk is then unknown.
    fn append(&self, expected: Head, frame: &Frame, vault: &[VaultWrite]) -> Result<(), Fault>;

    /// Reads whole commits in order, the first being the one that holds position `from`: as many as fit
    /// `bytes_max`, at least one, none beyond the head. Each is verified against its own hash; those before one
    /// that is damaged are still handed out, so that the fault comes to whoever asks for that one first of all.
    ///
    /// # Errors
    /// [`Fault::Damaged`] for a commit that is not what was written.
    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, Fault>;

    /// Whether there is so much room that commits can be tried: a disk that fills up during one would end everything
    /// with a fault. Where there is no disk there always is.
    ///
    /// # Errors
    /// [`Fault`] when the system does not say.
    fn has_room(&self) -> Result<bool, Fault> {
        Ok(true)
    }
}
