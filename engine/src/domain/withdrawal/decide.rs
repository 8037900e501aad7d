//! What follows from a wish about a withdrawal, and from its message's age.
//!
//! Asking for one may be refused for any good reason. That coins have left is a fact, and is booked in every stage: in
//! time, after the message was thought to have expired, a second time, or after they were given back. Then the holder,
//! who chose where they went, has had them twice, and owes what is not there any more.

use super::{
    Action, Command, Event, Expired, Failed, Processed, Rejection, Request, Requested, Sent, SentAnyway,
    Withdrawal,
};
use crate::{
    books::{Account, Draft, Entry, Expense, Label, Place, Realm},
    domain::{
        self, AMOUNT_MINOR_MAX, Context, MerchantId, Span, Timestamp, WithdrawalId,
        amount::check_amount,
        chain::{ChainHash, Output, Told, check_platform, is_on},
        party::party,
    },
    money::{Currency, Money},
    state::State,
};

/// How long a message may hold a withdrawal. TON's live for a minute; Ethereum's wait for a lower price of gas.
pub const MESSAGE_LIFE_MAX: Span = Span::days(7);

type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    let find = |withdrawal| find(state, withdrawal, context);
    match command {
        Command::Request(wish) => request(state, wish, context),
        Command::Send { withdrawal, message, expires_at } => {
            send(*withdrawal, &find(*withdrawal)?, message, *expires_at, context.now)
        }
        Command::Process { withdrawal, output, fee } => {
            process(state, *withdrawal, &find(*withdrawal)?, output, *fee)
        }
        Command::Fail { withdrawal, message, transaction } => {
            let known = find(*withdrawal)?;
            known.check(Action::Fail)?;
            if known.message.as_ref().is_none_or(|last| last.hash != *message) {
                return Err(Rejection::OtherMessage);
            }
            give_back(state, *withdrawal, &known, Some(transaction.clone()))
        }
        Command::GiveUp { withdrawal } => {
            let known = find(*withdrawal)?;
            known.check(Action::GiveUp)?;
            give_back(state, *withdrawal, &known, None)
        }
    }
}

/// Decides what follows when a message has expired: its withdrawal can go into another one.
///
/// # Panics
/// If it is in no message: the due time is struck out with what ends it.
pub fn expire(state: &State, withdrawal: WithdrawalId) -> Vec<domain::Event> {
    let known = state.withdrawals.get(&withdrawal).expect("what expires was asked for");
    let is_in_message = known.check(Action::Expire).is_ok();
    assert!(is_in_message, "an expiry is struck out when the withdrawal leaves its message");
    vec![Event::Expired(Expired { withdrawal }).into()]
}

fn find(state: &State, withdrawal: WithdrawalId, context: &Context) -> Result<Withdrawal, Rejection> {
    let realm = check_platform(state, context)?;
    let known = state.withdrawals.get(&withdrawal).filter(|known| known.realm == realm);
    known.ok_or(Rejection::Unknown(withdrawal))
}

fn request(state: &State, wish: &Request, context: &Context) -> Decision {
    let &Request { from, network, amount, query, ref destination } = wish;
    let (realm, tenant) = party(state, from.holder(), context)?;
    check_amount(amount)?;
    check_currency(state, network, amount.currency, tenant)?;
    let used = query.and_then(|query| state.withdrawal_of.get(&(realm, tenant, query)));
    if let Some(used) = used {
        return Err(Rejection::QueryUsed(used));
    }
    let withdrawal = state.next_withdrawal();
    let entry =
        Entry::write().debit(from.account(), amount).credit(Account::Withdrawal(withdrawal), amount).close();
    state.check_guards(realm, &entry)?;
    let destination = destination.clone();
    let requested = Requested { withdrawal, realm, tenant, from, network, amount, query, destination, entry };
    Ok(vec![Event::Requested(requested).into()])
}

