//! The withdrawal's transitions as data: the rules, the docs and the tests read this one table.

use serde::{Deserialize, Serialize};

/// How far a withdrawal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Set aside, and in no message.
    Pending,
    /// In a message that the chain may run until it expires.
    Processing,
    /// The coins have left.
    Processed,
    /// The coins have not left, and are given back.
    Failed,
}

impl Stage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Processing, Self::Processed, Self::Failed];

    /// The document's word. Source: ton-payment-processor.txt, Get withdrawal status.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Processed => "processed",
            Self::Failed => "failed",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It was put into a message.
    Send,
    /// Its message expired unseen.
    Expire,
    /// The coins have left.
    Process,
    /// Its message ran, and the coins stayed.
    Fail,
    /// It will not be sent.
    GiveUp,
    /// The coins have left though nothing was set aside for it any more.
    SendAnyway,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Send, Self::Expire, Self::Process, Self::Fail, Self::GiveUp, Self::SendAnyway];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Send => "sent",
            Self::Expire => "expired",
            Self::Process => "processed",
            Self::Fail => "failed",
            Self::GiveUp => "given up",
            Self::SendAnyway => "sent anyway",
        }
    }

    /// Whether this can happen to a withdrawal in `stage`.
    pub fn is_allowed(self, stage: Stage) -> bool {
        TRANSITIONS.iter().any(|row| row.action == self && row.from.contains(&stage))
    }
}

/// One row: in any of these stages this can happen, and leads to that one.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// What happens.
    pub action: Action,
    /// When it can.
    pub from: &'static [Stage],
    /// Where it leads.
    pub to: Stage,
}

use Stage::{Failed, Pending, Processed, Processing};

/// All that can happen to a withdrawal. Source: accounting rules §4.4.
pub const TRANSITIONS: &[Transition] = &[
    Transition { action: Action::Send, from: &[Pending], to: Processing },
    Transition { action: Action::Expire, from: &[Processing], to: Pending },
    // News of a message may come after its expiry: the chain had run it in time.
    Transition { action: Action::Process, from: &[Pending, Processing], to: Processed },
    Transition { action: Action::Fail, from: &[Pending, Processing], to: Failed },
    // In a message it may still leave.
    Transition { action: Action::GiveUp, from: &[Pending], to: Failed },
    Transition { action: Action::SendAnyway, from: &[Processed, Failed], to: Processed },
];
