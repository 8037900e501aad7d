//! What follows from a wish about an order, from its payment, and from its deadlines.

use super::{
    Action, By, Cancelled, Command, Delivered, Disputed, Event, Order, Paid, Rejection, Shipped, Stage,
    placing::{self, deadlines},
    settling,
};
use crate::{
    domain::{self, Context, OrderNumber, Sealed, Timestamp, UserId, merchant::Deadlines, payment},
    money::{Money, MoneyError},
    state::State,
};

/// Characters in a carrier's name or a tracking number.
const SHIPMENT_CHARS_MAX: usize = 64;

pub(super) type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    let find = |order: &OrderNumber| find(state, *order, context);
    let bought = |order: &OrderNumber, buyer: &UserId| bought(state, *order, *buyer, context);
    match command {
        Command::Place(wish) => placing::place(state, wish, context),
        Command::Cancel { order, by } => {
            let known = match by {
                By::Buyer(buyer) => bought(order, buyer)?,
                By::Merchant => find(order)?,
            };
            cancel(state, *order, &known, context.now)
        }
        Command::Ship { order, carrier, tracking_number } => {
            ship(state, *order, &find(order)?, [carrier, tracking_number], context.now)
        }
        Command::ConfirmDelivery { order, buyer } => {
            let known = bought(order, buyer)?;
            known.check(Action::Deliver)?;
            if known.stage == Stage::Holding && known.is_shippable {
                return Err(Rejection::NotShipped);
            }
            Ok(vec![delivered(state, *order, &known, context.now)])
        }
        Command::Release { order, buyer } => {
            let known = bought(order, buyer)?;
            known.check(Action::Release)?;
            settling::release(state, *order, &known, Money::zero(known.total.currency), context.now)
        }
        Command::Dispute { order, buyer, private } => {
            dispute(*order, &bought(order, buyer)?, private.as_ref())
        }
        Command::Resolve { order, to_buyer } => resolve(state, *order, &find(order)?, *to_buyer, context),
        Command::Refund { order, amount } => {
            settling::refund(state, *order, &find(order)?, *amount, context.now)
        }
    }
}

/// Decides what happens when an order's deadline has come.
///
/// # Panics
/// If nothing can happen: a deadline is struck out when its order goes on.
pub fn fall_due(state: &State, order: OrderNumber, context: &Context) -> Vec<domain::Event> {
    let known = state.orders.get(&order).expect("a deadline is of an order that is there");
    let events = match known.stage {
        Stage::Holding if known.is_shippable => cancel(state, order, &known, context.now),
        Stage::Holding | Stage::Shipped => Ok(vec![delivered(state, order, &known, context.now)]),
        Stage::Delivered => {
            settling::release(state, order, &known, Money::zero(known.total.currency), context.now)
        }
        Stage::Pending | Stage::Disputed | Stage::Released | Stage::Cancelled | Stage::Refunded => {
            unreachable!("{order} is {} and waits for nothing", known.stage)
        }
    };
    events.expect("what is in escrow can be released and given back")
}

/// The order's own part of its payment: it is paid, or nothing is. `charge` is that on the money.
///
/// # Errors
/// [`MoneyError`] for a charge that cannot be reckoned.
///
/// # Panics
/// If no such order is pending: its payment would have been called off with it.
pub fn paid(
    state: &State,
    order: OrderNumber,
    charge: Money,
    now: Timestamp,
) -> Result<domain::Event, MoneyError> {
    let known = state.orders.get(&order).expect("a payment for an order is created with it");
    assert!(Action::Pay.is_allowed(known.stage), "{order} was {} when its money came", known.stage);
    let charge = settling::charge(state, known.merchant, known.left, charge)?;
    let deadlines = deadlines(state, known.merchant);
    Ok(paid_event(order, charge, known.is_shippable, &deadlines, now))
}

pub(super) fn paid_event(
    order: OrderNumber,
    charge: Money,
    is_shippable: bool,
    deadlines: &Deadlines,
    now: Timestamp,
) -> domain::Event {
    let deadline = now + if is_shippable { deadlines.ship } else { deadlines.deliver };
    Event::Paid(Paid { order, charge, deadline }).into()
}

