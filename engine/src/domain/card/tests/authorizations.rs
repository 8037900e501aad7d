//! Money set aside on a card, and given back.

use expect_test::expect;

use super::*;
use crate::domain::AMOUNT_MINOR_MAX;

#[test]
fn what_is_authorised_is_held_until_it_is_reversed() {
    expect![[r#"
        card.authorized: Dr wallet:user-1 60.00 USD · Cr wallet-held:authorization-1 60.00 USD
        card.authorized: Dr wallet:user-1 40.00 USD · Cr wallet-held:authorization-2 40.00 USD
        refused: test-1/wallet:user-1/USD is short of 0.01
        card.reversed: Dr wallet-held:authorization-1 20.00 USD · Cr wallet:user-1 20.00 USD
        card.authorization_increased: Dr wallet:user-1 20.00 USD · Cr wallet-held:authorization-2 20.00 USD
        refused: test-1/wallet:user-1/USD is short of 0.01
        card.reversed: Dr wallet-held:authorization-1 39.99 USD · Cr wallet:user-1 39.99 USD
        refused: at most 0.01 USD can be given back
        card.reversed: Dr wallet-held:authorization-1 0.01 USD · Cr wallet:user-1 0.01 USD
        refused: an authorization that is reversed cannot be reversed
        refused: an authorization that is reversed cannot be increased
        card.reversed: Dr wallet-held:authorization-2 60.00 USD · Cr wallet:user-1 60.00 USD
    "#]]
    .assert_eq(&begun().tell([
        authorize(usd(60_00)),
        authorize(usd(40_00)),
        authorize(usd(1)),
        reverse(1, usd(20_00)),
        increase(2, usd(20_00)),
        increase(2, usd(1)),
        reverse(1, usd(39_99)),
        reverse(1, usd(2)),
        reverse(1, usd(1)),
        reverse(1, None),
        increase(1, usd(1)),
        reverse(2, None),
    ]));
}

#[test]
fn an_authorisation_takes_what_the_wallet_has_and_no_more() {
    let amounts = [100_00, 100_01, 0, -1, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX + 1, i128::MAX, i128::MIN];
    expect![[r#"
        card.authorized: Dr wallet:user-1 100.00 USD · Cr wallet-held:authorization-1 100.00 USD
        refused: test-1/wallet:user-1/USD is short of 0.01
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: test-1/wallet:user-1/USD is short of 9999999999999999999900.00
        refused: the amount is too large
        refused: the amount is too large
        refused: the amount must be more than zero
    "#]]
    .assert_eq(&Story::tell_apart(begun, amounts.map(|minor| authorize(usd(minor)))));
    let amounts = [40_00, 40_01, 0, -1, AMOUNT_MINOR_MAX + 1, i128::MAX];
    expect![[r#"
        card.authorization_increased: Dr wallet:user-1 40.00 USD · Cr wallet-held:authorization-1 40.00 USD
        refused: test-1/wallet:user-1/USD is short of 0.01
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: the amount is too large
    "#]]
    .assert_eq(&Story::tell_apart(held, amounts.map(|minor| increase(1, usd(minor)))));
}

#[test]
fn no_more_is_given_back_than_is_held() {
    let amounts = [60_00, 60_01, 1, 0, -1, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX + 1, i128::MAX];
    expect![[r#"
        card.reversed: Dr wallet-held:authorization-1 60.00 USD · Cr wallet:user-1 60.00 USD
        refused: at most 60.00 USD can be given back
        card.reversed: Dr wallet-held:authorization-1 0.01 USD · Cr wallet:user-1 0.01 USD
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: at most 60.00 USD can be given back
        refused: the amount is too large
        refused: the amount is too large
    "#]]
    .assert_eq(&Story::tell_apart(held, amounts.map(|minor| reverse(1, usd(minor)))));
}

#[test]
fn a_card_moves_its_own_currency_only() {
    let mut story = held();
    story.given(credit(user(1), jpy(1_000)));
    let commands =
        [authorize(jpy(1)), increase(1, jpy(1)), reverse(1, jpy(1)), clear(1, jpy(1)), refund(jpy(1))];
    expect![[r#"
        refused: the card spends USD
        refused: the card spends USD
        refused: the card spends USD
        refused: the card spends USD
        refused: the card spends USD
    "#]]
    .assert_eq(&story.tell(commands));
}

#[test]
fn an_authorisation_is_found_on_its_own_card_only() {
    let mut story = held();
    story.given(issue(wish("card-b")));
    let other = |card, number| {
        let authorization = AuthorizationId(number);
        about(Command::Clear { card: CardId(card), authorization, amount: usd(1) })
    };
    expect![[r#"
        refused: the card has no authorization 1
        refused: the card has no authorization 2
        refused: the card has no authorization 0
        refused: there is no card 3
        refused: the card has no authorization 2
        refused: the card has no authorization 2
    "#]]
    .assert_eq(&story.tell([
        other(2, 1),
        other(1, 2),
        other(1, 0),
        other(3, 1),
        reverse(2, None),
        increase(2, usd(1)),
    ]));
}

/// 7 × 24 hours, to the microsecond.
#[test]
fn what_nobody_collects_is_given_back_after_seven_days() {
    for (waited, expected) in [
        (
            Span::days(7) + Span(-1),
            expect![[r#"
                refused: test-1/wallet:user-1/USD is short of 60.00
                card.reversed: Dr wallet-held:authorization-1 60.00 USD · Cr wallet:user-1 60.00 USD
            "#]],
        ),
        (
            Span::days(7),
            expect![[r#"
            at 2026-01-12T00:00:00Z
            card.authorization_expired: Dr wallet-held:authorization-1 60.00 USD · Cr wallet:user-1 60.00 USD
            card.authorized: Dr wallet:user-1 100.00 USD · Cr wallet-held:authorization-2 100.00 USD
            refused: an authorization that is expired cannot be reversed
        "#]],
        ),
        (
            Span::days(7) + Span::MICRO,
            expect![[r#"
            at 2026-01-12T00:00:00Z
            card.authorization_expired: Dr wallet-held:authorization-1 60.00 USD · Cr wallet:user-1 60.00 USD
            card.authorized: Dr wallet:user-1 100.00 USD · Cr wallet-held:authorization-2 100.00 USD
            refused: an authorization that is expired cannot be reversed
        "#]],
        ),
    ] {
        let mut story = held();
        let due = story.wait(waited);
        expected.assert_eq(&(due + &story.tell([authorize(usd(100_00)), reverse(1, None)])));
    }
}

#[test]
fn neither_an_increase_nor_a_partial_reversal_begins_the_seven_days_anew() {
    let mut story = held();
    story.wait(Span::days(6));
    story.given(increase(1, usd(10_00)));
    story.given(reverse(1, usd(5_00)));
    expect![[r#"
        at 2026-01-12T00:00:00Z
        card.authorization_expired: Dr wallet-held:authorization-1 65.00 USD · Cr wallet:user-1 65.00 USD
    "#]]
    .assert_eq(&story.wait(Span::days(1)));
}

/// Whoever sends in parts collects in parts: the rest is held for seven days from the last clearing.
#[test]
fn a_clearing_that_leaves_something_held_begins_the_seven_days_anew() {
    let mut story = held();
    story.wait(Span::days(6));
    story.given(clear(1, usd(10_00)));
    expect![[r#""#]].assert_eq(&story.wait(Span::days(7) + Span(-1)));
    story.given(clear(1, usd(20_00)));
    expect![[r#"
        at 2026-01-24T23:59:59.999999Z
        card.authorization_expired: Dr wallet-held:authorization-1 30.00 USD · Cr wallet:user-1 30.00 USD
    "#]]
    .assert_eq(&story.wait(Span::days(7)));
}

#[test]
fn nothing_is_due_once_nothing_is_held() {
    for ending in [reverse(1, None), clear(1, usd(60_00)), clear(1, usd(90_00))] {
        let mut story = held();
        story.given(ending);
        assert_eq!(story.wait(Span::days(30)), "");
        assert_eq!(story.state.dues.first(HERE), None);
    }
}

#[test]
fn what_is_given_back_clears_what_the_user_owes_first() {
    let mut story = begun();
    story.given(authorize(usd(60_00)));
    story.given(authorize(usd(30_00)));
    expect![[r#"
        card.cleared: Dr wallet-held:authorization-2 30.00 USD · Dr wallet:user-1 10.00 USD · Dr receivable:user-1 30.00 USD · Cr rail:issuing 70.00 USD
        card.reversed: Dr wallet-held:authorization-1 20.00 USD · Cr receivable:user-1 20.00 USD
        refused: test-1/wallet:user-1/USD is short of 0.01
    "#]].assert_eq(&story.tell([
        clear(2, usd(70_00)),
        reverse(1, usd(20_00)),
        authorize(usd(1)),
    ]));
    expect![[r#"
        at 2026-01-12T00:00:00Z
        card.authorization_expired: Dr wallet-held:authorization-1 40.00 USD · Cr receivable:user-1 10.00 USD · Cr wallet:user-1 30.00 USD
    "#]].assert_eq(&story.wait(Span::days(7)));
}
