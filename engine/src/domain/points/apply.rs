//! What the writer remembers of points: every holder's lots, and when each lapses.

use super::{Draw, Event, Lots};
use crate::{
    books::Realm,
    domain::{Context, Due, UserId},
    state::State,
};

/// Folds one fact into the lots and their due times.
pub fn apply(state: &mut State, event: &Event, context: &Context) {
    let (holder, realm) = event.whose();
    match event {
        Event::Issued(event) => {
            let draw = Draw {
                lot: event.lot,
                kind: event.kind,
                issued_at: context.now,
                expires_at: event.expires_at,
                quantity: event.quantity,
            };
            add(state, realm, holder, &[draw]);
        }
        Event::GivenBack(event) => add(state, realm, holder, &event.draws),
        Event::Spent(event) => {
            let taken = event.draws.iter().map(|draw| (draw.lot, draw.quantity.minor));
            take(state, realm, holder, taken);
        }
        Event::Lapsed(event) => take(state, realm, holder, [(event.lot, event.quantity.minor)]),
    }
}

fn add(state: &mut State, realm: Realm, holder: UserId, draws: &[Draw]) {
    let mut lots = state.points.get(&(realm, holder)).unwrap_or_default();
    for draw in draws {
        lots.add(draw);
        state.dues.note(realm, draw.expires_at, Due::LotLapse(holder, draw.lot));
    }
    state.points.put((realm, holder), lots);
}

fn take(state: &mut State, realm: Realm, holder: UserId, taken: impl IntoIterator<Item = (u32, i128)>) {
    let mut lots: Lots = state.points.get(&(realm, holder)).unwrap_or_default();
    for (number, minor) in taken {
        let expires_at = lots.get(number).map(|lot| lot.expires_at);
        lots.take(number, minor);
        if let (Some(expires_at), None) = (expires_at, lots.get(number)) {
            state.dues.strike(realm, expires_at, Due::LotLapse(holder, number));
        }
    }
    state.points.put((realm, holder), lots);
}
