//! Wishes about a realm.

use crate::domain::Span;

/// A wish about the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Move a test realm's clock forward.
    AdvanceClock {
        /// By how much.
        by: Span,
    },
}
