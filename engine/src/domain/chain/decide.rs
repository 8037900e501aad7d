//! What follows from a wish about a network.
//!
//! A chain is not asked. What it has done is refused here only where it cannot be told from nonsense: coins that the
//! network has not, an amount beyond counting, a place that is not ours, or a second report of what is known. Never for
//! want of coins, since the accounts of places are unguarded: a hot wallet that was filled from outside goes below
//! zero, and shows it. The one exception is a sweep, which is our own doing and comes after the deposits it collects.

use super::{
    AddressAssigned, ChainAddress, ChainHash, Command, Event, FeePaid, Moved, Output, Owner, Rejection,
    Swept, Told, check_platform,
};
use crate::{
    books::{Account, AccountKey, Entry, Expense, Label, Place, Realm, Shortfall},
    domain::{
        self, AddressId, Context, MerchantId, Sealed, amount::check_amount, deposit::Stage, party::party,
    },
    money::{Currency, Money},
    state::State,
};

type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    match command {
        Command::Assign { network, address, currency, owner, private } => {
            let place = (*network, address);
            assign(state, place, *currency, *owner, private.as_ref(), context)
        }
        Command::Sweep { network, address, amount, output } => {
            sweep(state, *network, *address, *amount, output, context)
        }
        Command::Move { network, from, to, amount, output } => {
            move_coins(state, *network, (*from, *to), *amount, output, context)
        }
        Command::PayFee { network, place, amount, transaction } => {
            pay_fee(state, *network, *place, *amount, transaction, context)
        }
    }
}

/// Whether `network` has such coins: its own, or a token that lives there; of `tenant` only, if one is given.
pub fn is_on(state: &State, network: Label, currency: Currency, tenant: Option<MerchantId>) -> bool {
    match currency {
        Currency::Ton => network == Label::TON,
        Currency::Usdt => network == Label::ETHEREUM,
        Currency::Token(_) => state.tokens.get(&currency).is_some_and(|terms| {
            terms.network == Some(network) && tenant.is_none_or(|tenant| tenant == terms.tenant)
        }),
        Currency::Usd | Currency::Jpy | Currency::SgpUsd | Currency::Krw | Currency::Eur | Currency::Twd => {
            false
        }
    }
}

/// The address at which coins arrived though it was given to nobody: ours, or its keys would not be watched.
pub fn found_unowned(
    state: &State,
    realm: Realm,
    network: Label,
    address: &ChainAddress,
    currency: Currency,
) -> (AddressId, domain::Event) {
    let (id, address) = (state.next_address(), address.clone());
    let found = AddressAssigned { id, realm, network, address, currency, owner: None, private: None };
    (id, Event::AddressAssigned(found).into())
}

fn assign(
    state: &State,
    (network, address): (Label, &ChainAddress),
    currency: Currency,
    owner: Owner,
    private: Option<&Sealed>,
    context: &Context,
) -> Decision {
    let (realm, tenant) = party(state, owner.holder(), context)?;
    if !is_on(state, network, currency, Some(tenant)) {
        return Err(Rejection::NotOn { currency, network });
    }
    if matches!(owner, Owner::Buys(_)) && currency != Currency::Usdt {
        return Err(Rejection::BuysNothing(currency));
    }
    let known = state.address_of.get(&(realm, network, address.clone()));
    let is_owned = |id| state.addresses.get(&id).is_some_and(|known| known.owner.is_some());
    if known.is_some_and(is_owned) {
        return Err(Rejection::Taken(address.clone()));
    }
    let id = known.unwrap_or_else(|| state.next_address());
    let (address, owner, private) = (address.clone(), Some(owner), private.cloned());
    let assigned = AddressAssigned { id, realm, network, address, currency, owner, private };
    Ok(vec![Event::AddressAssigned(assigned).into()])
}

fn sweep(
    state: &State,
    network: Label,
    address: AddressId,
    amount: Money,
    output: &Output,
    context: &Context,
) -> Decision {
    let realm = check_platform(state, context)?;
    let place = Place::Address(address);
    check_place(state, realm, network, place)?;
    check_coins(state, network, amount)?;
    check_untold(state, realm, network, output)?;
    check_there(state, realm, Account::Chain(network, place), amount)?;
    let entry = between(network, place, Place::Hot, amount);
    let output = output.clone();
    Ok(vec![Event::Swept(Swept { network, address, amount, output, entry }).into()])
}

