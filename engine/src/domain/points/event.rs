//! Facts about points. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use super::{Draw, Kind};
use crate::{
    books::{Account, Entry, Realm},
    domain::{DepositId, Month, OrderNumber, PaymentId, StreamId, Timestamp, UserId},
    money::Money,
};

/// A fact about points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A lot was issued.
    Issued(Issued),
    /// Lots were drawn from.
    Spent(Spent),
    /// What was drawn went back to the same lots.
    GivenBack(GivenBack),
    /// A lot, or what came back to it, lapsed.
    Lapsed(Lapsed),
}

/// Where a lot comes from. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// Given away.
    Promotion,
    /// Paid from the holder's wallet.
    Wallet,
    /// Bought with coins that arrived on a chain.
    Deposit(DepositId),
}

/// What points were spent on. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// A payment without an order.
    Payment(PaymentId),
    /// An order: held until it is settled.
    Order(OrderNumber),
    /// The holder's subscription for a month.
    Subscription(Month),
    /// Nothing: the coins they were bought with are gone from their chain, so what is left of their lot was taken back.
    TakenBack(DepositId),
}

impl Purpose {
    /// Where spent points go, and where those come from that are given back.
    pub const fn account(self) -> Account {
        match self {
            Self::Payment(_) | Self::Subscription(_) | Self::TakenBack(_) => Account::Exchange,
            Self::Order(order) => Account::PointsHeld(order),
        }
    }
}

/// A lot was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub holder: UserId,
    /// Counted from 1 within holder and realm.
    pub lot: u32,
    /// Free or paid.
    pub kind: Kind,
    /// Where it comes from.
    pub source: Source,
    /// How many.
    pub quantity: Money,
    /// From when on they cannot be spent.
    pub expires_at: Timestamp,
    /// Free: Dr expense:promotion · Cr points. Bought: Dr wallet · Cr exchange; Dr exchange · Cr points. Bought with
    /// coins: Dr exchange · Cr points; the other half is in the event of the deposit.
    pub entry: Entry,
}

/// Lots were drawn from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub holder: UserId,
    /// On what.
    pub purpose: Purpose,
    /// From which lots, in the order they were drawn from.
    pub draws: Vec<Draw>,
    /// Dr points · Cr exchange; for an order: Cr points-held.
    pub entry: Entry,
}

/// What was drawn went back to the same lots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenBack {
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub holder: UserId,
    /// What they had been spent on.
    pub purpose: Purpose,
    /// To which lots.
    pub draws: Vec<Draw>,
    /// Dr exchange · Cr points; of an order: Dr points-held.
    pub entry: Entry,
}

/// A lot, or what came back to it, lapsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lapsed {
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub holder: UserId,
    /// Which lot.
    pub lot: u32,
    /// Free or paid.
    pub kind: Kind,
    /// How many.
    pub quantity: Money,
    /// Paid: Dr points · Cr income:breakage. Free: Dr points · Cr expense:promotion.
    pub entry: Entry,
}

impl Event {
    /// `points-{user id}-{realm}`.
    pub fn stream(&self) -> StreamId {
        let (holder, realm) = self.whose();
        StreamId::Points(holder, realm)
    }

    /// Whose points, and where.
    pub const fn whose(&self) -> (UserId, Realm) {
        match self {
            Self::Issued(event) => (event.holder, event.realm),
            Self::Spent(event) => (event.holder, event.realm),
            Self::GivenBack(event) => (event.holder, event.realm),
            Self::Lapsed(event) => (event.holder, event.realm),
        }
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Issued(event) => Some(&event.entry),
            Self::Spent(event) => Some(&event.entry),
            Self::GivenBack(event) => Some(&event.entry),
            Self::Lapsed(event) => Some(&event.entry),
        }
    }
}
