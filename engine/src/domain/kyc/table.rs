//! The answers' transitions as data: the rules, the docs and the tests read this one table.

use serde::{Deserialize, Serialize};

/// How far a user's answers have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Stage {
    /// Nothing was answered yet.
    #[default]
    Unanswered,
    /// Something was.
    Draft,
    /// Handed in, and locked.
    Submitted,
    /// Accepted.
    Approved,
    /// Sent back, and open again.
    Rejected,
}

impl Stage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 5] =
        [Self::Unanswered, Self::Draft, Self::Submitted, Self::Approved, Self::Rejected];

    /// The word that answers and docs have for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to a user's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// They are changed.
    Save,
    /// They are handed in.
    Submit,
    /// They are accepted.
    Approve,
    /// They are sent back.
    Reject,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Save, Self::Submit, Self::Approve, Self::Reject];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Save => "changed",
            Self::Submit => "submitted",
            Self::Approve => "approved",
            Self::Reject => "rejected",
        }
    }

    /// Where this leads from `stage`, if it can happen there.
    pub fn leads_to(self, stage: Stage) -> Option<Stage> {
        TRANSITIONS.iter().find(|row| row.action == self && row.from == stage).map(|row| row.to)
    }
}

/// One row: in this stage this can happen, and leads to that one.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// What happens.
    pub action: Action,
    /// When it can.
    pub from: Stage,
    /// Where it leads.
    pub to: Stage,
}

/// All that can happen to a user's answers. Source: surfaces.md: submitting locks, being rejected unlocks.
pub const TRANSITIONS: &[Transition] = &[
    Transition { action: Action::Save, from: Stage::Unanswered, to: Stage::Draft },
    Transition { action: Action::Save, from: Stage::Draft, to: Stage::Draft },
    Transition { action: Action::Save, from: Stage::Rejected, to: Stage::Draft },
    Transition { action: Action::Submit, from: Stage::Draft, to: Stage::Submitted },
    Transition { action: Action::Submit, from: Stage::Rejected, to: Stage::Submitted },
    Transition { action: Action::Approve, from: Stage::Submitted, to: Stage::Approved },
    Transition { action: Action::Reject, from: Stage::Submitted, to: Stage::Rejected },
];
