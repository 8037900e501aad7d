//! What cannot be, in the order it is found out.

use expect_test::expect;

use super::*;
use crate::{
    books::Realm,
    domain::{
        AMOUNT_MINOR_MAX, MerchantId, Span,
        subscription::{InvoiceRejection, Rejection, Source},
        user as user_room,
    },
};

fn of(user: u32) -> [domain::Command; 4] {
    let (user, month, purse) = (UserId(user), JANUARY, Purse::Wallet);
    [
        about(Command::Start { user }),
        about(Command::Pay { user, month, purse }),
        about(Command::Refund { user, month }),
        about(Command::Stop { user }),
    ]
}

#[test]
fn nobody_elses_subscription_is_seen() {
    let mut told = String::new();
    for (name, tenant, realm, user) in [
        ("no such user", None, Some(HERE), 9),
        ("another tenant's user", None, Some(HERE), 3),
        ("another tenant", Some(MerchantId(2)), Some(HERE), 1),
        ("no realm", None, None, 1),
        ("another test realm", None, Some(Realm::Test(MerchantId(2))), 1),
        ("live", None, Some(Realm::Live), 1),
    ] {
        let mut story = subscribed(None);
        (story.context.tenant, story.context.realm) = (tenant, realm);
        writeln!(told, "{name}").unwrap();
        told += &story.tell(of(user));
    }
    expect![[r#"
        no such user
        refused: there is no user-9
        refused: there is no user-9
        refused: there is no user-9
        refused: there is no user-9
        another tenant's user
        refused: there is no user-3
        refused: there is no user-3
        refused: there is no user-3
        refused: there is no user-3
        another tenant
        refused: there is no user-1
        refused: there is no user-1
        refused: there is no user-1
        refused: there is no user-1
        no realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        refused: value lives in a realm: live, or a tenant's test realm
        another test realm
        refused: there is no user-1
        refused: there is no user-1
        refused: there is no user-1
        refused: there is no user-1
        live
        subscription.started
        subscription.invoiced
        refused: live/wallet:user-1/JPY is short of 1277
        refused: an invoice that is pending cannot be refunded
        subscription.stopped
        subscription.cancelled
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_closed_user_neither_gives_nor_takes() {
    let mut story = funded();
    story.given(pay(JANUARY, Purse::Wallet));
    outside(&mut story, domain::Command::User(user_room::Command::Close { user: UserId(1) }));
    expect![[r#"
        refused: user-1 is closed
        refused: user-1 is closed
        refused: user-1 is closed
        refused: user-1 is closed
    "#]]
    .assert_eq(&story.tell(of(1)));
}

/// The card is the customer's own: it gets its money back whatever became of the user.
#[test]
fn a_payment_for_a_closed_user_is_refunded_all_the_same() {
    let mut story = subscribed(None);
    story.given(bill(1, JANUARY, jpy(1_277)));
    story.given(card(1, jpy(1_277)));
    outside(&mut story, domain::Command::User(user_room::Command::Close { user: UserId(1) }));
    expect![[r#"
        refused: user-1 is closed
        payment.refunded: Dr income:subscription 1277 JPY · Cr rail:sandbox 1277 JPY
        subscription.refunded
    "#]]
    .assert_eq(&story.tell([refund(JANUARY), refund_payment(1, None)]));
}

#[test]
fn only_months_that_were_billed_can_be_paid_or_refunded() {
    let months = [Month(i32::MIN), Month(JANUARY.0 - 1), FEBRUARY, Month(i32::MAX)];
    let wishes = months.into_iter().flat_map(|month| {
        [pay(month, Purse::Wallet), pay(month, Purse::Points), refund(month), bill(1, month, jpy(1_277))]
    });
    let told = Story::tell_apart(funded, wishes);
    assert!(told.lines().all(|line| line.starts_with("refused: the user has no invoice of ")), "{told}");
}

#[test]
fn a_payment_is_of_the_price_and_nothing_else() {
    let tax = |tax| {
        let create = for_month(1, JANUARY, jpy(1_277));
        about_payment(payment::Command::Create(payment::Create { tax, ..create }))
    };
    let other = about_payment(payment::Command::Create(payment::Create {
        purpose: payment::Purpose::Subscription(UserId(3), JANUARY),
        ..samples::create(1, SHOP, jpy(1_277))
    }));
    expect![[r#"
        refused: there is no user-3
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: the amount is too large
        refused: the price of 2026-01 is 1277 JPY
        refused: the price of 2026-01 is 1277 JPY
        refused: the price of 2026-01 is 1277 JPY
        refused: the price of 2026-01 is 1277 JPY
        payment.created
    "#]]
    .assert_eq(&Story::tell_apart(
        || subscribed(None),
        [
            other,
            bill(1, JANUARY, jpy(-1)),
            bill(1, JANUARY, jpy(0)),
            bill(1, JANUARY, jpy(AMOUNT_MINOR_MAX + 1)),
            bill(1, JANUARY, jpy(i128::MAX)),
            bill(1, JANUARY, jpy(1_276)),
            bill(1, JANUARY, usd(12_77)),
            bill(1, JANUARY, sgp(12_77)),
            tax(jpy(1)),
            bill(1, JANUARY, jpy(1_277)),
        ],
    ));
}

#[test]
fn no_user_pays_a_months_payment_from_the_wallet() {
    let mut story = funded();
    story.given(bill(1, JANUARY, jpy(1_277)));
    let pay = |purse| {
        about_payment(payment::Command::PayByUser { payment: payment_id(1), payer: UserId(2), purse })
    };
    expect![[r#"
        refused: a payment for a month is paid on a rail
        refused: a payment for a month is paid on a rail
    "#]]
    .assert_eq(&story.tell([pay(Purse::Wallet), pay(Purse::Points)]));
}

/// All that an endpoint needs to answer the second request as the first.
#[test]
fn a_second_completion_is_refused_with_the_first() {
    let mut story = funded();
    let at = story.context.now;
    story.given(pay(JANUARY, Purse::Wallet));
    story.wait(Span::hours(5));
    let refused = domain::decide(&story.state, &pay(JANUARY, Purse::Wallet), &story.context).unwrap_err();
    let (month, price, paid_with) = (JANUARY, jpy(1_277), Source::Wallet);
    let expected = Rejection::Invoice(InvoiceRejection::AlreadyPaid { month, price, paid_with, at });
    assert_eq!(refused, domain::Rejection::Subscription(expected));
}
