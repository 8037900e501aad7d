//! Deposits and withdrawals that say what is not so.

use super::{settlements::commits, *};
use crate::{
    books::{Expense, Place},
    domain::{
        AddressId, DepositId, WithdrawalId,
        chain::{self, Block, Custody, Owner},
        deposit::{self, Purchase},
        withdrawal,
    },
    samples::{chain_hash, output, sealed},
};

const WALLET: Account = Account::Wallet(Holder::User(HOLDER));
const ADDRESS: Account = Account::Chain(Label::ETHEREUM, Place::Address(AddressId(1)));
const SUSPENSE: Account = Account::Unowned(Label::ETHEREUM);
const HELD: Account = Account::Withdrawal(WithdrawalId(1));
const HOT: Account = Account::Chain(Label::ETHEREUM, Place::Hot);
const KEEPS: Owner = Owner::Keeps(Custody::Wallet(Holder::User(HOLDER)));

fn usdt(minor: i128) -> Money {
    Money::new(minor, Currency::Usdt)
}

fn both(debit: Account, credit: Account, minor: i128) -> Entry {
    Entry::write().debit(debit, usdt(minor)).credit(credit, usdt(minor)).close()
}

/// The `number`th deposit, of 500 at the output `at`.
fn reported_as(number: u32, at: u64) -> Event {
    deposit::Event::Reported(deposit::Reported {
        deposit: DepositId(number),
        realm: HERE,
        network: Label::ETHEREUM,
        output: output(at),
        address: AddressId(1),
        amount: usdt(500),
        private: None,
    })
    .into()
}

fn reported() -> Event {
    reported_as(1, 1)
}

fn confirmed(owner: Option<Owner>, entry: Entry) -> Event {
    let (deposit, block) = (DepositId(1), Block { number: 1, at: START });
    deposit::Event::Confirmed(deposit::Confirmed { deposit, block, owner, entry }).into()
}

fn kept(minor: i128) -> Event {
    confirmed(Some(KEEPS), both(ADDRESS, WALLET, minor))
}

fn nobodys() -> Event {
    confirmed(None, both(ADDRESS, SUSPENSE, 500))
}

fn assigned(owner: Owner, entry: Entry) -> Event {
    deposit::Event::Assigned(deposit::Assigned { deposit: DepositId(1), owner, entry }).into()
}

fn skipped(from: Account) -> Event {
    let (deposit, reason) = (DepositId(1), deposit::SkipReason::UnderACent);
    deposit::Event::Skipped(deposit::Skipped { deposit, reason, entry: both(from, WALLET, 500) }).into()
}

fn granted() -> Event {
    let (deposit, purchase) = (DepositId(1), Purchase::of(usdt(500)).unwrap());
    let entry = both(ADDRESS, Account::Exchange, 500);
    deposit::Event::Granted(deposit::Granted { deposit, holder: HOLDER, lot: 1, purchase, entry }).into()
}

fn reorganised(entry: Entry) -> Event {
    deposit::Event::Reorganised(deposit::Reorganised { deposit: DepositId(1), entry }).into()
}

fn check_events(events: impl IntoIterator<Item = Event>, then: Expect) {
    check(&commits(events.into_iter().map(|event| (0, event))), then);
}

#[test]
fn deposits_that_are_credited_once_break_nothing() {
    let back = || reorganised(both(WALLET, ADDRESS, 500));
    check_events([reported(), kept(500), back(), kept(500)], expect![[""]]);
    check_events([reported(), reorganised(Entry::default()), kept(500)], expect![[""]]);
    check_events(
        [reported(), nobodys(), reorganised(both(SUSPENSE, ADDRESS, 500)), nobodys()],
        expect![[""]],
    );
    check_events(
        [reported(), nobodys(), assigned(KEEPS, both(SUSPENSE, WALLET, 500)), back()],
        expect![[""]],
    );
    let buys = || confirmed(Some(Owner::Buys(HOLDER)), Entry::default());
    check_events([reported(), buys(), skipped(ADDRESS), back(), buys(), granted()], expect![[""]]);
    let assigned = assigned(Owner::Buys(HOLDER), Entry::default());
    check_events([reported(), nobodys(), assigned, skipped(SUSPENSE)], expect![[""]]);
}