/// What the end of its payment means for an order: stock and points go back.
pub fn call_off(state: &State, order: OrderNumber, now: Timestamp) -> Vec<domain::Event> {
    let known = state.orders.get(&order).expect("a payment for an order is created with it");
    let mut events = vec![Event::Cancelled(Cancelled { order }).into()];
    events.extend(settling::points_back(order, &known, known.left.points, now));
    events
}

/// Whether the buyer's money is held for it.
pub fn is_in_escrow(state: &State, order: OrderNumber) -> bool {
    state.orders.get(&order).is_some_and(|known| known.stage.is_in_escrow())
}

/// Whether its money is its seller's, or has gone back: a dispute won afterwards is its seller's too.
pub fn is_settled(state: &State, order: OrderNumber) -> bool {
    state.orders.get(&order).is_some_and(|known| match known.stage {
        Stage::Released | Stage::Refunded | Stage::Cancelled => true,
        Stage::Pending | Stage::Holding | Stage::Shipped | Stage::Delivered | Stage::Disputed => false,
    })
}

/// Whether it was placed by this user.
pub fn is_bought_by(state: &State, order: OrderNumber, user: UserId) -> bool {
    state.orders.get(&order).is_some_and(|known| known.buyer == user)
}

fn find(state: &State, order: OrderNumber, context: &Context) -> Result<Order, Rejection> {
    let known = state.orders.get(&order).filter(|known| known.belongs_to(context));
    known.ok_or(Rejection::Unknown(order))
}

/// Somebody else's order is none. Its buyer has a say in it also when the user has been closed since: money is held.
fn bought(state: &State, order: OrderNumber, buyer: UserId, context: &Context) -> Result<Order, Rejection> {
    let known = find(state, order, context)?;
    if known.buyer == buyer { Ok(known) } else { Err(Rejection::Unknown(order)) }
}

fn cancel(state: &State, order: OrderNumber, known: &Order, now: Timestamp) -> Decision {
    known.check(Action::Cancel)?;
    if known.stage != Stage::Pending {
        return settling::give_all_back(state, order, known, now);
    }
    let payment = known.payment.and_then(|payment| payment::cancel_with_order(state, payment));
    let mut events: Vec<domain::Event> = payment.into_iter().collect();
    events.extend(call_off(state, order, now));
    Ok(events)
}

fn ship(
    state: &State,
    order: OrderNumber,
    known: &Order,
    [carrier, tracking_number]: [&String; 2],
    now: Timestamp,
) -> Decision {
    let is_plain = |text: &String| {
        let length = text.chars().count();
        (1..=SHIPMENT_CHARS_MAX).contains(&length)
            && !text.trim().is_empty()
            && !text.chars().any(char::is_control)
    };
    if !is_plain(carrier) || !is_plain(tracking_number) {
        return Err(Rejection::Shipment);
    }
    known.check(Action::Ship)?;
    if !known.is_shippable {
        return Err(Rejection::NothingToShip);
    }
    let deadline = now + deadlines(state, known.merchant).deliver;
    let (carrier, tracking_number) = (carrier.clone(), tracking_number.clone());
    Ok(vec![Event::Shipped(Shipped { order, carrier, tracking_number, deadline }).into()])
}

fn delivered(state: &State, order: OrderNumber, known: &Order, now: Timestamp) -> domain::Event {
    let deadline = now + deadlines(state, known.merchant).accept;
    Event::Delivered(Delivered { order, deadline }).into()
}

fn dispute(order: OrderNumber, known: &Order, private: Option<&Sealed>) -> Decision {
    known.check(Action::Dispute)?;
    Ok(vec![Event::Disputed(Disputed { order, private: private.cloned() }).into()])
}

/// Nothing to the buyer is a release, and everything a refund.
fn resolve(state: &State, order: OrderNumber, known: &Order, to_buyer: Money, context: &Context) -> Decision {
    if context.tenant.is_some() {
        return Err(Rejection::OperatorOnly);
    }
    known.check(Action::Resolve)?;
    let least = Money::zero(known.total.currency);
    known.check_range(to_buyer, least, known.total)?;
    if to_buyer == known.total {
        return settling::give_all_back(state, order, known, context.now);
    }
    settling::release(state, order, known, to_buyer, context.now)
}
