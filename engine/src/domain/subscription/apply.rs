//! What the writer remembers of subscriptions: until when each is billed, and every invoice there was.

use serde::{Deserialize, Serialize};

use super::{Event, Paid, Source, Stage};
use crate::{
    books::Realm,
    domain::{
        Context, Due, MerchantId, Month, Timestamp, UserId,
        merchant::Earner,
        points::{self, Draw},
        settlement::{self, Figures},
    },
    money::Money,
    state::State,
};

/// A user's subscription in one realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The month with whose end the next is billed; `None` once it was stopped.
    pub renews_after: Option<Month>,
}

/// How a month was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// With what.
    pub source: Source,
    /// When.
    pub at: Timestamp,
    /// The points it took, in the order they were drawn, until they went back.
    pub draws: Vec<Draw>,
}

/// The invoice of one user for one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Whose user is billed.
    pub tenant: MerchantId,
    /// What is to be paid.
    pub price: Money,
    /// Who earns it.
    pub earner: Earner,
    /// How far it has come.
    pub stage: Stage,
    /// How it was paid, if it was; also when that has gone back since.
    pub completion: Option<Completion>,
}

/// Folds one fact into the subscriptions, their invoices and due times, and the tenant's earnings.
pub fn apply(state: &mut State, event: &Event, context: &Context) {
    let whose = event.whose();
    match event {
        Event::Started(_) => renew_after(state, whose, Some(Month::of(context.now))),
        Event::Invoiced(event) => {
            let invoice = Invoice {
                tenant: event.tenant,
                price: event.price,
                earner: event.earner,
                stage: Stage::Pending,
                completion: None,
            };
            state.invoices.put((event.realm, event.user, event.month), invoice);
            renew_after(state, whose, Some(event.month));
        }
        Event::Paid(event) => complete(state, event, context),
        Event::Refunded(event) => {
            change(state, whose, event.month, |invoice| invoice.stage = Stage::Refunded)
        }
        Event::Failed(event) => change(state, whose, event.month, |invoice| invoice.stage = Stage::Failed),
        Event::Cancelled(event) => {
            change(state, whose, event.month, |invoice| invoice.stage = Stage::Cancelled);
        }
        Event::Stopped(_) => renew_after(state, whose, None),
    }
    tell_settlement(state, event, context);
}

fn change(state: &mut State, (realm, user): (Realm, UserId), month: Month, by: impl FnOnce(&mut Invoice)) {
    state.invoices.change(&(realm, user, month), by);
}

/// A dispute won completes the month anew, and is neither another completion nor another sale.
fn complete(state: &mut State, event: &Paid, context: &Context) {
    let (key, source) = ((event.realm, event.user, event.month), event.source);
    let mut invoice = state.invoices.get(&key).expect("what is paid was billed");
    invoice.stage = Stage::Completed;
    if !invoice.completion.as_ref().is_some_and(|earlier| earlier.source == source) {
        invoice.completion = Some(Completion { source, at: context.now, draws: Vec::new() });
        if invoice.earner == Earner::Tenant {
            let Money { minor, currency } = invoice.price;
            state.add_sale(event.realm, invoice.tenant, currency, context.now, minor);
        }
    }
    state.invoices.put(key, invoice);
}

/// Moves the due time to the end of `month`.
fn renew_after(state: &mut State, (realm, user): (Realm, UserId), month: Option<Month>) {
    let ends = |month: Month| month.next().first_instant();
    let before = state.subscriptions.get(&(realm, user)).and_then(|known| known.renews_after);
    if before != month {
        if let Some(before) = before {
            state.dues.strike(realm, ends(before), Due::MonthEnd(user));
        }
        if let Some(month) = month {
            state.dues.note(realm, ends(month), Due::MonthEnd(user));
        }
    }
    state.subscriptions.put((realm, user), Subscription { renews_after: month });
}

/// What a month's own fact means for the earnings of its tenant. Payments tell of theirs themselves.
fn tell_settlement(state: &mut State, event: &Event, context: &Context) {
    let (month, entry, figures) = match event {
        Event::Paid(event) => {
            let figures = Figures { gross: event.price, ..Figures::zero(event.price.currency) };
            (event.month, &event.entry, figures)
        }
        Event::Refunded(event) => {
            let figures = Figures { refunds: event.price, ..Figures::zero(event.price.currency) };
            (event.month, &event.entry, figures)
        }
        Event::Started(_)
        | Event::Invoiced(_)
        | Event::Failed(_)
        | Event::Cancelled(_)
        | Event::Stopped(_) => return,
    };
    let (realm, user) = event.whose();
    let invoice = state.invoices.get(&(realm, user, month)).expect("what is paid was billed");
    if invoice.earner == Earner::Tenant && !entry.is_empty() {
        settlement::note(state, realm, invoice.tenant, &figures.posted(invoice.tenant, entry), context);
    }
}

/// Notes what points a month was paid with, until they have gone back: all of them, for it is refunded whole.
pub fn apply_points(state: &mut State, event: &points::Event) {
    let (whose, purpose, draws) = match event {
        points::Event::Spent(event) => ((event.realm, event.holder), event.purpose, &event.draws[..]),
        points::Event::GivenBack(event) => ((event.realm, event.holder), event.purpose, &[][..]),
        points::Event::Issued(_) | points::Event::Lapsed(_) => return,
    };
    match purpose {
        points::Purpose::Payment(_) | points::Purpose::Order(_) | points::Purpose::TakenBack(_) => {}
        points::Purpose::Subscription(month) => change(state, whose, month, |invoice| {
            let paid = invoice.completion.as_mut().expect("points are drawn for a month that is paid");
            paid.draws = draws.to_vec();
        }),
    }
}
