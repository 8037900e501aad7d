//! Faults: disk, damage and configuration. They travel up and end as a 5xx or a refusal to start.

use crate::domain::StreamId;

/// Something outside the rules went wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// The store could not be read or written.
    #[error("the store failed: {0}")]
    Store(String),
    /// A file could not be read or written.
    #[error("{path}: {reason}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// What is stored is not what was written.
    #[error("damage at position {position}: {what}")]
    Damaged {
        /// The first position that cannot be trusted.
        position: u64,
        /// What is wrong with it.
        what: String,
    },
    /// Bytes that do not decode.
    #[error("undecodable: {0}")]
    Undecodable(String),
    /// The log ends before what the witness saw.
    #[error("the log ends at position {head}, but position {witnessed} was acknowledged: events are missing")]
    Missing {
        /// Where the log ends.
        head: u64,
        /// Where it ended when the witness last saw it.
        witnessed: u64,
    },
    /// Another process has the data folder.
    #[error("{0} is in use by another server; stop that one first, or give this one its own folder")]
    InUse(String),
    /// The master key is not the one the data was sealed with.
    #[error("{0}")]
    MasterKey(String),
    /// The list of erasures is missing, another ledger's, or damaged.
    #[error("{0}")]
    Erasures(String),
    /// A backup is damaged, another ledger's, or not there.
    #[error("{0}")]
    Backup(String),
    /// A stream ended before an event that must be in it.
    #[error("{0} lacks an event that another one speaks of")]
    Incomplete(StreamId),
}

impl Fault {
    /// A fault of the file at `path`.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), reason: error.to_string() }
    }
}
