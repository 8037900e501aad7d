//! Facts about orders. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use super::Parts;
use crate::{
    books::{Entry, Realm},
    domain::{ListingId, MerchantId, OrderNumber, PaymentId, Sealed, StreamId, Timestamp, UserId},
    money::Money,
};

/// A fact about an order. Its points and its payment have facts of their own, in the same commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was placed. Boxed, for it says far more than most facts.
    Placed(Box<Placed>),
    /// It was paid.
    Paid(Paid),
    /// It was sent.
    Shipped(Shipped),
    /// The buyer has it.
    Delivered(Delivered),
    /// The buyer objected.
    Disputed(Disputed),
    /// The seller was paid.
    Released(Released),
    /// It was called off before it was paid.
    Cancelled(Cancelled),
    /// It was given back.
    Refunded(Refunded),
}

/// It was placed: stock is reserved, and so are points where the next fact says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// Which order.
    pub order: OrderNumber,
    /// In which realm.
    pub realm: Realm,
    /// Who sells.
    pub merchant: MerchantId,
    /// Who buys.
    pub buyer: UserId,
    /// What.
    pub listing: ListingId,
    /// How many.
    pub quantity: u32,
    /// Whether it is sent.
    pub is_shippable: bool,
    /// What all of it costs.
    pub total: Money,
    /// What of it is paid how.
    pub parts: Parts,
    /// The payment that brings the money; none where points pay for everything.
    pub payment: Option<PaymentId>,
    /// Everything private about it, sealed.
    pub private: Option<Sealed>,
}

/// It was paid: the money is in escrow, the points are held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// Which order.
    pub order: OrderNumber,
    /// The platform's charge, frozen now and posted when it is released.
    pub charge: Money,
    /// When something happens by itself.
    pub deadline: Timestamp,
}

/// It was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipped {
    /// Which order.
    pub order: OrderNumber,
    /// By whom.
    pub carrier: String,
    /// Under which number.
    pub tracking_number: String,
    /// When the buyer is taken to have it.
    pub deadline: Timestamp,
}

/// The buyer has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Which order.
    pub order: OrderNumber,
    /// When the buyer is taken to accept it.
    pub deadline: Timestamp,
}

/// The buyer objected; nothing happens by itself any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disputed {
    /// Which order.
    pub order: OrderNumber,
    /// What the buyer wrote, sealed.
    pub private: Option<Sealed>,
}

/// The seller was paid, all of it or a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// Which order.
    pub order: OrderNumber,
    /// What goes back to the buyer, by the facts that follow.
    pub to_buyer: Parts,
    /// The seller's share of the whole, before the charge.
    pub earned: Money,
    /// The platform's charge on it.
    pub charge: Money,
    /// Dr escrow · Dr points-held · Cr exchange, in SGP-USD; Dr exchange, in USD · Cr receivable, merchant-pending,
    /// income:charge.
    pub entry: Entry,
}

/// It was called off before it was paid; stock and points have gone back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Which order.
    pub order: OrderNumber,
}

/// It was given back to the buyer, by the facts that follow: all that was in escrow, or some of what was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// Which order.
    pub order: OrderNumber,
    /// How much.
    pub amount: Money,
    /// What of it goes back how: points before money.
    pub parts: Parts,
    /// How much of the charge the merchant got back.
    pub charge_returned: Money,
    /// Nothing while it was in escrow. After its release: Dr merchant-pending, merchant-available, receivable,
    /// income:charge · Cr escrow, exchange, in USD; Dr exchange · Cr points-held, in SGP-USD.
    pub entry: Entry,
}

impl Event {
    /// Which order it is about.
    pub const fn order(&self) -> OrderNumber {
        match self {
            Self::Placed(event) => event.order,
            Self::Paid(event) => event.order,
            Self::Shipped(event) => event.order,
            Self::Delivered(event) => event.order,
            Self::Disputed(event) => event.order,
            Self::Released(event) => event.order,
            Self::Cancelled(event) => event.order,
            Self::Refunded(event) => event.order,
        }
    }

    /// `order-{order number}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::Order(self.order())
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Released(event) => Some(&event.entry),
            Self::Refunded(event) => Some(&event.entry),
            Self::Placed(_)
            | Self::Paid(_)
            | Self::Shipped(_)
            | Self::Delivered(_)
            | Self::Disputed(_)
            | Self::Cancelled(_) => None,
        }
    }
}
