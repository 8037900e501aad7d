//! Arithmetic at the edges: the smallest orders, the largest, charges of nothing and of everything.

use expect_test::expect;

use super::*;
use crate::{
    domain::{AMOUNT_MINOR_MAX, merchant},
    money::Percent,
};

/// The shop charges so much from now on.
fn charging(story: &mut Story, percent: u8, fixed_yen: i128) {
    let percent = Percent::whole(percent);
    let rule = |rail| merchant::ChargeRule { rail, percent, fixed: Money::new(fixed_yen, Currency::Jpy) };
    let rules = vec![rule(Label::WALLET), rule(Label::SANDBOX)];
    let terms = merchant::Terms { percent, rules, refund_returns_charge: true, ..merchant::Terms::default() };
    story.given(domain::Command::Merchant(merchant::Command::SetTerms { merchant: SHOP, terms }));
}

fn yen(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

/// One piece at `price`, paid from the wallet and disputed, by a shop that charges so much.
fn disputed(price: Money, percent: u8, fixed_yen: i128) -> Story {
    let mut story = begun();
    charging(&mut story, percent, fixed_yen);
    story.given(list(price, 1, true));
    let listing = ListingId(5);
    [place(1, listing, 1, price, 0), pay_from_wallet(1), ship(1), dispute(1)]
        .into_iter()
        .for_each(|command| story.given(command));
    story
}

#[test]
fn one_yen_is_not_split() {
    let outcomes = [0, 1, 2].map(|minor| resolve(1, yen(minor)));
    expect![[r#"
        order.released: Dr escrow:ORD-00000001 1 JPY · Cr merchant-pending:1 1 JPY
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 1 JPY · Cr wallet:user-1 1 JPY
        refused: between 0 JPY and 1 JPY can go back to the buyer
    "#]]
    .assert_eq(&Story::tell_apart(|| disputed(yen(1), 5, 0), outcomes));
}

/// 3 yen at a charge of 2: each yen back takes its share, and three of them all.
#[test]
fn three_yen_go_back_one_by_one_with_the_charge_on_them() {
    let mut story = disputed(yen(3), 50, 0);
    story.given(resolve(1, yen(0)));
    let one = || refund(1, Some(yen(1)));
    expect![[r#"
        order.refunded: Dr income:charge 1 JPY · Cr escrow:ORD-00000001 1 JPY
        payment.refunded: Dr escrow:ORD-00000001 1 JPY · Cr wallet:user-1 1 JPY
        order.refunded: Dr merchant-pending:1 1 JPY · Cr escrow:ORD-00000001 1 JPY
        payment.refunded: Dr escrow:ORD-00000001 1 JPY · Cr wallet:user-1 1 JPY
        order.refunded: Dr income:charge 1 JPY · Cr escrow:ORD-00000001 1 JPY
        payment.refunded: Dr escrow:ORD-00000001 1 JPY · Cr wallet:user-1 1 JPY
        refused: an order that is refunded cannot be refunded
    "#]]
    .assert_eq(&story.tell([one(), one(), one(), one()]));
}

#[test]
fn a_charge_is_nothing_or_all_there_is_and_never_more() {
    for (percent, fixed, expected) in [
        (
            0,
            0,
            expect![[r#"
            order.released: Dr escrow:ORD-00000001 100 JPY · Cr merchant-pending:1 100 JPY
            order.released: Dr escrow:ORD-00000001 1 JPY · Cr merchant-pending:1 1 JPY
            payment.refunded: Dr escrow:ORD-00000001 99 JPY · Cr wallet:user-1 99 JPY
        "#]],
        ),
        (
            100,
            0,
            expect![[r#"
            order.released: Dr escrow:ORD-00000001 100 JPY · Cr income:charge 100 JPY
            order.released: Dr escrow:ORD-00000001 1 JPY · Cr income:charge 1 JPY
            payment.refunded: Dr escrow:ORD-00000001 99 JPY · Cr wallet:user-1 99 JPY
        "#]],
        ),
        (
            0,
            101,
            expect![[r#"
            order.released: Dr escrow:ORD-00000001 100 JPY · Cr income:charge 100 JPY
            order.released: Dr escrow:ORD-00000001 1 JPY · Cr income:charge 1 JPY
            payment.refunded: Dr escrow:ORD-00000001 99 JPY · Cr wallet:user-1 99 JPY
        "#]],
        ),
        (
            100,
            i128::MAX,
            expect![[r#"
            order.released: Dr escrow:ORD-00000001 100 JPY · Cr income:charge 100 JPY
            order.released: Dr escrow:ORD-00000001 1 JPY · Cr income:charge 1 JPY
            payment.refunded: Dr escrow:ORD-00000001 99 JPY · Cr wallet:user-1 99 JPY
        "#]],
        ),
    ] {
        let outcomes = [yen(0), yen(99)].map(|to_buyer| resolve(1, to_buyer));
        expected.assert_eq(&Story::tell_apart(|| disputed(yen(100), percent, fixed), outcomes));
    }
}

#[test]
fn the_largest_order_there_can_be_is_shared_to_the_cent() {
    let mut story = begun();
    story.given(list(usd(AMOUNT_MINOR_MAX), 1, true));
    let total = usd(AMOUNT_MINOR_MAX);
    [
        place(1, ListingId(5), 1, total, 25_00),
        card_pays(1, usd(AMOUNT_MINOR_MAX - 25_00)),
        ship(1),
        dispute(1),
    ]
    .into_iter()
    .for_each(|command| story.given(command));
    expect![[r#"
        order.released: Dr escrow:ORD-00000001 6666666666666666666666.67 USD · Cr merchant-pending:1 6333333333333333333333.34 USD · Cr income:charge 333333333333333333333.33 USD
        payment.refunded: Dr escrow:ORD-00000001 3333333333333333333308.33 USD · Cr rail:sandbox 3333333333333333333308.33 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
        order.refunded: Dr merchant-pending:1 6333333333333333333333.34 USD · Dr receivable:1 333333333333333333333.33 USD · Cr escrow:ORD-00000001 6666666666666666666666.67 USD
        payment.refunded: Dr escrow:ORD-00000001 6666666666666666666666.67 USD · Cr rail:sandbox 6666666666666666666666.67 USD
    "#]].assert_eq(&story.tell([resolve(1, usd(AMOUNT_MINOR_MAX / 3)), refund(1, None)]));
}
