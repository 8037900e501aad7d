//! What follows from a wish about a subject.

use super::{Cause, Command, Erased, Event, Rejection};
use crate::{
    books::{Account, Holder, Realm},
    domain::{
        self, Context, DeliveryId, MerchantId, PaymentId, Subject, UserId,
        payment::{Payment, Purpose},
    },
    money::{Currency, Token},
    state::State,
};

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    let subject = command.subject();
    let known = known(state, subject, context).ok_or(Rejection::Unknown(subject))?;
    if state.erased.get(&subject).is_some() {
        return Err(Rejection::Erased(subject));
    }
    let cause = match (command, known) {
        (Command::Erase { .. }, Known::Payment(payment, known)) => {
            check_payment(state, payment, &known)?;
            Cause::Asked
        }
        (Command::Erase { .. }, Known::User(user, tenant)) => {
            check_user(state, user, tenant)?;
            Cause::Asked
        }
        // The key is gone: a log that says less than was once known changes nothing about that.
        (Command::EraseAgain { .. }, Known::Payment(..) | Known::User(..)) => Cause::Restored,
    };
    Ok(vec![Event::Erased(Erased { subject, cause }).into()])
}

/// A subject that the tables have.
enum Known {
    Payment(PaymentId, Box<Payment>),
    User(UserId, MerchantId),
}

/// Of customers known by a hash alone no table says what is open; no surface seals anything under one yet.
fn known(state: &State, subject: Subject, context: &Context) -> Option<Known> {
    match subject {
        Subject::Payment(payment) => {
            let known = state.payments.get(&payment).filter(|known| known.belongs_to(context));
            known.map(|known| Known::Payment(payment, Box::new(known)))
        }
        Subject::User(user) => {
            let known = state.users.get(&user).filter(|known| context.speaks_for(known.tenant));
            known.map(|known| Known::User(user, known.tenant))
        }
        Subject::Customer(_) => None,
    }
}

fn check_user(state: &State, user: UserId, tenant: MerchantId) -> Result<(), Rejection> {
    if !state.users.get(&user).is_some_and(|known| known.is_closed) {
        return Err(Rejection::NotClosed(Subject::User(user)));
    }
    let holder = Holder::User(user);
    let tokens = (1..state.next_token()).filter_map(|id| owned_token(state, id, tenant));
    let currencies: Vec<Currency> = Currency::NAMED.into_iter().chain(tokens).collect();
    for realm in Realm::all_of(tenant) {
        for account in [Account::Wallet(holder), Account::Points(user), holder.receivable()] {
            let balances = currencies.iter().map(|currency| state.balance(realm, account, *currency));
            if let Some(amount) = balances.into_iter().find(|amount| !amount.is_zero()) {
                return Err(Rejection::Balance { realm, account, amount });
            }
        }
    }
    match state.undertakings.get(&user).unwrap_or_default() {
        0 => Ok(()),
        count => Err(Rejection::Undertakings { count }),
    }
}

/// The token of this number, if it is the tenant's; its decimals are part of which currency it is.
fn owned_token(state: &State, id: u32, tenant: MerchantId) -> Option<Currency> {
    let with_digits = (0..=crate::money::TOKEN_DIGITS_MAX).filter_map(|digits| Token::new(id, digits));
    let mut currencies = with_digits.map(Currency::Token);
    currencies.find(|currency| state.tokens.get(currency).is_some_and(|terms| terms.tenant == tenant))
}

/// That it can be refunded or charged back is no obstacle: both go by the payment's id, its rail and amounts, and need
/// nothing that is sealed. Nor is a chargeback, which no fact ends when the dispute is lost.
fn check_payment(state: &State, payment: PaymentId, known: &Payment) -> Result<(), Rejection> {
    if known.stage.is_open() {
        return Err(Rejection::Open(known.stage));
    }
    if let Purpose::Order(order) = known.purpose
        && state.orders.get(&order).is_some_and(|order| order.is_open())
    {
        return Err(Rejection::Order(order));
    }
    if !known.excess.is_empty() {
        return Err(Rejection::Excess);
    }
    let is_told =
        |number| !state.deliveries.get(&DeliveryId { payment, number }).is_some_and(|told| told.open);
    if (1..=known.notified).all(is_told) { Ok(()) } else { Err(Rejection::Notification) }
}
