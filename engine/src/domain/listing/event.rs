//! Facts about listings. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::{
    books::Realm,
    domain::{ListingId, MerchantId, StreamId},
    money::Money,
};

/// A fact about a listing. What is ordered of it, its orders tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something was offered.
    Listed(Listed),
    /// Its price changed.
    Repriced(Repriced),
    /// There are more or fewer.
    StockAdjusted(StockAdjusted),
    /// No more orders are taken.
    Closed(Closed),
}

/// Something was offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Counted from 1 over all merchants.
    pub listing: ListingId,
    /// In which realm.
    pub realm: Realm,
    /// Who sells it.
    pub merchant: MerchantId,
    /// What one costs.
    pub price: Money,
    /// How many there are.
    pub stock: u64,
    /// Whether it is sent.
    pub is_shippable: bool,
}

/// Its price changed, for orders to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repriced {
    /// Which listing.
    pub listing: ListingId,
    /// What one costs from now on.
    pub price: Money,
}

/// There are more or fewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockAdjusted {
    /// Which listing.
    pub listing: ListingId,
    /// How many more, or fewer.
    pub by: i64,
    /// How many are left on the shelf.
    pub stock: u64,
}

/// No more orders are taken; those there are go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Which listing.
    pub listing: ListingId,
}

impl Event {
    /// Which listing it is about.
    pub const fn listing(&self) -> ListingId {
        match self {
            Self::Listed(event) => event.listing,
            Self::Repriced(event) => event.listing,
            Self::StockAdjusted(event) => event.listing,
            Self::Closed(event) => event.listing,
        }
    }

    /// `listing-{listing id}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::Listing(self.listing())
    }
}
