//! Where coins go once they are there, and where they are taken from when they are not.

use super::{
    Assigned, Confirmed, Deposit, Event, Granted, Purchase, Rejection, Reorganised, SkipReason, Skipped,
    Stage, decide::Decision,
};
use crate::{
    books::{Account, Entry, Holder, Income, Realm},
    domain::{
        self, Context, DepositId, UserId,
        chain::{Block, Owner, is_on},
        party::party,
        points,
    },
    money::{Currency, Money, MoneyError},
    state::State,
};

/// Credits a deposit to whoever its address belongs to by now, or to nobody.
pub(super) fn confirm(
    state: &State,
    deposit: DepositId,
    known: &Deposit,
    block: Block,
    context: &Context,
) -> Decision {
    let owner = owner_of(state, known);
    let (entry, bought) = match owner {
        None => (between(known.place(), Account::Unowned(known.network), known.amount), Vec::new()),
        Some(owner) => credit(state, deposit, known, owner, known.place(), context)?,
    };
    let mut events = vec![Event::Confirmed(Confirmed { deposit, block, owner, entry }).into()];
    events.extend(bought);
    Ok(events)
}

/// Credits coins that were nobody's.
pub(super) fn assign(
    state: &State,
    deposit: DepositId,
    known: &Deposit,
    owner: Owner,
    context: &Context,
) -> Decision {
    let (_, tenant) = party(state, owner.holder(), context)?;
    if !is_on(state, known.network, known.amount.currency, Some(tenant)) {
        return Err(Rejection::UnknownToken(known.amount.currency));
    }
    let (entry, bought) = credit(state, deposit, known, owner, Account::Unowned(known.network), context)?;
    let mut events = vec![Event::Assigned(Assigned { deposit, owner, entry }).into()];
    events.extend(bought);
    Ok(events)
}

/// Takes back what was credited: it was never there.
pub(super) fn reorganise(state: &State, deposit: DepositId, known: &Deposit) -> Decision {
    let (entry, points) = match (known.stage, known.owner) {
        // Nothing was credited; of what is taken back already nobody gets here.
        (Stage::Pending | Stage::Reorganised, _) => (Entry::default(), None),
        (Stage::Unowned, _) | (_, None) => {
            (between(Account::Unowned(known.network), known.place(), known.amount), None)
        }
        (Stage::Confirmed | Stage::Skipped | Stage::Granted, Some(owner)) => {
            take_back(state, deposit, known, owner)?
        }
    };
    let mut events = vec![Event::Reorganised(Reorganised { deposit, entry }).into()];
    events.extend(points);
    Ok(events)
}

/// Of a purchase, what is left of its lot goes back for what it cost, and with it fee and rest: nobody has bought that.
/// What is gone, spent or lapsed, cannot come back: like any other credit that is gone, its price is taken from the
/// wallet, and what is not there is owed.
fn take_back(
    state: &State,
    deposit: DepositId,
    known: &Deposit,
    owner: Owner,
) -> Result<(Entry, Option<domain::Event>), MoneyError> {
    let (mut entry, mut gone, mut points) = (Entry::write(), known.amount, None);
    if let (Some((lot, purchase)), Owner::Buys(user)) = (known.bought, owner) {
        let purpose = points::Purpose::TakenBack(deposit);
        let taken = points::take_back(state, known.realm, user, lot, purpose);
        let (left, event) =
            taken.map_or((Money::zero(Currency::SgpUsd), None), |(left, it)| (left, Some(it)));
        let unspent = Purchase::cost_of(left);
        gone = gone.minus(unspent)?.minus(purchase.fee)?.minus(purchase.rest)?;
        entry = entry
            .debit(Account::Exchange, unspent)
            .debit(Account::Income(Income::ExchangeFee), purchase.fee)
            .debit(Account::Income(Income::Rounding), purchase.rest);
        points = event;
    }
    let entry = owner.custody().take(state, known.realm, gone, entry)?;
    Ok((entry.credit(known.place(), known.amount).close(), points))
}

