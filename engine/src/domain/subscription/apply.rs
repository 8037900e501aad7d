//! What the writer remembers of subscriptions: until when each is billed, and every invoice there was.

use serde::{Deserialize, Serialize};

use super::{Event, Source, Stage};
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
    /// The points it took, in the order they were drawn.
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
        Event::Paid(event) => {
            let source = event.source;
            change(state, whose, event.month, |invoice| {
                invoice.stage = Stage::Completed;
                // A dispute won does not make it another completion.
                if !invoice.completion.as_ref().is_some_and(|earlier| earlier.source == source) {
                    invoice.completion = Some(Completion { source, at: context.now, draws: Vec::new() });
                }
            });
        }
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
    let (month, entry, is_paid) = match event {
        Event::Paid(event) => (event.month, &event.entry, true),
        Event::Refunded(event) => (event.month, &event.entry, false),
        Event::Started(_)
        | Event::Invoiced(_)
        | Event::Failed(_)
        | Event::Cancelled(_)
        | Event::Stopped(_) => return,
    };
    let (realm, user) = event.whose();
    let invoice = state.invoices.get(&(realm, user, month)).expect("what is paid was billed");
    if invoice.earner != Earner::Tenant || entry.is_empty() {
        return;
    }
    let (tenant, price) = (invoice.tenant, invoice.price);
    let mut figures = Figures::zero(price.currency);
    if is_paid {
        figures.gross = price;
        state.add_sale(realm, tenant, price.currency, context.now, price.minor);
    } else {
        figures.refunds = price;
    }
    settlement::note(state, realm, tenant, &figures.posted(tenant, entry), context);
}

/// Notes what points a month was paid with.
pub fn apply_points(state: &mut State, event: &points::Event) {
    match event {
        points::Event::Spent(event) => match event.purpose {
            points::Purpose::Payment(_) | points::Purpose::Order(_) => {}
            points::Purpose::Subscription(month) => {
                change(state, (event.realm, event.holder), month, |invoice| {
                    let paid =
                        invoice.completion.as_mut().expect("points are drawn for a month that is paid");
                    paid.draws.clone_from(&event.draws);
                });
            }
        },
        // A month goes back whole, once.
        points::Event::GivenBack(_) | points::Event::Issued(_) | points::Event::Lapsed(_) => {}
    }
}
