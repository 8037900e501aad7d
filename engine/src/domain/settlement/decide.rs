//! What follows from a wish to settle.

use super::{Closed, Command, Event, Figures, OpenDays, Rejection};
use crate::{
    books::{Account, Entry, Holder, Realm},
    domain::{self, Context, Day, MerchantId, party::party},
    money::{Currency, Money, MoneyError},
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
    let closed = close(state, &open, (realm, merchant), through, pending)?;
    Ok(vec![Event::Closed(Box::new(closed.ok_or(Rejection::Nothing(through))?)).into()])
}

/// Reckons the period that ends with `through`; `None` where it has neither figures nor anything to move.
fn close(
    state: &State,
    open: &OpenDays,
    (realm, merchant): (Realm, MerchantId),
    through: Day,
    pending: Money,
) -> Result<Option<Closed>, MoneyError> {
    let currency = pending.currency;
    let happened = open.through(through);
    let figures = happened.unwrap_or_else(|| Figures::zero(currency));
    let (net, carried_in) = (figures.net(), open.carried());
    let whole = carried_in.plus(net)?;
    let moved = Money::new(whole.at_most(pending)?.minor.max(0), currency);
    let carried_out = whole.minus(moved)?;
    let Some(from) = open.begins().filter(|_| happened.is_some() || !moved.is_zero()) else {
        return Ok(None);
    };
    let entry = Entry::write()
        .debit(Account::MerchantPending(merchant), moved)
        .credit(Account::MerchantAvailable(merchant), moved)
        .close();
    Ok(Some(Closed {
        settlement: state.next_settlement(),
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
    }))
}
