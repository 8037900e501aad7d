//! Refunds of what the seller has been paid.

use expect_test::expect;

use super::*;
use crate::{
    domain::{Day, Span, merchant, settlement},
    money::Percent,
};

fn released() -> Story {
    tea([ship(1), confirm(1), release(1)])
}

#[test]
fn points_go_back_before_money_until_nothing_is_left() {
    let mut story = released();
    expect![[r#"
        order.refunded: Dr merchant-pending:1 10.00 USD · Cr exchange 10.00 USD · Dr exchange 10.00 SGP-USD · Cr points-held:ORD-00000001 10.00 SGP-USD
        points.given_back: Dr points-held:ORD-00000001 10.00 SGP-USD · Cr points:1 10.00 SGP-USD
        order.refunded: Dr merchant-pending:1 20.00 USD · Cr escrow:ORD-00000001 5.00 USD · Cr exchange 15.00 USD · Dr exchange 15.00 SGP-USD · Cr points-held:ORD-00000001 15.00 SGP-USD
        payment.refunded: Dr escrow:ORD-00000001 5.00 USD · Cr wallet:user-1 5.00 USD
        points.given_back: Dr points-held:ORD-00000001 15.00 SGP-USD · Cr points:1 15.00 SGP-USD
        refused: between 0.01 USD and 10.00 USD can go back to the buyer
        order.refunded: Dr merchant-pending:1 8.00 USD · Dr receivable:1 2.00 USD · Cr escrow:ORD-00000001 10.00 USD
        payment.refunded: Dr escrow:ORD-00000001 10.00 USD · Cr wallet:user-1 10.00 USD
        refused: an order that is refunded cannot be refunded
    "#]].assert_eq(&story.tell([
        refund(1, Some(usd(10_00))),
        refund(1, Some(usd(20_00))),
        refund(1, Some(usd(10_01))),
        refund(1, Some(usd(10_00))),
        refund(1, None),
    ]));
}

