//! Addresses and places on chains, as data.

use expect_test::expect;

use super::{Command, Custody, Owner};
use crate::{
    books::{Account, Holder, Label, Place, Realm},
    domain::{
        self, AMOUNT_MINOR_MAX, AddressId, DepositId, MerchantId, UserId, deposit,
        story::{HERE, SHOP, Story, ton, user},
        token,
    },
    money::{Currency, Money, Token},
    samples::{chain_address, chain_hash, output},
};

fn jetton(minor: i128) -> Money {
    Money::new(minor, Currency::Token(Token::new(1, 9).unwrap()))
}

fn keeps(holder: Holder) -> Owner {
    Owner::Keeps(Custody::Wallet(holder))
}

fn assign(number: u64, network: Label, currency: Currency, owner: Owner) -> domain::Command {
    let address = chain_address(number);
    domain::Command::Chain(Command::Assign { network, address, currency, owner, private: None })
}

fn sweep_as(number: u64, address: u32, amount: Money) -> domain::Command {
    let (address, output) = (AddressId(address), output(number));
    domain::Command::Chain(Command::Sweep { network: Label::TON, address, amount, output })
}

fn sweep(number: u64, amount: Money) -> domain::Command {
    sweep_as(number, 1, amount)
}

fn move_coins(number: u64, from: Place, to: Place, amount: Money) -> domain::Command {
    domain::Command::Chain(Command::Move { network: Label::TON, from, to, amount, output: output(number) })
}

fn pay_fee(number: u64, place: Place, amount: Money) -> domain::Command {
    let transaction = chain_hash(number);
    domain::Command::Chain(Command::PayFee { network: Label::TON, place, amount, transaction })
}

/// Token 1 is a jetton of the first shop's, token 2 is one that it issues. The first user has an address, at which
/// 5 TON arrived.
fn begun() -> Story {
    let mut story = Story::begin();
    for network in [Some(Label::TON), None] {
        let register = token::Command::Register { tenant: SHOP, digits: 9, is_transferable: true, network };
        story.given(domain::Command::Token(register));
    }
    story.given(assign(1, Label::TON, Currency::Ton, keeps(user(1))));
    arrive(&mut story, 1, 5_000_000_000);
    story
}

fn arrive(story: &mut Story, number: u64, minor: i128) {
    let (deposit, amount) = (story.state.next_deposit(), ton(minor));
    let (network, output, address) = (Label::TON, output(number), chain_address(1));
    let report = deposit::Command::Report { network, output, address, amount, private: None };
    story.given(domain::Command::Deposit(report));
    let block = super::Block { number, at: story.context.now };
    story.given(domain::Command::Deposit(deposit::Command::Confirm { deposit, block }));
}

