//! Placing an order: what it costs, what is reserved, and the payment for the rest.

use super::{Event, Parts, Place, Placed, Rejection, decide::Decision, settling};
use crate::{
    books::{Holder, Realm},
    domain::{
        self, Context, MerchantId, amount::check_amount, listing::Listing, merchant::Deadlines, party::party,
        payment, points,
    },
    money::{Currency, Money},
    state::State,
};

/// Decides what placing an order leads to.
pub(super) fn place(state: &State, wish: &Place, context: &Context) -> Decision {
    let (realm, tenant) = party(state, Holder::User(wish.buyer), context)?;
    if state.orders.get(&wish.order).is_some() {
        return Err(Rejection::Exists(wish.order));
    }
    let listing = find_listing(state, wish, (realm, tenant))?;
    check_price(wish, &listing)?;
    let parts = split(wish)?;
    let payment = (!parts.money.is_zero()).then_some(wish.payment);
    if let Some(payment) = payment.filter(|payment| state.payments.get(payment).is_some()) {
        return Err(Rejection::PaymentExists(payment));
    }
    let placed = Placed {
        order: wish.order,
        realm,
        merchant: tenant,
        buyer: wish.buyer,
        listing: wish.listing,
        quantity: wish.quantity,
        is_shippable: listing.is_shippable,
        total: wish.total,
        parts,
        payment,
        private: wish.private.clone(),
    };
    let mut events = vec![Event::Placed(Box::new(placed)).into()];
    if !parts.points.is_zero() {
        events.push(reserve(state, realm, wish, parts.points, context)?);
    }
    let deadlines = deadlines(state, tenant);
    events.push(match payment {
        Some(payment) => {
            let deadline = context.now + deadlines.pay;
            payment::created_for_order((wish.order, payment), tenant, parts.money, deadline)
        }
        None => {
            let nothing = Money::zero(parts.money.currency);
            let charge = settling::charge(state, tenant, parts, nothing)?;
            super::decide::paid_event(wish.order, charge, listing.is_shippable, &deadlines, context.now)
        }
    });
    Ok(events)
}

pub(super) fn deadlines(state: &State, merchant: MerchantId) -> Deadlines {
    state.merchants.get(&merchant).map(|known| known.order_deadlines).unwrap_or_default()
}

fn find_listing(
    state: &State,
    wish: &Place,
    (realm, tenant): (Realm, MerchantId),
) -> Result<Listing, Rejection> {
    let known = state.listings.get(&wish.listing);
    let known = known.filter(|known| (known.realm, known.merchant) == (realm, tenant));
    let known = known.ok_or(Rejection::UnknownListing(wish.listing))?;
    if known.is_closed {
        return Err(Rejection::ListingClosed(wish.listing));
    }
    if wish.quantity == 0 {
        return Err(Rejection::NoQuantity);
    }
    if known.stock < u64::from(wish.quantity) {
        return Err(Rejection::OutOfStock { left: known.stock });
    }
    Ok(known)
}

/// What was on the page may have changed by now.
fn check_price(wish: &Place, listing: &Listing) -> Result<(), Rejection> {
    let total = Money::new(listing.price.minor * i128::from(wish.quantity), listing.price.currency);
    check_amount(total)?;
    if wish.total == total { Ok(()) } else { Err(Rejection::PriceChanged { total }) }
}

/// Takes the total apart into what points pay and what money pays.
fn split(wish: &Place) -> Result<Parts, Rejection> {
    let (total, points) = (wish.total, wish.points);
    if points.currency != Currency::SgpUsd {
        return Err(Rejection::NotForPoints(points.currency));
    }
    if !points.is_zero() {
        let most = points::in_points(total).ok_or(Rejection::NotForPoints(total.currency))?;
        if points.minor < 0 || points.minor > most.minor {
            return Err(Rejection::Points { most });
        }
    }
    if total.currency == Currency::SgpUsd && points != total {
        return Err(Rejection::PointsOnly);
    }
    let in_money = points::in_money(total);
    Ok(Parts { points, money: Money::new(in_money.minor - points.minor, in_money.currency) })
}

fn reserve(
    state: &State,
    realm: Realm,
    wish: &Place,
    points: Money,
    context: &Context,
) -> Result<domain::Event, Rejection> {
    let purpose = points::Purpose::Order(wish.order);
    points::spend(state, realm, wish.buyer, points, purpose, context.now).map_err(|refused| match refused {
        points::Refused::TooFew(spendable) => Rejection::TooFewPoints { spendable },
        points::Refused::TooManyLots => Rejection::TooManyLots,
    })
}
