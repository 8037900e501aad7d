//! Wishes about a rail.

use crate::{books::Label, money::Money};

/// A wish about a rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Record that a rail paid out what it owed.
    Settle {
        /// Which rail.
        rail: Label,
        /// Into which bank account.
        bank: Label,
        /// What arrived there.
        net: Money,
        /// What the rail kept.
        fee: Money,
    },
}
