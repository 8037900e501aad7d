//! What is reserved, what it costs, and what cannot be ordered.

use expect_test::expect;

use super::*;
use crate::{
    books::Realm,
    domain::{AMOUNT_MINOR_MAX, MerchantId, Span},
};

#[test]
fn an_order_is_paid_with_points_and_wallet_together() {
    expect![[r#"
        order.placed
        points.spent: Dr points:1 25.00 SGP-USD · Cr points-held:ORD-00000001 25.00 SGP-USD
        payment.created
        payment.captured: Dr wallet:user-1 15.00 USD · Cr escrow:ORD-00000001 15.00 USD
        order.paid
        order.shipped
        order.delivered
        order.released: Dr escrow:ORD-00000001 15.00 USD · Dr points-held:ORD-00000001 25.00 SGP-USD · Cr exchange 25.00 SGP-USD · Dr exchange 25.00 USD · Cr merchant-pending:1 38.00 USD · Cr income:charge 2.00 USD
    "#]].assert_eq(&begun().tell([
        place_tea(1, 25_00),
        pay_from_wallet(1),
        ship(1),
        confirm(1),
        release(1),
    ]));
}

#[test]
fn an_order_is_paid_by_a_card_and_what_was_too_much_goes_back() {
    expect![[r#"
        order.placed
        payment.created
        payment.captured: Dr rail:sandbox 40.00 USD · Cr escrow:ORD-00000001 40.00 USD
        order.paid
        payment.excess_received: Dr rail:sandbox 1.00 USD · Cr suspense:P000000000000000000000001 1.00 USD
        payment.excess_returned: Dr suspense:P000000000000000000000001 1.00 USD · Cr rail:sandbox 1.00 USD
    "#]]
    .assert_eq(&begun().tell([place_tea(1, 0), card_pays(1, usd(41_00))]));
}

#[test]
fn points_alone_pay_at_once() {
    expect![[r#"
        order.placed
        points.spent: Dr points:1 10.00 SGP-USD · Cr points-held:ORD-00000001 10.00 SGP-USD
        order.paid
        order.placed
        points.spent: Dr points:1 10.00 SGP-USD · Cr points-held:ORD-00000002 10.00 SGP-USD
        order.paid
        order.delivered
        order.released: Dr points-held:ORD-00000001 10.00 SGP-USD · Cr exchange 10.00 SGP-USD · Dr exchange 10.00 USD · Cr merchant-pending:1 9.50 USD · Cr income:charge 0.50 USD
        order.delivered
        order.released: Dr points-held:ORD-00000002 10.00 SGP-USD · Cr exchange 10.00 SGP-USD · Dr exchange 10.00 USD · Cr merchant-pending:1 9.50 USD · Cr income:charge 0.50 USD
    "#]].assert_eq(&begun().tell([
        place(1, MUSIC, 2, usd(10_00), 10_00),
        place(2, PRIZE, 1, sgp(10_00), 10_00),
        confirm(1),
        release(1),
        confirm(2),
        release(2),
    ]));
}

#[test]
fn an_order_in_yen_knows_no_points() {
    expect![[r#"
        refused: JPY cannot be paid with points
        order.placed
        payment.created
        payment.captured: Dr wallet:user-1 1000 JPY · Cr escrow:ORD-00000001 1000 JPY
        order.paid
        order.shipped
        order.delivered
        order.released: Dr escrow:ORD-00000001 1000 JPY · Cr merchant-pending:1 950 JPY · Cr income:charge 50 JPY
    "#]].assert_eq(&begun().tell([
        place(1, BOWL, 1, jpy(1_000), 1),
        place(1, BOWL, 1, jpy(1_000), 0),
        pay_from_wallet(1),
        ship(1),
        confirm(1),
        release(1),
    ]));
}

#[test]
fn what_cannot_be_ordered_is_refused_and_changes_nothing() {
    expect![[r#"
        refused: there is no listing 9
        refused: the quantity must be more than zero
        refused: only 10 are left
        refused: only 10 are left
        refused: it costs 20.00 USD
        refused: it costs 20.00 USD
        refused: between 0 and 20.00 SGP-USD points can be used
        refused: between 0 and 20.00 SGP-USD points can be used
        refused: between 0 and 20.00 SGP-USD points can be used
        refused: at most 30.00 SGP-USD can be spent
        refused: a price in SGP-USD is paid with points only
        refused: a price in SGP-USD is paid with points only
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [
            place(1, ListingId(9), 1, usd(1), 0),
            place(1, TEA, 0, usd(0), 0),
            place(1, TEA, 11, usd(220_00), 0),
            place(1, TEA, u32::MAX, usd(1), 0),
            place(1, TEA, 1, usd(19_99), 0),
            place(1, TEA, 1, sgp(20_00), 0),
            place(1, TEA, 1, usd(20_00), -1),
            place(1, TEA, 1, usd(20_00), 20_01),
            place(1, TEA, 1, usd(20_00), i128::MAX),
            place(1, TEA, 2, usd(40_00), 30_01),
            place(1, PRIZE, 1, sgp(10_00), 0),
            place(1, PRIZE, 1, sgp(10_00), 9_99),
        ],
    ));
}

