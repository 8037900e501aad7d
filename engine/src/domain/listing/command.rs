//! Wishes about listings.

use crate::{
    domain::{ListingId, MerchantId},
    money::Money,
};

/// A wish about a listing of the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Offer something; its number is the next free one.
    List {
        /// Who sells it.
        merchant: MerchantId,
        /// What one costs, in any currency that can be paid in; SGP-USD for points only.
        price: Money,
        /// How many there are.
        stock: u64,
        /// Whether it is sent: what is not sent cannot be late.
        is_shippable: bool,
    },
    /// Ask another price, of orders to come.
    Reprice {
        /// Which listing.
        listing: ListingId,
        /// What one costs from now on.
        price: Money,
    },
    /// Put more on the shelf, or take some away; what is ordered is not on it.
    AdjustStock {
        /// Which listing.
        listing: ListingId,
        /// How many more, or fewer.
        by: i64,
    },
    /// Take no more orders.
    Close {
        /// Which listing.
        listing: ListingId,
    },
}
