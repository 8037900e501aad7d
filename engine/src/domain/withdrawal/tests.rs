//! Withdrawals, as data.

use expect_test::expect;

use super::{Action, Command, MESSAGE_LIFE_MAX, Request, Stage, TRANSITIONS};
use crate::{
    books::{Account, Holder, Label, Place, Realm},
    domain::{
        self, AMOUNT_MINOR_MAX, DepositId, Digest, MerchantId, Span, UserId, WithdrawalId,
        chain::{self, Block, Custody, Output, Owner},
        deposit,
        story::{HERE, SHOP, START, Story, credit, sgp, ton, usd, user},
        token, user as users, wallet,
    },
    money::{Currency, Money, Token},
    samples::{chain_address, chain_hash, output, sealed},
};

const WALLET: Custody = Custody::Wallet(Holder::User(UserId(1)));
const PROCESSOR: Custody = Custody::Processor(SHOP);
/// How long a message lives in these tests, as TON's do.
const LIFE: Span = Span::seconds(50);

fn coins(id: u32, minor: i128) -> Money {
    Money::new(minor, Currency::Token(Token::new(id, 9).unwrap()))
}

fn about(command: Command) -> domain::Command {
    domain::Command::Withdrawal(command)
}

fn request_as(from: Custody, network: Label, amount: Money, query: Option<u8>) -> domain::Command {
    let query = query.map(|query| Digest([query; 32]));
    about(Command::Request(Request { from, network, amount, query, destination: sealed(1) }))
}

fn request(from: Custody, amount: Money) -> domain::Command {
    request_as(from, Label::TON, amount, None)
}

fn send_by(story: &Story, message: u64, life: Span) -> domain::Command {
    let (withdrawal, message) = (WithdrawalId(1), chain_hash(message));
    about(Command::Send { withdrawal, message, expires_at: story.context.now + life })
}

fn process_as(number: u64, fee: Option<Money>) -> domain::Command {
    about(Command::Process { withdrawal: WithdrawalId(1), output: output(number), fee })
}

fn process(number: u64) -> domain::Command {
    process_as(number, None)
}

fn fail(message: u64) -> domain::Command {
    let (withdrawal, message) = (WithdrawalId(1), chain_hash(message));
    about(Command::Fail { withdrawal, message, transaction: chain_hash(99) })
}

fn give_up() -> domain::Command {
    about(Command::GiveUp { withdrawal: WithdrawalId(1) })
}

/// `amount` arrives for `custody`, as the deposit with this number.
fn arrive(story: &mut Story, number: u32, custody: Custody, amount: Money) {
    let (network, currency, owner) = (Label::TON, amount.currency, Owner::Keeps(custody));
    let (address, output) = (chain_address(number.into()), output(1_000 + u64::from(number)));
    let assign = chain::Command::Assign { network, address: address.clone(), currency, owner, private: None };
    story.given(domain::Command::Chain(assign));
    let report = deposit::Command::Report { network, output, address, amount, private: None };
    story.given(domain::Command::Deposit(report));
    let (deposit, block) = (DepositId(number), Block { number: 1, at: START });
    story.given(domain::Command::Deposit(deposit::Command::Confirm { deposit, block }));
}

/// Token 1 is a jetton of the first shop's, 2 is issued by it, 3 is a jetton of the second's. The first user has 500
/// and the shop's processor 800 of TON, the user 5 of the jetton, 5 that were issued, and 10.00 USD.
fn begun() -> Story {
    let mut story = Story::begin();
    for (tenant, network) in [(1, Some(Label::TON)), (1, None), (2, Some(Label::TON))] {
        let tenant = MerchantId(tenant);
        let register = token::Command::Register { tenant, digits: 9, is_transferable: true, network };
        story.given(domain::Command::Token(register));
    }
    arrive(&mut story, 1, WALLET, ton(500));
    arrive(&mut story, 2, PROCESSOR, ton(800));
    arrive(&mut story, 3, WALLET, coins(1, 5));
    let holder = user(1);
    story.given(domain::Command::Wallet(wallet::Command::Issue { holder, amount: coins(2, 5) }));
    story.given(credit(holder, usd(10_00)));
    story
}

