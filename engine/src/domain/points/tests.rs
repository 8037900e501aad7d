//! Points, as data.

use expect_test::expect;

use super::{Command, LIFETIME, LOTS_MAX};
use crate::{
    domain::{
        self, Span, UserId, payment,
        payment::Purse,
        story::{HERE, SHOP, START, Story, credit, sgp, usd, user},
    },
    money::Money,
    samples::{self, payment_id},
};

fn grant(minor: i128) -> domain::Command {
    domain::Command::Points(Command::Grant { holder: UserId(1), quantity: sgp(minor) })
}

fn buy(minor: i128) -> domain::Command {
    domain::Command::Points(Command::Buy { holder: UserId(1), price: usd(minor) })
}

fn pay(number: u64) -> domain::Command {
    let wish =
        payment::Command::PayByUser { payment: payment_id(number), payer: UserId(1), purse: Purse::Points };
    domain::Command::Payment(wish)
}

fn refund(number: u64, amount: Money) -> domain::Command {
    domain::Command::Payment(payment::Command::Refund { payment: payment_id(number), amount: Some(amount) })
}

/// The first user has 100.00 in the wallet.
fn begun() -> Story {
    let mut story = Story::begin();
    story.given(credit(user(1), usd(100_00)));
    story
}

/// A payment of `price` in dollars that the first user pays with points.
fn paid(story: &mut Story, number: u64, price: i128) -> String {
    let wish = samples::create(number, SHOP, usd(price));
    story.given(domain::Command::Payment(payment::Command::Create(wish)));
    story.tell([pay(number)])
}

/// What is left of each lot, in the order they are drawn from.
fn lots(story: &Story) -> Vec<(u32, i128)> {
    let lots = story.state.points.get(&(HERE, UserId(1))).unwrap_or_default();
    lots.open().iter().map(|lot| (lot.number, lot.remaining.minor)).collect()
}

