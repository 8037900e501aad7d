//! Selling points for what came in elsewhere, and taking them back when it did not, for rooms that sell them.

use super::{
    Event, Kind, Purpose, Source, Spent,
    decide::{has_room, issued},
};
use crate::{
    books::{Account, Entry, Realm},
    domain::{self, Context, UserId},
    money::Money,
    state::State,
};

/// Issues `quantity` to `holder` against the exchange, and tells the number of the lot; `None` where no other lot can
/// be kept. Who may hold points is for the room that sells them to say.
pub fn sell(
    state: &State,
    realm: Realm,
    holder: UserId,
    quantity: Money,
    source: Source,
    context: &Context,
) -> Option<(u32, domain::Event)> {
    let lot = state.points.get(&(realm, holder)).unwrap_or_default().next();
    let entry =
        Entry::write().debit(Account::Exchange, quantity).credit(Account::Points(holder), quantity).close();
    let event = issued(state, realm, holder, (Kind::Paid, source, quantity), entry, context);
    has_room(state, realm, holder).then_some((lot, event))
}

/// Takes back what is left of a lot, and tells how much; `None` where nothing is. Nobody chose to spend it, so it
/// comes from this lot and out of turn.
pub fn take_back(
    state: &State,
    realm: Realm,
    holder: UserId,
    lot: u32,
    purpose: Purpose,
) -> Option<(Money, domain::Event)> {
    let lots = state.points.get(&(realm, holder)).unwrap_or_default();
    let draw = lots.get(lot).map(|lot| lot.drawn(lot.remaining.minor))?;
    let quantity = draw.quantity;
    let entry =
        Entry::write().debit(Account::Points(holder), quantity).credit(Account::Exchange, quantity).close();
    Some((quantity, Event::Spent(Spent { realm, holder, purpose, draws: vec![draw], entry }).into()))
}
