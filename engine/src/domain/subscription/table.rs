//! The invoice's transitions as data: the rules, the docs and the tests read this one table.

use serde::{Deserialize, Serialize};

/// How far a month's invoice has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// To be paid until the month ends.
    Pending,
    /// Paid.
    Completed,
    /// Paid, and given or taken back.
    Refunded,
    /// The month ended, and it was not paid.
    Failed,
    /// Called off by its user.
    Cancelled,
}

impl Stage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Completed, Self::Refunded, Self::Failed, Self::Cancelled];

    /// The documents' word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the billing history shows it. Source: ito-japan-platform.txt: pending attempts are not shown.
    pub const fn is_history(self) -> bool {
        match self {
            Self::Pending => false,
            Self::Completed | Self::Refunded | Self::Failed | Self::Cancelled => true,
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to a month's invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Its user subscribes again before the month is over.
    Reopen,
    /// It is paid: from the wallet, with points, or by a payment.
    Pay,
    /// The month ended.
    Fail,
    /// Its user stopped.
    Cancel,
    /// The price went back.
    Refund,
    /// The bank of whoever paid took money back.
    ChargeBack,
    /// The dispute over that was won.
    WinChargeback,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Reopen,
        Self::Pay,
        Self::Fail,
        Self::Cancel,
        Self::Refund,
        Self::ChargeBack,
        Self::WinChargeback,
    ];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reopen => "opened again",
            Self::Pay => "paid",
            Self::Fail => "failed",
            Self::Cancel => "cancelled",
            Self::Refund => "refunded",
            Self::ChargeBack => "charged back",
            Self::WinChargeback => "won back",
        }
    }

    /// Whether this can happen to an invoice in `stage`.
    pub fn is_allowed(self, stage: Stage) -> bool {
        TRANSITIONS.iter().any(|row| row.action == self && row.from == stage)
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

/// All that can happen to a month's invoice. Source: accounting rules §4.6.
pub const TRANSITIONS: &[Transition] = &[
    Transition { action: Action::Reopen, from: Stage::Cancelled, to: Stage::Pending },
    Transition { action: Action::Pay, from: Stage::Pending, to: Stage::Completed },
    Transition { action: Action::Fail, from: Stage::Pending, to: Stage::Failed },
    Transition { action: Action::Cancel, from: Stage::Pending, to: Stage::Cancelled },
    Transition { action: Action::Refund, from: Stage::Completed, to: Stage::Refunded },
    Transition { action: Action::ChargeBack, from: Stage::Completed, to: Stage::Refunded },
    Transition { action: Action::WinChargeback, from: Stage::Refunded, to: Stage::Completed },
];
