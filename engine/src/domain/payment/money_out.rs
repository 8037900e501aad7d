//! Money that goes out again: refunds, chargebacks, and what was held or not due.

use super::{
    Action, ChargebackWon, ChargedBack, Event, ExcessReturned, Part, Payer, Payment, Refunded, Rejection,
    Stage,
    apply::at_par,
    decide::{Decision, check_rail},
    purpose::Burden,
};
use crate::{
    books::{Account, Draft, Entry, Expense, Holder, Income, Label},
    domain::{
        AMOUNT_MINOR_MAX, PaymentId, Timestamp,
        merchant::Terms,
        points::{self, Draw},
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
    let terms = state.merchants.get(&known.merchant).ok_or(Rejection::UnknownMerchant(known.merchant))?.terms;
    let currency = known.paid_out_in();
    let charge_returned =
        if terms.refund_returns_charge { known.charge_share(amount)? } else { Money::zero(currency) };
    let burden = Burden::of_refund(state, known, at_par(amount).minus(charge_returned)?)?;
    check_ceiling(state, known, burden.owed(), &terms, now)?;
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
    Ok(events)
}

/// A refund may leave a merchant owing so much.
fn check_ceiling(
    state: &State,
    known: &Payment,
    more: Money,
    terms: &Terms,
    now: Timestamp,
) -> Result<(), Rejection> {
    let (realm, merchant, currency) = (known.realm, known.merchant, more.currency);
    let owed = state.balance(realm, Account::Receivable(merchant), currency).plus(more)?;
    let most = terms.receivable_max(state.sales(realm, merchant, currency, now))?;
    let is_beyond = !more.is_zero() && owed.minor > most.minor;
    if is_beyond { Err(Rejection::BeyondCeiling { owed, most }) } else { Ok(()) }
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
    Ok(vec![Event::ChargedBack(ChargedBack { payment, amount, fee, rail, merchant_bears, entry }).into()])
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
    let (holder, account) = known.purpose.earner(known.merchant);
    let entry = state.credit_to(known.realm, holder, account, chargeback.merchant_bears, entry)?.close();
    state.check_guards(known.realm, &entry)?;
    Ok(vec![Event::ChargebackWon(ChargebackWon { payment, entry }).into()])
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
