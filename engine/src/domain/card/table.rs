//! The transitions of cards and of authorisations as data: the rules, the docs and the tests read these two tables.

use serde::{Deserialize, Serialize};

/// What a card is. That its month is over is no stage of its own: it is asked of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CardStage {
    /// In use.
    Active,
    /// Not to be used until it is unblocked.
    Blocked,
    /// Never to be used again.
    Closed,
}

impl CardStage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Active, Self::Blocked, Self::Closed];

    /// The word that rejections and answers use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Closed => "closed",
        }
    }
}

impl std::fmt::Display for CardStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardAction {
    /// Money is set aside on it, at first or more of it.
    Charge,
    /// It is blocked.
    Block,
    /// It is unblocked.
    Unblock,
    /// It is closed.
    Close,
    /// The scheme brings money back.
    Refund,
}

impl CardAction {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 5] = [Self::Charge, Self::Block, Self::Unblock, Self::Close, Self::Refund];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Charge => "charged",
            Self::Block => "blocked",
            Self::Unblock => "unblocked",
            Self::Close => "closed",
            Self::Refund => "refunded",
        }
    }

    /// Whether this can happen to a card in `stage`.
    pub fn is_allowed(self, stage: CardStage) -> bool {
        CARD_TRANSITIONS.iter().any(|row| row.action == self && row.from.contains(&stage))
    }
}

/// What an authorisation is: whether anything is still held, and if not, what ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AuthorizationStage {
    /// Something is held.
    Held,
    /// The last of it was cleared.
    Cleared,
    /// The last of it was reversed.
    Reversed,
    /// The last of it was given back after seven days.
    Expired,
}

impl AuthorizationStage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Held, Self::Cleared, Self::Reversed, Self::Expired];

    /// The word that rejections and answers use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Cleared => "cleared",
            Self::Reversed => "reversed",
            Self::Expired => "expired",
        }
    }
}

impl std::fmt::Display for AuthorizationStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to an authorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorizationAction {
    /// More is set aside.
    Increase,
    /// Some or all of it is given back.
    Reverse,
    /// The scheme has collected.
    Clear,
    /// Seven days went by without a clearing.
    Expire,
}

impl AuthorizationAction {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Increase, Self::Reverse, Self::Clear, Self::Expire];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Increase => "increased",
            Self::Reverse => "reversed",
            Self::Clear => "cleared",
            Self::Expire => "expired",
        }
    }

    /// Whether this can happen to an authorisation in `stage`.
    pub fn is_allowed(self, stage: AuthorizationStage) -> bool {
        AUTHORIZATION_TRANSITIONS.iter().any(|row| row.action == self && row.from.contains(&stage))
    }
}

/// One row: in any of these stages this can happen, and leads to one of those.
#[derive(Debug, Clone, Copy)]
pub struct Transition<Stage: 'static, Action> {
    /// What happens.
    pub action: Action,
    /// When it can.
    pub from: &'static [Stage],
    /// Where it can lead; empty where the stage stays what it was.
    pub to: &'static [Stage],
}

use AuthorizationAction::{Clear, Expire, Increase, Reverse};
use AuthorizationStage::{Cleared, Expired, Held, Reversed};
use CardAction::{Block, Charge, Close, Refund, Unblock};
use CardStage::{Active, Blocked, Closed};

/// All that can happen to a card. Source: accounting rules §4.7.
pub const CARD_TRANSITIONS: &[Transition<CardStage, CardAction>] = &[
    Transition { action: Charge, from: &[Active], to: &[] },
    Transition { action: Block, from: &[Active], to: &[Blocked] },
    Transition { action: Unblock, from: &[Blocked], to: &[Active] },
    Transition { action: Close, from: &[Active, Blocked], to: &[Closed] },
    Transition { action: Refund, from: &CardStage::ALL, to: &[] },
];

/// All that can happen to an authorisation. Source: accounting rules §4.7.
pub const AUTHORIZATION_TRANSITIONS: &[Transition<AuthorizationStage, AuthorizationAction>] = &[
    Transition { action: Increase, from: &[Held], to: &[Held] },
    Transition { action: Reverse, from: &[Held], to: &[Held, Reversed] },
    Transition { action: Clear, from: &[Held], to: &[Held, Cleared] },
    // A clearing that comes too late is a fact all the same.
    Transition { action: Clear, from: &[Cleared, Reversed, Expired], to: &[] },
    Transition { action: Expire, from: &[Held], to: &[Expired] },
];