fn check_currency(
    state: &State,
    network: Label,
    currency: Currency,
    tenant: MerchantId,
) -> Result<(), Rejection> {
    match currency {
        Currency::SgpUsd => return Err(Rejection::PointsNotRedeemableForCash),
        Currency::Usd | Currency::Jpy | Currency::Krw | Currency::Eur | Currency::Twd => {
            return Err(Rejection::NoChain(currency));
        }
        Currency::Token(_) => {
            let terms = state.tokens.get(&currency).filter(|terms| terms.tenant == tenant);
            if terms.ok_or(Rejection::UnknownToken(currency))?.network.is_none() {
                return Err(Rejection::NotCashedOut(currency));
            }
        }
        Currency::Usdt | Currency::Ton => {}
    }
    if is_on(state, network, currency, None) { Ok(()) } else { Err(Rejection::NotOn { currency, network }) }
}

fn send(
    withdrawal: WithdrawalId,
    known: &Withdrawal,
    message: &ChainHash,
    expires_at: Timestamp,
    now: Timestamp,
) -> Decision {
    known.check(Action::Send)?;
    let latest = now + MESSAGE_LIFE_MAX;
    if expires_at <= now || expires_at > latest {
        return Err(Rejection::Expiry { latest });
    }
    Ok(vec![Event::Sent(Sent { withdrawal, message: message.clone(), expires_at }).into()])
}

/// Whatever was thought of it before: the coins are gone.
fn process(
    state: &State,
    withdrawal: WithdrawalId,
    known: &Withdrawal,
    output: &Output,
    fee: Option<Money>,
) -> Decision {
    let &Withdrawal { realm, network, from, amount, .. } = known;
    if state.told.get(&(realm, network, Told::Moved(output.clone()))).is_some() {
        return Err(Rejection::Known(output.clone()));
    }
    check_fee(state, network, fee)?;
    check_fee_untold(state, (realm, network), &output.transaction, fee)?;
    let output = output.clone();
    let event = if Action::Process.is_allowed(known.stage) {
        let entry = Entry::write().debit(Account::Withdrawal(withdrawal), amount);
        let entry = left(network, amount, fee, entry);
        Event::Processed(Processed { withdrawal, network, output, fee, entry })
    } else {
        known.check(Action::SendAnyway)?;
        let entry = from.take(state, realm, amount, Entry::write())?;
        let entry = left(network, amount, fee, entry);
        Event::SentAnyway(SentAnyway { withdrawal, network, output, fee, entry })
    };
    Ok(vec![event.into()])
}

fn check_fee(state: &State, network: Label, fee: Option<Money>) -> Result<(), Rejection> {
    let can_be =
        |fee: Money| (0..=AMOUNT_MINOR_MAX).contains(&fee.minor) && is_on(state, network, fee.currency, None);
    if fee.is_none_or(can_be) { Ok(()) } else { Err(Rejection::Fee(network)) }
}

/// What was told by itself was all of it.
fn check_fee_untold(
    state: &State,
    (realm, network): (Realm, Label),
    transaction: &ChainHash,
    fee: Option<Money>,
) -> Result<(), Rejection> {
    let told = state.told.get(&(realm, network, Told::Fee(transaction.clone()))).is_some();
    let is_again = told && fee.is_some_and(|fee| !fee.is_zero());
    if is_again { Err(Rejection::KnownFee(transaction.clone())) } else { Ok(()) }
}

/// Cr chain hot, the coins and the fee.
fn left(network: Label, amount: Money, fee: Option<Money>, entry: Draft) -> Entry {
    let hot = Account::Chain(network, Place::Hot);
    let entry = entry.credit(hot, amount);
    match fee {
        Some(fee) => entry.debit(Account::Expense(Expense::NetworkFee), fee).credit(hot, fee),
        None => entry,
    }
    .close()
}

/// As with any credit, what the holder owes by now is cleared before anything is kept.
fn give_back(
    state: &State,
    withdrawal: WithdrawalId,
    known: &Withdrawal,
    transaction: Option<ChainHash>,
) -> Decision {
    let entry = Entry::write().debit(Account::Withdrawal(withdrawal), known.amount);
    let entry = known.from.credit(state, known.realm, known.amount, entry)?.close();
    Ok(vec![Event::Failed(Failed { withdrawal, transaction, entry }).into()])
}
