//! Money that goes out again: refunds, chargebacks, and what was held or not due.

use super::{
    Action, Captured, ChargebackWon, ChargedBack, Event, ExcessReturned, Part, Payer, Payment, Purpose,
    Refunded, Rejection, Source, Stage,
    apply::add_part,
    decide::{Decision, check_rail},
};
use crate::{
    books::{Account, Draft, Entry, Expense, Holder, Income, Label},
    domain::{
        self, AMOUNT_MINOR_MAX, OrderNumber, PaymentId, Timestamp,
        burden::{Burden, earn},
        order, points,
        subscription::{self, InvoiceRejection},
    },
    money::{Money, MoneyError},
    state::State,
};

/// Decides a refund: from what is pending, then available, then owed, up to the merchant's ceiling; a top-up's from
/// the wallet, as far as it is there.
pub(super) fn refund(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    amount: Option<Money>,
    now: Timestamp,
) -> Decision {
    if let Some(amount) = amount {
        known.check_amount(amount)?;
    }
    if let Purpose::Order(order) = known.purpose {
        return Err(Rejection::ThroughOrder(order));
    }
    known.check(Action::Refund)?;
    let refundable = known.refundable()?;
    let amount = amount.unwrap_or(refundable);
    // All of it can be nothing: where no more than the method fee was captured.
    if amount.is_zero() || amount.minor > refundable.minor {
        return Err(Rejection::MoreThanRefundable { refundable });
    }
    check_whole(known, amount, refundable)?;
    let terms = state.merchants.get(&known.merchant).ok_or(Rejection::UnknownMerchant(known.merchant))?.terms;
    let charge_returned = match terms.refund_returns_charge {
        true => known.charge_share(amount)?,
        false => Money::zero(known.paid_out_in()),
    };
    let borne = points::in_money(amount).minus(charge_returned)?;
    let earner = known.earner(state);
    let burden = match known.purpose {
        // A wallet gives what is in it.
        Purpose::TopUp(_) => Burden::wholly(earner, borne),
        Purpose::Sale | Purpose::Order(_) | Purpose::Subscription(..) => {
            Burden::on(state, known.realm, earner, borne)?
        }
    };
    burden.check_ceiling(state, known.realm, now)?;
    let entry = burden.debit(Entry::write()).debit(Account::Income(Income::Charge), charge_returned);
    let entry = credit_source(state, known, amount, entry)?.close();
    state.check_guards(known.realm, &entry)?;
    let mut events = vec![Event::Refunded(Refunded { payment, amount, charge_returned, entry }).into()];
    if let Some(Payer::Points(payer, draws)) = &known.payer {
        let (purpose, draws) = (points::Purpose::Payment(payment), points::last_of(draws, amount.minor));
        events.extend(points::give_back(known.realm, *payer, draws, purpose, now));
    }
    events.extend(taken_back(state, payment, known, subscription::Action::Refund));
    Ok(events)
}

/// A month that was paid is refunded as it was paid: whole.
fn check_whole(known: &Payment, amount: Money, refundable: Money) -> Result<(), Rejection> {
    match known.purpose {
        Purpose::Subscription(..) if amount != refundable => {
            Err(InvoiceRejection::NotWhole(refundable).into())
        }
        Purpose::Sale | Purpose::TopUp(_) | Purpose::Order(_) | Purpose::Subscription(..) => Ok(()),
    }
}

/// The month that was paid with what goes back, if it was.
fn taken_back(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    action: subscription::Action,
) -> Option<domain::Event> {
    match known.purpose {
        Purpose::Sale | Purpose::TopUp(_) | Purpose::Order(_) => None,
        Purpose::Subscription(user, month) => {
            subscription::take_back(state, known.realm, (user, month), payment, action)
        }
    }
}

/// The whole of a capture that nothing was due for goes back at once: the rails get what they brought, out of the very
/// accounts it was put into, so there is nothing to be short of and no ceiling to be above.
pub(super) fn refund_undue(known: &Payment, captured: &Captured) -> Result<domain::Event, Rejection> {
    let amount = captured.total.minus(captured.method_fee)?;
    let (payment, charge_returned) = (captured.payment, captured.charge);
    let earned = captured.entry.postings().iter().filter(|posting| posting.debit_minor < 0);
    let earned = earned.filter(|posting| posting.account != Account::Income(Income::MethodFee));
    let entry = earned.fold(Entry::write(), |entry, posting| {
        entry.debit(posting.account, Money::new(-posting.debit_minor, posting.currency))
    });
    let mut after = known.clone();
    if let Source::Rail(means) = captured.source {
        add_part(&mut after.parts, means.rail, captured.received);
    }
    let parts = after.refund_parts(amount)?;
    let entry = parts.iter().fold(entry, |entry, part| entry.credit(Account::Rail(part.rail), part.amount));
    Ok(Event::Refunded(Refunded { payment, amount, charge_returned, entry: entry.close() }).into())
}

