//! The order's transitions as data: the rules, the docs and the tests read this one table.

use serde::{Deserialize, Serialize};

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Placed; stock and points are reserved, and the money is still to come.
    Pending,
    /// Paid; the money is in escrow.
    Holding,
    /// On its way.
    Shipped,
    /// The buyer has it.
    Delivered,
    /// The buyer objects; the operator decides.
    Disputed,
    /// The seller has been paid.
    Released,
    /// Called off before it was paid.
    Cancelled,
    /// All of it has been given back.
    Refunded,
}

/// The documents' `escrow_status`: where the money was last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Escrow {
    /// Held.
    Holding,
    /// Held while the goods are on their way.
    Shipped,
    /// Held while the buyer looks at them.
    Delivered,
    /// Held until the operator decides.
    Disputed,
    /// The seller's.
    Released,
}

impl Stage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Holding,
        Self::Shipped,
        Self::Delivered,
        Self::Disputed,
        Self::Released,
        Self::Cancelled,
        Self::Refunded,
    ];

    /// The stage in lower case.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Holding => "holding",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Disputed => "disputed",
            Self::Released => "released",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }

    /// The documents' `status`.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Holding | Self::Shipped | Self::Delivered | Self::Disputed | Self::Released => "paid",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }

    /// What it makes of the documents' `escrow_status`; an end leaves that as it was.
    pub const fn escrow(self) -> Option<Escrow> {
        match self {
            Self::Holding => Some(Escrow::Holding),
            Self::Shipped => Some(Escrow::Shipped),
            Self::Delivered => Some(Escrow::Delivered),
            Self::Disputed => Some(Escrow::Disputed),
            Self::Released => Some(Escrow::Released),
            Self::Pending | Self::Cancelled | Self::Refunded => None,
        }
    }

    /// Whether the buyer's money is held.
    pub const fn is_in_escrow(self) -> bool {
        matches!(self, Self::Holding | Self::Shipped | Self::Delivered | Self::Disputed)
    }
}

impl Escrow {
    /// The documents' word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holding => "holding",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Disputed => "disputed",
            Self::Released => "released",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to an order once it is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// All of its money came in.
    Pay,
    /// Called off, by buyer or merchant, by the end of the payment it awaits, or unshipped for too long.
    Cancel,
    /// Sent, with a tracking number.
    Ship,
    /// The buyer has it, or is taken to have it.
    Deliver,
    /// The buyer accepts it, or is taken to.
    Release,
    /// The buyer objects.
    Dispute,
    /// The operator decides a dispute.
    Resolve,
    /// The merchant gives back what it has been paid.
    Refund,
    /// The buyer's bank takes the money back.
    ChargeBack,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Pay,
        Self::Cancel,
        Self::Ship,
        Self::Deliver,
        Self::Release,
        Self::Dispute,
        Self::Resolve,
        Self::Refund,
        Self::ChargeBack,
    ];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pay => "paid",
            Self::Cancel => "cancelled",
            Self::Ship => "shipped",
            Self::Deliver => "delivered",
            Self::Release => "released",
            Self::Dispute => "disputed",
            Self::Resolve => "resolved",
            Self::Refund => "refunded",
            Self::ChargeBack => "charged back",
        }
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

use Stage::{Cancelled, Delivered, Disputed, Holding, Pending, Refunded, Released, Shipped};

/// All that can happen to an order. Source: accounting rules §4.3.
pub const TRANSITIONS: &[Transition] = &[
    Transition { action: Action::Pay, from: &[Pending], to: &[Holding] },
    Transition { action: Action::Cancel, from: &[Pending, Holding], to: &[Cancelled, Refunded] },
    Transition { action: Action::Ship, from: &[Holding], to: &[Shipped] },
    // Straight from holding only where nothing is sent.
    Transition { action: Action::Deliver, from: &[Holding, Shipped], to: &[Delivered] },
    Transition { action: Action::Release, from: &[Delivered], to: &[Released] },
    Transition { action: Action::Dispute, from: &[Holding, Shipped, Delivered], to: &[Disputed] },
    Transition { action: Action::Resolve, from: &[Disputed], to: &[Released, Refunded] },
    Transition { action: Action::Refund, from: &[Released], to: &[Released, Refunded] },
    Transition {
        action: Action::ChargeBack,
        from: &[Holding, Shipped, Delivered, Disputed, Released],
        to: &[Refunded, Released],
    },
];

impl Action {
    /// Whether this can happen to an order in `stage`.
    pub fn is_allowed(self, stage: Stage) -> bool {
        TRANSITIONS.iter().any(|row| row.action == self && row.from.contains(&stage))
    }
}
