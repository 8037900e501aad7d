//! The payment's transitions as data: the rules, the docs and the tests read this one table.

use serde::{Deserialize, Serialize};

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Nobody has paid yet.
    Created,
    /// The customer must act elsewhere: at a konbini, in online banking.
    AwaitingCustomer,
    /// A card, or a user's wallet, is authorised and captured later.
    Authorized,
    /// A prepaid part has been received; the payment is still short.
    Pending,
    /// Paid.
    Captured,
    /// Paid, and all of it given back.
    Refunded,
    /// Called off before it was paid.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// Given up after failed attempts.
    Failed,
    /// Taken back by the customer's bank.
    ChargedBack,
}

impl Stage {
    /// Every stage, in the order of the table.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::AwaitingCustomer,
        Self::Authorized,
        Self::Pending,
        Self::Captured,
        Self::Refunded,
        Self::Cancelled,
        Self::Expired,
        Self::Failed,
        Self::ChargedBack,
    ];

    /// The word of `accounting.md` §4.1.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::AwaitingCustomer => "awaiting_customer",
            Self::Authorized => "authorized",
            Self::Pending => "pending",
            Self::Captured => "captured",
            Self::Refunded => "refunded",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::ChargedBack => "charged_back",
        }
    }

    /// Whether it can still be paid.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::AwaitingCustomer | Self::Authorized | Self::Pending)
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What can happen to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The customer chose to pay elsewhere.
    Await,
    /// A card, or a user's wallet, was authorised, to be captured later.
    Authorize,
    /// A prepaid part came in that leaves the payment short.
    ReceivePart,
    /// All that is due came in, or an authorisation was captured.
    Capture,
    /// A user of the merchant paid all of it, from the wallet or with points.
    PayByUser,
    /// A card or prepaid number was declined.
    Decline,
    /// Called off.
    Cancel,
    /// The deadline passed.
    Expire,
    /// Given up.
    Fail,
    /// Money goes back to the customer.
    Refund,
    /// The customer's bank took it back.
    ChargeBack,
    /// The merchant won the dispute over it.
    WinChargeback,
    /// Money came in that is not due.
    ReceiveExcess,
    /// Money that was not due goes back.
    ReturnExcess,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 14] = [
        Self::Await,
        Self::Authorize,
        Self::ReceivePart,
        Self::Capture,
        Self::PayByUser,
        Self::Decline,
        Self::Cancel,
        Self::Expire,
        Self::Fail,
        Self::Refund,
        Self::ChargeBack,
        Self::WinChargeback,
        Self::ReceiveExcess,
        Self::ReturnExcess,
    ];

    /// The action as a rejection and the docs put it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Await => "paid elsewhere",
            Self::Authorize => "authorized",
            Self::ReceivePart => "paid in part",
            Self::Capture => "captured",
            Self::PayByUser => "paid by a user",
            Self::Decline => "declined",
            Self::Cancel => "cancelled",
            Self::Expire => "expired",
            Self::Fail => "failed",
            Self::Refund => "refunded",
            Self::ChargeBack => "charged back",
            Self::WinChargeback => "won back",
            Self::ReceiveExcess => "overpaid",
            Self::ReturnExcess => "given its excess back",
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
    /// Where it can lead; empty where the stage stays what it was.
    pub to: &'static [Stage],
}

use Stage::{
    Authorized, AwaitingCustomer, Cancelled, Captured, ChargedBack, Created, Expired, Failed, Pending,
    Refunded,
};

/// Every stage that can still be paid.
const OPEN: &[Stage] = &[Created, AwaitingCustomer, Authorized, Pending];

/// All that can happen to a payment. Source: accounting rules §4.1.
pub const TRANSITIONS: &[Transition] = &[
    Transition { action: Action::Await, from: &[Created], to: &[AwaitingCustomer] },
    Transition { action: Action::Authorize, from: &[Created], to: &[Authorized] },
    Transition { action: Action::ReceivePart, from: &[Created, Pending], to: &[Pending] },
    Transition { action: Action::Capture, from: OPEN, to: &[Captured] },
    Transition { action: Action::PayByUser, from: &[Created, AwaitingCustomer], to: &[Captured] },
    Transition { action: Action::Decline, from: &[Created, Pending], to: &[] },
    Transition { action: Action::Cancel, from: OPEN, to: &[Cancelled] },
    Transition { action: Action::Expire, from: OPEN, to: &[Expired] },
    Transition { action: Action::Fail, from: OPEN, to: &[Failed] },
    Transition { action: Action::Refund, from: &[Captured], to: &[Captured, Refunded] },
    Transition { action: Action::ChargeBack, from: &[Captured, Refunded], to: &[ChargedBack] },
    Transition { action: Action::WinChargeback, from: &[ChargedBack], to: &[Captured, Refunded] },
    Transition { action: Action::ReceiveExcess, from: &Stage::ALL, to: &[] },
    Transition { action: Action::ReturnExcess, from: &Stage::ALL, to: &[] },
];

impl Action {
    /// Whether this can happen to a payment in `stage`.
    pub fn is_allowed(self, stage: Stage) -> bool {
        TRANSITIONS.iter().any(|row| row.action == self && row.from.contains(&stage))
    }
}
