//! What happens to an order by itself, and exactly when.

use expect_test::expect;

use super::*;
use crate::domain::{Span, merchant};

#[test]
fn an_order_that_is_not_paid_in_half_an_hour_ends_with_its_payment() {
    let mut story = begun();
    story.given(place_tea(1, 25_00));
    assert_eq!(story.wait(Span::seconds(30 * 60) - Span::MICRO), "");
    expect![[r#"
        at 2026-01-05T00:30:00Z
        payment.expired
        order.cancelled
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
    "#]]
    .assert_eq(&story.wait(Span::MICRO));
}

#[test]
fn an_order_waits_as_long_as_the_konbini_does() {
    let instructions = Vec::new();
    let yen = jpy(1_000);
    let waits =
        payment::Command::Await { payment: payment_of(1), means: by(payment::Method::Konbini), instructions };
    let mut story = begun();
    story.given(place(1, BOWL, 1, yen, 0));
    story.given(domain::Command::Payment(waits));
    assert_eq!(story.wait(Span::days(3)), "");
    expect![[r#"
        at 2026-01-08T14:59:59Z
        payment.expired
        order.cancelled
    "#]]
    .assert_eq(&story.wait(Span::days(1)));
}

#[test]
fn an_order_goes_on_by_itself_when_nobody_does_anything() {
    let mut story = tea([ship(1)]);
    assert_eq!(story.wait(Span::days(21) - Span::MICRO), "");
    expect![[r#"
        at 2026-01-26T00:00:00Z
        order.delivered
    "#]]
    .assert_eq(&story.wait(Span::MICRO));
    assert_eq!(story.wait(Span::days(7) - Span::MICRO), "");
    expect![[r#"
        at 2026-02-02T00:00:00Z
        order.released: Dr escrow:ORD-00000001 15.00 USD · Dr points-held:ORD-00000001 25.00 SGP-USD · Cr exchange 25.00 SGP-USD · Dr exchange 25.00 USD · Cr merchant-pending:1 38.00 USD · Cr income:charge 2.00 USD
    "#]].assert_eq(&story.wait(Span::MICRO));
    assert_eq!(story.wait(Span::days(100)), "");
}

#[test]
fn an_order_that_is_not_shipped_in_14_days_is_refunded() {
    let mut story = tea([]);
    assert_eq!(story.wait(Span::days(14) - Span::MICRO), "");
    expect![[r#"
        at 2026-01-19T00:00:00Z
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr wallet:user-1 15.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
    "#]]
    .assert_eq(&story.wait(Span::MICRO));
}

/// Nothing can be late that is not sent.
#[test]
fn what_is_not_sent_is_taken_to_be_there_after_21_days() {
    let mut story = begun();
    story.given(place(1, MUSIC, 2, usd(10_00), 0));
    story.given(pay_from_wallet(1));
    expect![[r#"
        refused: nothing of this order is shipped
    "#]]
    .assert_eq(&story.tell([ship(1)]));
    expect![[r#"
        at 2026-01-26T00:00:00Z
        order.delivered
        at 2026-02-02T00:00:00Z
        order.released: Dr escrow:ORD-00000001 10.00 USD · Cr merchant-pending:1 9.50 USD · Cr income:charge 0.50 USD
    "#]].assert_eq(&story.wait(Span::days(28)));
}

#[test]
fn a_dispute_stops_every_deadline() {
    for so_far in [vec![], vec![ship(1)], vec![ship(1), confirm(1)]] {
        let mut story = tea(so_far);
        story.given(dispute(1));
        assert_eq!(story.wait(Span::days(170)), "");
    }
}

/// A server that was off commits each step at its own time.
#[test]
fn steps_that_are_overdue_happen_in_their_order() {
    expect![[r#"
        at 2026-01-26T00:00:00Z
        order.delivered
        at 2026-02-02T00:00:00Z
        order.released: Dr escrow:ORD-00000001 15.00 USD · Dr points-held:ORD-00000001 25.00 SGP-USD · Cr exchange 25.00 SGP-USD · Dr exchange 25.00 USD · Cr merchant-pending:1 38.00 USD · Cr income:charge 2.00 USD
        at 2026-07-04T00:00:00Z
        points.lapsed: Dr points:1 5.00 SGP-USD · Cr income:breakage 5.00 SGP-USD
    "#]].assert_eq(&tea([ship(1)]).wait(Span::days(400)));
}

#[test]
fn deadlines_are_the_tenants() {
    let deadlines = |accept| merchant::Deadlines {
        pay: Span::hours(2),
        ship: Span::days(2),
        deliver: Span::days(3),
        accept,
    };
    let set = |accept| {
        let (merchant, deadlines) = (SHOP, deadlines(accept));
        domain::Command::Merchant(merchant::Command::SetOrderDeadlines { merchant, deadlines })
    };
    let mut story = begun();
    expect![[r#"
        refused: a deadline of an order is from a minute to 365 days
        refused: a deadline of an order is from a minute to 365 days
        refused: a deadline of an order is from a minute to 365 days
        merchant.order_deadlines_set
    "#]]
    .assert_eq(&story.tell([
        set(Span::seconds(59)),
        set(Span::ZERO),
        set(Span::days(365) + Span::MICRO),
        set(Span::seconds(60)),
    ]));
    story.given(place_tea(1, 0));
    assert_eq!(story.wait(Span::hours(2) - Span::MICRO), "");
    story.given(pay_from_wallet(1));
    story.given(ship(1));
    expect![[r#"
        at 2026-01-08T01:59:59.999999Z
        order.delivered
        at 2026-01-08T02:00:59.999999Z
        order.released: Dr escrow:ORD-00000001 40.00 USD · Cr merchant-pending:1 38.00 USD · Cr income:charge 2.00 USD
    "#]].assert_eq(&story.wait(Span::days(4)));
}
