//! Disputes, and how the operator decides them.

use expect_test::expect;

use super::*;

fn disputed() -> Story {
    tea([ship(1), dispute(1)])
}

#[test]
fn a_dispute_is_released_refunded_or_split() {
    let outcomes = [0, 40_00, 10_00, 25_00, 25_01, 30_00, 39_99].map(|minor| resolve(1, usd(minor)));
    expect![[r#"
        order.released: Dr escrow:ORD-00000001 15.00 USD · Dr points-held:ORD-00000001 25.00 SGP-USD · Cr exchange 25.00 SGP-USD · Dr exchange 25.00 USD · Cr merchant-pending:1 38.00 USD · Cr income:charge 2.00 USD
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr wallet:user-1 15.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        order.released: Dr escrow:ORD-00000001 15.00 USD · Dr points-held:ORD-00000001 15.00 SGP-USD · Cr exchange 15.00 SGP-USD · Dr exchange 15.00 USD · Cr merchant-pending:1 28.50 USD · Cr income:charge 1.50 USD
        points.given_back: Dr points-held:ORD-00000001 10.00 SGP-USD · Cr points:1 10.00 SGP-USD
        order.released: Dr escrow:ORD-00000001 15.00 USD · Cr merchant-pending:1 14.25 USD · Cr income:charge 0.75 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        order.released: Dr escrow:ORD-00000001 14.99 USD · Cr merchant-pending:1 14.24 USD · Cr income:charge 0.75 USD
        payment.refunded: Dr escrow:ORD-00000001 0.01 USD · Cr wallet:user-1 0.01 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        order.released: Dr escrow:ORD-00000001 10.00 USD · Cr merchant-pending:1 9.50 USD · Cr income:charge 0.50 USD
        payment.refunded: Dr escrow:ORD-00000001 5.00 USD · Cr wallet:user-1 5.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        order.released: Dr escrow:ORD-00000001 0.01 USD · Cr merchant-pending:1 0.01 USD
        payment.refunded: Dr escrow:ORD-00000001 14.99 USD · Cr wallet:user-1 14.99 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
    "#]].assert_eq(&Story::tell_apart(disputed, outcomes));
}

/// 1 yen of 3 back: the charge of 5 % on 1,000 yen is shared like the yen.
#[test]
fn the_charge_is_shared_as_the_money_is() {
    let disputed = || {
        let mut story = begun();
        [place(1, BOWL, 1, jpy(1_000), 0), pay_from_wallet(1), ship(1), dispute(1)]
            .into_iter()
            .for_each(|command| story.given(command));
        story
    };
    let outcomes = [1, 333, 990, 991, 999].map(|minor| resolve(1, jpy(minor)));
    expect![[r#"
        order.released: Dr escrow:ORD-00000001 999 JPY · Cr merchant-pending:1 949 JPY · Cr income:charge 50 JPY
        payment.refunded: Dr escrow:ORD-00000001 1 JPY · Cr wallet:user-1 1 JPY
        order.released: Dr escrow:ORD-00000001 667 JPY · Cr merchant-pending:1 634 JPY · Cr income:charge 33 JPY
        payment.refunded: Dr escrow:ORD-00000001 333 JPY · Cr wallet:user-1 333 JPY
        order.released: Dr escrow:ORD-00000001 10 JPY · Cr merchant-pending:1 9 JPY · Cr income:charge 1 JPY
        payment.refunded: Dr escrow:ORD-00000001 990 JPY · Cr wallet:user-1 990 JPY
        order.released: Dr escrow:ORD-00000001 9 JPY · Cr merchant-pending:1 9 JPY
        payment.refunded: Dr escrow:ORD-00000001 991 JPY · Cr wallet:user-1 991 JPY
        order.released: Dr escrow:ORD-00000001 1 JPY · Cr merchant-pending:1 1 JPY
        payment.refunded: Dr escrow:ORD-00000001 999 JPY · Cr wallet:user-1 999 JPY
    "#]].assert_eq(&Story::tell_apart(disputed, outcomes));
}

#[test]
fn only_what_there_is_can_be_shared() {
    let outcomes = [usd(-1), usd(40_01), usd(i128::MAX), sgp(1), jpy(1)];
    expect![[r#"
        refused: between 0.00 USD and 40.00 USD can go back to the buyer
        refused: between 0.00 USD and 40.00 USD can go back to the buyer
        refused: between 0.00 USD and 40.00 USD can go back to the buyer
        refused: the order is in USD
        refused: the order is in USD
    "#]]
    .assert_eq(&Story::tell_apart(disputed, outcomes.map(|amount| resolve(1, amount))));
}

#[test]
fn a_side_does_not_decide_its_own_dispute() {
    let mut story = disputed();
    story.context.tenant = Some(SHOP);
    expect![[r#"
        refused: only the operator decides a dispute
    "#]]
    .assert_eq(&story.tell([resolve(1, usd(0))]));
}

#[test]
fn nobody_but_the_buyer_confirms_accepts_or_objects() {
    let order = number(1);
    let by_stranger = [
        Command::ConfirmDelivery { order, buyer: STRANGER },
        Command::Release { order, buyer: STRANGER },
        Command::Dispute { order, buyer: STRANGER, private: None },
    ];
    expect![[r#"
        refused: there is no order ORD-00000001
        refused: there is no order ORD-00000001
        refused: there is no order ORD-00000001
    "#]]
    .assert_eq(&Story::tell_apart(|| tea([ship(1)]), by_stranger.map(domain::Command::Order)));
}

/// A user who was closed could once only watch the money go to the seller.
#[test]
fn a_buyer_objects_also_when_closed_since() {
    let mut story = tea([ship(1)]);
    story.given(domain::Command::User(domain::user::Command::Close { user: BUYER }));
    expect![[r#"
        order.disputed
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr wallet:user-1 15.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([dispute(1), resolve(1, usd(40_00))]));
}

/// A split gives points back before money; what is refunded after it comes from the seller's share.
#[test]
fn after_a_split_the_merchant_can_give_back_its_share_and_no_more() {
    let mut story = disputed();
    story.given(resolve(1, usd(10_00)));
    expect![[r#"
        refused: between 0.01 USD and 30.00 USD can go back to the buyer
        order.refunded: Dr merchant-pending:1 20.00 USD · Cr escrow:ORD-00000001 5.00 USD · Cr exchange 15.00 USD · Dr exchange 15.00 SGP-USD · Cr points-held:ORD-00000001 15.00 SGP-USD
        payment.refunded: Dr escrow:ORD-00000001 5.00 USD · Cr wallet:user-1 5.00 USD
        points.given_back: Dr points-held:ORD-00000001 15.00 SGP-USD · Cr points:1 15.00 SGP-USD
        order.refunded: Dr merchant-pending:1 8.50 USD · Dr receivable:1 1.50 USD · Cr escrow:ORD-00000001 10.00 USD
        payment.refunded: Dr escrow:ORD-00000001 10.00 USD · Cr wallet:user-1 10.00 USD
        refused: an order that is refunded cannot be refunded
    "#]].assert_eq(&story.tell([
        refund(1, Some(usd(30_01))),
        refund(1, Some(usd(20_00))),
        refund(1, None),
        refund(1, None),
    ]));
}

#[test]
fn a_tracking_number_is_there_and_can_be_printed() {
    let ship = |carrier: &str, tracking_number: &str| {
        let (carrier, tracking_number) = (carrier.to_owned(), tracking_number.to_owned());
        domain::Command::Order(Command::Ship { order: number(1), carrier, tracking_number })
    };
    let long = "7".repeat(64);
    let shipped = [
        ship("", "1"),
        ship("Yamato", ""),
        ship("Yamato", "  "),
        ship("Yamato", "47\n11"),
        ship("Yamato", &format!("{long}7")),
        ship(&long, &long),
        ship("ヤマト運輸", "４７１１"),
    ];
    expect![[r#"
        refused: carrier and tracking number are 1 to 64 printable characters
        refused: carrier and tracking number are 1 to 64 printable characters
        refused: carrier and tracking number are 1 to 64 printable characters
        refused: carrier and tracking number are 1 to 64 printable characters
        refused: carrier and tracking number are 1 to 64 printable characters
        order.shipped
        order.shipped
    "#]]
    .assert_eq(&Story::tell_apart(|| tea([]), shipped));
}
