//! Facts about settlements. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use super::Figures;
use crate::{
    books::{Entry, Realm},
    domain::{Day, MerchantId, SettlementId, StreamId},
    money::{Currency, Money},
};

/// A fact about settlements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A period was closed. Boxed, for it says far more than most facts.
    Closed(Box<Closed>),
}

/// A period was closed. Of the whole, carried in + net, what was there was moved and the rest carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Counted from 1 over all merchants.
    pub settlement: SettlementId,
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub merchant: MerchantId,
    /// In which currency.
    pub currency: Currency,
    /// The first day of the period.
    pub from: Day,
    /// Its last day.
    pub through: Day,
    /// What happened on these days.
    pub figures: Figures,
    /// What the figures come to; below zero where more was given back than earned.
    pub net: Money,
    /// What the settlement before did not move; below zero where it had too little.
    pub carried_in: Money,
    /// What is now ready to be paid out.
    pub moved: Money,
    /// What is left for the settlement after.
    pub carried_out: Money,
    /// Dr merchant-pending · Cr merchant-available what was moved.
    pub entry: Entry,
}

impl Event {
    /// `settlement-{merchant}-{currency}-{realm}`.
    pub const fn stream(&self) -> StreamId {
        match self {
            Self::Closed(event) => StreamId::Settlement(event.merchant, event.currency, event.realm),
        }
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Closed(event) => Some(&event.entry),
        }
    }
}
