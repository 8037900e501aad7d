//! Facts about payouts. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Entry, Label, Realm},
    domain::{MerchantId, PayoutId, StreamId},
    money::Money,
};

/// A fact about a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is on its way.
    Sent(Sent),
    /// The bank has paid it.
    Confirmed(Confirmed),
    /// The bank has sent it back.
    Returned(Returned),
}

/// It is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Counted from 1 over all merchants.
    pub payout: PayoutId,
    /// In which realm.
    pub realm: Realm,
    /// To whom.
    pub merchant: MerchantId,
    /// How much.
    pub amount: Money,
    /// From which bank account of the platform.
    pub bank: Label,
    /// Dr merchant-available · Cr payout.
    pub entry: Entry,
}

/// The bank has paid it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Which payout.
    pub payout: PayoutId,
    /// Dr payout · Cr bank.
    pub entry: Entry,
}

/// The bank has sent it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Which payout.
    pub payout: PayoutId,
    /// Dr payout · Cr receivable what the merchant owes by now, merchant-available the rest.
    pub entry: Entry,
}

impl Event {
    /// Which payout it is about.
    pub const fn payout(&self) -> PayoutId {
        match self {
            Self::Sent(event) => event.payout,
            Self::Confirmed(event) => event.payout,
            Self::Returned(event) => event.payout,
        }
    }

    /// `payout-{payout id}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::Payout(self.payout())
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Sent(event) => Some(&event.entry),
            Self::Confirmed(event) => Some(&event.entry),
            Self::Returned(event) => Some(&event.entry),
        }
    }
}
