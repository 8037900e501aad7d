//! Creation, delayed methods, authorisations and captures.

use expect_test::expect;

use super::*;

#[test]
fn a_hosted_page_waits_a_day() {
    check(
        &[],
        &[create(usd(100_00))],
        expect![[r#"
        create 100.00 USD
          created, until 2026-01-06T03:00:00Z
          = created
    "#]],
    );
}

#[test]
fn the_documents_sample_is_charged_five_on_a_hundred() {
    check(
        &[create(usd(100_00))],
        &[pay_by_card(usd(100_00))],
        expect![[r#"
        pay 100.00 by credit_card
          captured 100.00, of it now 100.00, charge 5.00
            Dr rail:sandbox 100.00 · Cr merchant-pending:1 95.00 · Cr income:charge 5.00
          webhook 1 is owed
          = captured
    "#]],
    );
}

#[test]
fn the_method_fee_is_not_charged_on() {
    check(
        &[create_with_fee(jpy(1_000), 190)],
        &[pay(Method::Konbini, jpy(1_190))],
        expect![[r#"
        pay 1190 by konbini
          captured 1190, of it now 1190, charge 50
            Dr rail:sandbox 1190 · Cr merchant-pending:1 950 · Cr income:charge 50 · Cr income:method-fee 190
          webhook 1 is owed
          = captured
    "#]],
    );
}

#[test]
fn tax_belongs_to_the_merchant() {
    let mut wish = create_with_fee(usd(100_00), 1_00);
    let domain::Command::Payment(Command::Create(Create { tax, .. })) = &mut wish.command else {
        unreachable!()
    };
    *tax = usd(10_00);
    check(
        &[wish],
        &[pay_by_card(usd(111_00))],
        expect![[r#"
        pay 111.00 by credit_card
          captured 111.00, of it now 111.00, charge 5.50
            Dr rail:sandbox 111.00 · Cr merchant-pending:1 104.50 · Cr income:charge 5.50 · Cr income:method-fee 1.00
          webhook 1 is owed
          = captured
    "#]],
    );
}

#[test]
fn charges_follow_the_rail_and_the_currency() {
    let mut agreed = terms(10, false);
    let rule = |fixed| merchant::ChargeRule { rail: Label::SANDBOX, percent: Percent::whole(3), fixed };
    agreed.rules = vec![rule(usd(30))];
    check(
        &[agree(agreed.clone()), create(usd(100_00))],
        &[pay_by_card(usd(100_00))],
        expect![[r#"
        pay 100.00 by credit_card
          captured 100.00, of it now 100.00, charge 3.30
            Dr rail:sandbox 100.00 · Cr merchant-pending:1 96.70 · Cr income:charge 3.30
          webhook 1 is owed
          = captured
    "#]],
    );
    check(
        &[agree(agreed), create(jpy(1_000))],
        &[pay_by_card(jpy(1_000))],
        expect![[r#"
        pay 1000 by credit_card
          captured 1000, of it now 1000, charge 100
            Dr rail:sandbox 1000 · Cr merchant-pending:1 900 · Cr income:charge 100
          webhook 1 is owed
          = captured
    "#]],
    );
}

#[test]
fn a_charge_never_takes_more_than_there_is() {
    let mut agreed = terms(10, false);
    agreed.rules =
        vec![merchant::ChargeRule { rail: Label::SANDBOX, percent: Percent::ZERO, fixed: usd(30) }];
    let given = |amount| [agree(agreed.clone()), create(usd(amount))];
    for (amount, then) in [
        (
            29,
            expect![[r#"
            pay 0.29 by credit_card
              captured 0.29, of it now 0.29, charge 0.29
                Dr rail:sandbox 0.29 · Cr income:charge 0.29
              webhook 1 is owed
              = captured
        "#]],
        ),
        (
            30,
            expect![[r#"
            pay 0.30 by credit_card
              captured 0.30, of it now 0.30, charge 0.30
                Dr rail:sandbox 0.30 · Cr income:charge 0.30
              webhook 1 is owed
              = captured
        "#]],
        ),
        (
            31,
            expect![[r#"
            pay 0.31 by credit_card
              captured 0.31, of it now 0.31, charge 0.30
                Dr rail:sandbox 0.31 · Cr merchant-pending:1 0.01 · Cr income:charge 0.30
              webhook 1 is owed
              = captured
        "#]],
        ),
    ] {
        check(&given(amount), &[pay_by_card(usd(amount))], then);
    }
}

#[test]
fn konbini_and_pay_easy_have_limits_and_yen_only() {
    for (total, then) in [
        (
            jpy(299_999),
            expect![[r#"
            choose konbini
              awaiting the customer, until 2026-01-08T14:59:59Z
              = awaiting_customer
            choose pay_easy
              awaiting the customer, until 2026-01-15T14:59:59Z
              = awaiting_customer
            choose bank_transfer
              awaiting the customer, until 2026-01-19T14:59:59Z
              = awaiting_customer
        "#]],
        ),
        (
            jpy(300_000),
            expect![[r#"
            choose konbini
              refused: 300000 JPY cannot be paid by konbini
            choose pay_easy
              awaiting the customer, until 2026-01-15T14:59:59Z
              = awaiting_customer
            choose bank_transfer
              awaiting the customer, until 2026-01-19T14:59:59Z
              = awaiting_customer
        "#]],
        ),
        (
            jpy(999_999),
            expect![[r#"
            choose konbini
              refused: 999999 JPY cannot be paid by konbini
            choose pay_easy
              awaiting the customer, until 2026-01-15T14:59:59Z
              = awaiting_customer
            choose bank_transfer
              awaiting the customer, until 2026-01-19T14:59:59Z
              = awaiting_customer
        "#]],
        ),
        (
            jpy(1_000_000),
            expect![[r#"
            choose konbini
              refused: 1000000 JPY cannot be paid by konbini
            choose pay_easy
              refused: 1000000 JPY cannot be paid by pay_easy
            choose bank_transfer
              awaiting the customer, until 2026-01-19T14:59:59Z
              = awaiting_customer
        "#]],
        ),
        (
            usd(1),
            expect![[r#"
            choose konbini
              refused: 0.01 USD cannot be paid by konbini
            choose pay_easy
              refused: 0.01 USD cannot be paid by pay_easy
            choose bank_transfer
              refused: 0.01 USD cannot be paid by bank_transfer
        "#]],
        ),
    ] {
        let whens = [Method::Konbini, Method::PayEasy, Method::BankTransfer].map(choose);
        check_apart(&[create(total)], &whens, then);
    }
}

#[test]
fn the_method_fee_counts_for_the_limit() {
    check(
        &[create_with_fee(jpy(299_900), 100)],
        &[choose(Method::Konbini)],
        expect![[r#"
        choose konbini
          refused: 300000 JPY cannot be paid by konbini
    "#]],
    );
}

#[test]
fn a_method_that_pays_at_once_is_not_waited_for() {
    let whens =
        [Method::CreditCard, Method::WebMoney, Method::NetCash, Method::Nanaco, Method::BitCash].map(choose);
    check_apart(
        &[create(jpy(1_000))],
        &whens,
        expect![[r#"
        choose credit_card
          refused: 1000 JPY cannot be paid by credit_card
        choose web_money
          refused: 1000 JPY cannot be paid by web_money
        choose net_cash
          refused: 1000 JPY cannot be paid by net_cash
        choose nanaco
          refused: 1000 JPY cannot be paid by nanaco
        choose bit_cash
          refused: 1000 JPY cannot be paid by bit_cash
    "#]],
    );
}

#[test]
fn a_konbini_payment_captures_when_the_cash_comes() {
    let given = [create(jpy(1_000)), choose(Method::Konbini)];
    check_apart(
        &given,
        &[pay(Method::Konbini, jpy(999)), pay(Method::Konbini, jpy(1_000)), pay(Method::Konbini, jpy(1_001))],
        expect![[r#"
            pay 999 by konbini
              excess received 999
                Dr rail:sandbox 999 · Cr suspense:P1 999
              = awaiting_customer
            pay 1000 by konbini
              captured 1000, of it now 1000, charge 50
                Dr rail:sandbox 1000 · Cr merchant-pending:1 950 · Cr income:charge 50
              webhook 1 is owed
              = captured
            pay 1001 by konbini
              captured 1000, of it now 1000, charge 50
                Dr rail:sandbox 1000 · Cr merchant-pending:1 950 · Cr income:charge 50
              webhook 1 is owed
              excess received 1
                Dr rail:sandbox 1 · Cr suspense:P1 1
              = captured
        "#]],
    );
}

#[test]
fn only_a_card_and_only_the_total_is_authorized() {
    let by_konbini: Wish =
        Command::Authorize { payment: id(1), means: means(Method::Konbini), amount: usd(100_00) }.into();
    check_apart(
        &[create(usd(100_00))],
        &[authorize(usd(99_99)), authorize(usd(100_00)), authorize(usd(100_01)), by_konbini],
        expect![[r#"
            authorize 99.99
              refused: 100.00 USD cannot be paid by credit_card
            authorize 100.00
              authorized 100.00
              = authorized
            authorize 100.01
              refused: 100.00 USD cannot be paid by credit_card
            authorize 100.00
              refused: 100.00 USD cannot be paid by konbini
        "#]],
    );
}

#[test]
fn any_part_from_the_fee_to_the_total_is_captured() {
    let given = [create_with_fee(usd(100_00), 2_00), authorize(usd(102_00))];
    let amounts = [0, 1, 1_99, 2_00, 2_01, 101_99, 102_00, 102_01];
    let mut whens: Vec<Wish> = amounts.map(|minor| capture(usd(minor))).into();
    whens.push(capture(None));
    check_apart(
        &given,
        &whens,
        expect![[r#"
        capture 0.00
          refused: the amount must be more than zero
        capture 0.01
          refused: between 2.00 USD and 102.00 USD can be captured
        capture 1.99
          refused: between 2.00 USD and 102.00 USD can be captured
        capture 2.00
          captured 2.00, of it now 2.00, charge 0.00
            Dr rail:sandbox 2.00 · Cr income:method-fee 2.00
          webhook 1 is owed
          = captured
        capture 2.01
          captured 2.01, of it now 2.01, charge 0.00
            Dr rail:sandbox 2.01 · Cr merchant-pending:1 0.01 · Cr income:method-fee 2.00
          webhook 1 is owed
          = captured
        capture 101.99
          captured 101.99, of it now 101.99, charge 5.00
            Dr rail:sandbox 101.99 · Cr merchant-pending:1 94.99 · Cr income:charge 5.00 · Cr income:method-fee 2.00
          webhook 1 is owed
          = captured
        capture 102.00
          captured 102.00, of it now 102.00, charge 5.00
            Dr rail:sandbox 102.00 · Cr merchant-pending:1 95.00 · Cr income:charge 5.00 · Cr income:method-fee 2.00
          webhook 1 is owed
          = captured
        capture 102.01
          refused: between 2.00 USD and 102.00 USD can be captured
        capture all
          captured 102.00, of it now 102.00, charge 5.00
            Dr rail:sandbox 102.00 · Cr merchant-pending:1 95.00 · Cr income:charge 5.00 · Cr income:method-fee 2.00
          webhook 1 is owed
          = captured
    "#]],
    );
}

#[test]
fn without_a_fee_the_smallest_unit_is_captured() {
    let given = [create(jpy(1_000)), authorize(jpy(1_000))];
    check_apart(
        &given,
        &[0, 1, 2, 1_000, 1_001].map(|minor| capture(jpy(minor))),
        expect![[r#"
        capture 0
          refused: the amount must be more than zero
        capture 1
          captured 1, of it now 1, charge 0
            Dr rail:sandbox 1 · Cr merchant-pending:1 1
          webhook 1 is owed
          = captured
        capture 2
          captured 2, of it now 2, charge 0
            Dr rail:sandbox 2 · Cr merchant-pending:1 2
          webhook 1 is owed
          = captured
        capture 1000
          captured 1000, of it now 1000, charge 50
            Dr rail:sandbox 1000 · Cr merchant-pending:1 950 · Cr income:charge 50
          webhook 1 is owed
          = captured
        capture 1001
          refused: between 1 JPY and 1000 JPY can be captured
    "#]],
    );
}

#[test]
fn an_authorized_payment_is_paid_in_another_tab() {
    let given = [create(usd(100_00)), authorize(usd(100_00))];
    check(
        &given,
        &[pay_by_card(usd(100_00)), capture(None)],
        expect![[r#"
        pay 100.00 by credit_card
          captured 100.00, of it now 100.00, charge 5.00
            Dr rail:sandbox 100.00 · Cr merchant-pending:1 95.00 · Cr income:charge 5.00
          webhook 1 is owed
          = captured
        capture all
          refused: a payment that is captured cannot be captured
    "#]],
    );
}

#[test]
fn what_the_merchant_owes_is_cleared_first() {
    // 100.00 was captured at 5 %, and all of it refunded: the merchant owes 5.00.
    let given = [create(usd(100_00)), pay_by_card(usd(100_00)), refund(None)];
    for (amount, then) in [
        (
            5_25,
            expect![[r#"
            pay 5.25 by credit_card
              captured 5.25, of it now 5.25, charge 0.26
                Dr rail:sandbox 5.25 · Cr receivable:1 4.99 · Cr income:charge 0.26
              webhook 1 is owed
              = refunded
        "#]],
        ),
        (
            5_26,
            expect![[r#"
            pay 5.26 by credit_card
              captured 5.26, of it now 5.26, charge 0.26
                Dr rail:sandbox 5.26 · Cr receivable:1 5.00 · Cr income:charge 0.26
              webhook 1 is owed
              = refunded
        "#]],
        ),
        (
            5_27,
            expect![[r#"
            pay 5.27 by credit_card
              captured 5.27, of it now 5.27, charge 0.26
                Dr rail:sandbox 5.27 · Cr receivable:1 5.00 · Cr merchant-pending:1 0.01 · Cr income:charge 0.26
              webhook 1 is owed
              = refunded
        "#]],
        ),
        (
            50_00,
            expect![[r#"
            pay 50.00 by credit_card
              captured 50.00, of it now 50.00, charge 2.50
                Dr rail:sandbox 50.00 · Cr receivable:1 5.00 · Cr merchant-pending:1 42.50 · Cr income:charge 2.50
              webhook 1 is owed
              = refunded
        "#]],
        ),
    ] {
        let next: Wish =
            Command::Receive { payment: id(2), means: means(Method::CreditCard), amount: usd(amount) }.into();
        let given = [&given[..], &[create_number(2, usd(amount), NO_FEE, SHOP)]].concat();
        check(&given, &[next], then);
    }
}

#[test]
fn captures_of_another_currency_clear_nothing() {
    let given = [
        create(usd(100_00)),
        pay_by_card(usd(100_00)),
        refund(None),
        create_number(2, jpy(10_000), NO_FEE, SHOP),
    ];
    let next = Command::Receive { payment: id(2), means: means(Method::CreditCard), amount: jpy(10_000) };
    check(
        &given,
        &[next.into()],
        expect![[r#"
        pay 10000 by credit_card
          captured 10000, of it now 10000, charge 500
            Dr rail:sandbox 10000 · Cr merchant-pending:1 9500 · Cr income:charge 500
          webhook 1 is owed
          = refunded
    "#]],
    );
}
