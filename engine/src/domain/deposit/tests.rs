//! Deposits, as data.

use expect_test::expect;

use super::{Action, Command, Stage, TRANSITIONS};
use crate::{
    books::{Account, Holder, Label, Place, Realm},
    domain::{
        self, AMOUNT_MINOR_MAX, AddressId, DepositId, MerchantId, Span, UserId,
        chain::{self, Block, Custody, Output, Owner},
        payment::{self, Purse},
        points::{self, LOTS_MAX},
        story::{HERE, SHOP, START, Story, sgp, ton, usd, usdt, user},
        token, withdrawal,
    },
    money::{Currency, Money, Token},
    samples::{self, chain_address, output, payment_id, sealed},
};

fn jetton(minor: i128) -> Money {
    Money::new(minor, Currency::Token(Token::new(1, 9).unwrap()))
}

/// The network that has these coins.
fn network(amount: Money) -> Label {
    if amount.currency == Currency::Usdt { Label::ETHEREUM } else { Label::TON }
}

fn assign_address(number: u64, currency: Currency, owner: Owner) -> domain::Command {
    let (network, address) = (network(Money::zero(currency)), chain_address(number));
    domain::Command::Chain(chain::Command::Assign { network, address, currency, owner, private: None })
}

fn report_on(network: Label, number: u64, address: u64, amount: Money) -> domain::Command {
    let (output, address) = (output(number), chain_address(address));
    domain::Command::Deposit(Command::Report { network, output, address, amount, private: None })
}

fn report(number: u64, address: u64, amount: Money) -> domain::Command {
    report_on(network(amount), number, address, amount)
}

fn confirm(deposit: u32) -> domain::Command {
    let block = Block { number: 7, at: START };
    domain::Command::Deposit(Command::Confirm { deposit: DepositId(deposit), block })
}

fn assign(deposit: u32, owner: Owner) -> domain::Command {
    domain::Command::Deposit(Command::Assign { deposit: DepositId(deposit), owner })
}

fn reorganise(deposit: u32) -> domain::Command {
    domain::Command::Deposit(Command::Reorganise { deposit: DepositId(deposit) })
}

const BUYER: Owner = Owner::Buys(UserId(1));

const fn keeps(holder: Holder) -> Owner {
    Owner::Keeps(Custody::Wallet(holder))
}

const fn processor(tenant: MerchantId) -> Owner {
    Owner::Keeps(Custody::Processor(tenant))
}

/// The first user buys points at address 1, keeps TON at 2 and a jetton at 3; 4 is the shop's processor's.
fn begun() -> Story {
    let mut story = Story::begin();
    let network = Some(Label::TON);
    let register = token::Command::Register { tenant: SHOP, digits: 9, is_transferable: true, network };
    story.given(domain::Command::Token(register));
    story.given(assign_address(1, Currency::Usdt, BUYER));
    story.given(assign_address(2, Currency::Ton, keeps(user(1))));
    story.given(assign_address(3, jetton(0).currency, keeps(user(1))));
    story.given(assign_address(4, Currency::Ton, processor(SHOP)));
    story
}

/// All of the first user's 10.50 USDT have bought points.
fn bought() -> Story {
    let mut story = begun();
    story.given(report(1, 1, usdt(10_500_000)));
    story.given(confirm(1));
    story
}

/// A payment of `price` in dollars that the first user pays with points.
fn spend(story: &mut Story, number: u64, price: i128) {
    let wish = samples::create(number, SHOP, usd(price));
    story.given(domain::Command::Payment(payment::Command::Create(wish)));
    let (payment, payer, purse) = (payment_id(number), UserId(1), Purse::Points);
    story.given(domain::Command::Payment(payment::Command::PayByUser { payment, payer, purse }));
}

