//! A month's invoice as payments for it see it: what is due, and what becomes of it when their money comes and goes.

use super::{Action, Event, Invoice, InvoiceRejection, Paid, Refunded, Source, Stage};
use crate::{
    books::{Account, Entry, Realm},
    domain::{self, Month, PaymentId, UserId},
    money::Money,
    state::State,
};

pub(super) fn find(state: &State, realm: Realm, user: UserId, month: Month) -> Option<Invoice> {
    state.invoices.get(&(realm, user, month))
}

/// The invoice, if something is due on it.
pub(super) fn payable(
    state: &State,
    realm: Realm,
    user: UserId,
    month: Month,
) -> Result<Invoice, InvoiceRejection> {
    let known = find(state, realm, user, month).ok_or(InvoiceRejection::Unknown(month))?;
    let (price, stage, action) = (known.price, known.stage, Action::Pay);
    match &known.completion {
        Some(paid) if stage == Stage::Completed => {
            Err(InvoiceRejection::AlreadyPaid { month, price, paid_with: paid.source, at: paid.at })
        }
        Some(_) | None if !action.is_allowed(stage) => Err(InvoiceRejection::NotAllowed { stage, action }),
        Some(_) | None => Ok(known),
    }
}

/// Checks that a payment of `amount` and `tax` is what a month asks for.
pub(in crate::domain) fn check_payment(
    state: &State,
    realm: Realm,
    (user, month): (UserId, Month),
    amount: Money,
    tax: Money,
) -> Result<(), InvoiceRejection> {
    let price = payable(state, realm, user, month)?.price;
    if amount == price && tax.is_zero() {
        Ok(())
    } else {
        Err(InvoiceRejection::NotThePrice { month, price })
    }
}

/// Where the money of a payment for this month is put.
///
/// # Panics
/// If the month was never billed: a payment is created for an invoice that is there.
pub(in crate::domain) fn earner(state: &State, realm: Realm, user: UserId, month: Month) -> Account {
    let known = find(state, realm, user, month).expect("a payment is for an invoice that is there");
    known.earner.account(known.tenant)
}

/// The month is paid by what `payment` captured; `None` if nothing is due on it any more.
pub(in crate::domain) fn complete(
    state: &State,
    realm: Realm,
    (user, month): (UserId, Month),
    payment: PaymentId,
) -> Option<domain::Event> {
    let price = payable(state, realm, user, month).ok()?.price;
    let (source, entry) = (Source::Payment(payment), Entry::default());
    Some(Event::Paid(Paid { realm, user, month, price, source, entry }).into())
}

/// What `payment` had paid the month with went back; `None` if the month was not paid by it.
pub(in crate::domain) fn take_back(
    state: &State,
    realm: Realm,
    (user, month): (UserId, Month),
    payment: PaymentId,
    action: Action,
) -> Option<domain::Event> {
    let price = paid_by(state, realm, (user, month), payment, action)?.price;
    let (source, entry) = (Source::Payment(payment), Entry::default());
    Some(Event::Refunded(Refunded { realm, user, month, price, source, entry }).into())
}

/// What was taken back of `payment` was won; `None` if the month was not paid by it.
pub(in crate::domain) fn restore(
    state: &State,
    realm: Realm,
    (user, month): (UserId, Month),
    payment: PaymentId,
) -> Option<domain::Event> {
    let price = paid_by(state, realm, (user, month), payment, Action::WinChargeback)?.price;
    let (source, entry) = (Source::Payment(payment), Entry::default());
    Some(Event::Paid(Paid { realm, user, month, price, source, entry }).into())
}

/// The invoice, if it was paid by `payment` and `action` can happen to it.
fn paid_by(
    state: &State,
    realm: Realm,
    (user, month): (UserId, Month),
    payment: PaymentId,
    action: Action,
) -> Option<Invoice> {
    let known = find(state, realm, user, month).filter(|known| action.is_allowed(known.stage))?;
    let source = known.completion.as_ref()?.source;
    (source == Source::Payment(payment)).then_some(known)
}
