//! Why a wish about a listing was refused.

use super::STOCK_MAX;
use crate::{
    domain::{AmountRejection, ListingId, PartyRejection},
    money::Currency,
};

/// Why a wish about a listing was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such merchant in this realm.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// No such listing, in this realm, of this tenant.
    #[error("there is no listing {0}")]
    Unknown(ListingId),
    /// No more orders are taken, so nothing about it matters any more.
    #[error("listing {0} is closed")]
    Closed(ListingId),
    /// The price cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// The price is in no token of its merchant.
    #[error("{0} is no token of this tenant")]
    UnknownToken(Currency),
    /// More than can be counted, or none where some are taken away.
    #[error("there would be {stock}; there can be 0 to {STOCK_MAX}")]
    Stock {
        /// How many there would be.
        stock: i128,
    },
}
