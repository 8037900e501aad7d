//! Money that goes out again: refunds, chargebacks, and what was held or not due.

use super::{
    Action, Captured, ChargebackWon, ChargedBack, Event, ExcessReturned, Part, Payer, Payment, Purpose,
    Refunded, Rejection, Source, Stage,
    apply::{add_part, at_par},
    decide::{Decision, check_rail},
    purpose::{Burden, earn},
};
use crate::{
    books::{Account, Entry, Expense, Holder, Income, Label},
    domain::{
        self, AMOUNT_MINOR_MAX, PaymentId, Timestamp,
        points::{self, Draw},
        subscription::{self, InvoiceRejection},
    },
    money::Money,
    state::State,
};

/// Decides a refund: from what is pending, then available, then owed, up to the merchant's ceiling.
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
    known.check(Action::Refund)?;
    let refundable = known.refundable()?;
    let amount = amount.unwrap_or(refundable);
    // All of it can be nothing: where no more than the method fee was captured.
    if amount.is_zero() || amount.minor > refundable.minor {
        return Err(Rejection::MoreThanRefundable { refundable });
    }
    check_whole(known, amount, refundable)?;
    let terms = state.merchants.get(&known.merchant).ok_or(Rejection::UnknownMerchant(known.merchant))?.terms;
    let currency = known.paid_out_in();
    let charge_returned =
        if terms.refund_returns_charge { known.charge_share(amount)? } else { Money::zero(currency) };
    let burden = Burden::of_refund(state, known, at_par(amount).minus(charge_returned)?)?;
    burden.check_ceiling(state, known.realm, now)?;
    let mut entry = burden.debit(Entry::write());
    entry = entry.debit(Account::Income(Income::Charge), charge_returned);
    let mut given_back = Vec::new();
    match &known.payer {
        None => {
            for part in known.refund_parts(amount)? {
                entry = entry.credit(Account::Rail(part.rail), part.amount);
            }
        }
        Some(Payer::Wallet(payer)) => entry = entry.credit(Account::Wallet(Holder::User(*payer)), amount),
        Some(Payer::Points(payer, draws)) => {
            entry = entry.credit(Account::Exchange, at_par(amount));
            let purpose = points::Purpose::Payment(payment);
            given_back = points::give_back(known.realm, *payer, last_of(draws, amount.minor), purpose, now);
        }
    }
    let entry = entry.close();
    state.check_guards(known.realm, &entry)?;
    let mut events = vec![Event::Refunded(Refunded { payment, amount, charge_returned, entry }).into()];
    events.extend(given_back);
    events.extend(taken_back(state, payment, known, subscription::Action::Refund));
    Ok(events)
}

/// A month that was paid is refunded as it was paid: whole.
fn check_whole(known: &Payment, amount: Money, refundable: Money) -> Result<(), Rejection> {
    match known.purpose {
        Purpose::Subscription(..) if amount != refundable => {
            Err(InvoiceRejection::NotWhole(refundable).into())
        }
        Purpose::Sale | Purpose::TopUp(_) | Purpose::Subscription(..) => Ok(()),
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
        Purpose::Sale | Purpose::TopUp(_) => None,
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

/// The last of what was drawn, as much as `minor`: the last drawn first.
fn last_of(draws: &[Draw], minor: i128) -> Vec<Draw> {
    let (mut wanted, mut last) = (minor, Vec::new());
    for draw in draws.iter().rev() {
        let taken = draw.quantity.minor.min(wanted);
        if taken == 0 {
            break;
        }
        wanted -= taken;
        last.push(Draw { quantity: Money::new(taken, draw.quantity.currency), ..*draw });
    }
    last
}

/// What a rail took for a chargeback.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub(super) rail: Label,
    pub(super) amount: Money,
    pub(super) fee: Money,
}

/// Records a chargeback: the merchant bears what is left of the capture, the platform the rest and the fee.
pub(super) fn charge_back(state: &State, payment: PaymentId, known: &Payment, taken: Taken) -> Decision {
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
    let entry = Burden::of(state, known, merchant_bears)?
        .debit(Entry::write())
        .debit(Account::Expense(Expense::Chargeback), whole.minus(merchant_bears)?)
        .credit(Account::Rail(rail), whole)
        .close();
    state.check_guards(known.realm, &entry)?;
    let charged_back = ChargedBack { payment, amount, fee, rail, merchant_bears, entry };
    let mut events = vec![Event::ChargedBack(charged_back).into()];
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
    let entry = give_back(Account::Suspense(payment), &known.excess);
    Ok(vec![Event::ExcessReturned(ExcessReturned { payment, parts: known.excess.clone(), entry }).into()])
}

/// Dr `held` · Cr the rails that `parts` came in on.
pub(super) fn give_back(held: Account, parts: &[Part]) -> Entry {
    parts
        .iter()
        .fold(Entry::write(), |entry, part| {
            entry.debit(held, part.amount).credit(Account::Rail(part.rail), part.amount)
        })
        .close()
}