/// Whoever was found out, or has the address: as long as the coins can be theirs. A token stays with its tenant.
fn owner_of(state: &State, known: &Deposit) -> Option<Owner> {
    let has_address = || state.addresses.get(&known.address).and_then(|address| address.owner);
    let owner = known.owner.or_else(has_address)?;
    let tenant = match owner.holder() {
        Holder::Merchant(merchant) => merchant,
        Holder::User(user) => state.users.get(&user)?.tenant,
    };
    is_on(state, known.network, known.amount.currency, Some(tenant)).then_some(owner)
}

fn between(debit: Account, credit: Account, amount: Money) -> Entry {
    Entry::write().debit(debit, amount).credit(credit, amount).close()
}

/// Credits all of a deposit to `owner`, out of `source`. Or lets it buy points: then nothing is posted here, and the
/// events that follow say what it came to.
fn credit(
    state: &State,
    deposit: DepositId,
    known: &Deposit,
    owner: Owner,
    source: Account,
    context: &Context,
) -> Result<(Entry, Vec<domain::Event>), MoneyError> {
    match owner {
        Owner::Buys(user) if known.amount.currency == Currency::Usdt => {
            let buyer = Buyer { user, source };
            Ok((Entry::default(), buy(state, deposit, known, buyer, context)?))
        }
        Owner::Keeps(_) | Owner::Buys(_) => Ok((keep(state, known, owner, source)?, Vec::new())),
    }
}

fn keep(state: &State, known: &Deposit, owner: Owner, source: Account) -> Result<Entry, MoneyError> {
    let entry = Entry::write().debit(source, known.amount);
    Ok(owner.custody().credit(state, known.realm, known.amount, entry)?.close())
}

/// Who buys, and where the coins are debited.
#[derive(Clone, Copy)]
struct Buyer {
    user: UserId,
    source: Account,
}

/// What the buyer owes is cleared first, as with any credit; points are bought with the rest.
fn buy(
    state: &State,
    deposit: DepositId,
    known: &Deposit,
    buyer: Buyer,
    context: &Context,
) -> Result<Vec<domain::Event>, MoneyError> {
    let user = buyer.user;
    let receivable = Account::UserReceivable(user);
    let cleared = known.amount.at_most(state.balance(known.realm, receivable, known.amount.currency))?;
    let purchase = Purchase::of(known.amount.minus(cleared)?)?;
    match sell(state, deposit, known.realm, user, purchase.granted, context) {
        Ok((lot, issued)) => {
            let entry = paid(buyer.source, known.amount, receivable, cleared, &purchase);
            Ok(vec![Event::Granted(Granted { deposit, holder: user, lot, purchase, entry }).into(), issued])
        }
        Err(reason) => {
            let entry = keep(state, known, Owner::Buys(user), buyer.source)?;
            Ok(vec![Event::Skipped(Skipped { deposit, reason, entry }).into()])
        }
    }
}

/// The lot, and the event of its issue; or why there is none.
fn sell(
    state: &State,
    deposit: DepositId,
    realm: Realm,
    user: UserId,
    quantity: Money,
    context: &Context,
) -> Result<(u32, domain::Event), SkipReason> {
    if state.users.get(&user).is_some_and(|known| known.is_closed) {
        return Err(SkipReason::Closed);
    }
    if quantity.is_zero() {
        return Err(SkipReason::UnderACent);
    }
    let source = points::Source::Deposit(deposit);
    points::sell(state, realm, user, quantity, source, context).ok_or(SkipReason::TooManyLots)
}

/// The coins' half of a purchase; the points' half is in the event of their issue.
fn paid(source: Account, amount: Money, receivable: Account, cleared: Money, purchase: &Purchase) -> Entry {
    Entry::write()
        .debit(source, amount)
        .credit(receivable, cleared)
        .credit(Account::Exchange, purchase.cost)
        .credit(Account::Income(Income::ExchangeFee), purchase.fee)
        .credit(Account::Income(Income::Rounding), purchase.rest)
        .close()
}