#[test]
fn a_deposit_that_is_credited_twice_is_found() {
    check_events(
        [reported(), reported_as(2, 1)],
        expect![[r#"
            every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 2, 0000000000000000000000000000000000000000000000000000000000000001:0 is a deposit already
        "#]],
    );
    check_events(
        [reported(), kept(500), kept(500)],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 3, deposit 1 is credited twice
    "#]],
    );
    check_events(
        [reported(), kept(400)],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 2, deposit 1 brought 0.000400 to chain:ethereum:address-1 where it had 0.000500 to bring
    "#]],
    );
    check_events(
        [kept(500)],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 1, deposit 1 was never reported
    "#]],
    );
    check_events(
        [reported(), kept(500), reorganised(both(WALLET, ADDRESS, 400))],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 3, deposit 1 brought -0.000400 to chain:ethereum:address-1 where it had -0.000500 to bring
    "#]],
    );
    check_events(
        [reported(), reorganised(both(WALLET, ADDRESS, 500))],
        expect![[r#"
        no guarded account was ever beyond its guard: at 2, test-1/wallet:user-1/USDT at -500
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 2, deposit 1 brought -0.000500 to chain:ethereum:address-1 where it had 0.000000 to bring
    "#]],
    );
    check_events(
        [reported(), kept(500), skipped(ADDRESS)],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 3, deposit 1 did not buy anything
    "#]],
    );
}

#[test]
fn a_purchase_that_came_to_nothing_anybody_knows_of_is_found() {
    let buys = || confirmed(Some(Owner::Buys(HOLDER)), Entry::default());
    check_events(
        [reported(), buys()],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 2, deposit 1 bought something, and it is not said what
    "#]],
    );
    check_events(
        [reported(), buys(), reported_as(2, 2), granted()],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 3, deposit 1 bought something, and it is not said what
    "#]],
    );
}

#[test]
fn coins_of_nobodys_that_are_not_what_deposits_say_are_found() {
    check_events(
        [reported(), confirmed(None, both(ADDRESS, WALLET, 500))],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 2, test-1/suspense:ethereum/USDT is at 0, its deposits say 500
    "#]],
    );
    check_events(
        [reported(), kept(500), assigned(KEEPS, both(WALLET, WALLET, 500))],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 3, deposit 1 is somebody's
    "#]],
    );
    check_events(
        [reported(), nobodys(), assigned(KEEPS, both(SUSPENSE, WALLET, 400))],
        expect![[r#"
        every output of a chain is one deposit, credited once, and unowned coins are what deposits say: at 3, test-1/suspense:ethereum/USDT is at 100, its deposits say 0
    "#]],
    );
}

fn requested(posted: i128) -> Event {
    let (withdrawal, from) = (WithdrawalId(1), Custody::Wallet(Holder::User(HOLDER)));
    withdrawal::Event::Requested(withdrawal::Requested {
        withdrawal,
        realm: HERE,
        tenant: MerchantId(1),
        from,
        network: Label::ETHEREUM,
        amount: usdt(500),
        query: None,
        destination: sealed(1),
        entry: both(WALLET, HELD, posted),
    })
    .into()
}

fn sent() -> Event {
    let (withdrawal, expires_at) = (WithdrawalId(1), START + Span::hours(1));
    withdrawal::Event::Sent(withdrawal::Sent { withdrawal, message: chain_hash(1), expires_at }).into()
}

fn processed(posted: i128) -> Event {
    processed_for(posted, None)
}

fn processed_for(posted: i128, fee: Option<Money>) -> Event {
    let (withdrawal, network) = (WithdrawalId(1), Label::ETHEREUM);
    let (output, entry) = (output(9), both(HELD, HOT, posted));
    withdrawal::Event::Processed(withdrawal::Processed { withdrawal, network, output, fee, entry }).into()
}

fn failed() -> Event {
    let (withdrawal, transaction) = (WithdrawalId(1), None);
    let entry = both(HELD, WALLET, 500);
    withdrawal::Event::Failed(withdrawal::Failed { withdrawal, transaction, entry }).into()
}

fn sent_anyway(from: Account) -> Event {
    let (withdrawal, network) = (WithdrawalId(1), Label::ETHEREUM);
    let (output, entry) = (output(8), both(from, HOT, 500));
    withdrawal::Event::SentAnyway(withdrawal::SentAnyway { withdrawal, network, output, fee: None, entry })
        .into()
}

/// After 2,000 arrived in the wallet.
fn check_withdrawal(events: impl IntoIterator<Item = Event>, then: Expect) {
    let holder = Holder::User(HOLDER);
    let entry = both(Account::Rail(Label::SANDBOX), WALLET, 2_000);
    let credited = wallet::Credited { realm: HERE, holder, amount: usdt(2_000), entry };
    check_events(std::iter::once(wallet::Event::Credited(credited).into()).chain(events), then);
}

#[test]
fn withdrawals_that_leave_or_come_back_once_break_nothing() {
    check_withdrawal([requested(500), sent(), processed(500), sent_anyway(WALLET)], expect![[""]]);
    check_withdrawal([requested(500), failed(), sent_anyway(WALLET)], expect![[""]]);
}

#[test]
fn a_withdrawal_account_that_is_not_what_its_withdrawal_says_is_found() {
    check_withdrawal(
        [requested(400)],
        expect![[r#"
        withdrawal accounts hold what their withdrawals say: at 2, test-1/withdrawal:1/USDT is at 400, its withdrawal says 500
    "#]],
    );
    check_withdrawal(
        [requested(500), processed(400)],
        expect![[r#"
        withdrawal accounts hold what their withdrawals say: at 3, test-1/withdrawal:1/USDT is at 100, its withdrawal says 0
    "#]],
    );
    check_withdrawal(
        [requested(500), processed(500), failed()],
        expect![[r#"
        no guarded account was ever beyond its guard: at 4, test-1/withdrawal:1/USDT at -500
        withdrawal accounts hold what their withdrawals say: at 4, withdrawal 1 is not where this can happen to it
    "#]],
    );
    check_withdrawal(
        [requested(500), sent_anyway(WALLET)],
        expect![[r#"
        withdrawal accounts hold what their withdrawals say: at 3, withdrawal 1 is not where this can happen to it
    "#]],
    );
    check_withdrawal(
        [requested(500), failed(), sent()],
        expect![[r#"
        withdrawal accounts hold what their withdrawals say: at 4, withdrawal 1 is not where this can happen to it
    "#]],
    );
    check_withdrawal(
        [sent()],
        expect![[r#"
        withdrawal accounts hold what their withdrawals say: at 2, withdrawal 1 is not where this can happen to it
    "#]],
    );
}

fn moved(to: Place, at: u64) -> Event {
    let (network, from, amount, output) = (Label::ETHEREUM, Place::Hot, usdt(500), output(at));
    let entry = both(Account::Chain(network, to), HOT, 500);
    chain::Event::Moved(chain::Moved { network, from, to, amount, output, entry }).into()
}

fn fee_paid(at: u64) -> Event {
    let (network, place, amount, transaction) = (Label::ETHEREUM, Place::Hot, usdt(7), chain_hash(at));
    let entry = both(Account::Expense(Expense::NetworkFee), HOT, 7);
    chain::Event::FeePaid(chain::FeePaid { network, place, amount, transaction, entry }).into()
}

#[test]
fn a_movement_or_a_fee_that_is_booked_twice_is_found() {
    let there = Place::Address(AddressId(1));
    check_withdrawal([requested(500), processed_for(500, Some(usdt(7)))], expect![""]);
    check_events(
        [moved(there, 1), moved(Place::Cold, 2), fee_paid(1), fee_paid(2), reported_as(1, 2)],
        expect![""],
    );
    check_events(
        [moved(there, 1), moved(there, 1)],
        expect![[r#"
        every movement of our coins is booked once, as no deposit, and so is every fee of a chain: at 2, the movement 0000000000000000000000000000000000000000000000000000000000000001:0 is booked twice
    "#]],
    );
    check_events(
        [moved(there, 1), reported_as(1, 1)],
        expect![[r#"
        every movement of our coins is booked once, as no deposit, and so is every fee of a chain: at 2, 0000000000000000000000000000000000000000000000000000000000000001:0 was moved by us, and is a deposit
    "#]],
    );
    check_events(
        [fee_paid(1), fee_paid(1)],
        expect![[r#"
        every movement of our coins is booked once, as no deposit, and so is every fee of a chain: at 2, the fee of 0000000000000000000000000000000000000000000000000000000000000001 is booked twice
    "#]],
    );
    check_withdrawal(
        [requested(500), processed_for(500, Some(usdt(7))), fee_paid(9)],
        expect![[r#"
        every movement of our coins is booked once, as no deposit, and so is every fee of a chain: at 4, the fee of 0000000000000000000000000000000000000000000000000000000000000009 is booked twice
    "#]],
    );
    check_withdrawal(
        [requested(500), fee_paid(9), processed_for(500, Some(usdt(7)))],
        expect![[r#"
        every movement of our coins is booked once, as no deposit, and so is every fee of a chain: at 4, the fee of 0000000000000000000000000000000000000000000000000000000000000009 is booked twice
    "#]],
    );
    check_withdrawal(
        [requested(500), moved(Place::Cold, 9), processed(500)],
        expect![[r#"
        every movement of our coins is booked once, as no deposit, and so is every fee of a chain: at 4, the movement 0000000000000000000000000000000000000000000000000000000000000009:0 is booked twice
    "#]],
    );
}
