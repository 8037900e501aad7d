//! What follows from a wish about points, and from their age.

use super::{Command, Event, Issued, Kind, Lapsed, Rejection, Source};
use crate::{
    books::{Account, Entry, Expense, Holder, Income, Realm},
    domain::{self, Context, Span, UserId, amount::check_amount, party::party},
    money::{Currency, Money},
    state::State,
};

/// 180 × 24 hours, exact: every span of six calendar months is at least 181 days, so a lot always lapses inside the
/// six months that the Payment Services Act leaves free.
pub const LIFETIME: Span = Span::days(180);
/// Lots with anything left, of one holder in one realm.
pub const LOTS_MAX: usize = 4_096;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    match *command {
        Command::Grant { holder, quantity } => {
            let realm = check(state, holder, quantity, Currency::SgpUsd, context)?;
            let entry = Entry::write()
                .debit(Account::Expense(Expense::Promotion), quantity)
                .credit(Account::Points(holder), quantity)
                .close();
            let lot = (Kind::Free, Source::Promotion, quantity);
            Ok(vec![issued(state, realm, holder, lot, entry, context)])
        }
        Command::Buy { holder, price } => {
            let realm = check(state, holder, price, Currency::Usd, context)?;
            let quantity = Money::new(price.minor, Currency::SgpUsd);
            let entry = Entry::write()
                .debit(Account::Wallet(Holder::User(holder)), price)
                .credit(Account::Exchange, price)
                .debit(Account::Exchange, quantity)
                .credit(Account::Points(holder), quantity)
                .close();
            state.check_guards(realm, &entry)?;
            let lot = (Kind::Paid, Source::Wallet, quantity);
            Ok(vec![issued(state, realm, holder, lot, entry, context)])
        }
    }
}

/// Decides what lapses of a lot whose time has come.
///
/// # Panics
/// If nothing is left of it: its due time is struck out with the last point.
pub fn lapse(state: &State, holder: UserId, lot: u32, context: &Context) -> Vec<domain::Event> {
    let realm = context.realm.expect("lots lapse in their realm");
    let lots = state.points.get(&(realm, holder)).unwrap_or_default();
    let lot = lots.get(lot).expect("a lapse is struck out when nothing is left of its lot");
    vec![lapsed(realm, holder, lot.number, lot.kind, lot.remaining)]
}

fn check(
    state: &State,
    holder: UserId,
    amount: Money,
    wanted: Currency,
    context: &Context,
) -> Result<Realm, Rejection> {
    let (realm, _) = party(state, Holder::User(holder), context)?;
    check_amount(amount)?;
    if amount.currency != wanted {
        return Err(Rejection::Currency { given: amount.currency, wanted });
    }
    if has_room(state, realm, holder) { Ok(realm) } else { Err(Rejection::TooManyLots) }
}

/// Whether another lot can be kept for `holder`.
pub(super) fn has_room(state: &State, realm: Realm, holder: UserId) -> bool {
    let lots = state.points.get(&(realm, holder)).unwrap_or_default();
    lots.open().len() < LOTS_MAX
}

pub(super) fn issued(
    state: &State,
    realm: Realm,
    holder: UserId,
    (kind, source, quantity): (Kind, Source, Money),
    entry: Entry,
    context: &Context,
) -> domain::Event {
    let lot = state.points.get(&(realm, holder)).unwrap_or_default().next();
    let expires_at = context.now + LIFETIME;
    Event::Issued(Issued { realm, holder, lot, kind, source, quantity, expires_at, entry }).into()
}

pub(super) fn lapsed(realm: Realm, holder: UserId, lot: u32, kind: Kind, quantity: Money) -> domain::Event {
    let other = match kind {
        Kind::Paid => Account::Income(Income::Breakage),
        Kind::Free => Account::Expense(Expense::Promotion),
    };
    let entry = Entry::write().debit(Account::Points(holder), quantity).credit(other, quantity).close();
    Event::Lapsed(Lapsed { realm, holder, lot, kind, quantity, entry }).into()
}
