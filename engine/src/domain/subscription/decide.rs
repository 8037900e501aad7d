//! What follows from a wish about a subscription, and from the end of a month.

use super::{
    Action, Cancelled, Command, Completion, Event, Failed, Invoice, InvoiceRejection, Invoiced, Paid,
    Refunded, Rejection, Source, Started, Stopped,
    paying::{find, payable},
};
use crate::{
    books::{Account, Draft, Entry, Holder, Realm},
    domain::{
        self, Context, MerchantId, Month, UserId,
        burden::{Burden, earn},
        merchant::Plan,
        party::party,
        payment::{self, Purse},
        points,
    },
    money::{Currency, Money},
    state::State,
};

type Decision = Result<Vec<domain::Event>, Rejection>;

/// Whose invoice, and which.
#[derive(Clone, Copy)]
struct Key {
    realm: Realm,
    user: UserId,
    month: Month,
}

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    let user = match *command {
        Command::Start { user }
        | Command::Pay { user, .. }
        | Command::Refund { user, .. }
        | Command::Stop { user } => user,
    };
    let (realm, tenant) = party(state, Holder::User(user), context)?;
    match *command {
        Command::Start { .. } => start(state, Key { realm, user, month: Month::of(context.now) }, tenant),
        Command::Pay { month, purse, .. } => pay(state, Key { realm, user, month }, purse, context),
        Command::Refund { month, .. } => refund(state, Key { realm, user, month }, context),
        Command::Stop { .. } => stop(state, realm, user),
    }
}

/// The running month is billed at once, unless it was before: there is one invoice a month.
fn start(state: &State, key: Key, tenant: MerchantId) -> Decision {
    let Key { realm, user, month } = key;
    if renews_after(state, realm, user).is_some() {
        return Err(Rejection::Subscribed);
    }
    let mut events = vec![Event::Started(Started { realm, user }).into()];
    match find(state, realm, user, month) {
        None => events.push(invoiced(key, tenant, plan(state, tenant))),
        // At the price it had: a payment for it may be under way.
        Some(known) if Action::Reopen.is_allowed(known.stage) => {
            events.push(invoiced(key, tenant, Plan { price: known.price, earner: known.earner }));
        }
        Some(_) => {}
    }
    Ok(events)
}

fn stop(state: &State, realm: Realm, user: UserId) -> Decision {
    let month = renews_after(state, realm, user).ok_or(Rejection::NotSubscribed)?;
    let mut events = vec![Event::Stopped(Stopped { realm, user }).into()];
    if find(state, realm, user, month).is_some_and(|known| Action::Cancel.is_allowed(known.stage)) {
        events.push(Event::Cancelled(Cancelled { realm, user, month }).into());
    }
    Ok(events)
}

/// Decides what follows when the month of a subscription has ended, `context.now` being the first instant of the next.
///
/// # Panics
/// If there is no subscription: its due time is struck out when it is stopped.
pub fn renew(state: &State, user: UserId, context: &Context) -> Vec<domain::Event> {
    let realm = context.realm.expect("months end in their realm");
    let month = renews_after(state, realm, user).expect("a month's end is struck out with its subscription");
    let mut events = Vec::with_capacity(2);
    if find(state, realm, user, month).is_some_and(|known| Action::Fail.is_allowed(known.stage)) {
        events.push(Event::Failed(Failed { realm, user, month }).into());
    }
    events.push(match party(state, Holder::User(user), context) {
        Ok((_, tenant)) => invoiced(Key { realm, user, month: month.next() }, tenant, plan(state, tenant)),
        // Whoever was closed meanwhile is billed no more.
        Err(_) => Event::Stopped(Stopped { realm, user }).into(),
    });
    events
}