#[test]
fn a_refund_is_more_than_nothing_and_at_most_what_was_earned() {
    let amounts = [usd(0), usd(-1), usd(40_01), usd(i128::MAX), sgp(1)];
    expect![[r#"
        refused: between 0.01 USD and 40.00 USD can go back to the buyer
        refused: between 0.01 USD and 40.00 USD can go back to the buyer
        refused: between 0.01 USD and 40.00 USD can go back to the buyer
        refused: between 0.01 USD and 40.00 USD can go back to the buyer
        refused: the order is in USD
    "#]]
    .assert_eq(&Story::tell_apart(released, amounts.map(|amount| refund(1, Some(amount)))));
}

#[test]
fn a_merchant_may_be_left_owing_so_much_and_no_more() {
    let terms = merchant::Terms {
        receivable_percent: Percent::ZERO,
        receivable_floor_units: 30,
        ..merchant::Terms::default()
    };
    let after_payout = || {
        let mut story = released();
        story.given(domain::Command::Merchant(merchant::Command::SetTerms {
            merchant: SHOP,
            terms: terms.clone(),
        }));
        story.wait(Span::days(1));
        let through = Day(Day::of(story.context.now).0 - 1);
        let settle = settlement::Command::Settle { merchant: SHOP, currency: Currency::Usd, through };
        story.given(domain::Command::Settlement(settle));
        let (bank, amount) = (Label::MAIN, usd(38_00));
        let send = domain::payout::Command::Send { merchant: SHOP, amount, bank };
        story.given(domain::Command::Payout(send));
        story
    };
    let amounts = [30_01, 30_00].map(|minor| refund(1, Some(usd(minor))));
    expect![[r#"
        refused: the merchant would owe 30.01 USD after the refund, and may owe at most 30.00 USD
        order.refunded: Dr receivable:1 30.00 USD · Cr escrow:ORD-00000001 5.00 USD · Cr exchange 25.00 USD · Dr exchange 25.00 SGP-USD · Cr points-held:ORD-00000001 25.00 SGP-USD
        payment.refunded: Dr escrow:ORD-00000001 5.00 USD · Cr wallet:user-1 5.00 USD
        points.given_back: Dr points-held:ORD-00000001 25.00 SGP-USD · Cr points:1 25.00 SGP-USD
    "#]].assert_eq(&Story::tell_apart(after_payout, amounts));
    // The next sale clears what is owed.
    let mut story = after_payout();
    story.given(refund(1, Some(usd(30_00))));
    expect![[r#"
        order.placed
        payment.created
        payment.captured: Dr wallet:user-1 40.00 USD · Cr escrow:ORD-00000002 40.00 USD
        order.paid
        order.shipped
        order.delivered
        order.released: Dr escrow:ORD-00000002 40.00 USD · Cr receivable:1 30.00 USD · Cr merchant-pending:1 8.00 USD · Cr income:charge 2.00 USD
    "#]].assert_eq(&story.tell([
        place_tea(2, 0),
        pay_from_wallet(2),
        ship(2),
        confirm(2),
        release(2),
    ]));
}

#[test]
fn where_the_terms_return_the_charge_all_refunds_together_return_all_of_it() {
    let terms = merchant::Terms { refund_returns_charge: true, ..merchant::Terms::default() };
    let mut story = begun();
    story.given(domain::Command::Merchant(merchant::Command::SetTerms { merchant: SHOP, terms }));
    [place_tea(1, 25_00), pay_from_wallet(1), ship(1), confirm(1), release(1)]
        .into_iter()
        .for_each(|command| story.given(command));
    expect![[r#"
        order.refunded: Dr merchant-pending:1 12.66 USD · Dr income:charge 0.67 USD · Cr exchange 13.33 USD · Dr exchange 13.33 SGP-USD · Cr points-held:ORD-00000001 13.33 SGP-USD
        points.given_back: Dr points-held:ORD-00000001 13.33 SGP-USD · Cr points:1 13.33 SGP-USD
        order.refunded: Dr merchant-pending:1 12.67 USD · Dr income:charge 0.66 USD · Cr escrow:ORD-00000001 1.66 USD · Cr exchange 11.67 USD · Dr exchange 11.67 SGP-USD · Cr points-held:ORD-00000001 11.67 SGP-USD
        payment.refunded: Dr escrow:ORD-00000001 1.66 USD · Cr wallet:user-1 1.66 USD
        points.given_back: Dr points-held:ORD-00000001 11.67 SGP-USD · Cr points:1 11.67 SGP-USD
        order.refunded: Dr merchant-pending:1 12.67 USD · Dr income:charge 0.67 USD · Cr escrow:ORD-00000001 13.34 USD
        payment.refunded: Dr escrow:ORD-00000001 13.34 USD · Cr wallet:user-1 13.34 USD
    "#]].assert_eq(&story.tell([
        refund(1, Some(usd(13_33))),
        refund(1, Some(usd(13_33))),
        refund(1, None),
    ]));
}

/// What is in escrow is nobody's earning; what is released and given back stands in the settlement of its day.
#[test]
fn orders_are_settled_when_they_are_released() {
    let settle = |story: &Story| {
        let through = Day(Day::of(story.context.now).0 - 1);
        domain::Command::Settlement(settlement::Command::Settle {
            merchant: SHOP,
            currency: Currency::Usd,
            through,
        })
    };
    let mut story = tea([ship(1)]);
    story.wait(Span::days(1));
    let wish = settle(&story);
    expect![[r#"
        refused: there is nothing to settle through 2026-01-05
    "#]]
    .assert_eq(&story.tell([wish]));
    story.given(confirm(1));
    story.given(release(1));
    story.given(refund(1, Some(usd(10_00))));
    story.wait(Span::days(1));
    let wish = settle(&story);
    expect![[r#"
        settlement.closed: Dr merchant-pending:1 28.00 USD · Cr merchant-available:1 28.00 USD
    "#]]
    .assert_eq(&story.tell([wish]));
}