/// 300 of the user's TON are asked for.
fn requested() -> Story {
    let mut story = begun();
    story.given(request(WALLET, ton(300)));
    story
}

/// And are in a message.
fn sent() -> Story {
    let mut story = requested();
    let send = send_by(&story, 1, LIFE);
    story.given(send);
    story
}

fn stage(story: &Story) -> Stage {
    story.state.withdrawals.get(&WithdrawalId(1)).unwrap().stage
}

fn held(story: &Story) -> i128 {
    story.state.balance(HERE, Account::Withdrawal(WithdrawalId(1)), Currency::Ton).minor
}

#[test]
fn coins_are_set_aside_sent_and_gone() {
    let mut story = begun();
    let told = story.tell([
        request(WALLET, ton(300)),
        request(PROCESSOR, ton(800)),
        request(WALLET, coins(1, 5)),
        request(WALLET, ton(200)),
    ]);
    let send = send_by(&story, 1, LIFE);
    let told = told + &story.tell([send, process_as(1, Some(ton(7)))]);
    expect![[r#"
        withdrawal.requested: Dr wallet:user-1 0.000000300 TON · Cr withdrawal:1 0.000000300 TON
        withdrawal.requested: Dr processor:1 0.000000800 TON · Cr withdrawal:2 0.000000800 TON
        withdrawal.requested: Dr wallet:user-1 0.000000005 TOKEN-1.9 · Cr withdrawal:3 0.000000005 TOKEN-1.9
        withdrawal.requested: Dr wallet:user-1 0.000000200 TON · Cr withdrawal:4 0.000000200 TON
        withdrawal.sent
        withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON · Dr expense:network-fee 0.000000007 TON · Cr chain:ton:hot 0.000000007 TON
    "#]]
    .assert_eq(&told);
    assert_eq!(story.wait(Span::days(1)), "", "its message does not expire any more");
}

#[test]
fn a_withdrawal_takes_what_is_there_and_no_more() {
    let amounts = [500, 501, 1, 0, -1, AMOUNT_MINOR_MAX + 1, i128::MAX];
    expect![[r#"
        withdrawal.requested: Dr wallet:user-1 0.000000500 TON · Cr withdrawal:1 0.000000500 TON
        refused: test-1/wallet:user-1/TON is short of 0.000000001
        withdrawal.requested: Dr wallet:user-1 0.000000001 TON · Cr withdrawal:1 0.000000001 TON
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: the amount is too large
    "#]]
    .assert_eq(&Story::tell_apart(begun, amounts.map(|minor| request(WALLET, ton(minor)))));
    expect![[r#"
        refused: test-1/processor:1/TON is short of 0.000000001
        refused: test-1/wallet:merchant-1/TON is short of 0.000000001
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [request(PROCESSOR, ton(801)), request(Custody::Wallet(Holder::Merchant(SHOP)), ton(1))],
    ));
}

#[test]
fn only_coins_leave_over_a_chain() {
    let to = |network, amount| request_as(WALLET, network, amount, None);
    expect![[r#"
        refused: points_not_redeemable_for_cash: points cannot be withdrawn
        refused: USD is on no chain
        refused: JPY is on no chain
        refused: KRW is on no chain
        refused: EUR is on no chain
        refused: TWD is on no chain
        refused: TOKEN-2.9 is issued by its tenant and cannot be cashed out
        refused: TOKEN-3.9 is no token of this tenant
        refused: TOKEN-9.9 is no token of this tenant
        refused: TOKEN-1.9 is not on ethereum
        refused: TON is not on ethereum
        refused: USDT is not on ton
        refused: TON is not on main
        refused: test-1/wallet:user-1/USDT is short of 0.000001
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [
            to(Label::TON, sgp(1)),
            to(Label::TON, usd(1)),
            to(Label::TON, Money::new(1, Currency::Jpy)),
            to(Label::TON, Money::new(1, Currency::Krw)),
            to(Label::TON, Money::new(1, Currency::Eur)),
            to(Label::TON, Money::new(1, Currency::Twd)),
            to(Label::TON, coins(2, 1)),
            to(Label::TON, coins(3, 1)),
            to(Label::TON, coins(9, 1)),
            to(Label::ETHEREUM, coins(1, 1)),
            to(Label::ETHEREUM, ton(1)),
            to(Label::TON, Money::new(1, Currency::Usdt)),
            to(Label::MAIN, ton(1)),
            to(Label::ETHEREUM, Money::new(1, Currency::Usdt)),
        ],
    ));
}

/// Whatever became of it: the name is used up, in this realm and by this tenant.
#[test]
fn a_query_repeats_nothing() {
    let ask = |query| request_as(PROCESSOR, Label::TON, ton(1), Some(query));
    let mut story = begun();
    let told = story.tell([ask(1), ask(1), ask(2), give_up(), ask(1), request(PROCESSOR, ton(1))]);
    story.context.realm = Some(Realm::Live);
    arrive(&mut story, 4, PROCESSOR, ton(5));
    let other = Custody::Processor(MerchantId(2));
    arrive(&mut story, 5, other, ton(5));
    let live = story.tell([ask(1), request_as(other, Label::TON, ton(1), Some(1)), ask(1)]);
    expect![[r#"
        withdrawal.requested: Dr processor:1 0.000000001 TON · Cr withdrawal:1 0.000000001 TON
        refused: this query was used before, for withdrawal 1
        withdrawal.requested: Dr processor:1 0.000000001 TON · Cr withdrawal:2 0.000000001 TON
        withdrawal.failed: Dr withdrawal:1 0.000000001 TON · Cr processor:1 0.000000001 TON
        refused: this query was used before, for withdrawal 1
        withdrawal.requested: Dr processor:1 0.000000001 TON · Cr withdrawal:3 0.000000001 TON
        withdrawal.requested: Dr processor:1 0.000000001 TON · Cr withdrawal:4 0.000000001 TON
        withdrawal.requested: Dr processor:2 0.000000001 TON · Cr withdrawal:5 0.000000001 TON
        refused: this query was used before, for withdrawal 4
    "#]]
    .assert_eq(&[told, live].concat());
}

/// To the microsecond; nothing is posted, nothing is lost, and it can go into another message.
#[test]
fn a_message_that_expires_unseen_gives_its_withdrawal_back_to_the_queue() {
    let mut told = String::new();
    for age in [Span(LIFE.0 - 1), LIFE, LIFE + Span::MICRO] {
        let mut story = sent();
        told += &story.wait(age);
        let again = send_by(&story, 2, LIFE);
        told += &story.tell([again]);
        assert_eq!((stage(&story), held(&story)), (Stage::Processing, 300));
    }
    expect![[r#"
        refused: a withdrawal that is processing cannot be sent
        at 2026-01-05T00:00:50Z
        withdrawal.expired
        withdrawal.sent
        at 2026-01-05T00:00:50Z
        withdrawal.expired
        withdrawal.sent
    "#]]
    .assert_eq(&told);
}

/// Around the expiry it is one and the same to the books: the coins left once.
#[test]
fn a_confirmation_is_booked_before_at_and_after_the_expiry() {
    let mut told = String::new();
    for age in [Span(LIFE.0 - 1), LIFE, LIFE + Span::MICRO, Span::days(30)] {
        let mut story = sent();
        story.wait(age);
        told += &format!("{}: {}", stage(&story), story.tell([process(1)]));
        assert_eq!((stage(&story), held(&story)), (Stage::Processed, 0));
    }
    expect![[r#"
        processing: withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        pending: withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        pending: withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        pending: withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
    "#]]
    .assert_eq(&told);
}

/// The first message had run after all, and then the second ran too: whoever was paid twice owes what is not there.
#[test]
fn coins_that_left_twice_are_booked_twice() {
    let mut story = sent();
    story.wait(LIFE);
    let again = send_by(&story, 2, LIFE);
    expect![[r#"
        withdrawal.sent
        withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        refused: 0000000000000000000000000000000000000000000000000000000000000001:0 was told before
        withdrawal.sent_anyway: Dr wallet:user-1 0.000000200 TON · Dr receivable:user-1 0.000000100 TON · Cr chain:ton:hot 0.000000300 TON · Dr expense:network-fee 0.000000007 TON · Cr chain:ton:hot 0.000000007 TON
        refused: 0000000000000000000000000000000000000000000000000000000000000002:0 was told before
    "#]]
    .assert_eq(&story.tell([
        again,
        process(1),
        process(1),
        process_as(2, Some(ton(7))),
        process(2),
    ]));
    assert_eq!(story.wait(Span::days(1)), "", "the second message does not expire any more");
}

#[test]
fn coins_that_left_after_they_were_given_back_are_taken_again() {
    let mut story = sent();
    story.wait(LIFE);
    expect![[r#"
        withdrawal.failed: Dr withdrawal:1 0.000000300 TON · Cr wallet:user-1 0.000000300 TON
        withdrawal.requested: Dr wallet:user-1 0.000000450 TON · Cr withdrawal:2 0.000000450 TON
        withdrawal.sent_anyway: Dr wallet:user-1 0.000000050 TON · Dr receivable:user-1 0.000000250 TON · Cr chain:ton:hot 0.000000300 TON
    "#]]
    .assert_eq(&story.tell([give_up(), request(WALLET, ton(450)), process(1)]));
    assert_eq!(stage(&story), Stage::Processed);
}

#[test]
fn what_comes_back_clears_what_is_owed_by_then() {
    let mut story = sent();
    let reorganise = deposit::Command::Reorganise { deposit: DepositId(1) };
    expect![[r#"
        deposit.reorganised: Dr wallet:user-1 0.000000200 TON · Dr receivable:user-1 0.000000300 TON · Cr chain:ton:address-1 0.000000500 TON
        withdrawal.failed: Dr withdrawal:1 0.000000300 TON · Cr receivable:user-1 0.000000300 TON
    "#]]
    .assert_eq(&story.tell([domain::Command::Deposit(reorganise), fail(1)]));
}

/// Only the last message says that the coins stayed: an earlier one is over whether it ran or not.
#[test]
fn only_the_last_message_can_fail() {
    let mut story = sent();
    story.wait(LIFE);
    let late = story.tell([fail(2)]);
    let again = send_by(&story, 2, LIFE);
    expect![[r#"
        refused: this is not the message it was last sent with
        withdrawal.sent
        refused: this is not the message it was last sent with
        withdrawal.failed: Dr withdrawal:1 0.000000300 TON · Cr wallet:user-1 0.000000300 TON
    "#]]
    .assert_eq(&(late + &story.tell([again, fail(1), fail(2)])));
    let mut story = sent();
    story.wait(LIFE);
    expect![[r#"
        withdrawal.failed: Dr withdrawal:1 0.000000300 TON · Cr wallet:user-1 0.000000300 TON
    "#]]
    .assert_eq(&story.tell([fail(1)]));
    expect![[r#"
        refused: this is not the message it was last sent with
    "#]]
    .assert_eq(&requested().tell([fail(1)]));
}

#[test]
fn a_message_expires_after_now_and_within_a_week() {
    let lives = [Span(-1), Span::ZERO, Span::MICRO, MESSAGE_LIFE_MAX, MESSAGE_LIFE_MAX + Span::MICRO];
    let told = lives.map(|life| {
        let mut story = requested();
        let send = send_by(&story, 1, life);
        story.tell([send])
    });
    let far = [i64::MIN, i64::MAX].map(|at| {
        let (withdrawal, message) = (WithdrawalId(1), chain_hash(1));
        let expires_at = domain::Timestamp(at);
        requested().tell([about(Command::Send { withdrawal, message, expires_at })])
    });
    expect![[r#"
        refused: a message expires after now and not after 2026-01-12T00:00:00Z
        refused: a message expires after now and not after 2026-01-12T00:00:00Z
        withdrawal.sent
        withdrawal.sent
        refused: a message expires after now and not after 2026-01-12T00:00:00Z
        refused: a message expires after now and not after 2026-01-12T00:00:00Z
        refused: a message expires after now and not after 2026-01-12T00:00:00Z
    "#]]
    .assert_eq(&[told.concat(), far.concat()].concat());
}

#[test]
fn a_fee_is_of_the_network_and_not_below_zero() {
    let fees = [ton(0), ton(-1), ton(AMOUNT_MINOR_MAX), ton(AMOUNT_MINOR_MAX + 1), usd(1), coins(1, 1)];
    expect![[r#"
        withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        refused: the fee is zero or more, in coins of ton, and no more than an amount can be
        withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON · Dr expense:network-fee 1000000000000000.000000000 TON · Cr chain:ton:hot 1000000000000000.000000000 TON
        refused: the fee is zero or more, in coins of ton, and no more than an amount can be
        refused: the fee is zero or more, in coins of ton, and no more than an amount can be
        withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON · Dr expense:network-fee 0.000000001 TOKEN-1.9 · Cr chain:ton:hot 0.000000001 TOKEN-1.9
    "#]]
    .assert_eq(&Story::tell_apart(sent, fees.map(|fee| process_as(1, Some(fee)))));
}

/// What was swept or moved under this output did not leave for a withdrawal.
#[test]
fn an_output_is_told_once_whatever_it_moved() {
    let (network, from, to) = (Label::TON, crate::books::Place::Hot, crate::books::Place::Cold);
    let moved = chain::Command::Move { network, from, to, amount: ton(1), output: output(1) };
    let moved = domain::Command::Chain(moved);
    let mut story = sent();
    expect![[r#"
        withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        refused: 0000000000000000000000000000000000000000000000000000000000000001:0 was told before
    "#]]
    .assert_eq(&story.tell([process(1), moved.clone()]));
    expect![[r#"
        chain.moved: Dr chain:ton:cold 0.000000001 TON · Cr chain:ton:hot 0.000000001 TON
        refused: 0000000000000000000000000000000000000000000000000000000000000001:0 was told before
    "#]]
    .assert_eq(&sent().tell([moved, process(1)]));
}

/// Every action in every stage, beside the table.
#[test]
fn a_withdrawal_goes_only_where_the_table_says() {
    let mut told = String::new();
    for from in Stage::ALL {
        for action in Action::ALL {
            let mut story = in_stage(from);
            let row = TRANSITIONS.iter().find(|row| row.action == action && row.from.contains(&from));
            let answer = match action {
                Action::Send => {
                    let send = send_by(&story, 2, LIFE);
                    story.tell([send])
                }
                Action::Expire => story.wait(LIFE),
                // One command: which of the two it is, the stage says.
                Action::Process | Action::SendAnyway if row.is_none() => continue,
                Action::Process | Action::SendAnyway => story.tell([process(2)]),
                Action::Fail => story.tell([fail(1)]),
                Action::GiveUp => story.tell([give_up()]),
            };
            assert_eq!(stage(&story), row.map_or(from, |row| row.to), "{from}, {action:?}");
            let answer = if answer.is_empty() { "nothing\n".to_owned() } else { answer };
            told += &format!("{from}, {}: {answer}", action.word());
            let open = matches!(stage(&story), Stage::Pending | Stage::Processing);
            assert_eq!(held(&story), if open { 300 } else { 0 });
        }
    }
    expect![[r#"
        pending, sent: withdrawal.sent
        pending, expired: nothing
        pending, processed: withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        pending, failed: withdrawal.failed: Dr withdrawal:1 0.000000300 TON · Cr wallet:user-1 0.000000300 TON
        pending, given up: withdrawal.failed: Dr withdrawal:1 0.000000300 TON · Cr wallet:user-1 0.000000300 TON
        processing, sent: refused: a withdrawal that is processing cannot be sent
        processing, expired: at 2026-01-05T00:00:50Z
        withdrawal.expired
        processing, processed: withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        processing, failed: withdrawal.failed: Dr withdrawal:1 0.000000300 TON · Cr wallet:user-1 0.000000300 TON
        processing, given up: refused: a withdrawal that is processing cannot be given up
        processed, sent: refused: a withdrawal that is processed cannot be sent
        processed, expired: nothing
        processed, failed: refused: a withdrawal that is processed cannot be failed
        processed, given up: refused: a withdrawal that is processed cannot be given up
        processed, sent anyway: withdrawal.sent_anyway: Dr wallet:user-1 0.000000200 TON · Dr receivable:user-1 0.000000100 TON · Cr chain:ton:hot 0.000000300 TON
        failed, sent: refused: a withdrawal that is failed cannot be sent
        failed, expired: nothing
        failed, failed: refused: a withdrawal that is failed cannot be failed
        failed, given up: refused: a withdrawal that is failed cannot be given up
        failed, sent anyway: withdrawal.sent_anyway: Dr wallet:user-1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
    "#]].assert_eq(&told);
}

/// One withdrawal that has come so far, sent once before where it can have been.
fn in_stage(to: Stage) -> Story {
    let mut story = sent();
    match to {
        Stage::Pending => assert_ne!(story.wait(LIFE), ""),
        Stage::Processing => {}
        Stage::Processed => story.given(process(1)),
        Stage::Failed => story.given(fail(1)),
    }
    assert_eq!(stage(&story), to);
    story
}

#[test]
fn a_holder_is_of_the_callers_tenant_and_open() {
    let mut story = requested();
    let told = story.tell([
        request(Custody::Wallet(user(3)), ton(1)),
        request(Custody::Wallet(user(9)), ton(1)),
        request(Custody::Processor(MerchantId(2)), ton(1)),
        request(Custody::Processor(MerchantId(9)), ton(1)),
    ]);
    story.context.tenant = Some(MerchantId(2));
    let others = story.tell([request(WALLET, ton(1)), request(PROCESSOR, ton(1))]);
    story.context.tenant = Some(SHOP);
    let own = story.tell([request(WALLET, ton(1))]);
    story.context.tenant = None;
    story.context.realm = None;
    let nowhere = story.tell([request(WALLET, ton(1))]);
    story.context.realm = Some(Realm::Test(MerchantId(2)));
    let elsewhere = story.tell([request(WALLET, ton(1))]);
    story.context.realm = Some(Realm::Live);
    let live = story.tell([request(WALLET, ton(1))]);
    story.context.realm = Some(HERE);
    story.given(domain::Command::User(users::Command::Close { user: UserId(1) }));
    let send = send_by(&story, 1, LIFE);
    let closed = story.tell([request(WALLET, ton(1)), send, fail(1)]);
    expect![[r#"
        refused: there is no user-3
        refused: there is no user-9
        refused: there is no merchant-2
        refused: there is no merchant-9
        refused: there is no user-1
        refused: there is no merchant-1
        withdrawal.requested: Dr wallet:user-1 0.000000001 TON · Cr withdrawal:2 0.000000001 TON
        refused: value lives in a realm: live, or a tenant's test realm
        refused: there is no user-1
        refused: live/wallet:user-1/TON is short of 0.000000001
        refused: user-1 is closed
        withdrawal.sent
        withdrawal.failed: Dr withdrawal:1 0.000000300 TON · Cr wallet:user-1 0.000000300 TON
    "#]]
    .assert_eq(&[told, others, own, nowhere, elsewhere, live, closed].concat());
}

#[test]
fn withdrawals_are_told_by_the_platform_and_stay_in_their_realm() {
    let places = [
        (Some(HERE), Some(SHOP)),
        (None, None),
        (Some(Realm::Test(MerchantId(2))), None),
        (Some(Realm::Live), None),
    ];
    let facts = |story: &Story| [send_by(story, 1, LIFE), process(1), fail(1), give_up()];
    expect![[r#"
        refused: only the platform tells what a chain says
        refused: only the platform tells what a chain says
        refused: only the platform tells what a chain says
        refused: only the platform tells what a chain says
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: there is no withdrawal 1
        refused: there is no withdrawal 1
        refused: there is no withdrawal 1
        refused: there is no withdrawal 1
        refused: there is no withdrawal 1
        refused: there is no withdrawal 1
        refused: there is no withdrawal 1
        refused: there is no withdrawal 1
    "#]]
    .assert_eq(&Story::tell_from(requested, places, facts));
    let unknown = |withdrawal| about(Command::GiveUp { withdrawal: WithdrawalId(withdrawal) });
    expect![[r#"
        refused: there is no withdrawal 0
        refused: there is no withdrawal 2
    "#]]
    .assert_eq(&requested().tell([unknown(0), unknown(2)]));
}

/// A transaction's fee is told by itself, or in parts with what it carried: told both ways, it was spent twice.
#[test]
fn a_fee_is_not_told_by_itself_and_in_parts() {
    let pay_fee = |number| {
        let (network, place, transaction) = (Label::TON, Place::Hot, chain_hash(number));
        domain::Command::Chain(chain::Command::PayFee { network, place, amount: ton(7), transaction })
    };
    let part = |withdrawal, fee| {
        let output = Output { index: withdrawal, ..output(1) };
        about(Command::Process { withdrawal: WithdrawalId(withdrawal), output, fee })
    };
    let ready = || {
        let mut story = requested();
        story.given(request(WALLET, ton(200)));
        story
    };
    expect![[r#"
        withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON · Dr expense:network-fee 0.000000004 TON · Cr chain:ton:hot 0.000000004 TON
        withdrawal.processed: Dr withdrawal:2 0.000000200 TON · Cr chain:ton:hot 0.000000200 TON · Dr expense:network-fee 0.000000003 TON · Cr chain:ton:hot 0.000000003 TON
        refused: the fee of 0000000000000000000000000000000000000000000000000000000000000001 was told before
        chain.fee_paid: Dr expense:network-fee 0.000000007 TON · Cr chain:ton:hot 0.000000007 TON
    "#]].assert_eq(&ready().tell([
        part(1, Some(ton(4))),
        part(2, Some(ton(3))),
        pay_fee(1),
        pay_fee(2),
    ]));
    expect![[r#"
        chain.fee_paid: Dr expense:network-fee 0.000000007 TON · Cr chain:ton:hot 0.000000007 TON
        refused: the fee of 0000000000000000000000000000000000000000000000000000000000000001 was told before
        withdrawal.processed: Dr withdrawal:1 0.000000300 TON · Cr chain:ton:hot 0.000000300 TON
        withdrawal.processed: Dr withdrawal:2 0.000000200 TON · Cr chain:ton:hot 0.000000200 TON
    "#]]
    .assert_eq(&ready().tell([pay_fee(1), part(1, Some(ton(4))), part(1, None), part(2, Some(ton(0)))]));
}
