//! What follows from a wish to settle.

use super::{Closed, Command, Day, Event, Figures, OpenDays, Rejection};
use crate::{
    books::{Account, Entry, Holder},
    domain::{self, Context, party::party},
    money::{Currency, Money},
    state::State,
};

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    let Command::Settle { merchant, currency, through } = *command;
    let (realm, _) = party(state, Holder::Merchant(merchant), context)?;
    if currency == Currency::SgpUsd {
        return Err(Rejection::NotOwed(currency));
    }
    let today = Day::of(context.now);
    if through >= today {
        return Err(Rejection::NotOver { through, today });
    }
    let open = state.open_days.get(&(realm, merchant, currency)).unwrap_or_else(|| OpenDays::begin(currency));
    if let Some(last) = open.settled_through().filter(|last| through <= *last) {
        return Err(Rejection::AlreadySettled(last));
    }
    let pending = state.balance(realm, Account::MerchantPending(merchant), currency);
    if open.whole() != pending {
        return Err(Rejection::Unreconciled { figures: open.whole(), pending });
    }
    let happened = open.through(through);
    let figures = happened.unwrap_or_else(|| Figures::zero(currency));
    let (net, carried_in) = (figures.net(), open.carried());
    let whole = carried_in.plus(net)?;
    let moved = Money::new(whole.at_most(pending)?.minor.max(0), currency);
    let begins = open.begins().filter(|_| happened.is_some() || !moved.is_zero());
    let from = begins.ok_or(Rejection::Nothing(through))?;
    let carried_out = whole.minus(moved)?;
    let entry = Entry::write()
        .debit(Account::MerchantPending(merchant), moved)
        .credit(Account::MerchantAvailable(merchant), moved)
        .close();
    let settlement = state.next_settlement();
    Ok(vec![
        Event::Closed(Closed {
            settlement,
            realm,
            merchant,
            currency,
            from,
            through,
            figures,
            net,
            carried_in,
            moved,
            carried_out,
            entry,
        })
        .into(),
    ])
}
