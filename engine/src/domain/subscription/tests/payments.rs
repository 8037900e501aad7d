//! Months paid by payments: completed in the same commit, or given back in it.

use expect_test::expect;

use super::*;
use crate::domain::{Day, Span, payout, settlement, story::START};

/// A payment of 1,277 yen for January has been created.
fn billed() -> Story {
    let mut story = subscribed(None);
    story.given(bill(1, JANUARY, jpy(1_277)));
    story
}

#[test]
fn a_captured_payment_completes_its_month_in_the_same_commit() {
    let mut story = billed();
    expect![[r#"
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        subscription.paid
        refused: 2026-01 is paid: 1277 JPY, at 2026-01-05T00:00:00Z
    "#]]
    .assert_eq(&story.tell([card(1, jpy(1_277)), pay(JANUARY, Purse::Wallet)]));
    expect![[r#"
        2026-01 1277 JPY completed
    "#]]
    .assert_eq(&invoices(&story));
}

#[test]
fn a_second_payment_for_a_paid_month_goes_back_in_the_same_commit() {
    let mut story = billed();
    story.given(bill(2, JANUARY, jpy(1_277)));
    expect![[r#"
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        subscription.paid
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        refused: a payment that is refunded cannot be refunded
    "#]]
    .assert_eq(&story.tell([card(1, jpy(1_277)), card(2, jpy(1_277)), refund_payment(2, None)]));
    expect![[r#"
        2026-01 1277 JPY completed
    "#]]
    .assert_eq(&invoices(&story));
}

#[test]
fn a_payment_completes_its_month_until_the_last_microsecond() {
    let paid = "subscription.paid\n";
    for (late, is_paid) in [(-1, true), (0, false), (1, false)] {
        let mut story = subscribed(None);
        story.wait(Span::days(26));
        story.given(bill(1, JANUARY, jpy(1_277)));
        story.wait(FEBRUARY.first_instant() + Span(late) - story.context.now);
        let told = story.tell([card(1, jpy(1_277))]);
        assert_eq!(
            (told.contains(paid), told.contains("payment.refunded")),
            (is_paid, !is_paid),
            "{late}: {told}"
        );
    }
}

#[test]
fn a_payment_for_a_month_paid_from_the_wallet_goes_back() {
    let mut story = billed();
    story.given(credit(user(1), jpy(1_277)));
    expect![[r#"
        subscription.paid: Dr wallet:user-1 1277 JPY · Cr income:subscription 1277 JPY
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
    "#]]
    .assert_eq(&story.tell([pay(JANUARY, Purse::Wallet), card(1, jpy(1_277))]));
}

/// The last of several parts brings too little to be anything else than all of them going back.
#[test]
fn prepaid_parts_go_back_the_way_they_came() {
    let mut story = billed();
    story.given(credit(user(1), jpy(1_277)));
    expect![[r#"
        payment.part_received: Dr rail:sandbox 1000 JPY · Cr payment-held:P000000000000000000000001 1000 JPY
        subscription.paid: Dr wallet:user-1 1277 JPY · Cr income:subscription 1277 JPY
        payment.captured: Dr payment-held:P000000000000000000000001 1000 JPY · Dr rail:sandbox 277 JPY · Cr income:subscription 1277 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        payment.excess_received: Dr rail:sandbox 23 JPY · Cr suspense:P000000000000000000000001 23 JPY
    "#]].assert_eq(&story.tell([
        receive(1, Method::WebMoney, jpy(1_000)),
        pay(JANUARY, Purse::Wallet),
        receive(1, Method::WebMoney, jpy(300)),
    ]));
}

#[test]
fn what_is_paid_for_the_method_is_not_the_months() {
    let mut story = subscribed(None);
    let fee = |number| {
        let create = for_month(number, JANUARY, jpy(1_277));
        about_payment(payment::Command::Create(payment::Create { method_fee: jpy(190), ..create }))
    };
    story.given(fee(1));
    story.given(fee(2));
    expect![[r#"
        payment.captured: Dr rail:sandbox 1467 JPY · Cr income:subscription 1277 JPY · Cr income:method-fee 190 JPY
        subscription.paid
        payment.captured: Dr rail:sandbox 1467 JPY · Cr income:subscription 1277 JPY · Cr income:method-fee 190 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        subscription.refunded
    "#]].assert_eq(&story.tell([card(1, jpy(1_467)), card(2, jpy(1_467)), refund(JANUARY)]));
}

/// Whoever comes after the end, after a stop or after a refund finds nothing due.
#[test]
fn a_payment_for_a_month_that_is_over_goes_back() {
    let late = |make: fn(&mut Story)| {
        let mut story = subscribed(None);
        // The last day of January: the konbini takes it until the third of February.
        story.wait(Span::days(26));
        story.given(bill(1, JANUARY, jpy(1_277)));
        let means = Means { method: Method::Konbini, rail: Label::SANDBOX, card: None };
        let (payment, instructions) = (payment_id(1), Vec::new());
        story.given(about_payment(payment::Command::Await { payment, means, instructions }));
        make(&mut story);
        story.tell([receive(1, Method::Konbini, jpy(1_277))]) + &invoices(&story)
    };
    expect![[r#"
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        2026-01 1277 JPY failed
        2026-02 1277 JPY pending
    "#]]
    .assert_eq(&late(|story| drop(story.wait(Span::days(1)))));
    expect![[r#"
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        2026-01 1277 JPY cancelled
    "#]]
    .assert_eq(&late(|story| story.given(stop())));
    expect![[r#"
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        2026-01 1277 JPY refunded
    "#]]
    .assert_eq(&late(|story| {
        story.given(credit(user(1), jpy(1_277)));
        story.given(pay(JANUARY, Purse::Wallet));
        story.given(refund(JANUARY));
    }));
}

/// The tenant owes more than its ceiling after a chargeback; what was never due is no refund of its own.
#[test]
fn what_was_not_due_goes_back_whatever_the_tenant_owes() {
    let mut story = subscribed(Some((usd(50_00), Earner::Tenant)));
    story.given(about_payment(payment::Command::Create(samples::create(9, SHOP, usd(900_00)))));
    story.given(card(9, usd(900_00)));
    story.wait(Span::days(1));
    let settle =
        settlement::Command::Settle { merchant: SHOP, currency: Currency::Usd, through: Day::of(START) };
    story.given(domain::Command::Settlement(settle));
    let send = payout::Command::Send { merchant: SHOP, amount: usd(800_00), bank: Label::MAIN };
    story.given(domain::Command::Payout(send));
    story.given(charge_back(9, usd(900_00)));
    for number in [1, 2] {
        story.given(bill(number, JANUARY, usd(50_00)));
    }
    expect![[r#"
        payment.captured: Dr rail:sandbox 50.00 USD · Cr receivable:1 50.00 USD
        subscription.paid
        payment.captured: Dr rail:sandbox 50.00 USD · Cr receivable:1 50.00 USD
        payment.refunded: Dr receivable:1 50.00 USD · Cr rail:sandbox 50.00 USD
        refused: the merchant would owe 845.00 USD after the refund, and may owe at most 100.00 USD
    "#]]
    .assert_eq(&story.tell([card(1, usd(50_00)), card(2, usd(50_00)), refund(JANUARY)]));
}

#[test]
fn a_refund_of_either_is_the_refund_of_both() {
    let told = |wish| {
        let mut story = billed();
        story.given(card(1, jpy(1_277)));
        story.tell([wish, refund(JANUARY), refund_payment(1, None)]) + &invoices(&story)
    };
    let by_month = told(refund(JANUARY));
    expect![[r#"
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        subscription.refunded
        refused: an invoice that is refunded cannot be refunded
        refused: a payment that is refunded cannot be refunded
        2026-01 1277 JPY refunded
    "#]]
    .assert_eq(&by_month);
    for by_payment in [None, Some(jpy(1_277))] {
        assert_eq!(told(refund_payment(1, by_payment)), by_month);
    }
}

#[test]
fn a_month_is_captured_and_refunded_whole() {
    let mut story = billed();
    let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
    let (payment, amount) = (payment_id(1), jpy(1_277));
    let capture = |minor| about_payment(payment::Command::Capture { payment, amount: Some(jpy(minor)) });
    expect![[r#"
        payment.authorized
        refused: between 1277 JPY and 1277 JPY can be captured
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        subscription.paid
        refused: a month is refunded whole: 1277 JPY
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        subscription.refunded
    "#]]
    .assert_eq(&story.tell([
        about_payment(payment::Command::Authorize { payment, means, amount }),
        capture(1_276),
        capture(1_277),
        refund_payment(1, Some(jpy(1_276))),
        refund_payment(1, Some(jpy(1_277))),
    ]));
}

/// The bank takes it back, in whole or in part: the month is not paid any more, until the dispute is won.
#[test]
fn a_chargeback_refunds_the_month_until_it_is_won() {
    for amount in [jpy(1_277), jpy(500), jpy(3_000)] {
        let mut story = billed();
        story.given(card(1, jpy(1_277)));
        let told = story.tell([charge_back(1, amount), pay(JANUARY, Purse::Wallet), refund(JANUARY), win(1)])
            + &story.tell([pay(JANUARY, Purse::Wallet)])
            + &invoices(&story);
        match amount.minor {
            500 => expect![[r#"
                payment.charged_back: Dr income:subscription 500 JPY · Dr expense:chargeback 15 JPY · Cr rail:sandbox 515 JPY
                subscription.refunded
                refused: an invoice that is refunded cannot be paid
                refused: an invoice that is refunded cannot be refunded
                payment.chargeback_won: Dr rail:sandbox 515 JPY · Cr expense:chargeback 15 JPY · Cr income:subscription 500 JPY
                subscription.paid
                refused: 2026-01 is paid: 1277 JPY, at 2026-01-05T00:00:00Z
                2026-01 1277 JPY completed
            "#]].assert_eq(&told),
            1_277 => expect![[r#"
                payment.charged_back: Dr income:subscription 1277 JPY · Dr expense:chargeback 15 JPY · Cr rail:sandbox 1292 JPY
                subscription.refunded
                refused: an invoice that is refunded cannot be paid
                refused: an invoice that is refunded cannot be refunded
                payment.chargeback_won: Dr rail:sandbox 1292 JPY · Cr expense:chargeback 15 JPY · Cr income:subscription 1277 JPY
                subscription.paid
                refused: 2026-01 is paid: 1277 JPY, at 2026-01-05T00:00:00Z
                2026-01 1277 JPY completed
            "#]].assert_eq(&told),
            _ => expect![[r#"
                payment.charged_back: Dr income:subscription 1277 JPY · Dr expense:chargeback 1738 JPY · Cr rail:sandbox 3015 JPY
                subscription.refunded
                refused: an invoice that is refunded cannot be paid
                refused: an invoice that is refunded cannot be refunded
                payment.chargeback_won: Dr rail:sandbox 3015 JPY · Cr expense:chargeback 1738 JPY · Cr income:subscription 1277 JPY
                subscription.paid
                refused: 2026-01 is paid: 1277 JPY, at 2026-01-05T00:00:00Z
                2026-01 1277 JPY completed
            "#]].assert_eq(&told),
        }
    }
}

#[test]
fn a_chargeback_of_what_was_refunded_leaves_the_month_refunded() {
    let mut story = billed();
    story.given(card(1, jpy(1_277)));
    expect![[r#"
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        subscription.refunded
        payment.charged_back: Dr expense:chargeback 1292 JPY · Cr rail:sandbox 1292 JPY
        payment.chargeback_won: Dr rail:sandbox 1292 JPY · Cr expense:chargeback 1292 JPY
        2026-01 1277 JPY refunded
    "#]]
    .assert_eq(&(story.tell([refund(JANUARY), charge_back(1, jpy(1_277)), win(1)]) + &invoices(&story)));
}

/// Neither takes the month from whoever paid it.
#[test]
fn a_chargeback_of_what_went_back_by_itself_is_not_the_months() {
    let mut story = billed();
    story.given(bill(2, JANUARY, jpy(1_277)));
    story.given(card(1, jpy(1_277)));
    story.given(card(2, jpy(1_277)));
    expect![[r#"
        payment.charged_back: Dr expense:chargeback 1292 JPY · Cr rail:sandbox 1292 JPY
        payment.chargeback_won: Dr rail:sandbox 1292 JPY · Cr expense:chargeback 1292 JPY
        2026-01 1277 JPY completed
    "#]]
    .assert_eq(&(story.tell([charge_back(2, jpy(1_277)), win(2)]) + &invoices(&story)));
}