#[test]
fn points_are_given_away_and_bought_at_par() {
    expect![[r#"
        points.issued: Dr expense:promotion 5.00 SGP-USD · Cr points:1 5.00 SGP-USD
        points.issued: Dr wallet:user-1 60.00 USD · Cr exchange 60.00 USD · Dr exchange 60.00 SGP-USD · Cr points:1 60.00 SGP-USD
        refused: test-1/wallet:user-1/USD is short of 0.01
        points.issued: Dr wallet:user-1 40.00 USD · Cr exchange 40.00 USD · Dr exchange 40.00 SGP-USD · Cr points:1 40.00 SGP-USD
    "#]].assert_eq(&begun().tell([grant(5_00), buy(60_00), buy(40_01), buy(40_00)]));
}

#[test]
fn what_cannot_be_is_refused() {
    let wrong = |quantity| domain::Command::Points(Command::Grant { holder: UserId(1), quantity });
    let elsewhere = |user| domain::Command::Points(Command::Grant { holder: UserId(user), quantity: sgp(1) });
    let price = domain::Command::Points(Command::Buy { holder: UserId(1), price: sgp(1) });
    expect![[r#"
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: USD where SGP-USD is meant
        refused: SGP-USD where USD is meant
        refused: there is no user-3
        refused: there is no user-9
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [
            grant(0),
            grant(-1),
            grant(domain::AMOUNT_MINOR_MAX + 1),
            wrong(usd(1)),
            price,
            elsewhere(3),
            elsewhere(9),
        ],
    ));
}

/// 180 × 24 hours after its issue, to the microsecond.
#[test]
fn a_lot_can_be_spent_until_its_expiry_and_not_a_moment_longer() {
    for (age, expected) in [
        (
            Span(LIFETIME.0 - 1),
            expect![[r#"
            payment.captured: Dr exchange 4.00 USD · Cr merchant-pending:1 3.80 USD · Cr income:charge 0.20 USD
            points.spent: Dr points:1 4.00 SGP-USD · Cr exchange 4.00 SGP-USD
            webhook.owed
        "#]],
        ),
        (
            LIFETIME,
            expect![[r#"
            at 2026-07-04T00:00:00Z
            points.lapsed: Dr points:1 10.00 SGP-USD · Cr expense:promotion 10.00 SGP-USD
            refused: at most 0.00 SGP-USD can be spent
        "#]],
        ),
        (
            LIFETIME + Span::MICRO,
            expect![[r#"
            at 2026-07-04T00:00:00Z
            points.lapsed: Dr points:1 10.00 SGP-USD · Cr expense:promotion 10.00 SGP-USD
            refused: at most 0.00 SGP-USD can be spent
        "#]],
        ),
    ] {
        let mut story = begun();
        story.given(grant(10_00));
        let due = story.wait(age);
        expected.assert_eq(&format!("{due}{}", paid(&mut story, 1, 4_00)));
    }
}

/// Law 4: the sweep makes no difference to what can be spent.
#[test]
fn what_can_be_spent_does_not_depend_on_the_sweep() {
    let mut story = begun();
    story.given(grant(10_00));
    story.wait(Span::days(1));
    story.given(grant(3_00));
    let spendable = |story: &Story, at| {
        story.state.points.get(&(HERE, UserId(1))).unwrap_or_default().spendable(at).minor
    };
    let edge = START + LIFETIME;
    let before: Vec<_> = [edge - Span::MICRO, edge].map(|at| spendable(&story, at)).into();
    assert_eq!(before, [13_00, 3_00], "unswept");
    let lots = story.state.points.get(&(HERE, UserId(1))).unwrap_or_default();
    let drawn = |at| lots.draw(sgp(4_00), at).is_some();
    assert_eq!([edge - Span::MICRO, edge].map(drawn), [true, false], "nor is what has expired drawn from");
    story.wait(Span::days(179));
    assert_eq!(story.context.now, edge);
    assert_eq!(spendable(&story, edge), 3_00, "swept");
}

#[test]
fn paid_points_lapse_to_breakage_and_free_ones_to_the_promotion_they_came_from() {
    let mut story = begun();
    story.given(buy(10_00));
    story.wait(Span::hours(1));
    story.given(grant(5_00));
    expect![[r#"
        at 2026-07-04T00:00:00Z
        points.lapsed: Dr points:1 10.00 SGP-USD · Cr income:breakage 10.00 SGP-USD
        at 2026-07-04T01:00:00Z
        points.lapsed: Dr points:1 5.00 SGP-USD · Cr expense:promotion 5.00 SGP-USD
    "#]]
    .assert_eq(&story.wait(Span::days(181)));
    assert_eq!(lots(&story), []);
}

/// First what expires first; of equal expiry free before paid, then the oldest.
#[test]
fn lots_are_drawn_from_in_order() {
    let mut story = begun();
    story.given(buy(3_00));
    story.given(grant(2_00));
    story.wait(Span::hours(1));
    story.given(grant(1_00));
    assert_eq!(lots(&story), [(2, 2_00), (1, 3_00), (3, 1_00)]);
    paid(&mut story, 1, 2_50);
    assert_eq!(lots(&story), [(1, 2_50), (3, 1_00)]);
    paid(&mut story, 2, 3_00);
    assert_eq!(lots(&story), [(3, 50)]);
    expect![[r#"
        refused: at most 0.50 SGP-USD can be spent
    "#]]
    .assert_eq(&paid(&mut story, 3, 51));
}

#[test]
fn a_refund_goes_back_to_the_same_lots_in_reverse() {
    let mut story = begun();
    story.given(grant(2_00));
    story.wait(Span::hours(1));
    story.given(buy(3_00));
    paid(&mut story, 1, 4_50);
    assert_eq!(lots(&story), [(2, 50)]);
    expect![[r#"
        payment.refunded: Dr merchant-pending:1 1.00 USD · Cr exchange 1.00 USD
        points.given_back: Dr exchange 1.00 SGP-USD · Cr points:1 1.00 SGP-USD
        payment.refunded: Dr merchant-pending:1 2.00 USD · Cr exchange 2.00 USD
        points.given_back: Dr exchange 2.00 SGP-USD · Cr points:1 2.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([refund(1, usd(1_00)), refund(1, usd(2_00))]));
    assert_eq!(lots(&story), [(1, 50), (2, 3_00)], "the paid lot has its own again, then the free one");
}

/// Nothing ever extends a lot: what comes back after its expiry lapses in the same commit.
#[test]
fn what_comes_back_too_late_lapses_at_once() {
    let mut story = begun();
    story.given(grant(2_00));
    story.wait(Span::days(10));
    story.given(buy(3_00));
    paid(&mut story, 1, 4_00);
    story.wait(Span::days(175));
    expect![[r#"
        payment.refunded: Dr merchant-pending:1 3.80 USD · Dr receivable:1 0.20 USD · Cr exchange 4.00 USD
        points.given_back: Dr exchange 4.00 SGP-USD · Cr points:1 4.00 SGP-USD
        points.lapsed: Dr points:1 2.00 SGP-USD · Cr expense:promotion 2.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([refund(1, usd(4_00))]));
    assert_eq!(lots(&story), [(2, 3_00)]);
    let mut story = begun();
    story.given(buy(3_00));
    paid(&mut story, 1, 3_00);
    story.wait(Span::days(366));
    expect![[r#"
        payment.refunded: Dr merchant-pending:1 2.85 USD · Dr receivable:1 0.15 USD · Cr exchange 3.00 USD
        points.given_back: Dr exchange 3.00 SGP-USD · Cr points:1 3.00 SGP-USD
        points.lapsed: Dr points:1 3.00 SGP-USD · Cr income:breakage 3.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([refund(1, usd(3_00))]));
    assert_eq!(lots(&story), [], "refunded after a year");
}

#[test]
fn a_price_in_points_is_paid_with_points_only() {
    let mut story = begun();
    story.given(grant(10_00));
    let wish = samples::create(1, SHOP, sgp(10_00));
    story.given(domain::Command::Payment(payment::Command::Create(wish)));
    let by_wallet =
        payment::Command::PayByUser { payment: payment_id(1), payer: UserId(1), purse: Purse::Wallet };
    expect![[r#"
        refused: a price in SGP-USD is paid with points only
        payment.captured: Dr exchange 10.00 USD · Cr merchant-pending:1 9.50 USD · Cr income:charge 0.50 USD
        points.spent: Dr points:1 10.00 SGP-USD · Cr exchange 10.00 SGP-USD
        webhook.owed
        payment.refunded: Dr merchant-pending:1 4.00 USD · Cr exchange 4.00 USD
        points.given_back: Dr exchange 4.00 SGP-USD · Cr points:1 4.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([domain::Command::Payment(by_wallet), pay(1), refund(1, sgp(4_00))]));
    assert_eq!(lots(&story), [(1, 4_00)]);
}

#[test]
fn a_holder_has_no_more_lots_than_are_kept() {
    let mut story = begun();
    for _ in 0..LOTS_MAX {
        story.given(grant(1));
    }
    expect![[r#"
        refused: the holder has 4096 lots with points left
    "#]]
    .assert_eq(&story.tell([grant(1)]));
}

/// Four thousand lots spent, as many more issued, and the first given back: all of it in one payment, refunded after
/// its expiry, once was more events than a commit holds.
#[test]
fn what_one_payment_draws_can_always_be_given_back() {
    let mut story = begun();
    let fill = |story: &mut Story| (0..LOTS_MAX).for_each(|_| story.given(grant(1)));
    let all = i128::try_from(LOTS_MAX).unwrap();
    fill(&mut story);
    paid(&mut story, 1, all);
    fill(&mut story);
    story.given(refund(1, usd(all)));
    assert_eq!(lots(&story).len(), 2 * LOTS_MAX);
    expect![[r#"
        refused: one payment draws from at most 4096 lots of points
    "#]]
    .assert_eq(&paid(&mut story, 2, all + 1));
    paid(&mut story, 3, all);
    story.wait(Span::days(366));
    let command = refund(3, usd(all));
    let events = domain::decide(&story.state, &command, &story.context).unwrap();
    assert_eq!(events.len(), LOTS_MAX + 2, "refunded, given back, and every lot lapsed");
    assert!(events.len() <= crate::log::EVENTS_MAX);
}
