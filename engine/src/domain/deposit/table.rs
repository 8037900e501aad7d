//! The deposit's transitions as data: the rules, the docs and the tests read this one table.

use serde::{Deserialize, Serialize};

/// How far a deposit has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Seen on its chain, and not yet beyond doubt.
    Pending,
    /// Beyond doubt, and credited to its owner. Of a purchase, for the length of one commit: what it bought is next.
    Confirmed,
    /// Beyond doubt, and nobody's.
    Unowned,
    /// It bought points.
    Granted,
    /// It was to buy points and did not: the coins are in the wallet.
    Skipped,
    /// Its chain has taken it back.
    Reorganised,
}

impl Stage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Confirmed, Self::Unowned, Self::Granted, Self::Skipped, Self::Reorganised];

    /// The word of accounting rules §4.2, where they have one.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Unowned => "unowned",
            Self::Granted => "granted",
            Self::Skipped => "skipped",
            Self::Reorganised => "reorganised",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Its block is deep enough.
    Confirm,
    /// The operator found out whose it is.
    Assign,
    /// Its block is no longer part of the chain.
    Reorganise,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Confirm, Self::Assign, Self::Reorganise];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Assign => "assigned",
            Self::Reorganise => "reorganised",
        }
    }

    /// Whether this can happen to a deposit in `stage`.
    pub fn is_allowed(self, stage: Stage) -> bool {
        TRANSITIONS.iter().any(|row| row.action == self && row.from.contains(&stage))
    }
}

/// One row: in any of these stages this can happen, and leads to one of those.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// What happens.
    pub action: Action,
    /// When it can.
    pub from: &'static [Stage],
    /// Where it can lead.
    pub to: &'static [Stage],
}

use Stage::{Confirmed, Granted, Pending, Reorganised, Skipped, Unowned};

/// All that can happen to a deposit. Source: accounting rules §4.2 and §4.4.
pub const TRANSITIONS: &[Transition] = &[
    // What was taken back may stand in another block.
    Transition {
        action: Action::Confirm,
        from: &[Pending, Reorganised],
        to: &[Confirmed, Unowned, Granted, Skipped],
    },
    Transition { action: Action::Assign, from: &[Unowned], to: &[Confirmed, Granted, Skipped] },
    Transition {
        action: Action::Reorganise,
        from: &[Pending, Confirmed, Unowned, Granted, Skipped],
        to: &[Reorganised],
    },
];
