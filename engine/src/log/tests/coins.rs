//! One event of every kind about coins on chains, with every optional part there.

use super::*;
use crate::domain::{chain, withdrawal};

/// What places on chains, deposits and withdrawals can tell.
pub(super) fn samples() -> Vec<Event> {
    let (places, arriving, leaving) = (places(), arriving(), leaving());
    let arrived = arriving.into_iter().map(Event::from);
    places.into_iter().map(Event::from).chain(arrived).chain(leaving.into_iter().map(Event::from)).collect()
}

fn usdt(minor: i128) -> Money {
    Money::new(minor, Currency::Usdt)
}

fn chain_hash(byte: u8) -> chain::ChainHash {
    vec![byte; 32].try_into().unwrap()
}

fn output(transaction: u8, index: u32) -> chain::Output {
    chain::Output { transaction: chain_hash(transaction), index }
}

fn sealed(subject: Subject) -> Sealed {
    Sealed { subject, bytes: (0..48).collect() }
}

/// A network, a deposit address on it, and its hot wallet.
const NETWORK: Label = Label::ETHEREUM;
const ADDRESS: Account = Account::Chain(NETWORK, Place::Address(AddressId(3)));
const HOT: Account = Account::Chain(NETWORK, Place::Hot);

fn both(debit: Account, credit: Account, amount: Money) -> Entry {
    Entry::write().debit(debit, amount).credit(credit, amount).close()
}

/// What places on chains can tell.
fn places() -> [chain::Event; 4] {
    let (network, address, amount) = (NETWORK, AddressId(3), usdt(5_000_000));
    let cold = Account::Chain(network, Place::Cold);
    [
        chain::Event::AddressAssigned(chain::AddressAssigned {
            id: address,
            realm: Realm::Test(SHOP),
            network,
            address: "0x07fd8aba".parse().unwrap(),
            currency: Currency::Usdt,
            owner: Some(chain::Owner::Buys(UserId(5))),
            private: Some(sealed(Subject::Customer(Digest([0xD5; 32])))),
        }),
        chain::Event::Swept(chain::Swept {
            network,
            address,
            amount,
            output: output(0xE1, 0),
            entry: both(HOT, ADDRESS, amount),
        }),
        chain::Event::Moved(chain::Moved {
            network,
            from: Place::Hot,
            to: Place::Cold,
            amount,
            output: output(0xE2, 1),
            entry: both(cold, HOT, amount),
        }),
        chain::Event::FeePaid(chain::FeePaid {
            network,
            place: Place::Hot,
            amount,
            transaction: chain_hash(0xE3),
            entry: both(Account::Expense(Expense::NetworkFee), HOT, amount),
        }),
    ]
}

/// What deposits can tell.
fn arriving() -> [deposit::Event; 6] {
    let (deposit, amount) = (DepositId(8), usdt(10_505_000));
    let (wallet, owner) = (Account::Wallet(Holder::User(UserId(5))), chain::Owner::Buys(UserId(5)));
    let purchase = deposit::Purchase::of(amount).unwrap();
    let granted = Entry::write()
        .debit(ADDRESS, amount)
        .credit(Account::Exchange, purchase.cost)
        .credit(Account::Income(Income::ExchangeFee), purchase.fee)
        .credit(Account::Income(Income::Rounding), purchase.rest)
        .close();
    let unowned = Account::Unowned(NETWORK);
    [
        deposit::Event::Reported(deposit::Reported {
            deposit,
            realm: Realm::Test(SHOP),
            network: NETWORK,
            output: output(0xF1, 300),
            address: AddressId(3),
            amount,
            private: Some(sealed(Subject::User(UserId(5)))),
        }),
        deposit::Event::Confirmed(deposit::Confirmed {
            deposit,
            block: chain::Block { number: 20_000_000, at: AT },
            owner: Some(chain::Owner::Keeps(chain::Custody::Wallet(Holder::User(UserId(5))))),
            entry: both(ADDRESS, wallet, amount),
        }),
        deposit::Event::Granted(deposit::Granted {
            deposit,
            holder: UserId(5),
            lot: 3,
            purchase,
            entry: granted,
        }),
        deposit::Event::Skipped(deposit::Skipped {
            deposit,
            reason: deposit::SkipReason::TooManyLots,
            entry: both(ADDRESS, wallet, amount),
        }),
        deposit::Event::Assigned(deposit::Assigned { deposit, owner, entry: both(unowned, wallet, amount) }),
        deposit::Event::Reorganised(deposit::Reorganised {
            deposit,
            entry: both(Account::UserReceivable(UserId(5)), ADDRESS, amount),
        }),
    ]
}

/// What withdrawals can tell.
fn leaving() -> [withdrawal::Event; 6] {
    let (withdrawal, network, amount) = (WithdrawalId(6), NETWORK, usdt(4_000_000));
    let (processor, held) = (Account::Processor(SHOP), Account::Withdrawal(withdrawal));
    let fee = usdt(20_000);
    let left = |from| {
        Entry::write()
            .debit(from, amount)
            .credit(HOT, amount)
            .debit(Account::Expense(Expense::NetworkFee), fee)
            .credit(HOT, fee)
            .close()
    };
    [
        withdrawal::Event::Requested(withdrawal::Requested {
            withdrawal,
            realm: Realm::Test(SHOP),
            tenant: SHOP,
            from: chain::Custody::Processor(SHOP),
            network,
            amount,
            query: Some(Digest([0xA7; 32])),
            destination: sealed(Subject::Customer(Digest([0xD5; 32]))),
            entry: both(processor, held, amount),
        }),
        withdrawal::Event::Sent(withdrawal::Sent {
            withdrawal,
            message: chain_hash(0xB1),
            expires_at: AT + Span::seconds(50),
        }),
        withdrawal::Event::Expired(withdrawal::Expired { withdrawal }),
        withdrawal::Event::Processed(withdrawal::Processed {
            withdrawal,
            network,
            output: output(0xB2, 4),
            fee: Some(fee),
            entry: left(held),
        }),
        withdrawal::Event::Failed(withdrawal::Failed {
            withdrawal,
            transaction: Some(chain_hash(0xB3)),
            entry: both(held, processor, amount),
        }),
        withdrawal::Event::SentAnyway(withdrawal::SentAnyway {
            withdrawal,
            network,
            output: output(0xB4, 0),
            fee: Some(fee),
            entry: left(processor),
        }),
    ]
}
