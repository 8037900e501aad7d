//! What the writer remembers of a listing.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::{
    books::Realm,
    domain::{Context, MerchantId, order},
    money::Money,
    state::State,
};

/// What rules need to know of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// In which realm.
    pub realm: Realm,
    /// Who sells it.
    pub merchant: MerchantId,
    /// What one costs.
    pub price: Money,
    /// How many are on the shelf: neither ordered nor sold.
    pub stock: u64,
    /// Whether it is sent.
    pub is_shippable: bool,
    /// Whether it takes no more orders.
    pub is_closed: bool,
}

impl Listing {
    /// Whether it is visible from `context`: its realm, and its tenant if one asks.
    pub fn belongs_to(&self, context: &Context) -> bool {
        context.realm == Some(self.realm) && context.speaks_for(self.merchant)
    }
}

/// Folds one fact into the listings' table.
pub fn apply(state: &mut State, event: &Event) {
    let id = event.listing();
    match event {
        Event::Listed(event) => {
            let &super::Listed { realm, merchant, price, stock, is_shippable, .. } = event;
            let listing = Listing { realm, merchant, price, stock, is_shippable, is_closed: false };
            state.listings.put(id, listing);
            state.count_listing(id);
        }
        Event::Repriced(event) => state.listings.change(&id, |known| known.price = event.price),
        Event::StockAdjusted(event) => state.listings.change(&id, |known| known.stock = event.stock),
        Event::Closed(_) => state.listings.change(&id, |known| known.is_closed = true),
    }
}

/// Takes from the shelf what was ordered, and puts back what was called off before it was sent; to be told before the
/// order itself has changed.
pub fn apply_order(state: &mut State, event: &order::Event) {
    match event {
        order::Event::Placed(event) => {
            state.listings.change(&event.listing, |known| known.stock -= u64::from(event.quantity));
        }
        order::Event::Cancelled(_) | order::Event::Refunded(_) => {
            let order = state.orders.get(&event.order()).filter(order::Order::is_on_the_shelf);
            if let Some(order) = order {
                state.listings.change(&order.listing, |known| known.stock += u64::from(order.quantity));
            }
        }
        order::Event::Paid(_)
        | order::Event::Shipped(_)
        | order::Event::Delivered(_)
        | order::Event::Disputed(_)
        | order::Event::Released(_) => {}
    }
}
