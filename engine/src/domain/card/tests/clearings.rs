//! What a scheme collects and brings back: facts, however much and however late.

use expect_test::expect;

use super::*;
use crate::{
    domain::{AMOUNT_MINOR_MAX, ListingId, listing, order, payment, story::sgp, wallet},
    samples,
};

#[test]
fn a_purchase_is_cleared_whole_or_in_parts() {
    expect![[r#"
        card.cleared: Dr wallet-held:authorization-1 60.00 USD · Cr rail:issuing 60.00 USD
    "#]]
    .assert_eq(&held().tell([clear(1, usd(60_00))]));
    expect![[r#"
        card.cleared: Dr wallet-held:authorization-1 10.00 USD · Cr rail:issuing 10.00 USD
        card.cleared: Dr wallet-held:authorization-1 20.00 USD · Cr rail:issuing 20.00 USD
        card.cleared: Dr wallet-held:authorization-1 30.00 USD · Cr rail:issuing 30.00 USD
        card.cleared: Dr wallet:user-1 0.01 USD · Cr rail:issuing 0.01 USD
    "#]]
    .assert_eq(&held().tell([
        clear(1, usd(10_00)),
        clear(1, usd(20_00)),
        clear(1, usd(30_00)),
        clear(1, usd(1)),
    ]));
}

/// The wallet pays what is not held, and what is not in the wallet either is owed.
#[test]
fn what_is_cleared_beyond_what_is_held_comes_from_the_wallet_and_is_owed_beyond() {
    let amounts = [60_01, 100_00, 100_01, 250_00, AMOUNT_MINOR_MAX];
    expect![[r#"
        card.cleared: Dr wallet-held:authorization-1 60.00 USD · Dr wallet:user-1 0.01 USD · Cr rail:issuing 60.01 USD
        card.cleared: Dr wallet-held:authorization-1 60.00 USD · Dr wallet:user-1 40.00 USD · Cr rail:issuing 100.00 USD
        card.cleared: Dr wallet-held:authorization-1 60.00 USD · Dr wallet:user-1 40.00 USD · Dr receivable:user-1 0.01 USD · Cr rail:issuing 100.01 USD
        card.cleared: Dr wallet-held:authorization-1 60.00 USD · Dr wallet:user-1 40.00 USD · Dr receivable:user-1 150.00 USD · Cr rail:issuing 250.00 USD
        card.cleared: Dr wallet-held:authorization-1 60.00 USD · Dr wallet:user-1 40.00 USD · Dr receivable:user-1 9999999999999999999900.00 USD · Cr rail:issuing 10000000000000000000000.00 USD
    "#]].assert_eq(&Story::tell_apart(held, amounts.map(|minor| clear(1, usd(minor)))));
    let amounts = [0, -1, AMOUNT_MINOR_MAX + 1, i128::MAX, i128::MIN];
    expect![[r#"
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: the amount is too large
        refused: the amount must be more than zero
    "#]]
    .assert_eq(&Story::tell_apart(held, amounts.map(|minor| clear(1, usd(minor)))));
}

#[test]
fn what_is_held_for_another_purchase_pays_for_none_but_it() {
    let mut story = held();
    story.given(authorize(usd(40_00)));
    expect![[r#"
        card.cleared: Dr wallet-held:authorization-1 60.00 USD · Dr receivable:user-1 10.00 USD · Cr rail:issuing 70.00 USD
        card.cleared: Dr wallet-held:authorization-2 40.00 USD · Cr rail:issuing 40.00 USD
    "#]].assert_eq(&story.tell([clear(1, usd(70_00)), clear(2, usd(40_00))]));
}

#[test]
fn a_clearing_that_comes_after_the_end_is_all_excess() {
    let mut reversed = held();
    reversed.given(reverse(1, None));
    expect![[r#"
        card.cleared: Dr wallet:user-1 60.00 USD · Cr rail:issuing 60.00 USD
        card.cleared: Dr wallet:user-1 40.00 USD · Dr receivable:user-1 20.00 USD · Cr rail:issuing 60.00 USD
        card.cleared: Dr receivable:user-1 0.01 USD · Cr rail:issuing 0.01 USD
    "#]]
    .assert_eq(&reversed.tell([clear(1, usd(60_00)), clear(1, usd(60_00)), clear(1, usd(1))]));
    let mut expired = held();
    expired.wait(Span::days(7));
    expect![[r#"
        card.cleared: Dr wallet:user-1 60.00 USD · Cr rail:issuing 60.00 USD
    "#]]
    .assert_eq(&expired.tell([clear(1, usd(60_00))]));
    for (story, stage) in [(reversed, AuthorizationStage::Reversed), (expired, AuthorizationStage::Expired)] {
        let known = story.state.authorizations.get(&AuthorizationId(1)).unwrap();
        assert_eq!((known.stage, known.held), (stage, usd(0)), "it ended as it did");
        assert_eq!(story.state.dues.first(HERE), None);
    }
}

/// The due time is committed first: what is cleared at that instant comes too late.
#[test]
fn a_clearing_at_the_very_end_finds_nothing_held() {
    for (waited, expected) in [
        (
            Span::days(7) + Span(-1),
            expect![[r#"
            card.cleared: Dr wallet-held:authorization-1 60.00 USD · Cr rail:issuing 60.00 USD
        "#]],
        ),
        (
            Span::days(7),
            expect![[r#"
            card.cleared: Dr wallet:user-1 60.00 USD · Cr rail:issuing 60.00 USD
        "#]],
        ),
    ] {
        let mut story = held();
        story.wait(waited);
        expected.assert_eq(&story.tell([clear(1, usd(60_00))]));
    }
}

#[test]
fn a_refund_goes_to_the_wallet_after_what_is_owed() {
    let mut story = held();
    expect![[r#"
        card.refunded: Dr rail:issuing 5.00 USD · Cr wallet:user-1 5.00 USD
        card.cleared: Dr wallet-held:authorization-1 60.00 USD · Dr wallet:user-1 45.00 USD · Dr receivable:user-1 15.00 USD · Cr rail:issuing 120.00 USD
        card.refunded: Dr rail:issuing 10.00 USD · Cr receivable:user-1 10.00 USD
        card.refunded: Dr rail:issuing 10.00 USD · Cr receivable:user-1 5.00 USD · Cr wallet:user-1 5.00 USD
        refused: test-1/wallet:user-1/USD is short of 0.01
    "#]].assert_eq(&story.tell([
        refund(usd(5_00)),
        clear(1, usd(120_00)),
        refund(usd(10_00)),
        refund(usd(10_00)),
        authorize(usd(5_01)),
    ]));
    let amounts = [0, -1, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX + 1, i128::MAX];
    expect![[r#"
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        card.refunded: Dr rail:issuing 10000000000000000000000.00 USD · Cr wallet:user-1 10000000000000000000000.00 USD
        refused: the amount is too large
        refused: the amount is too large
    "#]].assert_eq(&Story::tell_apart(held, amounts.map(|minor| refund(usd(minor)))));
}

/// A debt was cleared by what cards, coins and months brought, and by nothing else: a refund, a transfer or a credit left
/// money to be spent beside it.
#[test]
fn whatever_comes_into_the_wallet_goes_to_what_is_owed_first() {
    let mut story = begun();
    let pay = |number| payment::Command::PayByUser {
        payment: samples::payment_id(number),
        payer: UserId(1),
        purse: payment::Purse::Wallet,
    };
    let refund = |amount| payment::Command::Refund { payment: samples::payment_id(1), amount };
    let (number, price) = ("ORD-00000001".parse().unwrap(), usd(15_00));
    let place = order::Place {
        order: number,
        buyer: UserId(1),
        listing: ListingId(1),
        quantity: 1,
        total: price,
        points: sgp(0),
        payment: samples::payment_id(2),
        private: None,
    };
    let list = listing::Command::List { merchant: SHOP, price, stock: 1, is_shippable: true };
    for command in [
        domain::Command::Payment(payment::Command::Create(samples::create(1, SHOP, usd(30_00)))),
        domain::Command::Payment(pay(1)),
        domain::Command::Listing(list),
        domain::Command::Order(order::Command::Place(place)),
        domain::Command::Payment(pay(2)),
        credit(user(2), usd(10_00)),
        authorize(usd(1_00)),
        clear(1, usd(90_00)),
    ] {
        story.given(command);
    }
    let give = wallet::Command::Transfer { from: user(2), to: user(1), amount: usd(3_00) };
    expect![[r#"
        payment.refunded: Dr merchant-pending:1 10.00 USD · Cr receivable:user-1 10.00 USD
        wallet.transferred: Dr wallet:user-2 3.00 USD · Cr receivable:user-1 3.00 USD
        wallet.credited: Dr rail:sandbox 2.00 USD · Cr receivable:user-1 2.00 USD
        order.refunded
        payment.refunded: Dr escrow:ORD-00000001 15.00 USD · Cr receivable:user-1 15.00 USD
        payment.refunded: Dr merchant-pending:1 18.50 USD · Dr receivable:1 1.50 USD · Cr receivable:user-1 5.00 USD · Cr wallet:user-1 15.00 USD
    "#]].assert_eq(&story.tell([
        domain::Command::Payment(refund(Some(usd(10_00)))),
        domain::Command::Wallet(give),
        credit(user(1), usd(2_00)),
        domain::Command::Order(order::Command::Cancel { order: number, by: order::By::Merchant }),
        domain::Command::Payment(refund(None)),
    ]));
}
