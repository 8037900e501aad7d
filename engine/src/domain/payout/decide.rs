//! What follows from a wish about a payout.

use super::{Action, Command, Confirmed, Event, Payout, Rejection, Returned, Sent, TRANSITIONS};
use crate::{
    books::{Account, Entry, Holder, Label},
    domain::{self, Context, MerchantId, PayoutId, amount::check_amount, party::party},
    money::{Currency, Money},
    state::State,
};

type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    match *command {
        Command::Send { merchant, amount, bank } => send(state, merchant, amount, bank, context),
        Command::Confirm { payout } => end(state, payout, Action::Confirm, context),
        Command::Return { payout } => end(state, payout, Action::Return, context),
    }
}

fn send(state: &State, merchant: MerchantId, amount: Money, bank: Label, context: &Context) -> Decision {
    let (realm, _) = party(state, Holder::Merchant(merchant), context)?;
    check_amount(amount)?;
    check_currency(amount.currency)?;
    let payout = state.next_payout();
    let entry = Entry::write()
        .debit(Account::MerchantAvailable(merchant), amount)
        .credit(Account::Payout(payout), amount)
        .close();
    state.check_guards(realm, &entry)?;
    Ok(vec![Event::Sent(Sent { payout, realm, merchant, amount, bank, entry }).into()])
}

/// Points are never turned into money, coins leave over their chain, and tokens not at all.
const fn check_currency(currency: Currency) -> Result<(), Rejection> {
    match currency {
        Currency::Usd | Currency::Jpy | Currency::Krw | Currency::Eur | Currency::Twd => Ok(()),
        Currency::SgpUsd | Currency::Usdt | Currency::Ton | Currency::Token(_) => {
            Err(Rejection::NotPaidOut(currency))
        }
    }
}

/// What the bank did with it.
fn end(state: &State, payout: PayoutId, action: Action, context: &Context) -> Decision {
    let known = state
        .payouts
        .get(&payout)
        .filter(|known| context.realm == Some(known.realm) && context.speaks_for(known.merchant));
    let known = known.ok_or(Rejection::Unknown(payout))?;
    let row = TRANSITIONS.iter().find(|row| row.action == action).expect("every action has a row");
    if known.stage != row.from {
        return Err(Rejection::NotAllowed { stage: known.stage, action });
    }
    Ok(vec![match action {
        Action::Confirm => confirmed(payout, &known),
        Action::Return => returned(state, payout, &known)?,
    }])
}

fn confirmed(payout: PayoutId, known: &Payout) -> domain::Event {
    let entry = Entry::write()
        .debit(Account::Payout(payout), known.amount)
        .credit(Account::Bank(known.bank), known.amount)
        .close();
    Event::Confirmed(Confirmed { payout, entry }).into()
}

/// As with a capture, what the merchant owes by now is cleared before anything is put aside for it.
fn returned(state: &State, payout: PayoutId, known: &Payout) -> Result<domain::Event, Rejection> {
    let (holder, available) = (Holder::Merchant(known.merchant), Account::MerchantAvailable(known.merchant));
    let entry = Entry::write().debit(Account::Payout(payout), known.amount);
    let entry = state.credit_to(known.realm, holder, available, known.amount, entry)?.close();
    Ok(Event::Returned(Returned { payout, entry }).into())
}
