//! Settlements, as data.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Closed, Command, Event};
use crate::{
    books::{Account, Entry, Label, Realm},
    domain::{
        self, Context, Day, MerchantId, Span,
        payment::{self, Means, Method},
        payout, settlement,
        story::{HERE, SHOP, START, Story, sgp, usd},
    },
    money::{Currency, Money},
    samples::{self, payment_id},
};

/// The day on which a story begins, at nine in the morning.
const MONDAY: i64 = START.tokyo_day();

fn about(command: payment::Command) -> domain::Command {
    domain::Command::Payment(command)
}

/// A payment is made and paid by card.
fn pay(story: &mut Story, number: u64, amount: Money) {
    story.given(about(payment::Command::Create(samples::create(number, SHOP, amount))));
    let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
    story.given(about(payment::Command::Receive { payment: payment_id(number), means, amount }));
}

fn refund(number: u64, minor: i128) -> domain::Command {
    about(payment::Command::Refund { payment: payment_id(number), amount: Some(usd(minor)) })
}

fn charge_back(number: u64, minor: i128) -> domain::Command {
    let (amount, fee) = (usd(minor), usd(15_00));
    let payment = payment_id(number);
    about(payment::Command::ChargeBack { payment, amount, fee, rail: Label::SANDBOX })
}

fn win(number: u64) -> domain::Command {
    about(payment::Command::WinChargeback { payment: payment_id(number) })
}

fn send(minor: i128) -> domain::Command {
    let command = payout::Command::Send { merchant: SHOP, amount: usd(minor), bank: Label::MAIN };
    domain::Command::Payout(command)
}

/// So many days after Monday.
fn settle(days: i64) -> domain::Command {
    let through = Day(MONDAY + days);
    domain::Command::Settlement(Command::Settle { merchant: SHOP, currency: Currency::Usd, through })
}

/// What a settlement says, and what it leads to.
fn tell(story: &mut Story, command: domain::Command) -> String {
    let decided = domain::decide(&story.state, &command, &story.context).unwrap_or_default();
    let said = decided.iter().map(|event| match event {
        domain::Event::Settlement(Event::Closed(closed)) => figures(closed),
        other => panic!("{other:?} is no settlement"),
    });
    said.collect::<String>() + &story.tell([command])
}

fn figures(closed: &Closed) -> String {
    let of = &closed.figures;
    let lines = [
        ("gross", of.gross),
        ("− charges", of.charges),
        ("+ charges returned", of.charges_returned),
        ("− refunds", of.refunds),
        ("− chargebacks", of.chargebacks),
        ("+ won back", of.won_back),
        ("+ from available", of.from_available),
        ("+ from receivable", of.from_receivable),
        ("− receivable cleared", of.receivable_cleared),
    ];
    let lines = lines.iter().filter(|(_, money)| !money.is_zero());
    let text: String = lines.map(|(name, money)| format!("{name} {} ", money.to_decimal())).collect();
    let [net, carried_in, moved, carried_out] =
        [closed.net, closed.carried_in, closed.moved, closed.carried_out].map(Money::to_decimal);
    format!(
        "{} to {}: {text}= {net}; {carried_in} carried in, {moved} moved, {carried_out} carried out\n",
        closed.from, closed.through
    )
}

fn pending(story: &Story) -> i128 {
    story.state.balance(HERE, Account::MerchantPending(SHOP), Currency::Usd).minor
}

/// Settles each of `days` in turn.
fn check(story: &mut Story, days: &[i64], then: Expect) {
    let told: String = days.iter().map(|days| tell(story, settle(*days))).collect();
    then.assert_eq(&told);
}

