//! Settling an order: what its seller gets, and what goes back to its buyer.

use super::{Action, Event, Order, Parts, Refunded, Rejection, Released, decide::Decision};
use crate::{
    books::{Account, Entry, Holder, Income, Label},
    domain::{self, MerchantId, OrderNumber, Timestamp, burden::Burden, payment, points},
    money::{Money, MoneyError},
    state::State,
};

/// The charge on an order: what was agreed on for its points, and `on_money`.
pub(super) fn charge(
    state: &State,
    merchant: MerchantId,
    parts: Parts,
    on_money: Money,
) -> Result<Money, MoneyError> {
    if parts.points.is_zero() {
        return Ok(on_money);
    }
    let terms = state.merchants.get(&merchant).map(|known| known.terms).unwrap_or_default();
    terms.charge(Label::POINTS, points::in_money(parts.points))?.plus(on_money)
}

/// Pays the seller, but for what goes back to the buyer, points before money.
pub(super) fn release(
    state: &State,
    order: OrderNumber,
    known: &Order,
    to_buyer: Money,
    now: Timestamp,
) -> Decision {
    let to_buyer = known.left.first(to_buyer.minor);
    let to_seller = known.left.without(to_buyer);
    let (earned, whole) = (to_seller.whole(), known.left.whole());
    let charge = known.charge.share(earned.minor, whole.minor)?;
    let entry = Entry::write()
        .debit(Account::Escrow(order), to_seller.money)
        .debit(Account::PointsHeld(order), to_seller.points)
        .credit(Account::Exchange, to_seller.points)
        .debit(Account::Exchange, points::in_money(to_seller.points));
    let (holder, pending) = (Holder::Merchant(known.merchant), Account::MerchantPending(known.merchant));
    let entry = state
        .credit_to(known.realm, holder, pending, earned.minus(charge)?, entry)?
        .credit(Account::Income(Income::Charge), charge)
        .close();
    state.check_guards(known.realm, &entry)?;
    let mut events = vec![Event::Released(Released { order, to_buyer, earned, charge, entry }).into()];
    events.extend(money_back(state, order, known, to_buyer.money)?);
    events.extend(points_back(order, known, to_buyer.points, now));
    Ok(events)
}

/// Gives all that is in escrow back to the buyer.
pub(super) fn give_all_back(state: &State, order: OrderNumber, known: &Order, now: Timestamp) -> Decision {
    give_back(state, order, known, known.left.money, now)
}

/// What follows for an order in escrow when the buyer's bank has taken `taken` of its money: what is left of it goes
/// back as well, and so do the points.
///
/// # Errors
/// [`payment::Rejection`] when the rest cannot be given back.
///
/// # Panics
/// If there is no such order.
pub fn refund_charged_back(
    state: &State,
    order: OrderNumber,
    taken: Money,
    now: Timestamp,
) -> Result<Vec<domain::Event>, payment::Rejection> {
    let known = state.orders.get(&order).expect("a payment for an order is created with it");
    assert!(Action::ChargeBack.is_allowed(known.stage), "{order} is {}", known.stage);
    let rest = known.left.money.minus(taken)?;
    give_back(state, order, &known, rest, now).map_err(|refused| match refused {
        Rejection::Payment(refused) => refused,
        other => unreachable!("what is in escrow can be given back: {other}"),
    })
}

/// Refunds the whole order out of escrow, `money` of it by us.
fn give_back(state: &State, order: OrderNumber, known: &Order, money: Money, now: Timestamp) -> Decision {
    let refunded = Refunded {
        order,
        amount: known.total,
        parts: known.left,
        charge_returned: Money::zero(known.paid_out_in()),
        entry: Entry::default(),
    };
    let mut events = vec![Event::Refunded(refunded).into()];
    events.extend(money_back(state, order, known, money)?);
    events.extend(points_back(order, known, known.left.points, now));
    Ok(events)
}

/// Gives back what the seller was paid, points before money, up to the merchant's ceiling.
pub(super) fn refund(
    state: &State,
    order: OrderNumber,
    known: &Order,
    amount: Option<Money>,
    now: Timestamp,
) -> Decision {
    known.check(Action::Refund)?;
    let currency = known.total.currency;
    let left = Money::new(known.left.whole().minor, currency);
    let amount = amount.unwrap_or(left);
    known.check_range(amount, Money::new(1, currency), left)?;
    let parts = known.left.first(amount.minor);
    let terms = state.merchants.get(&known.merchant).map(|known| known.terms).unwrap_or_default();
    let charge_returned = match terms.refund_returns_charge {
        true => known.charge_share(parts.whole())?,
        false => Money::zero(known.paid_out_in()),
    };
    let (realm, merchant) = (known.realm, known.merchant);
    let pending = Account::MerchantPending(merchant);
    let burden = Burden::on(state, realm, pending, parts.whole().minus(charge_returned)?)?;
    burden.check_ceiling(state, realm, now)?;
    let entry = burden
        .debit(Entry::write())
        .debit(Account::Income(Income::Charge), charge_returned)
        .credit(Account::Escrow(order), parts.money)
        .credit(Account::Exchange, points::in_money(parts.points))
        .debit(Account::Exchange, parts.points)
        .credit(Account::PointsHeld(order), parts.points)
        .close();
    state.check_guards(realm, &entry)?;
    let refunded = Refunded { order, amount, parts, charge_returned, entry };
    let mut events = vec![Event::Refunded(refunded).into()];
    events.extend(money_back(state, order, known, parts.money)?);
    events.extend(points_back(order, known, parts.points, now));
    Ok(events)
}

/// Money goes back through the payment that brought it.
fn money_back(
    state: &State,
    order: OrderNumber,
    known: &Order,
    money: Money,
) -> Result<Option<domain::Event>, Rejection> {
    let payment = known.payment.filter(|_| !money.is_zero());
    Ok(payment.map(|payment| payment::refund_from_escrow(state, payment, order, money)).transpose()?)
}

/// Points go back to the lots they were drawn from, the last drawn first.
pub(super) fn points_back(
    order: OrderNumber,
    known: &Order,
    points: Money,
    now: Timestamp,
) -> Vec<domain::Event> {
    if points.is_zero() {
        return Vec::new();
    }
    let draws = points::last_of(&known.draws, points.minor);
    points::give_back(known.realm, known.buyer, draws, points::Purpose::Order(order), now)
}
