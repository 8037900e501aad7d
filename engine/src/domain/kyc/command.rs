//! Wishes about what a user is asked.

use super::Document;
use crate::domain::{Sealed, UserId};

/// A wish about what a user is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Keep answers, replacing the earlier ones whole.
    Save {
        /// Whose.
        user: UserId,
        /// The version of the form they answer.
        form: u32,
        /// All of them, sealed.
        answers: Sealed,
        /// Those that come with them; earlier ones stay for as long as the answers name them.
        documents: Vec<Document>,
    },
    /// Hand the answers in: from now on they are locked.
    Submit {
        /// Whose.
        user: UserId,
        /// The version of the form that they were found to answer completely.
        form: u32,
    },
    /// Accept them. The operator's.
    Approve {
        /// Whose.
        user: UserId,
    },
    /// Send them back to be mended. The operator's.
    Reject {
        /// Whose.
        user: UserId,
        /// Why, sealed: it may say of somebody what the answers do.
        reason: Sealed,
    },
}
