//! Points on an order: spent when they are reserved, given back to the very lots they were drawn from.

use expect_test::expect;

use super::*;
use crate::domain::Span;

/// What the buyer can spend.
fn spendable(story: &Story) -> i128 {
    let lots = story.state.points.get(&(crate::domain::story::HERE, BUYER)).unwrap_or_default();
    lots.spendable(story.context.now).minor
}

/// An order that lies in dispute while its points grow old.
fn in_dispute() -> Story {
    tea([ship(1), dispute(1)])
}

#[test]
fn points_reserved_before_their_expiry_are_redeemed_after_it() {
    let mut story = in_dispute();
    // Of 30.00 points, the 5.00 that were not reserved lapse.
    expect![[r#"
        at 2026-07-04T00:00:00Z
        points.lapsed: Dr points:1 5.00 SGP-USD · Cr income:breakage 5.00 SGP-USD
    "#]]
    .assert_eq(&story.wait(Span::days(200)));
    expect![[r#"
        order.released: Dr escrow:ORD-00000001 15.00 USD · Dr points-held:ORD-00000001 25.00 SGP-USD · Cr exchange 25.00 SGP-USD · Dr exchange 25.00 USD · Cr merchant-pending:1 38.00 USD · Cr income:charge 2.00 USD
    "#]].assert_eq(&story.tell([resolve(1, usd(0))]));
}

#[test]
fn points_given_back_before_their_expiry_can_be_spent_and_lapse_with_their_lots() {
    let mut story = in_dispute();
    story.wait(Span::days(180) - Span::MICRO);
    assert_eq!(spendable(&story), 5_00);
    expect![[r#"
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr wallet:user-1 15.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([resolve(1, usd(40_00))]));
    assert_eq!(spendable(&story), 30_00);
    expect![[r#"
        at 2026-07-04T00:00:00Z
        points.lapsed: Dr points:1 20.00 SGP-USD · Cr expense:promotion 20.00 SGP-USD
        at 2026-07-04T00:00:00Z
        points.lapsed: Dr points:1 10.00 SGP-USD · Cr income:breakage 10.00 SGP-USD
    "#]]
    .assert_eq(&story.wait(Span::MICRO));
    assert_eq!(spendable(&story), 0);
}

#[test]
fn points_given_back_after_their_expiry_lapse_in_the_same_commit() {
    for late in [Span::ZERO, Span::days(185)] {
        let mut story = in_dispute();
        story.wait(Span::days(180) + late);
        let told = story.tell([resolve(1, usd(40_00))]);
        assert_eq!(told.matches("points.lapsed").count(), 2, "one line a lot: {told}");
        assert_eq!(spendable(&story), 0);
    }
    let mut story = in_dispute();
    story.wait(Span::days(180));
    expect![[r#"
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr wallet:user-1 15.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        points.lapsed: Dr points:1 5.00 SGP-USD · Cr income:breakage 5.00 SGP-USD
        points.lapsed: Dr points:1 20.00 SGP-USD · Cr expense:promotion 20.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([resolve(1, usd(40_00))]));
}

#[test]
fn points_refunded_a_year_after_the_release_lapse_at_once() {
    let mut story = tea([ship(1), confirm(1), release(1)]);
    story.wait(Span::days(365));
    expect![[r#"
        order.refunded: Dr merchant-pending:1 38.00 USD · Dr receivable:1 2.00 USD · Cr escrow:ORD-00000001 15.00 USD · Cr exchange 25.00 USD · Dr exchange 25.00 SGP-USD · Cr points-held:ORD-00000001 25.00 SGP-USD
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr wallet:user-1 15.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        points.lapsed: Dr points:1 5.00 SGP-USD · Cr income:breakage 5.00 SGP-USD
        points.lapsed: Dr points:1 20.00 SGP-USD · Cr expense:promotion 20.00 SGP-USD
    "#]].assert_eq(&story.tell([refund(1, None)]));
}

#[test]
fn what_is_reserved_cannot_be_spent_twice() {
    let mut story = begun();
    expect![[r#"
        order.placed
        points.spent: Dr points:1 25.00 SGP-USD · Cr points-held:ORD-00000001 25.00 SGP-USD
        payment.created
        refused: at most 5.00 SGP-USD can be spent
        order.placed
        points.spent: Dr points:1 5.00 SGP-USD · Cr points-held:ORD-00000002 5.00 SGP-USD
        payment.created
        refused: at most 0.00 SGP-USD can be spent
    "#]]
    .assert_eq(&story.tell([place_tea(1, 25_00), place_tea(2, 5_01), place_tea(2, 5_00), place_tea(3, 1)]));
}
