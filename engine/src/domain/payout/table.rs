//! The payout's transitions as data: the rules, the docs and the tests read this one table.

use serde::{Deserialize, Serialize};

/// How far a payout has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// On its way to the bank.
    Sent,
    /// Paid.
    Confirmed,
    /// Back with the platform.
    Returned,
}

impl Stage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Sent, Self::Confirmed, Self::Returned];

    /// The word of accounting rules §4.5.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::Returned => "returned",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The bank has paid it.
    Confirm,
    /// The bank has sent it back.
    Return,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 2] = [Self::Confirm, Self::Return];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Return => "returned",
        }
    }
}

/// One row: in this stage this can happen, and leads to that one.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// What happens.
    pub action: Action,
    /// When it can.
    pub from: Stage,
    /// Where it leads. There already, it changes nothing.
    pub to: Stage,
}

/// All that can happen to a payout. Source: accounting rules §4.5.
pub const TRANSITIONS: &[Transition] = &[
    Transition { action: Action::Confirm, from: Stage::Sent, to: Stage::Confirmed },
    Transition { action: Action::Return, from: Stage::Sent, to: Stage::Returned },
];
