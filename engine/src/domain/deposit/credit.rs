//! Where coins go once they are there, and where they are taken from when they are not.

use super::{
    Assigned, Confirmed, Deposit, Event, Granted, Purchase, Rejection, Reorganised, SkipReason, Skipped,
    Stage, decide::Decision,
};
use crate::{
    books::{Account, Entry, Holder, Income, Realm},
    domain::{
        self, Context, DepositId, MerchantId, UserId,
        chain::{Block, Owner},
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
        None => (nobodys(known), None),
        Some(owner) => credit(state, deposit, known, owner, known.place(), context)?,
    };
    let confirmed = Confirmed { deposit, block, owner, entry };
    Ok(std::iter::once(Event::Confirmed(confirmed).into()).chain(bought.into_iter().flatten()).collect())
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
    if !is_of(state, known.amount.currency, tenant) {
        return Err(Rejection::UnknownToken(known.amount.currency));
    }
    let suspense = Account::Unowned(known.network);
    let (entry, bought) = credit(state, deposit, known, owner, suspense, context)?;
    let assigned = Assigned { deposit, owner, entry };
    Ok(std::iter::once(Event::Assigned(assigned).into()).chain(bought.into_iter().flatten()).collect())
}

/// Takes back what was credited: it was never there.
///
/// Of a purchase, what is left of its lot goes back to what it cost, with fee and rest: nobody has bought that. What
/// of the lot is gone, spent or lapsed, cannot come back: like any other credit that is gone, its price is taken from
/// the wallet, and what is not there is owed.
pub(super) fn reorganise(state: &State, deposit: DepositId, known: &Deposit) -> Decision {
    let (realm, amount) = (known.realm, known.amount);
    let mut taken_back = None;
    let entry = match (known.stage, known.owner) {
        // Nothing was credited; of what is taken back already nobody gets here.
        (Stage::Pending | Stage::Reorganised, _) => Entry::default(),
        (Stage::Unowned, _) | (_, None) => Entry::write()
            .debit(Account::Unowned(known.network), amount)
            .credit(known.place(), amount)
            .close(),
        (Stage::Confirmed | Stage::Skipped | Stage::Granted, Some(owner)) => {
            let (mut entry, mut gone) = (Entry::write(), amount);
            if let (Some((lot, purchase)), Owner::Buys(user)) = (known.bought, owner) {
                let purpose = points::Purpose::TakenBack(deposit);
                taken_back = points::take_back(state, realm, user, lot, purpose);
                let left = taken_back.as_ref().map_or(Money::zero(Currency::SgpUsd), |(left, _)| *left);
                let unspent = Purchase::cost_of(left);
                gone = amount.minus(unspent)?.minus(purchase.fee)?.minus(purchase.rest)?;
                entry = entry
                    .debit(Account::Exchange, unspent)
                    .debit(Account::Income(Income::ExchangeFee), purchase.fee)
                    .debit(Account::Income(Income::Rounding), purchase.rest);
            }
            owner.custody().take(state, realm, gone, entry)?.credit(known.place(), amount).close()
        }
    };
    let mut events = vec![Event::Reorganised(Reorganised { deposit, entry }).into()];
    events.extend(taken_back.map(|(_, event)| event));
    Ok(events)
}

/// Whoever was found out, or has the address: as long as the coins can be theirs. A token stays with its tenant.
fn owner_of(state: &State, known: &Deposit) -> Option<Owner> {
    let has_address = || state.addresses.get(&known.address).and_then(|address| address.owner);
    let owner = known.owner.or_else(has_address)?;
    let tenant = match owner.holder() {
        Holder::Merchant(merchant) => merchant,
        Holder::User(user) => state.users.get(&user)?.tenant,
    };
    is_of(state, known.amount.currency, tenant).then_some(owner)
}

/// Whether holders of `tenant` can have such coins.
fn is_of(state: &State, currency: Currency, tenant: MerchantId) -> bool {
    match currency {
        Currency::Token(_) => state.tokens.get(&currency).is_some_and(|terms| terms.tenant == tenant),
        Currency::Usd
        | Currency::Jpy
        | Currency::SgpUsd
        | Currency::Krw
        | Currency::Eur
        | Currency::Twd
        | Currency::Usdt
        | Currency::Ton => true,
    }
}

fn nobodys(known: &Deposit) -> Entry {
    Entry::write()
        .debit(known.place(), known.amount)
        .credit(Account::Unowned(known.network), known.amount)
        .close()
}

/// What follows a purchase: that it was granted with its points, or skipped.
type Bought = Option<Vec<domain::Event>>;

/// Credits all of a deposit to `owner`, out of `source`; or lets it buy points, and then the entry is in what follows.
fn credit(
    state: &State,
    deposit: DepositId,
    known: &Deposit,
    owner: Owner,
    source: Account,
    context: &Context,
) -> Result<(Entry, Bought), MoneyError> {
    match owner {
        Owner::Buys(user) if known.amount.currency == Currency::Usdt => {
            let buyer = Buyer { user, source };
            Ok((Entry::default(), Some(buy(state, deposit, known, buyer, context)?)))
        }
        Owner::Keeps(_) | Owner::Buys(_) => Ok((keep(state, known, owner, source)?, None)),
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
