//! Wishes about a subject.

use crate::domain::Subject;

/// A wish about a subject; the deletion of its key goes with it, as what is sealed does elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Erase what is sealed about somebody, who has nothing open any more.
    Erase {
        /// Whom.
        subject: Subject,
    },
    /// Record that somebody was erased whose erasure a restored log does not reach to: the key is gone, whatever is
    /// open by what that log says.
    EraseAgain {
        /// Whom.
        subject: Subject,
    },
}

impl Command {
    /// Whom it is about.
    pub const fn subject(&self) -> Subject {
        match self {
            Self::Erase { subject } | Self::EraseAgain { subject } => *subject,
        }
    }
}
