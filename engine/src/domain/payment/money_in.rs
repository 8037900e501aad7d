//! Money that comes in for a payment: parts, captures, and what was not due.

use super::{
    Action, Captured, Event, ExcessReceived, ExcessReturned, Means, Origin, Part, PartReceived, Payment,
    Purpose, Rejection, Source, Stage,
    decide::{Decision, check_rail},
    money_out, wallet_hold,
};
use crate::{
    books::{Account, Entry, Holder, Income},
    domain::{self, DeliveryId, PaymentId, Timestamp, burden::earn, order, points, subscription, webhook},
    money::Money,
    state::State,
};

/// Decides what money on a rail means for its payment.
///
/// Captured if it covers what is due, a part if prepaid and short; whatever is not due goes to suspense, and
/// straight back where the rail can.
pub(super) fn receive(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    (means, amount): (Means, Money),
    now: Timestamp,
) -> Decision {
    known.check_amount(amount)?;
    known.check_on_rail()?;
    check_rail(known.realm, means.rail)?;
    if !known.stage.is_open() {
        return Ok(excess(payment, means, amount));
    }
    let due = known.total.minus(known.held()?)?;
    if amount.minor < due.minor {
        let is_part = means.method.is_prepaid()
            && known.has_room(means.rail)
            && known.check(Action::ReceivePart).is_ok();
        // A transfer of the wrong amount pays for nothing: the operator decides.
        return Ok(if is_part { vec![part(payment, means, amount)] } else { excess(payment, means, amount) });
    }
    let mut events = capture(
        state,
        payment,
        known,
        Taking { source: Source::Rail(means), received: due, total: known.total },
        now,
    )?;
    let over = amount.minus(due)?;
    if !over.is_zero() {
        events.extend(excess(payment, means, over));
    }
    Ok(events)
}

/// Captures an authorisation, in full or in part; the rest is released.
pub(super) fn capture_authorized(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    amount: Option<Money>,
    now: Timestamp,
) -> Decision {
    let amount = amount.unwrap_or(known.total);
    known.check_amount(amount)?;
    let authorized = match (known.stage, known.authorized) {
        (Stage::Authorized, Some(authorized)) => authorized,
        (stage, _) => return Err(Rejection::NotAllowed { stage, action: Action::Capture }),
    };
    let least = match known.purpose {
        // An order is paid or it is not; so is a month.
        Purpose::Order(_) | Purpose::Subscription(..) => known.total,
        Purpose::Sale | Purpose::TopUp(_) => Money::new(known.method_fee.minor.max(1), known.currency()),
    };
    if amount.minor < least.minor || amount.minor > known.total.minor {
        return Err(Rejection::CaptureOutOfRange { least, most: known.total });
    }
    let taking = Taking { source: authorized, received: amount, total: amount };
    capture(state, payment, known, taking, now)
}

/// What a capture takes, and from where.
pub(super) struct Taking {
    pub(super) source: Source,
    /// What comes in now; the rest of the total was held.
    pub(super) received: Money,
    pub(super) total: Money,
}

/// The capture: what is for an order is held for it, anything else belongs to whom it is for.
pub(super) fn capture(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    Taking { source, received, total }: Taking,
    now: Timestamp,
) -> Decision {
    known.check(Action::Capture)?;
    let terms = state.merchants.get(&known.merchant).ok_or(Rejection::UnknownMerchant(known.merchant))?.terms;
    // The merchant is paid in money, also for points.
    let fee = points::in_money(known.method_fee);
    let earned = points::in_money(total).minus(fee)?;
    let charge = match known.purpose {
        // That on an order is frozen now, and posted when it is released.
        Purpose::Sale | Purpose::Order(_) => terms.charge(source.label(), earned)?,
        Purpose::TopUp(_) | Purpose::Subscription(..) => Money::zero(earned.currency),
    };
    let entry = match source {
        Source::Rail(means) => Entry::write()
            .debit(Account::PaymentHeld(payment), total.minus(received)?)
            .debit(Account::Rail(means.rail), received),
        // What is held is debited below.
        Source::Wallet(_) if known.wallet_hold().is_some() => Entry::write(),
        Source::Wallet(payer) => Entry::write().debit(Account::Wallet(Holder::User(payer)), total),
        Source::Points(_) => Entry::write().debit(Account::Exchange, points::in_money(total)),
    };
    let taken = match source {
        Source::Wallet(_) => total,
        Source::Rail(_) | Source::Points(_) => Money::zero(total.currency),
    };
    let entry = wallet_hold::release(state, payment, known, taken, entry)?;
    let posted = if let Purpose::Order(_) = known.purpose { Money::zero(charge.currency) } else { charge };
    let entry = earn(state, known.realm, known.earner(state), earned.minus(posted)?, entry)?
        .credit(Account::Income(Income::Charge), posted)
        .credit(Account::Income(Income::MethodFee), fee)
        .close();
    state.check_guards(known.realm, &entry)?;
    let captured = Captured {
        payment,
        merchant: known.merchant,
        source,
        total,
        method_fee: known.method_fee,
        charge,
        received,
        entry,
    };
    let follows = what_it_paid(state, known, &captured, now)?;
    let mut events = vec![Event::Captured(captured).into()];
    events.extend(owed(payment, known));
    events.extend(follows);
    Ok(events)
}

/// What a capture means for what it was made for: an order is paid, and so is a month, unless somebody else has paid that
/// by now, or it is over.
fn what_it_paid(
    state: &State,
    known: &Payment,
    captured: &Captured,
    now: Timestamp,
) -> Result<Option<domain::Event>, Rejection> {
    match known.purpose {
        Purpose::Sale | Purpose::TopUp(_) => Ok(None),
        Purpose::Order(order) => Ok(Some(order::paid(state, order, captured.charge, now)?)),
        Purpose::Subscription(user, month) => {
            match subscription::complete(state, known.realm, (user, month), captured.payment) {
                Some(paid) => Ok(Some(paid)),
                None => money_out::refund_undue(known, captured).map(Some),
            }
        }
    }
}

/// The notification that a capture owes the merchant.
fn owed(payment: PaymentId, known: &Payment) -> Option<domain::Event> {
    let topic = match known.origin {
        Origin::ItoPayment => webhook::Topic::ItoPaymentCaptured,
        Origin::Platform => return None,
    };
    let delivery = DeliveryId { payment, number: known.notified + 1 };
    Some(webhook::Event::Owed(webhook::Owed { delivery, merchant: known.merchant, topic }).into())
}

fn part(payment: PaymentId, means: Means, amount: Money) -> domain::Event {
    let entry = Entry::write()
        .debit(Account::Rail(means.rail), amount)
        .credit(Account::PaymentHeld(payment), amount)
        .close();
    Event::PartReceived(PartReceived { payment, means, amount, entry }).into()
}

/// Money that is not due: to suspense, and straight back where the rail can.
fn excess(payment: PaymentId, means: Means, amount: Money) -> Vec<domain::Event> {
    let suspense = Account::Suspense(payment);
    let entry = Entry::write().debit(Account::Rail(means.rail), amount).credit(suspense, amount).close();
    let mut events = vec![Event::ExcessReceived(ExcessReceived { payment, means, amount, entry }).into()];
    if means.method.is_returnable() {
        let parts = vec![Part { rail: means.rail, amount }];
        let entry = money_out::give_back(suspense, &parts).close();
        events.push(Event::ExcessReturned(ExcessReturned { payment, parts, entry }).into());
    }
    events
}
