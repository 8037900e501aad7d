//! Spending points and giving them back, for rooms that are paid with them.

use super::{Draw, Event, GivenBack, LOTS_MAX, Purpose, Spent, decide::lapsed};
use crate::{
    books::{Account, Entry, Realm},
    domain::{self, Timestamp, UserId},
    money::{Currency, Money},
    state::State,
};

/// Why points cannot be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Only so many can be.
    TooFew(Money),
    /// They are in more lots than one payment may draw from.
    TooManyLots,
}

/// Spends `quantity` of what `holder` can spend at `now`.
///
/// # Errors
/// [`Refused`]; so many draws that giving them back would not fit a commit are refused too.
pub fn spend(
    state: &State,
    realm: Realm,
    holder: UserId,
    quantity: Money,
    purpose: Purpose,
    now: Timestamp,
) -> Result<domain::Event, Refused> {
    let lots = state.points.get(&(realm, holder)).unwrap_or_default();
    let draws = lots.draw(quantity, now).ok_or_else(|| Refused::TooFew(lots.spendable(now)))?;
    if draws.len() > LOTS_MAX {
        return Err(Refused::TooManyLots);
    }
    let entry =
        Entry::write().debit(Account::Points(holder), quantity).credit(purpose.account(), quantity).close();
    Ok(Event::Spent(Spent { realm, holder, purpose, draws, entry }).into())
}

/// Gives `draws` back to their lots; what is past its expiry by `now` lapses at once.
pub fn give_back(
    realm: Realm,
    holder: UserId,
    draws: Vec<Draw>,
    purpose: Purpose,
    now: Timestamp,
) -> Vec<domain::Event> {
    let quantity = draws.iter().map(|draw| draw.quantity.minor).sum();
    let quantity = Money::new(quantity, Currency::SgpUsd);
    let entry =
        Entry::write().debit(purpose.account(), quantity).credit(Account::Points(holder), quantity).close();
    let late: Vec<Draw> = draws.iter().copied().filter(|draw| draw.expires_at <= now).collect();
    let mut events = vec![Event::GivenBack(GivenBack { realm, holder, purpose, draws, entry }).into()];
    events.extend(late.iter().map(|draw| lapsed(realm, holder, draw.lot, draw.kind, draw.quantity)));
    events
}

/// The last of what was drawn, as much as `minor`: the last drawn first.
pub fn last_of(draws: &[Draw], minor: i128) -> Vec<Draw> {
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

/// What an event does to the draws that a purpose remembers: those that were spent, less those that went back. `change`
/// gets the purpose, and what to do with its draws if they are its own to remember.
pub fn keep_draws(event: &Event, change: impl FnOnce(Purpose, &dyn Fn(&mut Vec<Draw>))) {
    match event {
        Event::Spent(event) => change(event.purpose, &|draws| draws.clone_from(&event.draws)),
        Event::GivenBack(event) => change(event.purpose, &|draws| strike_out(draws, &event.draws)),
        Event::Issued(_) | Event::Lapsed(_) => {}
    }
}

/// Strikes out of `draws` what [`last_of`] them went back.
///
/// # Panics
/// If anything else did.
fn strike_out(draws: &mut Vec<Draw>, returned: &[Draw]) {
    for back in returned {
        let last = draws.last_mut().filter(|last| last.lot == back.lot);
        let last = last.expect("points go back in the order they were drawn, from the end");
        last.quantity.minor -= back.quantity.minor;
        if last.quantity.is_zero() {
            draws.pop();
        }
    }
}