fn pay(state: &State, key: Key, purse: Purse, context: &Context) -> Decision {
    let Key { realm, user, month } = key;
    let invoice = payable(state, realm, user, month)?;
    let price = invoice.price;
    match purse {
        Purse::Wallet => {
            let entry = Entry::write().debit(Account::Wallet(Holder::User(user)), price);
            Ok(vec![paid(state, key, &invoice, Source::Wallet, entry)?])
        }
        Purse::Points => {
            if price.currency != Currency::Usd {
                return Err(Rejection::NotForPoints(price.currency));
            }
            let quantity = Money::new(price.minor, Currency::SgpUsd);
            let purpose = points::Purpose::Subscription(month);
            let spent = points::spend(state, realm, user, quantity, purpose, context.now);
            let spent = spent.map_err(|refused| match refused {
                points::Refused::TooFew(spendable) => Rejection::TooFewPoints { spendable },
                points::Refused::TooManyLots => Rejection::TooManyLots,
            })?;
            // The issuer redeems points at par.
            let entry = Entry::write().debit(Account::Exchange, price);
            // The points after the month they were spent on.
            Ok(vec![paid(state, key, &invoice, Source::Points, entry)?, spent])
        }
    }
}

/// Ends `entry` with what is earned.
fn paid(
    state: &State,
    Key { realm, user, month }: Key,
    invoice: &Invoice,
    source: Source,
    entry: Draft,
) -> Result<domain::Event, Rejection> {
    let price = invoice.price;
    let entry = earn(state, realm, invoice.earner.account(invoice.tenant), price, entry)?.close();
    state.check_guards(realm, &entry)?;
    Ok(Event::Paid(Paid { realm, user, month, price, source, entry }).into())
}

fn refund(state: &State, key: Key, context: &Context) -> Decision {
    let Key { realm, user, month } = key;
    let invoice = find(state, realm, user, month).ok_or(InvoiceRejection::Unknown(month))?;
    let (stage, action) = (invoice.stage, Action::Refund);
    let paid = invoice.completion.as_ref().filter(|_| action.is_allowed(stage));
    let Completion { source, draws, .. } = paid.ok_or(InvoiceRejection::NotAllowed { stage, action })?;
    match source {
        // The payment's own refund is the month's too.
        Source::Payment(payment) => {
            let refund = payment::Command::Refund { payment: *payment, amount: None };
            Ok(payment::decide(state, &refund, context)?)
        }
        Source::Wallet => {
            let (holder, entry) = (Holder::User(user), borne(state, realm, &invoice, context)?);
            let entry = state.credit_to(realm, holder, Account::Wallet(holder), invoice.price, entry)?;
            Ok(vec![refunded(state, key, &invoice, *source, entry)?])
        }
        Source::Points => {
            let entry = borne(state, realm, &invoice, context)?.credit(Account::Exchange, invoice.price);
            let mut events = vec![refunded(state, key, &invoice, *source, entry)?];
            let last_first = draws.iter().rev().copied().collect();
            let purpose = points::Purpose::Subscription(month);
            events.extend(points::give_back(realm, user, last_first, purpose, context.now));
            Ok(events)
        }
    }
}

/// Begins an entry with what whoever earned it gives back.
fn borne(state: &State, realm: Realm, invoice: &Invoice, context: &Context) -> Result<Draft, Rejection> {
    let burden = Burden::on(state, realm, invoice.earner.account(invoice.tenant), invoice.price)?;
    burden.check_ceiling(state, realm, context.now)?;
    Ok(burden.debit(Entry::write()))
}

fn refunded(
    state: &State,
    Key { realm, user, month }: Key,
    invoice: &Invoice,
    source: Source,
    entry: Draft,
) -> Result<domain::Event, Rejection> {
    let (price, entry) = (invoice.price, entry.close());
    state.check_guards(realm, &entry)?;
    Ok(Event::Refunded(Refunded { realm, user, month, price, source, entry }).into())
}

fn invoiced(Key { realm, user, month }: Key, tenant: MerchantId, plan: Plan) -> domain::Event {
    let Plan { price, earner } = plan;
    Event::Invoiced(Invoiced { realm, user, tenant, month, price, earner }).into()
}

fn plan(state: &State, tenant: MerchantId) -> Plan {
    state.merchants.get(&tenant).expect("a user's tenant was registered").plan
}

/// The month with whose end the next is billed; `None` where nobody is subscribed.
fn renews_after(state: &State, realm: Realm, user: UserId) -> Option<Month> {
    state.subscriptions.get(&(realm, user))?.renews_after
}
