//! Payments set aside in a user's wallet, and captured later or given back.

use expect_test::expect;

use super::*;
use crate::domain::{
    card,
    payment::{Brand, CardSummary},
};

/// The first user, of SHOP, who has 10,000 yen in the wallet.
fn set_aside() -> Wish {
    set_aside_by(1)
}

fn set_aside_by(payer: u32) -> Wish {
    Command::AuthorizeByUser { payment: id(1), payer: UserId(payer) }.into()
}

fn about_user(command: user::Command) -> Wish {
    let context = Context { realm: None, tenant: None, now: START };
    Wish { command: domain::Command::User(command), context }
}

#[test]
fn what_is_set_aside_is_captured_in_full_or_in_part() {
    let given = [create_with_fee(jpy(2_000), 100), set_aside()];
    let amounts = [None, Some(jpy(2_099)), Some(jpy(1_100)), Some(jpy(100))];
    check_apart(
        &given,
        &amounts.map(capture),
        expect![[r#"
        capture all
          captured 2100, of it now 2100, charge 100
            Dr wallet-held:P1 2100 · Cr merchant-pending:1 1900 · Cr income:charge 100 · Cr income:method-fee 100
          webhook 1 is owed
          = captured
        capture 2099
          captured 2099, of it now 2099, charge 100
            Dr wallet-held:P1 2100 · Cr wallet:user-1 1 · Cr merchant-pending:1 1899 · Cr income:charge 100 · Cr income:method-fee 100
          webhook 1 is owed
          = captured
        capture 1100
          captured 1100, of it now 1100, charge 50
            Dr wallet-held:P1 2100 · Cr wallet:user-1 1000 · Cr merchant-pending:1 950 · Cr income:charge 50 · Cr income:method-fee 100
          webhook 1 is owed
          = captured
        capture 100
          captured 100, of it now 100, charge 0
            Dr wallet-held:P1 2100 · Cr wallet:user-1 2000 · Cr income:method-fee 100
          webhook 1 is owed
          = captured
    "#]],
    );
    let amounts = [jpy(99), jpy(2_101), jpy(0), jpy(-1), usd(1)];
    check_apart(
        &given,
        &amounts.map(capture),
        expect![[r#"
        capture 99
          refused: between 100 JPY and 2100 JPY can be captured
        capture 2101
          refused: between 100 JPY and 2100 JPY can be captured
        capture 0
          refused: the amount must be more than zero
        capture -1
          refused: the amount must be more than zero
        capture 0.01
          refused: the payment is in JPY
    "#]],
    );
}

#[test]
fn what_is_not_captured_goes_back_to_the_wallet() {
    let given = [create(jpy(2_000)), set_aside()];
    check_apart(
        &given,
        &[cancel(), fail()],
        expect![[r#"
        cancel
          cancelled
            Dr wallet-held:P1 2000 · Cr wallet:user-1 2000
          = cancelled
        fail
          failed, by Rail
            Dr wallet-held:P1 2000 · Cr wallet:user-1 2000
          = failed
    "#]],
    );
    let mut world = World::after(&given);
    let told: String = world.expire().iter().map(describe).collect();
    expect![[r#"
        expire
          expired
            Dr wallet-held:P1 2000 · Cr wallet:user-1 2000
    "#]]
    .assert_eq(&format!("expire\n{told}").replace(id(1).as_str(), "P1"));
    assert_eq!(world.state.dues.first(HERE), None);
}

/// A payment that is authorised can still be paid at a till, and then the wallet need not.
#[test]
fn money_on_a_rail_that_is_faster_than_the_capture_frees_the_wallet() {
    let given = [create(jpy(2_000)), set_aside()];
    check(
        &given,
        &[pay(Method::Konbini, jpy(1_999)), pay_by_card(jpy(2_001)), capture(None)],
        expect![[r#"
        pay 1999 by konbini
          excess received 1999
            Dr rail:sandbox 1999 · Cr suspense:P1 1999
          = authorized
        pay 2001 by credit_card
          captured 2000, of it now 2000, charge 100
            Dr rail:sandbox 2000 · Dr wallet-held:P1 2000 · Cr wallet:user-1 2000 · Cr merchant-pending:1 1900 · Cr income:charge 100
          webhook 1 is owed
          excess received 1
            Dr rail:sandbox 1 · Cr suspense:P1 1
          excess returned 1
            Dr suspense:P1 1 · Cr rail:sandbox 1
          = captured
        capture all
          refused: a payment that is captured cannot be captured
    "#]],
    );
}

#[test]
fn a_refund_goes_back_to_the_wallet() {
    let given = [create(jpy(2_000)), set_aside(), capture(jpy(1_500))];
    check(
        &given,
        &[charge_back(jpy(1), 0), refund(jpy(500)), refund(None), refund(None)],
        expect![[r#"
        charge back 1, fee 0
          refused: the payment did not come by a rail
        refund 500
          refunded 500, charge returned 0
            Dr merchant-pending:1 500 · Cr wallet:user-1 500
          = captured
        refund all
          refunded 1000, charge returned 0
            Dr merchant-pending:1 925 · Dr receivable:1 75 · Cr wallet:user-1 1000
          = refunded
        refund all
          refused: a payment that is refunded cannot be refunded
    "#]],
    );
}

#[test]
fn a_wallet_gives_what_it_has_and_its_own_currency() {
    let amounts = [jpy(10_000), jpy(10_001), usd(1), Money::new(1, Currency::SgpUsd)];
    let told = amounts.map(|amount| World::after(&[create(amount)]).answer(&set_aside()));
    expect![[r#"
        user-1 sets it aside
          authorized 10000
            Dr wallet:user-1 10000 · Cr wallet-held:P1 10000
          = authorized
        user-1 sets it aside
          refused: test-1/wallet:user-1/JPY is short of 1
        user-1 sets it aside
          refused: test-1/wallet:user-1/USD is short of 0.01
        user-1 sets it aside
          refused: a price in SGP-USD is paid with points only
    "#]]
    .assert_eq(&told.concat());
    check(
        &[create(jpy(6_000)), set_aside()],
        &[pay_by_user(Purse::Wallet), set_aside(), authorize(jpy(6_000)), choose(Method::Konbini), decline()],
        expect![[r#"
            user-1 pays from Wallet
              refused: a payment that is authorized cannot be paid by a user
            user-1 sets it aside
              refused: a payment that is authorized cannot be authorized
            authorize 6000
              refused: a payment that is authorized cannot be authorized
            choose konbini
              refused: a payment that is authorized cannot be paid elsewhere
            decline
              refused: a payment that is authorized cannot be declined
        "#]],
    );
}

#[test]
fn only_a_user_of_the_tenant_sets_a_sale_aside() {
    let neighbour = about_user(user::Command::Register { tenant: NEIGHBOUR });
    let closed = about_user(user::Command::Close { user: UserId(1) });
    let given = [create(jpy(2_000)), neighbour];
    let when = [
        set_aside_by(9),
        set_aside_by(2),
        set_aside().sent_by(NEIGHBOUR),
        set_aside().within(Realm::Live),
        set_aside().within(Realm::Test(NEIGHBOUR)),
    ];
    check_apart(
        &given,
        &when,
        expect![[r#"
        user-9 sets it aside
          refused: there is no user-9
        user-2 sets it aside
          refused: there is no user-2
        user-1 sets it aside
          refused: no payment has the id P1
        user-1 sets it aside
          refused: no payment has the id P1
        user-1 sets it aside
          refused: no payment has the id P1
    "#]],
    );
    check(
        &[create(jpy(2_000)), closed],
        &[set_aside()],
        expect![[r#"
        user-1 sets it aside
          refused: user-1 is closed
    "#]],
    );
    let top_up = Command::Create(Create {
        purpose: payment::Purpose::TopUp(UserId(1)),
        ..samples::create(1, SHOP, jpy(2_000))
    });
    check(
        &[top_up.into()],
        &[set_aside()],
        expect![[r#"
        user-1 sets it aside
          refused: only a sale is authorized from a wallet
    "#]],
    );
    check(
        &[],
        &[set_aside()],
        expect![[r#"
        user-1 sets it aside
          refused: no payment has the id P1
    "#]],
    );
}

/// What was set aside is the shop's to capture, whatever becomes of the payer.
#[test]
fn what_a_user_set_aside_before_it_was_closed_is_captured_or_goes_back() {
    let closed = about_user(user::Command::Close { user: UserId(1) });
    let given = [create(jpy(2_000)), set_aside(), closed];
    check_apart(
        &given,
        &[capture(jpy(500)), cancel()],
        expect![[r#"
        capture 500
          captured 500, of it now 500, charge 25
            Dr wallet-held:P1 2000 · Cr wallet:user-1 1500 · Cr merchant-pending:1 475 · Cr income:charge 25
          webhook 1 is owed
          = captured
        cancel
          cancelled
            Dr wallet-held:P1 2000 · Cr wallet:user-1 2000
          = cancelled
    "#]],
    );
}

/// 1,000 yen are owed after a card was cleared for more than was there.
#[test]
fn what_goes_back_clears_what_the_user_owes_first() {
    let wish = |command| {
        let context = Context { realm: Some(HERE), tenant: None, now: START };
        Wish { command: domain::Command::Card(command), context }
    };
    let (card, authorization) = (domain::CardId(1), domain::AuthorizationId(1));
    let issue = card::Issue {
        user: UserId(1),
        rail: Label::ISSUING,
        token: "card".parse().unwrap(),
        summary: CardSummary { brand: Brand::Jcb, last_four: 1, month: 12, year: 2030 },
        currency: Currency::Jpy,
    };
    let given = [
        create(jpy(2_000)),
        set_aside(),
        wish(card::Command::Issue(issue)),
        wish(card::Command::Authorize { card, amount: jpy(1) }),
        wish(card::Command::Clear { card, authorization, amount: jpy(9_000) }),
    ];
    check_apart(
        &given,
        &[capture(jpy(1_500)), capture(jpy(500)), cancel()],
        expect![[r#"
        capture 1500
          captured 1500, of it now 1500, charge 75
            Dr wallet-held:P1 2000 · Cr receivable:user-1 500 · Cr merchant-pending:1 1425 · Cr income:charge 75
          webhook 1 is owed
          = captured
        capture 500
          captured 500, of it now 500, charge 25
            Dr wallet-held:P1 2000 · Cr receivable:user-1 1000 · Cr wallet:user-1 500 · Cr merchant-pending:1 475 · Cr income:charge 25
          webhook 1 is owed
          = captured
        cancel
          cancelled
            Dr wallet-held:P1 2000 · Cr receivable:user-1 1000 · Cr wallet:user-1 1000
          = cancelled
    "#]],
    );
}
