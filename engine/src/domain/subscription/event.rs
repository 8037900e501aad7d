//! Facts about a user's subscription. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Entry, Realm},
    domain::{MerchantId, Month, PaymentId, StreamId, UserId, merchant::Earner},
    money::Money,
};

/// A fact about a user's subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The user subscribed.
    Started(Started),
    /// A month was billed, or its bill opened again.
    Invoiced(Invoiced),
    /// A month was paid.
    Paid(Paid),
    /// What a month was paid with went back.
    Refunded(Refunded),
    /// A month ended without being paid.
    Failed(Failed),
    /// A month's bill was called off.
    Cancelled(Cancelled),
    /// The user is billed no more.
    Stopped(Stopped),
}

/// What a month was paid with. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// The user's wallet.
    Wallet,
    /// The user's points.
    Points,
    /// A payment made for it, by whatever rails.
    Payment(PaymentId),
}

/// The user subscribed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// In which realm.
    pub realm: Realm,
    /// Who.
    pub user: UserId,
}

/// A month was billed, or its bill opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoiced {
    /// In which realm.
    pub realm: Realm,
    /// Who is billed.
    pub user: UserId,
    /// Whose user that is.
    pub tenant: MerchantId,
    /// Which month.
    pub month: Month,
    /// The price as the plan had it when the month was first billed.
    pub price: Money,
    /// Who earns it, as the plan had it then.
    pub earner: Earner,
}

/// A month was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub user: UserId,
    /// Which month.
    pub month: Month,
    /// How much.
    pub price: Money,
    /// With what.
    pub source: Source,
    /// Dr wallet, or, with points, exchange · Cr income:subscription, or receivable and merchant-pending. By a
    /// payment: nothing, for that has posted it.
    pub entry: Entry,
}

/// What a month was paid with went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub user: UserId,
    /// Which month.
    pub month: Month,
    /// How much was paid; a chargeback may have taken less of it.
    pub price: Money,
    /// To where: to what it was paid with.
    pub source: Source,
    /// Dr income:subscription, or merchant-pending, merchant-available and receivable · Cr receivable and wallet, or
    /// exchange. Of a payment: nothing, for that has posted it.
    pub entry: Entry,
}

/// A month ended without being paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub user: UserId,
    /// Which month.
    pub month: Month,
}

/// A month's bill was called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// In which realm.
    pub realm: Realm,
    /// Whose.
    pub user: UserId,
    /// Which month.
    pub month: Month,
}

/// The user is billed no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// In which realm.
    pub realm: Realm,
    /// Who.
    pub user: UserId,
}

impl Event {
    /// Whose subscription it is, and where.
    pub const fn whose(&self) -> (Realm, UserId) {
        match self {
            Self::Started(event) => (event.realm, event.user),
            Self::Invoiced(event) => (event.realm, event.user),
            Self::Paid(event) => (event.realm, event.user),
            Self::Refunded(event) => (event.realm, event.user),
            Self::Failed(event) => (event.realm, event.user),
            Self::Cancelled(event) => (event.realm, event.user),
            Self::Stopped(event) => (event.realm, event.user),
        }
    }

    /// `subscription-{user}-{realm}`.
    pub const fn stream(&self) -> StreamId {
        let (realm, user) = self.whose();
        StreamId::Subscription(user, realm)
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Paid(event) => Some(&event.entry),
            Self::Refunded(event) => Some(&event.entry),
            Self::Started(_)
            | Self::Invoiced(_)
            | Self::Failed(_)
            | Self::Cancelled(_)
            | Self::Stopped(_) => None,
        }
    }
}