#[test]
fn an_address_has_one_owner_for_ever() {
    let mut story = begun();
    let (shop, ether) = (Holder::Merchant(SHOP), Label::ETHEREUM);
    expect![[r#"
        refused: 0Q0000000000000000000000000000000000000000000001 is taken
        refused: 0Q0000000000000000000000000000000000000000000001 is taken
        chain.address_assigned
        chain.address_assigned
        chain.address_assigned
        chain.address_assigned
    "#]]
    .assert_eq(&story.tell([
        assign(1, Label::TON, Currency::Ton, keeps(user(1))),
        assign(1, Label::TON, jetton(0).currency, keeps(shop)),
        // The same letters on another network are another address.
        assign(1, ether, Currency::Usdt, Owner::Buys(UserId(1))),
        assign(2, ether, Currency::Usdt, keeps(shop)),
        assign(3, Label::TON, Currency::Ton, Owner::Keeps(Custody::Processor(SHOP))),
        assign(4, Label::TON, jetton(0).currency, keeps(user(2))),
    ]));
    assert_eq!(story.state.next_address(), AddressId(6));
    let owner = |id| story.state.addresses.get(&AddressId(id)).unwrap().owner.unwrap();
    assert_eq!([1, 2, 3].map(|id| owner(id).holder()), [user(1), user(1), shop]);
    assert_eq!(owner(4).custody().account(), Account::Processor(SHOP));
}

#[test]
fn an_address_is_for_coins_of_its_network_and_tenant() {
    let issued = Currency::Token(Token::new(2, 9).unwrap());
    let unknown = Currency::Token(Token::new(9, 9).unwrap());
    let mine = keeps(user(1));
    expect![[r#"
        refused: USDT is not on ton
        refused: TON is not on ethereum
        refused: TOKEN-1.9 is not on ethereum
        refused: TOKEN-2.9 is not on ton
        refused: TOKEN-9.9 is not on ton
        refused: SGP-USD is not on ton
        refused: USD is not on ethereum
        refused: TON is not on main
        refused: TON buys no points
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [
            assign(9, Label::TON, Currency::Usdt, mine),
            assign(9, Label::ETHEREUM, Currency::Ton, mine),
            assign(9, Label::ETHEREUM, jetton(0).currency, mine),
            assign(9, Label::TON, issued, mine),
            assign(9, Label::TON, unknown, mine),
            assign(9, Label::TON, Currency::SgpUsd, mine),
            assign(9, Label::ETHEREUM, Currency::Usd, mine),
            assign(9, Label::MAIN, Currency::Ton, mine),
            assign(9, Label::TON, Currency::Ton, Owner::Buys(UserId(1))),
        ],
    ));
    let mut story = begun();
    story.context.realm = Some(Realm::Live);
    expect![[r#"
        refused: TOKEN-1.9 is not on ton
        chain.address_assigned
    "#]]
    .assert_eq(&story.tell([
        assign(9, Label::TON, jetton(0).currency, keeps(user(3))),
        assign(9, Label::TON, jetton(0).currency, keeps(user(2))),
    ]));
}

#[test]
fn an_owner_is_of_the_callers_tenant_and_open() {
    let mut story = begun();
    story.given(domain::Command::User(domain::user::Command::Close { user: UserId(2) }));
    let wish = |owner| assign(9, Label::TON, Currency::Ton, owner);
    let told = story.tell([
        wish(keeps(user(2))),
        wish(keeps(user(3))),
        wish(keeps(user(9))),
        wish(Owner::Buys(UserId(9))),
        wish(Owner::Keeps(Custody::Processor(MerchantId(2)))),
    ]);
    story.context.tenant = Some(MerchantId(2));
    let others = story.tell([wish(keeps(user(1)))]);
    story.context.tenant = Some(SHOP);
    story.context.realm = Some(Realm::Test(MerchantId(2)));
    let elsewhere = story.tell([wish(keeps(user(1)))]);
    story.context.realm = None;
    let nowhere = story.tell([wish(keeps(user(1)))]);
    story.context.realm = Some(HERE);
    let own = story.tell([wish(keeps(user(1)))]);
    expect![[r#"
        refused: user-2 is closed
        refused: there is no user-3
        refused: there is no user-9
        refused: there is no user-9
        refused: there is no merchant-2
        refused: there is no user-1
        refused: there is no user-1
        refused: value lives in a realm: live, or a tenant's test realm
        chain.address_assigned
    "#]]
    .assert_eq(&[told, others, elsewhere, nowhere, own].concat());
}

#[test]
fn coins_are_swept_moved_and_charged_for() {
    let address = Place::Address(AddressId(1));
    expect![[r#"
        chain.fee_paid: Dr expense:network-fee 0.010000000 TON · Cr chain:ton:address-1 0.010000000 TON
        chain.swept: Dr chain:ton:hot 4.990000000 TON · Cr chain:ton:address-1 4.990000000 TON
        chain.moved: Dr chain:ton:cold 3.000000000 TON · Cr chain:ton:hot 3.000000000 TON
        chain.moved: Dr chain:ton:hot 1.000000000 TON · Cr chain:ton:cold 1.000000000 TON
        chain.moved: Dr chain:ton:address-1 0.100000000 TON · Cr chain:ton:hot 0.100000000 TON
    "#]]
    .assert_eq(&begun().tell([
        pay_fee(2, address, ton(10_000_000)),
        sweep(2, ton(4_990_000_000)),
        move_coins(3, Place::Hot, Place::Cold, ton(3_000_000_000)),
        move_coins(4, Place::Cold, Place::Hot, ton(1_000_000_000)),
        move_coins(5, Place::Hot, address, ton(100_000_000)),
    ]));
}

/// A sweep comes after the deposits it collects; what a hot or cold wallet has was not all brought by us.
#[test]
fn only_a_sweep_asks_whether_the_coins_are_there() {
    expect![[r#"
        chain.swept: Dr chain:ton:hot 5.000000000 TON · Cr chain:ton:address-1 5.000000000 TON
        refused: test-1/chain:ton:address-1/TON is short of 0.000000001
        refused: test-1/chain:ton:address-1/TOKEN-1.9 is short of 0.000000001
        chain.moved: Dr chain:ton:hot 9.000000000 TON · Cr chain:ton:cold 9.000000000 TON
        chain.fee_paid: Dr expense:network-fee 9.000000000 TON · Cr chain:ton:hot 9.000000000 TON
        chain.fee_paid: Dr expense:network-fee 9.000000000 TON · Cr chain:ton:address-1 9.000000000 TON
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [
            sweep(2, ton(5_000_000_000)),
            sweep(2, ton(5_000_000_001)),
            sweep(2, jetton(1)),
            move_coins(2, Place::Cold, Place::Hot, ton(9_000_000_000)),
            pay_fee(2, Place::Hot, ton(9_000_000_000)),
            pay_fee(2, Place::Address(AddressId(1)), ton(9_000_000_000)),
        ],
    ));
}

/// The coins, the fee and the arrival of one transaction are three facts; each is told once.
#[test]
fn what_was_told_is_not_told_again() {
    let other_index = super::Output { index: 1, ..output(2) };
    let (network, address, amount) = (Label::TON, AddressId(1), ton(1));
    let another = Command::Sweep { network, address, amount, output: other_index };
    let mut story = begun();
    let told = story.tell([
        sweep(1, ton(1)),
        sweep(2, ton(1)),
        sweep(2, ton(1)),
        sweep(2, ton(2)),
        move_coins(2, Place::Hot, Place::Cold, ton(1)),
        pay_fee(2, Place::Hot, ton(1)),
        pay_fee(2, Place::Hot, ton(1)),
        domain::Command::Chain(another),
    ]);
    story.context.realm = Some(Realm::Live);
    let elsewhere = story.tell([pay_fee(2, Place::Hot, ton(1))]);
    expect![[r#"
        chain.swept: Dr chain:ton:hot 0.000000001 TON · Cr chain:ton:address-1 0.000000001 TON
        chain.swept: Dr chain:ton:hot 0.000000001 TON · Cr chain:ton:address-1 0.000000001 TON
        refused: 0000000000000000000000000000000000000000000000000000000000000002:0 was told before
        refused: 0000000000000000000000000000000000000000000000000000000000000002:0 was told before
        refused: 0000000000000000000000000000000000000000000000000000000000000002:0 was told before
        chain.fee_paid: Dr expense:network-fee 0.000000001 TON · Cr chain:ton:hot 0.000000001 TON
        refused: the fee of 0000000000000000000000000000000000000000000000000000000000000002 was told before
        chain.swept: Dr chain:ton:hot 0.000000001 TON · Cr chain:ton:address-1 0.000000001 TON
        chain.fee_paid: Dr expense:network-fee 0.000000001 TON · Cr chain:ton:hot 0.000000001 TON
    "#]]
    .assert_eq(&[told, elsewhere].concat());
}

#[test]
fn what_cannot_be_is_refused() {
    let (hot, cold, address) = (Place::Hot, Place::Cold, Place::Address(AddressId(1)));
    let amounts = [0, -1, AMOUNT_MINOR_MAX + 1, i128::MAX];
    expect![[r#"
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: the amount is too large
        refused: there is no address 2 on ton
        refused: USDT is not on ton
        refused: coins are not moved from hot to hot
        refused: coins are not moved from cold to cold
        refused: coins are not moved from cold to address-1
        refused: coins are not moved from address-1 to hot
        refused: there is no address 2 on ton
        refused: the amount must be more than zero
        refused: USD is not on ton
        refused: there is no address 2 on ton
        refused: the amount must be more than zero
        refused: SGP-USD is not on ton
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        amounts.map(|minor| sweep(2, ton(minor))).into_iter().chain([
            sweep_as(2, 2, ton(1)),
            sweep(2, Money::new(1, Currency::Usdt)),
            move_coins(2, hot, hot, ton(1)),
            move_coins(2, cold, cold, ton(1)),
            move_coins(2, cold, address, ton(1)),
            move_coins(2, address, hot, ton(1)),
            move_coins(2, hot, Place::Address(AddressId(2)), ton(1)),
            move_coins(2, hot, cold, ton(0)),
            move_coins(2, hot, cold, Money::new(1, Currency::Usd)),
            pay_fee(2, Place::Address(AddressId(2)), ton(1)),
            pay_fee(2, hot, ton(0)),
            pay_fee(2, hot, Money::new(1, Currency::SgpUsd)),
        ]),
    ));
}

/// A tenant who could tell of coins would make them of words.
#[test]
fn only_the_platform_tells_what_a_chain_says() {
    let facts = |_: &Story| {
        [sweep(2, ton(1)), move_coins(2, Place::Hot, Place::Cold, ton(1)), pay_fee(2, Place::Hot, ton(1))]
    };
    let places = [
        (Some(HERE), Some(SHOP)),
        (None, None),
        (Some(Realm::Test(MerchantId(2))), None),
        (Some(Realm::Test(MerchantId(9))), None),
    ];
    expect![[r#"
        refused: only the platform tells what a chain says
        refused: only the platform tells what a chain says
        refused: only the platform tells what a chain says
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: there is no address 1 on ton
        chain.moved: Dr chain:ton:cold 0.000000001 TON · Cr chain:ton:hot 0.000000001 TON
        chain.fee_paid: Dr expense:network-fee 0.000000001 TON · Cr chain:ton:hot 0.000000001 TON
        refused: there is no merchant-9
        refused: there is no merchant-9
        refused: there is no merchant-9
    "#]]
    .assert_eq(&Story::tell_from(begun, places, facts));
}

/// Whoever watches an address sees what is sent there for fees arrive like anything else: it was credited to the owner of
/// the address, who could withdraw it.
#[test]
fn coins_that_we_move_to_an_address_are_nobodys_deposit() {
    let (hot, there) = (Place::Hot, Place::Address(AddressId(1)));
    let report = |number| {
        let (network, output, address, amount) = (Label::TON, output(number), chain_address(1), ton(50));
        domain::Command::Deposit(deposit::Command::Report { network, output, address, amount, private: None })
    };
    expect![[r#"
        chain.moved: Dr chain:ton:address-1 0.000000050 TON · Cr chain:ton:hot 0.000000050 TON
        refused: 0000000000000000000000000000000000000000000000000000000000000002:0 is a movement of our own coins
        deposit.reported
        refused: 0000000000000000000000000000000000000000000000000000000000000003:0 was told before
        deposit.reorganised
        chain.moved: Dr chain:ton:address-1 0.000000050 TON · Cr chain:ton:hot 0.000000050 TON
        chain.moved: Dr chain:ton:cold 0.000000050 TON · Cr chain:ton:hot 0.000000050 TON
        deposit.reported
    "#]].assert_eq(&begun().tell([
        move_coins(2, hot, there, ton(50)),
        report(2),
        // Seen before it was told: the move is not booked beside it, but once it is taken back.
        report(3),
        move_coins(3, hot, there, ton(50)),
        domain::Command::Deposit(deposit::Command::Reorganise { deposit: DepositId(2) }),
        move_coins(3, hot, there, ton(50)),
        // To the cold wallet, which nobody takes for an address.
        move_coins(4, hot, Place::Cold, ton(50)),
        report(4),
    ]));
}