/// Gives `amount` of what an order's payment brought back out of its escrow.
///
/// # Errors
/// [`Rejection::NotAllowed`] when the payment has been charged back.
pub fn refund_from_escrow(
    state: &State,
    payment: PaymentId,
    order: OrderNumber,
    amount: Money,
) -> Result<domain::Event, Rejection> {
    let known = state.payments.get(&payment).ok_or(Rejection::Unknown(payment))?;
    known.check(Action::Refund)?;
    let entry = Entry::write().debit(Account::Escrow(order), amount);
    let entry = credit_source(state, &known, amount, entry)?.close();
    let charge_returned = Money::zero(amount.currency);
    Ok(Event::Refunded(Refunded { payment, amount, charge_returned, entry }).into())
}

/// Cr where the money came from, the last that came in first. In a wallet, as with everything that comes in, what its
/// user owes by now is cleared before.
fn credit_source(state: &State, known: &Payment, amount: Money, entry: Draft) -> Result<Draft, MoneyError> {
    Ok(match &known.payer {
        None => {
            let parts = known.refund_parts(amount)?.into_iter();
            parts.fold(entry, |entry, part| entry.credit(Account::Rail(part.rail), part.amount))
        }
        Some(Payer::Wallet(payer)) => {
            let holder = Holder::User(*payer);
            state.credit_to(known.realm, holder, Account::Wallet(holder), amount, entry)?
        }
        Some(Payer::Points(..)) => entry.credit(Account::Exchange, points::in_money(amount)),
    })
}

/// What a rail took for a chargeback.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub(super) rail: Label,
    pub(super) amount: Money,
    pub(super) fee: Money,
}

/// Records a chargeback: the merchant bears what is left of the capture, the platform the rest and the fee. An order
/// whose money is in escrow is refunded: what the bank did not take goes back as well.
pub(super) fn charge_back(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    taken: Taken,
    now: Timestamp,
) -> Decision {
    let Taken { rail, amount, fee } = taken;
    if amount.minor <= 0 || fee.minor < 0 {
        return Err(Rejection::NotPositive);
    }
    if amount.minor.max(fee.minor) > AMOUNT_MINOR_MAX {
        return Err(Rejection::TooLarge);
    }
    known.check_currency(amount)?;
    known.check_currency(fee)?;
    check_rail(known.realm, rail)?;
    known.check(Action::ChargeBack)?;
    if known.payer.is_some() {
        return Err(Rejection::NotByRail);
    }
    let merchant_bears = amount.at_most(known.refundable()?)?;
    let whole = amount.plus(fee)?;
    let entry = Burden::on(state, known.realm, known.earner(state), merchant_bears)?
        .debit(Entry::write())
        .debit(Account::Expense(Expense::Chargeback), whole.minus(merchant_bears)?)
        .credit(Account::Rail(rail), whole)
        .close();
    state.check_guards(known.realm, &entry)?;
    let mut events = match known.purpose {
        Purpose::Order(order) if order::is_in_escrow(state, order) => {
            order::refund_charged_back(state, order, merchant_bears, now)?
        }
        Purpose::Sale | Purpose::TopUp(_) | Purpose::Order(_) | Purpose::Subscription(..) => Vec::new(),
    };
    let charged_back = ChargedBack { payment, amount, fee, rail, merchant_bears, entry };
    events.push(Event::ChargedBack(charged_back).into());
    events.extend(taken_back(state, payment, known, subscription::Action::ChargeBack));
    Ok(events)
}

/// Records a dispute won: what the platform bore, then what the merchant owes, then the rest to the merchant.
pub(super) fn win_chargeback(state: &State, payment: PaymentId, known: &Payment) -> Decision {
    let chargeback = match (known.stage, known.chargeback) {
        (Stage::ChargedBack, Some(chargeback)) => chargeback,
        (stage, _) => return Err(Rejection::NotAllowed { stage, action: Action::WinChargeback }),
    };
    let entry = Entry::write()
        .debit(Account::Rail(chargeback.rail), chargeback.whole)
        .credit(Account::Expense(Expense::Chargeback), chargeback.whole.minus(chargeback.merchant_bears)?);
    let entry = earn(state, known.realm, known.earner(state), chargeback.merchant_bears, entry)?.close();
    state.check_guards(known.realm, &entry)?;
    let mut events = vec![Event::ChargebackWon(ChargebackWon { payment, entry }).into()];
    if let (Purpose::Subscription(user, month), Stage::Captured) = (known.purpose, chargeback.former) {
        events.extend(subscription::restore(state, known.realm, (user, month), payment));
    }
    Ok(events)
}

/// Records that all money that was not due has gone back.
pub(super) fn return_excess(payment: PaymentId, known: &Payment) -> Decision {
    known.check(Action::ReturnExcess)?;
    if known.excess.is_empty() {
        return Err(Rejection::NoExcess);
    }
    let entry = give_back(Account::Suspense(payment), &known.excess).close();
    Ok(vec![Event::ExcessReturned(ExcessReturned { payment, parts: known.excess.clone(), entry }).into()])
}

/// Dr `held` · Cr the rails that `parts` came in on.
pub(super) fn give_back(held: Account, parts: &[Part]) -> Draft {
    parts.iter().fold(Entry::write(), |entry, part| {
        entry.debit(held, part.amount).credit(Account::Rail(part.rail), part.amount)
    })
}
