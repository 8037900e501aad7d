//! Money set aside on a card: authorised, increased, reversed, cleared, and given back after seven days.

use super::{
    Authorization, AuthorizationAction, AuthorizationExpired, AuthorizationIncreased, Authorized, Card,
    CardAction, Cleared, Event, Rejection, Reversed,
    decide::{Decision, check_money, check_month, check_rail, find},
};
use crate::{
    books::{Account, Entry, Hold},
    domain::{self, AuthorizationId, CardId, Context, Span, party::party},
    money::{Money, MoneyError},
    state::State,
};

/// How long money is held without a clearing: 7 days of 24 hours from the authorisation, and again from every
/// clearing that leaves something held, for whoever sends in parts collects in parts. An increase or a partial
/// reversal does not begin them anew. Source: accounting rules §4.7.
pub const UNCLEARED_LIFETIME: Span = Span::days(7);

/// Decides an authorisation.
pub(super) fn authorize(state: &State, card: CardId, amount: Money, context: &Context) -> Decision {
    let known = find(state, card, context)?;
    check_usable(state, &known, context)?;
    check_money(&known, amount)?;
    let authorization = state.next_authorization();
    let entry = set_aside(state, &known, authorization, amount)?;
    let expires_at = context.now + UNCLEARED_LIFETIME;
    Ok(vec![Event::Authorized(Authorized { card, authorization, amount, expires_at, entry }).into()])
}

/// Decides that more is set aside for the same purchase.
pub(super) fn increase(
    state: &State,
    (card, authorization): (CardId, AuthorizationId),
    amount: Money,
    context: &Context,
) -> Decision {
    let (known, hold) = find_authorization(state, card, authorization, context)?;
    check_usable(state, &known, context)?;
    hold.check(AuthorizationAction::Increase)?;
    check_money(&known, amount)?;
    let held = hold.held.plus(amount)?;
    let entry = set_aside(state, &known, authorization, amount)?;
    let increased = AuthorizationIncreased { card, authorization, amount, held, entry };
    Ok(vec![Event::AuthorizationIncreased(increased).into()])
}

/// Decides that some of it, or all, is given back.
pub(super) fn reverse(
    state: &State,
    (card, authorization): (CardId, AuthorizationId),
    amount: Option<Money>,
    context: &Context,
) -> Decision {
    let (known, hold) = find_authorization(state, card, authorization, context)?;
    hold.check(AuthorizationAction::Reverse)?;
    if let Some(amount) = amount {
        check_money(&known, amount)?;
    }
    let amount = amount.unwrap_or(hold.held);
    let held = hold.held.minus(amount)?;
    if held.minor < 0 {
        return Err(Rejection::MoreThanHeld { held: hold.held });
    }
    let entry = give_back(state, &known, authorization, amount)?;
    Ok(vec![Event::Reversed(Reversed { card, authorization, amount, held, entry }).into()])
}

/// Records that the scheme collected: from what is held, the excess from the wallet, and what is not there is owed.
pub(super) fn clear(
    state: &State,
    (card, authorization): (CardId, AuthorizationId),
    amount: Money,
    context: &Context,
) -> Decision {
    let (known, hold) = find_authorization(state, card, authorization, context)?;
    check_rail(context)?;
    hold.check(AuthorizationAction::Clear)?;
    check_money(&known, amount)?;
    let from_hold = amount.at_most(hold.held)?;
    let excess = amount.minus(from_hold)?;
    let from_wallet = excess.at_most(state.balance(known.realm, known.wallet(), known.currency))?;
    let entry = Entry::write()
        .debit(held_for(authorization), from_hold)
        .debit(known.wallet(), from_wallet)
        .debit(known.holder().receivable(), excess.minus(from_wallet)?)
        .credit(Account::Rail(known.rail), amount)
        .close();
    let held = hold.held.minus(from_hold)?;
    let expires_at = (!held.is_zero()).then_some(context.now + UNCLEARED_LIFETIME);
    let cleared = Cleared { card, authorization, amount, excess, held, expires_at, entry };
    Ok(vec![Event::Cleared(cleared).into()])
}

/// Decides what follows when seven days have gone by without a clearing.
///
/// # Panics
/// If nothing is held any more: the due time is struck out with the last of it.
pub fn expire(state: &State, authorization: AuthorizationId, context: &Context) -> Vec<domain::Event> {
    let hold = state.authorizations.get(&authorization).expect("only what was authorized expires");
    let known = find(state, hold.card, context).expect("it expires in the realm of its card");
    hold.check(AuthorizationAction::Expire).expect("an expiry is struck out when nothing is held any more");
    let (card, amount) = (hold.card, hold.held);
    let entry = give_back(state, &known, authorization, amount).expect("what is held can go back");
    vec![Event::AuthorizationExpired(AuthorizationExpired { card, authorization, amount, entry }).into()]
}

/// Whether the card can be charged at all, and its holder still takes part.
fn check_usable(state: &State, known: &Card, context: &Context) -> Result<(), Rejection> {
    party(state, known.holder(), context)?;
    known.check(CardAction::Charge)?;
    check_month(known.summary, context.now)
}

fn find_authorization(
    state: &State,
    card: CardId,
    authorization: AuthorizationId,
    context: &Context,
) -> Result<(Card, Authorization), Rejection> {
    let known = find(state, card, context)?;
    let hold = state.authorizations.get(&authorization).filter(|hold| hold.card == card);
    Ok((known, hold.ok_or(Rejection::UnknownAuthorization(authorization))?))
}

const fn held_for(authorization: AuthorizationId) -> Account {
    Account::WalletHeld(Hold::Authorization(authorization))
}

fn set_aside(
    state: &State,
    known: &Card,
    authorization: AuthorizationId,
    amount: Money,
) -> Result<Entry, Rejection> {
    let entry = Entry::write().debit(known.wallet(), amount).credit(held_for(authorization), amount).close();
    state.check_guards(known.realm, &entry)?;
    Ok(entry)
}

/// As with everything that comes in, what the user owes by now is cleared before the wallet has more.
fn give_back(
    state: &State,
    known: &Card,
    authorization: AuthorizationId,
    amount: Money,
) -> Result<Entry, MoneyError> {
    let entry = Entry::write().debit(held_for(authorization), amount);
    Ok(state.credit_to(known.realm, known.holder(), known.wallet(), amount, entry)?.close())
}