#[test]
fn points_are_counted_in_points() {
    let domain::Command::Order(Command::Place(wish)) = place_tea(1, 0) else { unreachable!() };
    let in_dollars = Place { points: usd(1_00), ..wish };
    expect![[r#"
        refused: USD cannot be paid with points
    "#]]
    .assert_eq(&begun().tell([domain::Command::Order(Command::Place(in_dollars))]));
}

#[test]
fn more_than_can_be_counted_is_not_ordered() {
    let mut story = begun();
    story.given(list(usd(AMOUNT_MINOR_MAX), 10, true));
    let dearest = ListingId(5);
    expect![[r#"
        refused: the amount is too large
        order.placed
        payment.created
    "#]]
    .assert_eq(&story.tell([
        place(1, dearest, 2, usd(2 * AMOUNT_MINOR_MAX), 0),
        place(1, dearest, 1, usd(AMOUNT_MINOR_MAX), 0),
    ]));
}

#[test]
fn numbers_and_payments_are_used_once() {
    let domain::Command::Order(Command::Place(wish)) = place_tea(2, 0) else { unreachable!() };
    let other = Place { payment: payment_of(1), ..wish };
    expect![[r#"
        order.placed
        payment.created
        refused: an order with the number ORD-00000001 exists
        refused: a payment with the id P000000000000000000000001 exists
    "#]]
    .assert_eq(&begun().tell([
        place_tea(1, 0),
        place_tea(1, 0),
        domain::Command::Order(Command::Place(other)),
    ]));
}

#[test]
fn a_price_may_change_between_looking_and_ordering() {
    let mut story = begun();
    let reprice = listing::Command::Reprice { listing: TEA, price: usd(21_00) };
    story.given(domain::Command::Listing(reprice));
    expect![[r#"
        refused: it costs 42.00 USD
        order.placed
        payment.created
    "#]]
    .assert_eq(&story.tell([place_tea(1, 0), place(1, TEA, 2, usd(42_00), 0)]));
    story.given(domain::Command::Listing(listing::Command::Close { listing: TEA }));
    expect![[r#"
        refused: listing 1 is closed
    "#]]
    .assert_eq(&story.tell([place(2, TEA, 1, usd(21_00), 0)]));
}

#[test]
fn only_the_buyer_pays_and_points_are_chosen_when_ordering() {
    let payment = payment_of(1);
    let authorize =
        payment::Command::Authorize { payment, means: by(payment::Method::CreditCard), amount: usd(40_00) };
    let capture =
        |amount| domain::Command::Payment(payment::Command::Capture { payment, amount: Some(usd(amount)) });
    expect![[r#"
        order.placed
        payment.created
        refused: only its buyer pays order ORD-00000001
        refused: points for order ORD-00000001 were reserved when it was placed
        payment.authorized
        refused: between 40.00 USD and 40.00 USD can be captured
        payment.captured: Dr rail:sandbox 40.00 USD · Cr escrow:ORD-00000001 40.00 USD
        order.paid
        refused: that is done through order ORD-00000001
    "#]]
    .assert_eq(&begun().tell([
        place_tea(1, 0),
        pay(1, STRANGER, payment::Purse::Wallet),
        pay(1, BUYER, payment::Purse::Points),
        domain::Command::Payment(authorize),
        capture(39_99),
        capture(40_00),
        domain::Command::Payment(payment::Command::Refund { payment, amount: None }),
    ]));
}

#[test]
fn a_payment_for_an_order_comes_with_it() {
    let purpose = payment::Purpose::Order(number(1));
    let wish = payment::Create { purpose, ..samples::create(1, SHOP, usd(40_00)) };
    let create = domain::Command::Payment(payment::Command::Create(wish));
    expect![[r#"
        refused: that is done through order ORD-00000001
    "#]]
    .assert_eq(&begun().tell([create]));
}

#[test]
fn nobody_orders_across_tenants_or_realms() {
    let order = |buyer| {
        let domain::Command::Order(Command::Place(wish)) = place_tea(1, 0) else { unreachable!() };
        domain::Command::Order(Command::Place(Place { buyer: UserId(buyer), ..wish }))
    };
    let mut story = begun();
    expect![[r#"
        refused: there is no user-3
        refused: there is no user-9
    "#]]
    .assert_eq(&story.tell([order(3), order(9)]));
    story.given(place_tea(7, 0));
    story.context.tenant = Some(MerchantId(2));
    expect![[r#"
        refused: there is no user-1
        refused: there is no order ORD-00000007
        refused: there is no order ORD-00000007
        refused: there is no order ORD-00000007
    "#]]
    .assert_eq(&story.tell([order(1), ship(7), cancel(7, By::Merchant), refund(7, None)]));
    for realm in [None, Some(Realm::Live), Some(Realm::Test(MerchantId(2)))] {
        story.context = domain::Context { realm, tenant: None, ..story.context };
        let told = story.tell([place_tea(8, 0), ship(7), cancel(7, By::Buyer(BUYER)), dispute(7)]);
        assert!(
            told.lines().count() == 4 && told.lines().all(|line| line.starts_with("refused: ")),
            "{told}"
        );
    }
}

#[test]
fn a_closed_user_orders_nothing() {
    let mut story = begun();
    story.given(domain::Command::User(domain::user::Command::Close { user: BUYER }));
    expect![[r#"
        refused: user-1 is closed
    "#]]
    .assert_eq(&story.tell([place_tea(1, 0)]));
}

/// Twice two of ten, and what was called off is there again.
#[test]
fn what_is_ordered_is_not_on_the_shelf() {
    let order =
        |number: u32, quantity: u32| place(number, TEA, quantity, usd(20_00 * i128::from(quantity)), 0);
    let mut story = begun();
    expect![[r#"
        order.placed
        payment.created
        refused: only 0 are left
        payment.cancelled
        order.cancelled
        order.placed
        payment.created
        order.placed
        payment.created
        refused: only 0 are left
    "#]]
    .assert_eq(&story.tell([
        order(1, 10),
        order(2, 1),
        cancel(1, By::Buyer(BUYER)),
        order(2, 4),
        order(3, 6),
        order(4, 1),
    ]));
    story.wait(Span::hours(1));
    expect![[r#"
        order.placed
        payment.created
    "#]]
    .assert_eq(&story.tell([order(5, 10)]));
}