#[test]
fn coins_are_credited_once_they_are_beyond_doubt() {
    expect![[r#"
        deposit.reported
        deposit.reported
        deposit.reported
        deposit.confirmed: Dr chain:ton:address-2 5.000000000 TON · Cr wallet:user-1 5.000000000 TON
        deposit.confirmed: Dr chain:ton:address-3 0.000000001 TOKEN-1.9 · Cr wallet:user-1 0.000000001 TOKEN-1.9
        deposit.confirmed: Dr chain:ton:address-4 2.000000000 TON · Cr processor:1 2.000000000 TON
    "#]]
    .assert_eq(&begun().tell([
        report(1, 2, ton(5_000_000_000)),
        report(2, 3, jetton(1)),
        report(3, 4, ton(2_000_000_000)),
        confirm(1),
        confirm(2),
        confirm(3),
    ]));
}

#[test]
fn an_output_is_one_deposit_for_ever() {
    let other_index = Output { index: 1, ..output(1) };
    let (network, address, amount) = (Label::TON, chain_address(2), ton(1));
    let another = Command::Report { network, output: other_index, address, amount, private: Some(sealed(1)) };
    let mut story = begun();
    let told = story.tell([
        report(1, 2, ton(5)),
        report(1, 2, ton(5)),
        // Whatever else is said of it.
        report(1, 4, ton(6)),
        confirm(1),
        report(1, 2, ton(5)),
        confirm(1),
        reorganise(1),
        report(1, 2, ton(5)),
        domain::Command::Deposit(another),
        // The same hash on another network is another output.
        report(1, 1, usdt(5)),
    ]);
    story.context.realm = Some(Realm::Live);
    let elsewhere = story.tell([report(1, 2, ton(5))]);
    expect![[r#"
        deposit.reported
        refused: this was reported before, as deposit 1
        refused: this was reported before, as deposit 1
        deposit.confirmed: Dr chain:ton:address-2 0.000000005 TON · Cr wallet:user-1 0.000000005 TON
        refused: this was reported before, as deposit 1
        refused: a deposit that is confirmed cannot be confirmed
        deposit.reorganised: Dr wallet:user-1 0.000000005 TON · Cr chain:ton:address-2 0.000000005 TON
        refused: this was reported before, as deposit 1
        deposit.reported
        deposit.reported
        chain.address_assigned
        deposit.reported
    "#]]
    .assert_eq(&[told, elsewhere].concat());
}

#[test]
fn usdt_buys_points_at_par_less_one_percent() {
    let amounts = [100_000_000, 10_500_000, 1_499_999, 500_000, 499_999, 10_000];
    let mut told = String::new();
    for minor in amounts {
        let mut story = begun();
        story.given(report(1, 1, usdt(minor)));
        told += &story.tell([confirm(1)]);
        let lots = story.state.points.get(&(HERE, UserId(1))).unwrap();
        assert_eq!(lots.open()[0].expires_at, START + points::LIFETIME, "a lot like any other");
        assert_eq!(story.state.deposits.get(&DepositId(1)).unwrap().stage, Stage::Granted);
    }
    expect![[r#"
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 100.000000 USDT · Cr exchange 99.000000 USDT · Cr income:exchange-fee 1.000000 USDT
        points.issued: Dr exchange 99.00 SGP-USD · Cr points:1 99.00 SGP-USD
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 10.500000 USDT · Cr exchange 10.390000 USDT · Cr income:exchange-fee 0.110000 USDT
        points.issued: Dr exchange 10.39 SGP-USD · Cr points:1 10.39 SGP-USD
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 1.499999 USDT · Cr exchange 1.480000 USDT · Cr income:exchange-fee 0.010000 USDT · Cr income:rounding 0.009999 USDT
        points.issued: Dr exchange 1.48 SGP-USD · Cr points:1 1.48 SGP-USD
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 0.500000 USDT · Cr exchange 0.490000 USDT · Cr income:exchange-fee 0.010000 USDT
        points.issued: Dr exchange 0.49 SGP-USD · Cr points:1 0.49 SGP-USD
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 0.499999 USDT · Cr exchange 0.490000 USDT · Cr income:rounding 0.009999 USDT
        points.issued: Dr exchange 0.49 SGP-USD · Cr points:1 0.49 SGP-USD
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 0.010000 USDT · Cr exchange 0.010000 USDT
        points.issued: Dr exchange 0.01 SGP-USD · Cr points:1 0.01 SGP-USD
    "#]]
    .assert_eq(&told);
}

#[test]
fn what_cannot_buy_points_is_kept_in_the_wallet() {
    let skipped = |mut story: Story, minor| {
        story.given(report(1, 1, usdt(minor)));
        story.tell([confirm(1)])
    };
    let mut closed = begun();
    closed.given(domain::Command::User(domain::user::Command::Close { user: UserId(1) }));
    let full = |lots: usize| {
        let mut story = begun();
        let grant = || points::Command::Grant { holder: UserId(1), quantity: sgp(1) };
        (0..lots).for_each(|_| story.given(domain::Command::Points(grant())));
        story
    };
    expect![[r#"
        deposit.confirmed
        deposit.skipped: Dr chain:ethereum:address-1 0.009999 USDT · Cr wallet:user-1 0.009999 USDT
        deposit.confirmed
        deposit.skipped: Dr chain:ethereum:address-1 1.000000 USDT · Cr wallet:user-1 1.000000 USDT
        deposit.confirmed
        deposit.skipped: Dr chain:ethereum:address-1 1.000000 USDT · Cr wallet:user-1 1.000000 USDT
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 1.000000 USDT · Cr exchange 0.990000 USDT · Cr income:exchange-fee 0.010000 USDT
        points.issued: Dr exchange 0.99 SGP-USD · Cr points:1 0.99 SGP-USD
    "#]]
    .assert_eq(
        &[
            skipped(begun(), 9_999),
            skipped(closed, 1_000_000),
            skipped(full(LOTS_MAX), 1_000_000),
            skipped(full(LOTS_MAX - 1), 1_000_000),
        ]
        .concat(),
    );
}

/// They are there all the same: somebody will say whose they are.
#[test]
fn coins_at_an_address_of_nobodys_wait_for_an_owner() {
    let mut story = begun();
    let told = story.tell([
        report(1, 9, usdt(10_500_000)),
        confirm(1),
        report(2, 9, usdt(2_000_000)),
        confirm(2),
        report(3, 9, usdt(9_999)),
        confirm(3),
        assign(1, BUYER),
        assign(2, keeps(Holder::Merchant(SHOP))),
        assign(3, BUYER),
        assign(1, BUYER),
    ]);
    expect![[r#"
        chain.address_assigned
        deposit.reported
        deposit.confirmed: Dr chain:ethereum:address-5 10.500000 USDT · Cr suspense:ethereum 10.500000 USDT
        deposit.reported
        deposit.confirmed: Dr chain:ethereum:address-5 2.000000 USDT · Cr suspense:ethereum 2.000000 USDT
        deposit.reported
        deposit.confirmed: Dr chain:ethereum:address-5 0.009999 USDT · Cr suspense:ethereum 0.009999 USDT
        deposit.assigned
        deposit.granted: Dr suspense:ethereum 10.500000 USDT · Cr exchange 10.390000 USDT · Cr income:exchange-fee 0.110000 USDT
        points.issued: Dr exchange 10.39 SGP-USD · Cr points:1 10.39 SGP-USD
        deposit.assigned: Dr suspense:ethereum 2.000000 USDT · Cr wallet:merchant-1 2.000000 USDT
        deposit.assigned
        deposit.skipped: Dr suspense:ethereum 0.009999 USDT · Cr wallet:user-1 0.009999 USDT
        refused: a deposit that is granted cannot be assigned
    "#]]
    .assert_eq(&told);
}

#[test]
fn an_address_may_get_its_owner_after_coins_arrived_there() {
    let mut story = begun();
    let told = story.tell([
        report(1, 9, ton(1)),
        report(2, 9, ton(2)),
        confirm(1),
        assign_address(9, Currency::Ton, keeps(user(2))),
        confirm(2),
        // The first was nobody's when it was credited, and stays so until somebody says whose it is.
        assign(1, keeps(user(2))),
    ]);
    expect![[r#"
        chain.address_assigned
        deposit.reported
        deposit.reported
        deposit.confirmed: Dr chain:ton:address-5 0.000000001 TON · Cr suspense:ton 0.000000001 TON
        chain.address_assigned
        deposit.confirmed: Dr chain:ton:address-5 0.000000002 TON · Cr wallet:user-2 0.000000002 TON
        deposit.assigned: Dr suspense:ton 0.000000001 TON · Cr wallet:user-2 0.000000001 TON
    "#]]
    .assert_eq(&told);
    assert_eq!(story.state.next_address(), AddressId(6), "it is the same address");
}

/// A jetton is one tenant's, and in live anybody can send it anywhere.
#[test]
fn a_token_at_another_tenants_address_is_nobodys() {
    let mut story = begun();
    story.context.realm = Some(Realm::Live);
    story.given(assign_address(8, Currency::Ton, keeps(user(3))));
    expect![[r#"
        deposit.reported
        deposit.confirmed: Dr chain:ton:address-5 0.000000007 TOKEN-1.9 · Cr suspense:ton 0.000000007 TOKEN-1.9
        refused: TOKEN-1.9 is no token of this tenant
        deposit.assigned: Dr suspense:ton 0.000000007 TOKEN-1.9 · Cr processor:1 0.000000007 TOKEN-1.9
    "#]]
    .assert_eq(&story.tell([
        report(1, 8, jetton(7)),
        confirm(1),
        assign(1, keeps(user(3))),
        assign(1, processor(SHOP)),
    ]));
}

/// USDT buys points; other coins of its network that arrive at the same address do not.
#[test]
fn only_usdt_buys_points() {
    let mut story = begun();
    let network = Some(Label::ETHEREUM);
    let register = token::Command::Register { tenant: SHOP, digits: 6, is_transferable: true, network };
    story.given(domain::Command::Token(register));
    let amount = Money::new(5, Currency::Token(Token::new(2, 6).unwrap()));
    expect![[r#"
        deposit.reported
        deposit.confirmed: Dr chain:ethereum:address-1 0.000005 TOKEN-2.6 · Cr wallet:user-1 0.000005 TOKEN-2.6
    "#]]
    .assert_eq(&story.tell([report_on(Label::ETHEREUM, 1, 1, amount), confirm(1)]));
}

#[test]
fn a_reorganisation_takes_the_credit_back_and_leaves_the_rest_owing() {
    let mut story = begun();
    story.given(report(1, 2, ton(500)));
    story.given(confirm(1));
    story.given(report(2, 4, ton(300)));
    story.given(confirm(2));
    let out = |from, minor| {
        let (network, amount, destination) = (Label::TON, ton(minor), sealed(1));
        let wish = withdrawal::Request { from, network, amount, query: None, destination };
        domain::Command::Withdrawal(withdrawal::Command::Request(wish))
    };
    expect![[r#"
        withdrawal.requested: Dr wallet:user-1 0.000000200 TON · Cr withdrawal:1 0.000000200 TON
        withdrawal.requested: Dr processor:1 0.000000300 TON · Cr withdrawal:2 0.000000300 TON
        deposit.reorganised: Dr wallet:user-1 0.000000300 TON · Dr receivable:user-1 0.000000200 TON · Cr chain:ton:address-2 0.000000500 TON
        deposit.reorganised: Dr receivable:1 0.000000300 TON · Cr chain:ton:address-4 0.000000300 TON
        refused: a deposit that is reorganised cannot be reorganised
        deposit.confirmed: Dr chain:ton:address-2 0.000000500 TON · Cr receivable:user-1 0.000000200 TON · Cr wallet:user-1 0.000000300 TON
        deposit.confirmed: Dr chain:ton:address-4 0.000000300 TON · Cr receivable:1 0.000000300 TON
    "#]]
    .assert_eq(&story.tell([
        out(Custody::Wallet(user(1)), 200),
        out(Custody::Processor(SHOP), 300),
        reorganise(1),
        reorganise(2),
        reorganise(2),
        confirm(1),
        confirm(2),
    ]));
}

#[test]
fn what_was_not_credited_is_not_taken_back() {
    let mut story = begun();
    expect![[r#"
        deposit.reported
        deposit.reorganised
        deposit.confirmed: Dr chain:ton:address-2 0.000000005 TON · Cr wallet:user-1 0.000000005 TON
        chain.address_assigned
        deposit.reported
        deposit.confirmed: Dr chain:ton:address-5 0.000000007 TON · Cr suspense:ton 0.000000007 TON
        deposit.reorganised: Dr suspense:ton 0.000000007 TON · Cr chain:ton:address-5 0.000000007 TON
        deposit.confirmed: Dr chain:ton:address-5 0.000000007 TON · Cr suspense:ton 0.000000007 TON
    "#]]
    .assert_eq(&story.tell([
        report(1, 2, ton(5)),
        reorganise(1),
        confirm(1),
        report(2, 9, ton(7)),
        confirm(2),
        reorganise(2),
        confirm(2),
    ]));
}

/// Whoever it was found to belong to has it again, though the address is still nobody's.
#[test]
fn an_assigned_deposit_that_comes_back_goes_to_the_same_owner() {
    let mut story = begun();
    story.given(report(1, 9, ton(7)));
    story.given(confirm(1));
    story.given(assign(1, keeps(user(2))));
    expect![[r#"
        deposit.reorganised: Dr wallet:user-2 0.000000007 TON · Cr chain:ton:address-5 0.000000007 TON
        deposit.confirmed: Dr chain:ton:address-5 0.000000007 TON · Cr wallet:user-2 0.000000007 TON
    "#]]
    .assert_eq(&story.tell([reorganise(1), confirm(1)]));
}

/// Nobody has bought them, so they are gone; the second time they are bought anew.
#[test]
fn points_that_are_left_go_back_with_the_coins() {
    let mut story = bought();
    story.wait(Span::days(1));
    expect![[r#"
        deposit.reorganised: Dr exchange 10.390000 USDT · Dr income:exchange-fee 0.110000 USDT · Cr chain:ethereum:address-1 10.500000 USDT
        points.spent: Dr points:1 10.39 SGP-USD · Cr exchange 10.39 SGP-USD
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 10.500000 USDT · Cr exchange 10.390000 USDT · Cr income:exchange-fee 0.110000 USDT
        points.issued: Dr exchange 10.39 SGP-USD · Cr points:1 10.39 SGP-USD
    "#]]
    .assert_eq(&story.tell([reorganise(1), confirm(1)]));
    let lots = story.state.points.get(&(HERE, UserId(1))).unwrap();
    let open: Vec<_> = lots.open().iter().map(|lot| (lot.number, lot.issued_at)).collect();
    assert_eq!(open, [(2, START + Span::days(1))], "another lot, and nothing extended the first");
}

/// What was spent had its price: it is owed, and whatever comes next in USDT pays for it first.
#[test]
fn points_that_were_spent_are_owed() {
    let mut story = bought();
    spend(&mut story, 1, 4_00);
    let refund = payment::Command::Refund { payment: payment_id(1), amount: Some(usd(1_00)) };
    expect![[r#"
        deposit.reorganised: Dr exchange 6.390000 USDT · Dr income:exchange-fee 0.110000 USDT · Dr receivable:user-1 4.000000 USDT · Cr chain:ethereum:address-1 10.500000 USDT
        points.spent: Dr points:1 6.39 SGP-USD · Cr exchange 6.39 SGP-USD
        payment.refunded: Dr merchant-pending:1 1.00 USD · Cr exchange 1.00 USD
        points.given_back: Dr exchange 1.00 SGP-USD · Cr points:1 1.00 SGP-USD
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 10.500000 USDT · Cr receivable:user-1 4.000000 USDT · Cr exchange 6.430000 USDT · Cr income:exchange-fee 0.070000 USDT
        points.issued: Dr exchange 6.43 SGP-USD · Cr points:1 6.43 SGP-USD
        deposit.reorganised: Dr exchange 6.430000 USDT · Dr income:exchange-fee 0.070000 USDT · Dr receivable:user-1 4.000000 USDT · Cr chain:ethereum:address-1 10.500000 USDT
        points.spent: Dr points:1 6.43 SGP-USD · Cr exchange 6.43 SGP-USD
    "#]]
    .assert_eq(&story.tell([
        reorganise(1),
        domain::Command::Payment(refund),
        confirm(1),
        reorganise(1),
    ]));
    assert_eq!(story.balance(Account::Points(UserId(1)), Currency::SgpUsd), 1_00, "given back meanwhile");
}

/// The wallet is asked before anything is owed.
#[test]
fn the_price_of_spent_points_comes_from_the_wallet_first() {
    let mut story = bought();
    story.given(assign_address(7, Currency::Usdt, keeps(user(1))));
    story.given(report(2, 7, usdt(3_000_000)));
    story.given(confirm(2));
    spend(&mut story, 1, 4_00);
    expect![[r#"
        deposit.reorganised: Dr exchange 6.390000 USDT · Dr income:exchange-fee 0.110000 USDT · Dr wallet:user-1 3.000000 USDT · Dr receivable:user-1 1.000000 USDT · Cr chain:ethereum:address-1 10.500000 USDT
        points.spent: Dr points:1 6.39 SGP-USD · Cr exchange 6.39 SGP-USD
    "#]]
    .assert_eq(&story.tell([reorganise(1)]));
}

/// All of a purchase is owed by now, so nothing is left to buy with: it is skipped, and clears what is owed.
#[test]
fn a_debt_comes_before_a_purchase() {
    let mut story = bought();
    spend(&mut story, 1, 10_39);
    expect![[r#"
        deposit.reorganised: Dr income:exchange-fee 0.110000 USDT · Dr receivable:user-1 10.390000 USDT · Cr chain:ethereum:address-1 10.500000 USDT
        deposit.reported
        deposit.confirmed
        deposit.skipped: Dr chain:ethereum:address-1 10.395000 USDT · Cr receivable:user-1 10.390000 USDT · Cr wallet:user-1 0.005000 USDT
    "#]]
    .assert_eq(&story.tell([reorganise(1), report(2, 1, usdt(10_395_000)), confirm(2)]));
}

/// To the microsecond: what lapsed was the buyer's own to lose, and cannot come back.
#[test]
fn points_that_lapsed_are_owed_like_those_that_were_spent() {
    let mut told = String::new();
    for age in [Span(points::LIFETIME.0 - 1), points::LIFETIME, points::LIFETIME + Span::MICRO] {
        let mut story = bought();
        story.wait(age);
        told += &story.tell([reorganise(1)]);
    }
    expect![[r#"
        deposit.reorganised: Dr exchange 10.390000 USDT · Dr income:exchange-fee 0.110000 USDT · Cr chain:ethereum:address-1 10.500000 USDT
        points.spent: Dr points:1 10.39 SGP-USD · Cr exchange 10.39 SGP-USD
        deposit.reorganised: Dr income:exchange-fee 0.110000 USDT · Dr receivable:user-1 10.390000 USDT · Cr chain:ethereum:address-1 10.500000 USDT
        deposit.reorganised: Dr income:exchange-fee 0.110000 USDT · Dr receivable:user-1 10.390000 USDT · Cr chain:ethereum:address-1 10.500000 USDT
    "#]]
    .assert_eq(&told);
}

/// It neither gives nor takes by itself; a chain does not ask.
#[test]
fn what_a_chain_says_of_a_closed_user_is_booked() {
    let mut story = begun();
    story.given(report(1, 2, ton(5)));
    story.given(domain::Command::User(domain::user::Command::Close { user: UserId(1) }));
    expect![[r#"
        deposit.confirmed: Dr chain:ton:address-2 0.000000005 TON · Cr wallet:user-1 0.000000005 TON
        deposit.reorganised: Dr wallet:user-1 0.000000005 TON · Cr chain:ton:address-2 0.000000005 TON
        chain.address_assigned
        deposit.reported
        deposit.confirmed: Dr chain:ton:address-5 0.000000005 TON · Cr suspense:ton 0.000000005 TON
        refused: user-1 is closed
    "#]]
    .assert_eq(&story.tell([
        confirm(1),
        reorganise(1),
        report(2, 9, ton(5)),
        confirm(2),
        assign(2, keeps(user(1))),
    ]));
}

/// Every action in every stage, beside the table.
#[test]
fn a_deposit_goes_only_where_the_table_says() {
    let mut told = String::new();
    for stage in Stage::ALL {
        for action in Action::ALL {
            let mut story = in_stage(stage);
            let command = match action {
                Action::Confirm => confirm(1),
                Action::Assign => assign(1, keeps(user(2))),
                Action::Reorganise => reorganise(1),
            };
            let answer = story.tell([command]);
            let after = story.state.deposits.get(&DepositId(1)).unwrap().stage;
            let row = TRANSITIONS.iter().find(|row| row.action == action && row.from.contains(&stage));
            assert!(row.map_or(after == stage, |row| row.to.contains(&after)), "{stage}, {action:?}");
            assert_eq!(answer.starts_with("refused"), row.is_none(), "{answer}");
            told += &format!("{stage}, {}: {}", action.word(), answer.lines().next().unwrap_or_default());
            told.push('\n');
        }
    }
    expect![[r#"
        pending, confirmed: deposit.confirmed: Dr chain:ton:address-2 0.000000005 TON · Cr wallet:user-1 0.000000005 TON
        pending, assigned: refused: a deposit that is pending cannot be assigned
        pending, reorganised: deposit.reorganised
        confirmed, confirmed: refused: a deposit that is confirmed cannot be confirmed
        confirmed, assigned: refused: a deposit that is confirmed cannot be assigned
        confirmed, reorganised: deposit.reorganised: Dr wallet:user-1 0.000000005 TON · Cr chain:ton:address-2 0.000000005 TON
        unowned, confirmed: refused: a deposit that is unowned cannot be confirmed
        unowned, assigned: deposit.assigned: Dr suspense:ton 0.000000005 TON · Cr wallet:user-2 0.000000005 TON
        unowned, reorganised: deposit.reorganised: Dr suspense:ton 0.000000005 TON · Cr chain:ton:address-5 0.000000005 TON
        granted, confirmed: refused: a deposit that is granted cannot be confirmed
        granted, assigned: refused: a deposit that is granted cannot be assigned
        granted, reorganised: deposit.reorganised: Dr exchange 0.990000 USDT · Dr income:exchange-fee 0.010000 USDT · Cr chain:ethereum:address-1 1.000000 USDT
        skipped, confirmed: refused: a deposit that is skipped cannot be confirmed
        skipped, assigned: refused: a deposit that is skipped cannot be assigned
        skipped, reorganised: deposit.reorganised: Dr wallet:user-1 0.000001 USDT · Cr chain:ethereum:address-1 0.000001 USDT
        reorganised, confirmed: deposit.confirmed: Dr chain:ton:address-2 0.000000005 TON · Cr wallet:user-1 0.000000005 TON
        reorganised, assigned: refused: a deposit that is reorganised cannot be assigned
        reorganised, reorganised: refused: a deposit that is reorganised cannot be reorganised
    "#]].assert_eq(&told);
}

/// One deposit that has come so far.
fn in_stage(stage: Stage) -> Story {
    let mut story = begun();
    let (address, amount) = match stage {
        Stage::Granted => (1, usdt(1_000_000)),
        Stage::Skipped => (1, usdt(1)),
        Stage::Unowned => (9, ton(5)),
        Stage::Pending | Stage::Confirmed | Stage::Reorganised => (2, ton(5)),
    };
    story.given(report(1, address, amount));
    match stage {
        Stage::Pending => {}
        Stage::Reorganised => story.given(reorganise(1)),
        Stage::Confirmed | Stage::Unowned | Stage::Granted | Stage::Skipped => story.given(confirm(1)),
    }
    assert_eq!(story.state.deposits.get(&DepositId(1)).unwrap().stage, stage);
    story
}

#[test]
fn what_cannot_be_is_refused() {
    let ethereum = |amount| report_on(Label::ETHEREUM, 1, 1, amount);
    let there = |amount| report_on(Label::TON, 1, 2, amount);
    expect![[r#"
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: the amount is too large
        deposit.reported
        refused: TON is not on ethereum
        refused: USDT is not on ton
        refused: SGP-USD is not on ethereum
        refused: USD is not on ton
        refused: TOKEN-9.0 is not on ton
        refused: TOKEN-1.9 is not on ethereum
        refused: there is no deposit 0
        refused: there is no deposit 1
        refused: there is no deposit 1
        refused: there is no deposit 1
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [
            there(ton(0)),
            there(ton(-1)),
            there(ton(AMOUNT_MINOR_MAX + 1)),
            there(ton(i128::MAX)),
            there(ton(AMOUNT_MINOR_MAX)),
            ethereum(ton(1)),
            there(usdt(1)),
            ethereum(sgp(1)),
            there(usd(1)),
            there(Money::new(1, Currency::Token(Token::new(9, 0).unwrap()))),
            ethereum(jetton(1)),
            confirm(0),
            confirm(1),
            assign(1, BUYER),
            reorganise(1),
        ],
    ));
    let mut story = in_stage(Stage::Unowned);
    expect![[r#"
        refused: there is no user-3
        refused: there is no user-9
        refused: there is no merchant-2
    "#]]
    .assert_eq(&story.tell([
        assign(1, keeps(user(3))),
        assign(1, Owner::Buys(UserId(9))),
        assign(1, processor(MerchantId(2))),
    ]));
}

/// The largest there can be still buys.
#[test]
fn the_largest_purchase_is_reckoned_exactly() {
    let mut story = begun();
    story.given(report(1, 1, usdt(AMOUNT_MINOR_MAX)));
    expect![[r#"
        deposit.confirmed
        deposit.granted: Dr chain:ethereum:address-1 1000000000000000000.000000 USDT · Cr exchange 990000000000000000.000000 USDT · Cr income:exchange-fee 10000000000000000.000000 USDT
        points.issued: Dr exchange 990000000000000000.00 SGP-USD · Cr points:1 990000000000000000.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([confirm(1)]));
}

#[test]
fn deposits_are_told_by_the_platform_and_stay_in_their_realm() {
    let facts = |_: &Story| [report(2, 2, ton(1)), confirm(1), reorganise(1), assign(1, BUYER)];
    let places = [
        (Some(HERE), Some(SHOP)),
        (None, None),
        (Some(Realm::Test(MerchantId(2))), None),
        (Some(Realm::Live), None),
        (Some(Realm::Test(MerchantId(9))), None),
    ];
    expect![[r#"
        refused: only the platform tells what a chain says
        refused: only the platform tells what a chain says
        refused: only the platform tells what a chain says
        refused: only the platform tells what a chain says
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        chain.address_assigned
        deposit.reported
        refused: there is no deposit 1
        refused: there is no deposit 1
        refused: there is no deposit 1
        chain.address_assigned
        deposit.reported
        refused: there is no deposit 1
        refused: there is no deposit 1
        refused: there is no deposit 1
        refused: there is no merchant-9
        refused: there is no merchant-9
        refused: there is no merchant-9
        refused: there is no merchant-9
    "#]]
    .assert_eq(&Story::tell_from(|| in_stage(Stage::Pending), places, facts));
    let story = in_stage(Stage::Confirmed);
    let place = Account::Chain(Label::TON, Place::Address(AddressId(2)));
    assert_eq!(story.balance(place, Currency::Ton), 5);
}