#[test]
fn a_period_is_everything_since_the_last_that_is_over() {
    let mut story = Story::begin();
    pay(&mut story, 1, usd(100_00));
    story.given(refund(1, 30_00));
    story.wait(Span::days(1));
    pay(&mut story, 2, usd(10_00));
    story.wait(Span::days(2));
    pay(&mut story, 3, usd(1_00));
    check(
        &mut story,
        &[1, 2, 3],
        expect![[r#"
            2026-01-05 to 2026-01-06: gross 110.00 − charges 5.50 − refunds 30.00 = 74.50; 0.00 carried in, 74.50 moved, 0.00 carried out
            settlement.closed: Dr merchant-pending:1 74.50 USD · Cr merchant-available:1 74.50 USD
            refused: there is nothing to settle through 2026-01-07
            refused: 2026-01-08 is not over: today is 2026-01-08
        "#]],
    );
    story.wait(Span::days(1));
    check(
        &mut story,
        &[3],
        expect![[r#"
            2026-01-07 to 2026-01-08: gross 1.00 − charges 0.05 = 0.95; 0.00 carried in, 0.95 moved, 0.00 carried out
            settlement.closed: Dr merchant-pending:1 0.95 USD · Cr merchant-available:1 0.95 USD
        "#]],
    );
    assert_eq!(pending(&story), 0);
}

/// Midnight in Tokyo is at three in the afternoon, UTC; a story begins at midnight, UTC.
#[test]
fn a_day_can_be_settled_from_the_midnight_after_it() {
    let midnight = Span::hours(15);
    for (after, expected) in [
        (
            Span(midnight.0 - 1),
            expect![[r#"
                refused: 2026-01-05 is not over: today is 2026-01-05
            "#]],
        ),
        (
            midnight,
            expect![[r#"
                2026-01-05 to 2026-01-05: gross 100.00 − charges 5.00 = 95.00; 0.00 carried in, 95.00 moved, 0.00 carried out
                settlement.closed: Dr merchant-pending:1 95.00 USD · Cr merchant-available:1 95.00 USD
            "#]],
        ),
    ] {
        let mut story = Story::begin();
        pay(&mut story, 1, usd(100_00));
        story.wait(after);
        check(&mut story, &[0], expected);
    }
    // What happens at midnight belongs to the day after.
    for (after, expected) in [
        (
            Span(midnight.0 - 1),
            expect![[r#"
                2026-01-05 to 2026-01-05: gross 100.00 − charges 5.00 = 95.00; 0.00 carried in, 95.00 moved, 0.00 carried out
                settlement.closed: Dr merchant-pending:1 95.00 USD · Cr merchant-available:1 95.00 USD
            "#]],
        ),
        (
            midnight,
            expect![[r#"
                refused: there is nothing to settle through 2026-01-05
            "#]],
        ),
    ] {
        let mut story = Story::begin();
        story.wait(after);
        pay(&mut story, 1, usd(100_00));
        story.wait(Span::days(2));
        check(&mut story, &[0], expected);
    }
}

#[test]
fn what_cannot_be_is_refused_in_this_order() {
    let begun = || {
        let mut story = Story::begin();
        pay(&mut story, 1, usd(100_00));
        story.wait(Span::days(1));
        story
    };
    let wish = |merchant, currency, days| {
        let through = Day(MONDAY + days);
        domain::Command::Settlement(Command::Settle { merchant: MerchantId(merchant), currency, through })
    };
    expect![[r#"
        refused: there is no merchant-9
        refused: there is no merchant-2
        refused: merchants are not paid in SGP-USD
        refused: 2026-01-06 is not over: today is 2026-01-06
        refused: 9223372036854775807 days since 1970 is not over: today is 2026-01-06
        refused: there is nothing to settle through 2026-01-05
        refused: there is nothing to settle through 2026-01-04
        refused: there is nothing to settle through -9223372036854755350 days since 1970
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [
            wish(9, Currency::SgpUsd, 9),
            wish(2, Currency::SgpUsd, 9),
            wish(1, Currency::SgpUsd, 9),
            wish(1, Currency::Usd, 1),
            wish(1, Currency::Usd, i64::MAX - MONDAY),
            wish(1, Currency::Jpy, 0),
            wish(1, Currency::Usd, -1),
            wish(1, Currency::Usd, i64::MIN),
        ],
    ));
    let mut story = begun();
    story.given(settle(0));
    expect![[r#"
        refused: everything through 2026-01-05 is settled already
        refused: everything through 2026-01-05 is settled already
    "#]]
    .assert_eq(&story.tell([settle(0), settle(-1)]));
    story.context.tenant = Some(MerchantId(2));
    expect![[r#"
        refused: there is no merchant-1
    "#]]
    .assert_eq(&story.tell([settle(0)]));
    story.context = Context { realm: None, tenant: None, ..story.context };
    expect![[r#"
        refused: value lives in a realm: live, or a tenant's test realm
    "#]]
    .assert_eq(&story.tell([settle(0)]));
}

#[test]
fn a_settlement_is_of_one_realm_and_one_currency() {
    let mut story = Story::begin();
    pay(&mut story, 1, usd(100_00));
    pay(&mut story, 2, Money::new(1_000, Currency::Jpy));
    story.wait(Span::days(1));
    let yen = Command::Settle { merchant: SHOP, currency: Currency::Jpy, through: Day(MONDAY) };
    expect![[r#"
        2026-01-05 to 2026-01-05: gross 1000 − charges 50 = 950; 0 carried in, 950 moved, 0 carried out
        settlement.closed: Dr merchant-pending:1 950 JPY · Cr merchant-available:1 950 JPY
        2026-01-05 to 2026-01-05: gross 100.00 − charges 5.00 = 95.00; 0.00 carried in, 95.00 moved, 0.00 carried out
        settlement.closed: Dr merchant-pending:1 95.00 USD · Cr merchant-available:1 95.00 USD
    "#]]
    .assert_eq(&(tell(&mut story, domain::Command::Settlement(yen)) + &tell(&mut story, settle(0))));
    story.context.realm = Some(Realm::Live);
    expect![[r#"
        refused: there is nothing to settle through 2026-01-05
    "#]]
    .assert_eq(&tell(&mut story, settle(0)));
}

/// Points are paid out in dollars, at par.
#[test]
fn a_price_in_points_is_settled_in_dollars() {
    let mut story = Story::begin();
    let holder = domain::UserId(1);
    story.given(domain::Command::Points(domain::points::Command::Grant { holder, quantity: sgp(10_00) }));
    story.given(about(payment::Command::Create(samples::create(1, SHOP, sgp(10_00)))));
    let purse = payment::Purse::Points;
    story.given(about(payment::Command::PayByUser { payment: payment_id(1), payer: holder, purse }));
    let amount = Some(sgp(4_00));
    story.given(about(payment::Command::Refund { payment: payment_id(1), amount }));
    story.wait(Span::days(1));
    check(
        &mut story,
        &[0],
        expect![[r#"
            2026-01-05 to 2026-01-05: gross 10.00 − charges 0.50 − refunds 4.00 = 5.50; 0.00 carried in, 5.50 moved, 0.00 carried out
            settlement.closed: Dr merchant-pending:1 5.50 USD · Cr merchant-available:1 5.50 USD
        "#]],
    );
}

#[test]
fn the_method_fee_was_never_the_merchants() {
    let mut story = Story::begin();
    let wish = payment::Create { method_fee: usd(2_00), ..samples::create(1, SHOP, usd(100_00)) };
    story.given(about(payment::Command::Create(wish)));
    let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
    story.given(about(payment::Command::Receive { payment: payment_id(1), means, amount: usd(102_00) }));
    story.wait(Span::days(1));
    check(
        &mut story,
        &[0],
        expect![[r#"
            2026-01-05 to 2026-01-05: gross 100.00 − charges 5.00 = 95.00; 0.00 carried in, 95.00 moved, 0.00 carried out
            settlement.closed: Dr merchant-pending:1 95.00 USD · Cr merchant-available:1 95.00 USD
        "#]],
    );
}

/// 95.00 are ready and paid out but for 20.00. A refund of 60.00 takes them and leaves 40.00 owing; the next
/// capture clears those.
#[test]
fn what_was_taken_from_elsewhere_and_cleared_is_told() {
    let mut story = Story::begin();
    pay(&mut story, 1, usd(100_00));
    story.wait(Span::days(1));
    story.given(settle(0));
    story.given(send(75_00));
    story.given(refund(1, 60_00));
    story.wait(Span::days(1));
    pay(&mut story, 2, usd(100_00));
    story.wait(Span::days(1));
    check(
        &mut story,
        &[1, 2],
        expect![[r#"
            2026-01-06 to 2026-01-06: − refunds 60.00 + from available 20.00 + from receivable 40.00 = 0.00; 0.00 carried in, 0.00 moved, 0.00 carried out
            settlement.closed
            2026-01-07 to 2026-01-07: gross 100.00 − charges 5.00 − receivable cleared 40.00 = 55.00; 0.00 carried in, 55.00 moved, 0.00 carried out
            settlement.closed: Dr merchant-pending:1 55.00 USD · Cr merchant-available:1 55.00 USD
        "#]],
    );
}

#[test]
fn chargebacks_count_as_far_as_the_merchant_bears_them() {
    let mut story = Story::begin();
    pay(&mut story, 1, usd(100_00));
    pay(&mut story, 2, usd(100_00));
    story.wait(Span::days(1));
    story.given(charge_back(1, 250_00));
    story.wait(Span::days(1));
    story.given(win(1));
    story.wait(Span::days(1));
    check(
        &mut story,
        &[0, 1, 2],
        expect![[r#"
            2026-01-05 to 2026-01-05: gross 200.00 − charges 10.00 = 190.00; 0.00 carried in, 190.00 moved, 0.00 carried out
            settlement.closed: Dr merchant-pending:1 190.00 USD · Cr merchant-available:1 190.00 USD
            2026-01-06 to 2026-01-06: − chargebacks 100.00 = -100.00; 0.00 carried in, 0.00 moved, -100.00 carried out
            settlement.closed
            2026-01-07 to 2026-01-07: + won back 100.00 = 100.00; -100.00 carried in, 0.00 moved, 0.00 carried out
            settlement.closed
        "#]],
    );
    assert_eq!(pending(&story), 0);
}

/// On Monday 95.00 were earned, of which 60.00 went back on Tuesday: Monday's settlement finds only 35.00.
#[test]
fn what_cannot_be_moved_is_carried_forward() {
    let mut story = Story::begin();
    pay(&mut story, 1, usd(100_00));
    story.wait(Span::days(1));
    story.given(refund(1, 60_00));
    story.wait(Span::days(1));
    check(
        &mut story,
        &[0, 1],
        expect![[r#"
            2026-01-05 to 2026-01-05: gross 100.00 − charges 5.00 = 95.00; 0.00 carried in, 35.00 moved, 60.00 carried out
            settlement.closed: Dr merchant-pending:1 35.00 USD · Cr merchant-available:1 35.00 USD
            2026-01-06 to 2026-01-06: − refunds 60.00 = -60.00; 60.00 carried in, 0.00 moved, 0.00 carried out
            settlement.closed
        "#]],
    );
    assert_eq!(pending(&story), 0);
}

/// What was carried moves as soon as it is there, though nothing happened on the days of the period.
#[test]
fn what_was_carried_moves_when_it_can() {
    let mut story = Story::begin();
    pay(&mut story, 1, usd(100_00));
    story.wait(Span::days(3));
    story.given(refund(1, 60_00));
    story.given(settle(0));
    expect![[r#"
        refused: there is nothing to settle through 2026-01-06
    "#]]
    .assert_eq(&tell(&mut story, settle(1)));
    pay(&mut story, 2, usd(10_00));
    check(
        &mut story,
        &[1],
        expect![[r#"
            2026-01-06 to 2026-01-06: = 0.00; 60.00 carried in, 9.50 moved, 50.50 carried out
            settlement.closed: Dr merchant-pending:1 9.50 USD · Cr merchant-available:1 9.50 USD
        "#]],
    );
}

/// Monday is settled when Wednesday has earned as much as Tuesday gave back.
#[test]
fn a_negative_net_moves_nothing_and_is_carried_forward() {
    let mut story = Story::begin();
    pay(&mut story, 1, usd(100_00));
    story.wait(Span::days(1));
    story.given(refund(1, 95_00));
    story.wait(Span::days(1));
    pay(&mut story, 2, usd(100_00));
    story.wait(Span::days(1));
    check(
        &mut story,
        &[0, 1, 2],
        expect![[r#"
            2026-01-05 to 2026-01-05: gross 100.00 − charges 5.00 = 95.00; 0.00 carried in, 95.00 moved, 0.00 carried out
            settlement.closed: Dr merchant-pending:1 95.00 USD · Cr merchant-available:1 95.00 USD
            2026-01-06 to 2026-01-06: − refunds 95.00 = -95.00; 0.00 carried in, 0.00 moved, -95.00 carried out
            settlement.closed
            2026-01-07 to 2026-01-07: gross 100.00 − charges 5.00 = 95.00; -95.00 carried in, 0.00 moved, 0.00 carried out
            settlement.closed
        "#]],
    );
    assert_eq!(pending(&story), 0);
}

/// A charge of everything: a day on which something happened is closed, though nothing moves.
#[test]
fn a_day_that_comes_to_nothing_is_closed_like_any_other() {
    let mut story = Story::begin();
    let terms = domain::merchant::Terms { percent: crate::money::Percent::whole(100), ..Default::default() };
    let agree = domain::merchant::Command::SetTerms { merchant: SHOP, terms };
    let realm = story.context.realm.take();
    story.given(domain::Command::Merchant(agree));
    story.context.realm = realm;
    pay(&mut story, 1, usd(100_00));
    story.wait(Span::days(1));
    check(
        &mut story,
        &[0, 0],
        expect![[r#"
            2026-01-05 to 2026-01-05: gross 100.00 − charges 100.00 = 0.00; 0.00 carried in, 0.00 moved, 0.00 carried out
            settlement.closed
            refused: everything through 2026-01-05 is settled already
        "#]],
    );
}

/// Whatever got money into the account without telling the open days of it, it is not moved on.
#[test]
fn figures_that_are_not_what_is_pending_settle_nothing() {
    let mut story = Story::begin();
    pay(&mut story, 1, usd(100_00));
    let entry = Entry::write()
        .debit(Account::Rail(Label::SANDBOX), usd(1))
        .credit(Account::MerchantPending(SHOP), usd(1))
        .close();
    story.state.post(HERE, &entry);
    story.wait(Span::days(1));
    check(
        &mut story,
        &[0],
        expect![[r#"
            refused: the open days come to 95.00 USD, and 95.01 USD are pending
        "#]],
    );
}

/// What happened is kept by day, and only until it is settled.
#[test]
fn days_that_are_settled_are_forgotten() {
    let mut story = Story::begin();
    let days = |story: &Story| {
        let open = story.state.open_days.get(&(HERE, SHOP, Currency::Usd)).unwrap();
        open.days().iter().map(|(day, _)| day.0 - MONDAY).collect::<Vec<_>>()
    };
    for number in 0..6 {
        pay(&mut story, number, usd(1_00));
        story.wait(Span::hours(12));
    }
    assert_eq!(days(&story), [0, 1, 2]);
    story.given(settle(1));
    assert_eq!(days(&story), [2]);
    story.given(settle(2));
    assert_eq!(days(&story), []);
}

/// What can happen on a day.
#[derive(Debug, Clone)]
enum Turn {
    Pay(i128),
    Refund(u64, i128),
    ChargeBack(u64, i128),
    Win(u64),
    Send(i128),
    Wait(i64),
    Settle(i64),
}

fn turn() -> impl Strategy<Value = Turn> {
    let (payment, minor) = (0..6u64, 1..200_00i128);
    prop_oneof![
        4 => minor.clone().prop_map(Turn::Pay),
        3 => (payment.clone(), minor.clone()).prop_map(|(number, minor)| Turn::Refund(number, minor)),
        1 => (payment.clone(), minor.clone()).prop_map(|(number, minor)| Turn::ChargeBack(number, minor)),
        1 => payment.prop_map(Turn::Win),
        1 => minor.prop_map(Turn::Send),
        4 => (1..40i64).prop_map(Turn::Wait),
        3 => (1..4i64).prop_map(Turn::Settle),
    ]
}

proptest! {
    /// After any settlement what is pending is what was carried and what the days after it come to; after every
    /// day has been settled, nothing is.
    #[test]
    fn settling_every_day_leaves_nothing_pending(turns in proptest::collection::vec(turn(), 1..60)) {
        let (mut story, mut payments) = (Story::begin(), 0);
        for turn in turns {
            let today = Day::of(story.context.now).0 - MONDAY;
            match turn {
                Turn::Pay(minor) => {
                    pay(&mut story, payments, usd(minor));
                    payments += 1;
                }
                Turn::Refund(number, minor) => drop(story.tell([refund(number, minor)])),
                Turn::ChargeBack(number, minor) => drop(story.tell([charge_back(number, minor)])),
                Turn::Win(number) => drop(story.tell([win(number)])),
                Turn::Send(minor) => drop(story.tell([send(minor)])),
                Turn::Wait(hours) => drop(story.wait(Span::hours(hours))),
                Turn::Settle(before) => drop(story.tell([settle(today - before)])),
            }
            let open = story.state.open_days.get(&(HERE, SHOP, Currency::Usd));
            let nets = open.iter().flat_map(|open| open.days()).map(|(_, figures)| figures.net().minor);
            let carried = open.as_ref().map_or(0, |open| open.carried().minor);
            prop_assert_eq!(carried + nets.sum::<i128>(), pending(&story));
        }
        story.wait(Span::days(1));
        let through = Day(Day::of(story.context.now).0 - 1);
        let command = Command::Settle { merchant: SHOP, currency: Currency::Usd, through };
        let before = pending(&story);
        match settlement::decide(&story.state, &command, &story.context) {
            Ok(_) => drop(story.tell([domain::Command::Settlement(command)])),
            Err(refused) => prop_assert_eq!((refused, before), (settlement::Rejection::Nothing(through), 0)),
        }
        prop_assert_eq!(pending(&story), 0);
    }
}
