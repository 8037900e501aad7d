//! What follows from a wish about an issued card.

use super::{
    Blocked, Card, CardAction, Closed, Command, Event, Issue, Issued, Refunded, Rejection, Unblocked,
    authorizations,
};
use crate::{
    books::{Account, Entry, Holder, Label, Realm},
    domain::{
        self, CardId, Context, Month, Timestamp, UserId, amount::check_amount, kyc, party::party,
        payment::CardSummary, subscription,
    },
    money::{Currency, Money},
    state::State,
};

pub(super) type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    match *command {
        Command::Issue(ref wish) => issue(state, wish, context),
        Command::Block { card } => {
            find(state, card, context)?.check(CardAction::Block)?;
            Ok(vec![Event::Blocked(Blocked { card }).into()])
        }
        Command::Unblock { card } => {
            find(state, card, context)?.check(CardAction::Unblock)?;
            Ok(vec![Event::Unblocked(Unblocked { card }).into()])
        }
        Command::Close { card } => {
            find(state, card, context)?.check(CardAction::Close)?;
            Ok(vec![Event::Closed(Closed { card }).into()])
        }
        Command::Authorize { card, amount } => authorizations::authorize(state, card, amount, context),
        Command::Increase { card, authorization, amount } => {
            authorizations::increase(state, (card, authorization), amount, context)
        }
        Command::Reverse { card, authorization, amount } => {
            authorizations::reverse(state, (card, authorization), amount, context)
        }
        Command::Clear { card, authorization, amount } => {
            authorizations::clear(state, (card, authorization), amount, context)
        }
        Command::Refund { card, amount } => refund(state, card, amount, context),
    }
}

fn issue(state: &State, wish: &Issue, context: &Context) -> Decision {
    let &Issue { user, rail, ref token, summary, currency } = wish;
    let (realm, tenant) = party(state, Holder::User(user), context)?;
    check_entitled(state, realm, user, context)?;
    if realm == Realm::Live && rail == Label::SANDBOX {
        return Err(Rejection::SandboxInLive);
    }
    check_currency(currency)?;
    check_summary(summary)?;
    check_month(summary, context.now)?;
    let token = token.clone();
    if let Some(card) = state.card_tokens.get(&(realm, rail, token.clone())) {
        return Err(Rejection::TokenTaken(card));
    }
    let card = state.next_card();
    Ok(vec![Event::Issued(Issued { card, realm, tenant, user, rail, token, summary, currency }).into()])
}

/// A tenant's user gets one with an approved KYC and the month's subscription paid. The operator, who decides about the
/// one and knows of the other, issues as it sees fit.
fn check_entitled(state: &State, realm: Realm, user: UserId, context: &Context) -> Result<(), Rejection> {
    if context.tenant.is_none() {
        return Ok(());
    }
    let answers = state.kyc.get(&user).unwrap_or_default();
    if answers != kyc::Stage::Approved {
        return Err(Rejection::KycNotApproved(answers));
    }
    let month = Month::of(context.now);
    match state.invoices.get(&(realm, user, month)).map(|invoice| invoice.stage) {
        Some(subscription::Stage::Completed) => Ok(()),
        Some(
            subscription::Stage::Pending
            | subscription::Stage::Refunded
            | subscription::Stage::Failed
            | subscription::Stage::Cancelled,
        )
        | None => Err(Rejection::MonthNotPaid(month)),
    }
}

const fn check_currency(currency: Currency) -> Result<(), Rejection> {
    match currency {
        Currency::Usd | Currency::Jpy => Ok(()),
        Currency::SgpUsd
        | Currency::Krw
        | Currency::Eur
        | Currency::Twd
        | Currency::Usdt
        | Currency::Ton
        | Currency::Token(_) => Err(Rejection::NotSpent(currency)),
    }
}

fn check_summary(summary: CardSummary) -> Result<(), Rejection> {
    let is_one = summary.last_four <= 9_999 && (1..=12).contains(&summary.month) && summary.year <= 9_999;
    if is_one { Ok(()) } else { Err(Rejection::NoSuchCard) }
}

/// A card is good to the end of its month in Asia/Tokyo.
pub(super) fn check_month(summary: CardSummary, now: Timestamp) -> Result<(), Rejection> {
    let CardSummary { month, year, .. } = summary;
    let is_over = now.tokyo_month() > (i32::from(year), month);
    if is_over { Err(Rejection::Expired { month, year }) } else { Ok(()) }
}

/// The money is there, whatever has become of the card and of its holder.
fn refund(state: &State, card: CardId, amount: Money, context: &Context) -> Decision {
    let known = find(state, card, context)?;
    check_rail(context)?;
    known.check(CardAction::Refund)?;
    check_money(&known, amount)?;
    let entry = Entry::write().debit(Account::Rail(known.rail), amount);
    let entry = state.credit_to(known.realm, known.holder(), known.wallet(), amount, entry)?.close();
    Ok(vec![Event::Refunded(Refunded { card, amount, entry }).into()])
}

/// What a scheme did, only its rail tells: a tenant who could would make money of words.
pub(super) fn check_rail(context: &Context) -> Result<(), Rejection> {
    if context.tenant.is_some() { Err(Rejection::RailOnly) } else { Ok(()) }
}

pub(super) fn find(state: &State, card: CardId, context: &Context) -> Result<Card, Rejection> {
    let known = state.cards.get(&card);
    let known = known.filter(|known| context.realm == Some(known.realm) && context.speaks_for(known.tenant));
    known.ok_or(Rejection::Unknown(card))
}

pub(super) fn check_money(known: &Card, amount: Money) -> Result<(), Rejection> {
    check_amount(amount)?;
    if amount.currency == known.currency { Ok(()) } else { Err(Rejection::WrongCurrency(known.currency)) }
}
