//! How an order ends that is not delivered.

use expect_test::expect;

use super::*;
use crate::domain::Span;

fn stop(order: u32, command: impl Fn(PaymentId) -> payment::Command) -> domain::Command {
    domain::Command::Payment(command(payment_of(order)))
}

#[test]
fn the_end_of_either_order_or_payment_ends_both() {
    let fail = |payment| payment::Command::Fail { payment, reason: payment::FailReason::Rail };
    let placed = || {
        let mut story = begun();
        story.given(place_tea(1, 25_00));
        story
    };
    expect![[r#"
        payment.cancelled
        order.cancelled
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        payment.cancelled
        order.cancelled
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        payment.cancelled
        order.cancelled
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        payment.failed
        order.cancelled
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        refused: there is no order ORD-00000001
    "#]]
    .assert_eq(&Story::tell_apart(
        placed,
        [
            cancel(1, By::Buyer(BUYER)),
            cancel(1, By::Merchant),
            stop(1, |payment| payment::Command::Cancel { payment }),
            stop(1, fail),
            cancel(1, By::Buyer(STRANGER)),
        ],
    ));
}

#[test]
fn the_fifth_decline_is_the_end_of_the_order() {
    let (method, reason) = (payment::Method::CreditCard, payment::DeclineReason::InsufficientFunds);
    let decline = || stop(1, |payment| payment::Command::Decline { payment, method, reason });
    let mut story = begun();
    story.given(place_tea(1, 25_00));
    (0..4).for_each(|_| story.given(decline()));
    expect![[r#"
        payment.declined
        payment.failed
        order.cancelled
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        refused: a payment that is failed cannot be declined
    "#]]
    .assert_eq(&story.tell([decline(), decline()]));
}

#[test]
fn an_order_paid_and_not_shipped_is_cancelled_into_a_refund() {
    let cancelled = [cancel(1, By::Buyer(BUYER)), cancel(1, By::Merchant)];
    expect![[r#"
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr wallet:user-1 15.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr wallet:user-1 15.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
    "#]]
    .assert_eq(&Story::tell_apart(|| tea([]), cancelled));
    expect![[r#"
        refused: an order that is shipped cannot be cancelled
    "#]]
    .assert_eq(&tea([ship(1)]).tell([cancel(1, By::Buyer(BUYER))]));
}

/// The parts of a prepaid payment were on the way to escrow, and go back on their rail.
#[test]
fn held_parts_go_back_when_the_order_is_called_off() {
    let yen = jpy(1_000);
    let part = payment::Command::Receive {
        payment: payment_of(1),
        means: by(payment::Method::WebMoney),
        amount: jpy(400),
    };
    expect![[r#"
        order.placed
        payment.created
        payment.part_received: Dr rail:sandbox 400 JPY · Cr payment-held:P000000000000000000000001 400 JPY
        payment.cancelled: Dr payment-held:P000000000000000000000001 400 JPY · Cr rail:sandbox 400 JPY
        order.cancelled
    "#]]
    .assert_eq(&begun().tell([
        place(1, BOWL, 1, yen, 0),
        domain::Command::Payment(part),
        cancel(1, By::Merchant),
    ]));
}

/// Two tabs: the second pays what the first has called off.
#[test]
fn money_for_an_order_that_is_over_is_not_due() {
    let mut story = begun();
    story.given(place_tea(1, 0));
    story.given(cancel(1, By::Buyer(BUYER)));
    expect![[r#"
        payment.excess_received: Dr rail:sandbox 40.00 USD · Cr suspense:P000000000000000000000001 40.00 USD
        payment.excess_returned: Dr suspense:P000000000000000000000001 40.00 USD · Cr rail:sandbox 40.00 USD
        refused: a payment that is cancelled cannot be paid by a user
    "#]]
    .assert_eq(&story.tell([card_pays(1, usd(40_00)), pay_from_wallet(1)]));
}

#[test]
fn a_chargeback_in_escrow_refunds_the_order() {
    let paid = || {
        let mut story = begun();
        story.given(place_tea(1, 25_00));
        story.given(card_pays(1, usd(15_00)));
        story
    };
    let taken = [15_00, 10_00, 20_00].map(|minor| charge_back(1, usd(minor)));
    expect![[r#"
        order.refunded
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        payment.charged_back: Dr escrow:ORD-00000001 15.00 USD · Dr expense:chargeback 15.00 USD · Cr rail:sandbox 30.00 USD
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 5.00 USD · Cr rail:sandbox 5.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        payment.charged_back: Dr escrow:ORD-00000001 10.00 USD · Dr expense:chargeback 15.00 USD · Cr rail:sandbox 25.00 USD
        order.refunded
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        payment.charged_back: Dr escrow:ORD-00000001 15.00 USD · Dr expense:chargeback 20.00 USD · Cr rail:sandbox 35.00 USD
    "#]].assert_eq(&Story::tell_apart(paid, taken));
    let mut story = paid();
    story.given(charge_back(1, usd(10_00)));
    expect![[r#"
        payment.chargeback_won: Dr rail:sandbox 25.00 USD · Cr expense:chargeback 15.00 USD · Cr merchant-pending:1 10.00 USD
        refused: an order that is refunded cannot be refunded
        refused: an order that is refunded cannot be shipped
    "#]].assert_eq(&story.tell([win(1), refund(1, None), ship(1)]));
}

#[test]
fn a_chargeback_after_release_is_the_sellers() {
    let mut story = begun();
    [place_tea(1, 25_00), card_pays(1, usd(15_00)), ship(1), confirm(1), release(1)]
        .into_iter()
        .for_each(|command| story.given(command));
    expect![[r#"
        payment.charged_back: Dr merchant-pending:1 15.00 USD · Dr expense:chargeback 15.00 USD · Cr rail:sandbox 30.00 USD
        order.refunded: Dr merchant-pending:1 23.00 USD · Dr receivable:1 2.00 USD · Cr exchange 25.00 USD · Dr exchange 25.00 SGP-USD · Cr points-held:ORD-00000001 25.00 SGP-USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        refused: a payment that is charged_back cannot be refunded
        payment.chargeback_won: Dr rail:sandbox 30.00 USD · Cr expense:chargeback 15.00 USD · Cr receivable:1 2.00 USD · Cr merchant-pending:1 13.00 USD
        order.refunded: Dr merchant-pending:1 13.00 USD · Dr receivable:1 2.00 USD · Cr escrow:ORD-00000001 15.00 USD
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr rail:sandbox 15.00 USD
    "#]].assert_eq(&story.tell([
        charge_back(1, usd(15_00)),
        refund(1, Some(usd(25_00))),
        refund(1, Some(usd(1))),
        win(1),
        refund(1, None),
    ]));
}

/// Of an order that was disputed before it was sent, and paid for in part, every refund once put all of it back.
#[test]
fn stock_comes_back_only_if_it_never_left() {
    let left = |story: &Story| story.state.listings.get(&TEA).unwrap().stock;
    for (so_far, expected) in [
        (vec![], 8),
        (vec![cancel(1, By::Merchant)], 10),
        (vec![dispute(1), resolve(1, usd(40_00))], 10),
        (vec![dispute(1), resolve(1, usd(39_99))], 8),
        (vec![dispute(1), resolve(1, usd(39_99)), refund(1, None)], 8),
        (vec![ship(1), dispute(1), resolve(1, usd(40_00))], 8),
        (vec![ship(1), confirm(1), release(1), refund(1, None)], 8),
    ] {
        let told = format!("{so_far:?}");
        assert_eq!(left(&tea(so_far)), expected, "after {told}");
    }
    let mut story = tea([]);
    story.wait(Span::days(14));
    assert_eq!(left(&story), 10, "after the deadline for shipping");
}