/// Deposits are told before what is collected of them: more than they brought means that one is still missing, and
/// the sweep waits for it.
fn check_there(state: &State, realm: Realm, account: Account, amount: Money) -> Result<(), Shortfall> {
    let there = state.balance(realm, account, amount.currency);
    let shortfall_minor = amount.minor - there.minor;
    let account = AccountKey { realm, account, currency: amount.currency };
    if shortfall_minor > 0 { Err(Shortfall { account, shortfall_minor }) } else { Ok(()) }
}

fn move_coins(
    state: &State,
    network: Label,
    (from, to): (Place, Place),
    amount: Money,
    output: &Output,
    context: &Context,
) -> Decision {
    let realm = check_platform(state, context)?;
    match (from, to) {
        // Jettons leave an address only with coins for the fee on it.
        (Place::Hot, Place::Address(_)) => check_place(state, realm, network, to)?,
        (Place::Hot, Place::Cold) | (Place::Cold, Place::Hot) => {}
        // What leaves an address is swept.
        (Place::Address(_), _)
        | (Place::Cold, Place::Address(_))
        | (Place::Hot, Place::Hot)
        | (Place::Cold, Place::Cold) => return Err(Rejection::NoSuchMove { from, to }),
    }
    check_coins(state, network, amount)?;
    check_untold(state, realm, network, output)?;
    check_no_deposit(state, realm, network, to, output)?;
    let entry = between(network, from, to, amount);
    let output = output.clone();
    Ok(vec![Event::Moved(Moved { network, from, to, amount, output, entry }).into()])
}

fn pay_fee(
    state: &State,
    network: Label,
    place: Place,
    amount: Money,
    transaction: &ChainHash,
    context: &Context,
) -> Decision {
    let realm = check_platform(state, context)?;
    check_place(state, realm, network, place)?;
    check_coins(state, network, amount)?;
    let transaction = transaction.clone();
    let is_told = |told| state.told.get(&(realm, network, told)).is_some();
    if is_told(Told::Fee(transaction.clone())) || is_told(Told::FeePart(transaction.clone())) {
        return Err(Rejection::KnownFee(transaction));
    }
    let entry = Entry::write()
        .debit(Account::Expense(Expense::NetworkFee), amount)
        .credit(Account::Chain(network, place), amount)
        .close();
    Ok(vec![Event::FeePaid(FeePaid { network, place, amount, transaction, entry }).into()])
}

fn check_place(state: &State, realm: Realm, network: Label, place: Place) -> Result<(), Rejection> {
    match place {
        Place::Hot | Place::Cold => Ok(()),
        Place::Address(id) => {
            let known = state.addresses.get(&id);
            let is_here = known.is_some_and(|known| known.realm == realm && known.network == network);
            if is_here { Ok(()) } else { Err(Rejection::UnknownAddress { id, network }) }
        }
    }
}

fn check_coins(state: &State, network: Label, amount: Money) -> Result<(), Rejection> {
    check_amount(amount)?;
    let currency = amount.currency;
    if is_on(state, network, currency, None) { Ok(()) } else { Err(Rejection::NotOn { currency, network }) }
}

fn check_untold(state: &State, realm: Realm, network: Label, output: &Output) -> Result<(), Rejection> {
    let told = state.told.get(&(realm, network, Told::Moved(output.clone())));
    if told.is_some() { Err(Rejection::Known(output.clone())) } else { Ok(()) }
}

/// What was taken for a deposit has an owner, until the operator has it taken back.
fn check_no_deposit(
    state: &State,
    realm: Realm,
    network: Label,
    to: Place,
    output: &Output,
) -> Result<(), Rejection> {
    let deposit = state.deposit_of.get(&(realm, network, output.clone()));
    let deposit = deposit.filter(|_| matches!(to, Place::Address(_)));
    let known = deposit.and_then(|deposit| state.deposits.get(&deposit));
    match known.is_some_and(|known| known.stage != Stage::Reorganised) {
        true => Err(Rejection::Known(output.clone())),
        false => Ok(()),
    }
}

fn between(network: Label, from: Place, to: Place, amount: Money) -> Entry {
    Entry::write()
        .debit(Account::Chain(network, to), amount)
        .credit(Account::Chain(network, from), amount)
        .close()
}
