//! Months that begin and end by themselves, exactly when they do.

use expect_test::expect;

use super::*;
use crate::domain::{Span, Timestamp, user as user_room};

/// Lets the story go on until `at`; tells what becomes due.
fn until(story: &mut Story, at: Timestamp) -> String {
    story.wait(at - story.context.now)
}

#[test]
fn an_unpaid_month_fails_as_it_ends_and_the_next_is_billed_at_its_first_instant() {
    let mut story = subscribed(None);
    assert_eq!(until(&mut story, JANUARY.last_instant()), "");
    assert_eq!(invoices(&story), "2026-01 1277 JPY pending\n");
    expect![[r#"
        at 2026-01-31T15:00:00Z
        subscription.failed
        subscription.invoiced
    "#]]
    .assert_eq(&until(&mut story, FEBRUARY.first_instant()));
    assert_eq!(invoices(&story), "2026-01 1277 JPY failed\n2026-02 1277 JPY pending\n");
}

#[test]
fn a_paid_month_only_makes_way_for_the_next() {
    let mut story = funded();
    story.given(pay(JANUARY, Purse::Wallet));
    expect![[r#"
        at 2026-01-31T15:00:00Z
        subscription.invoiced
    "#]]
    .assert_eq(&until(&mut story, FEBRUARY.first_instant()));
    assert_eq!(invoices(&story), "2026-01 1277 JPY completed\n2026-02 1277 JPY pending\n");
}

#[test]
fn a_month_can_be_paid_until_its_last_microsecond() {
    for (late, expected) in [
        (-1, "subscription.paid: Dr wallet:user-1 1277 JPY · Cr income:subscription 1277 JPY\n"),
        (0, "refused: an invoice that is failed cannot be paid\n"),
        (1, "refused: an invoice that is failed cannot be paid\n"),
    ] {
        let mut story = funded();
        until(&mut story, FEBRUARY.first_instant() + Span(late));
        assert_eq!(story.tell([pay(JANUARY, Purse::Wallet)]), expected, "{late} after the month's end");
    }
}

#[test]
fn whoever_subscribes_in_a_months_last_microsecond_is_billed_for_it_and_then_for_the_next() {
    for (late, expected) in [(-1, "2026-01 1277 JPY failed\n2026-02 1277 JPY pending\n"), (0, ""), (1, "")] {
        let mut story = Story::begin();
        until(&mut story, FEBRUARY.first_instant() + Span(late));
        story.given(start());
        story.wait(Span(2));
        assert_eq!(invoices(&story), expected);
        assert_eq!(invoice(&story, FEBRUARY).unwrap().stage.word(), "pending");
    }
}

/// Every month comes at its own time, however late it is seen to.
#[test]
fn after_half_a_year_of_sleep_every_month_was_billed_when_it_began() {
    let mut story = subscribed(None);
    expect![[r#"
        at 2026-01-31T15:00:00Z
        subscription.failed
        subscription.invoiced
        at 2026-02-28T15:00:00Z
        subscription.failed
        subscription.invoiced
        at 2026-03-31T15:00:00Z
        subscription.failed
        subscription.invoiced
        at 2026-04-30T15:00:00Z
        subscription.failed
        subscription.invoiced
        at 2026-05-31T15:00:00Z
        subscription.failed
        subscription.invoiced
        at 2026-06-30T15:00:00Z
        subscription.failed
        subscription.invoiced
    "#]]
    .assert_eq(&story.wait(Span::days(181)));
    expect![[r#"
        2026-01 1277 JPY failed
        2026-02 1277 JPY failed
        2026-03 1277 JPY failed
        2026-04 1277 JPY failed
        2026-05 1277 JPY failed
        2026-06 1277 JPY failed
        2026-07 1277 JPY pending
    "#]]
    .assert_eq(&invoices(&story));
}

#[test]
fn a_new_plan_is_for_the_months_that_begin_after_it() {
    let mut story = funded();
    set_plan(&mut story, usd(9_80), Earner::Tenant);
    let old = story.tell([pay(JANUARY, Purse::Wallet)]);
    until(&mut story, FEBRUARY.first_instant());
    set_plan(&mut story, jpy(500), Earner::Platform);
    story.given(credit(user(1), usd(9_80)));
    let new = story.tell([pay(FEBRUARY, Purse::Wallet)]);
    until(&mut story, FEBRUARY.next().first_instant());
    expect![[r#"
        subscription.paid: Dr wallet:user-1 1277 JPY · Cr income:subscription 1277 JPY
        subscription.paid: Dr wallet:user-1 9.80 USD · Cr merchant-pending:1 9.80 USD
        2026-01 1277 JPY completed
        2026-02 9.80 USD completed
        2026-03 500 JPY pending
    "#]]
    .assert_eq(&(old + &new + &invoices(&story)));
}

#[test]
fn whoever_stops_is_billed_no_more_and_owes_nothing_for_the_month() {
    let mut story = subscribed(None);
    expect![[r#"
        subscription.stopped
        subscription.cancelled
        refused: the user has no subscription
        2026-01 1277 JPY cancelled
    "#]]
    .assert_eq(&(story.tell([stop(), stop()]) + &story.wait(Span::days(60)) + &invoices(&story)));
}

#[test]
fn whoever_stops_keeps_the_month_that_is_paid() {
    let mut story = funded();
    story.given(pay(JANUARY, Purse::Wallet));
    expect![[r#"
        subscription.stopped
        2026-01 1277 JPY completed
    "#]]
    .assert_eq(&(story.tell([stop()]) + &story.wait(Span::days(60)) + &invoices(&story)));
}

/// There is one invoice a month: it is opened again as it was, for a payment of it may be under way.
#[test]
fn whoever_subscribes_again_within_the_month_has_the_same_invoice() {
    let mut story = funded();
    story.given(bill(1, JANUARY, jpy(1_277)));
    story.given(stop());
    set_plan(&mut story, usd(9_80), Earner::Tenant);
    let told = story.tell([start(), start(), card(1, jpy(1_277)), stop(), start()]);
    expect![[r#"
        subscription.started
        subscription.invoiced
        refused: the user has a subscription
        payment.captured: Dr rail:sandbox 1277 JPY · Cr income:subscription 1277 JPY
        subscription.paid
        subscription.stopped
        subscription.started
        at 2026-01-31T15:00:00Z
        subscription.invoiced
        2026-01 1277 JPY completed
        2026-02 9.80 USD pending
    "#]]
    .assert_eq(&(told + &story.wait(Span::days(30)) + &invoices(&story)));
}

#[test]
fn whoever_subscribes_again_later_is_not_billed_for_the_months_between() {
    let mut story = subscribed(None);
    story.given(stop());
    until(&mut story, FEBRUARY.next().first_instant() + Span::days(3));
    expect![[r#"
        subscription.started
        subscription.invoiced
        at 2026-03-31T15:00:00Z
        subscription.failed
        subscription.invoiced
    "#]]
    .assert_eq(&(story.tell([start()]) + &story.wait(Span::days(29))));
    assert_eq!(invoices(&story), "2026-01 1277 JPY cancelled\n");
    assert!(invoice(&story, FEBRUARY).is_none());
}

/// A user is closed everywhere at once; each subscription ends with its month.
#[test]
fn the_subscription_of_a_closed_user_ends_with_the_month() {
    let mut story = subscribed(None);
    let close = user_room::Command::Close { user: UserId(1) };
    outside(&mut story, domain::Command::User(close));
    expect![[r#"
        at 2026-01-31T15:00:00Z
        subscription.failed
        subscription.stopped
        2026-01 1277 JPY failed
    "#]]
    .assert_eq(&(story.wait(Span::days(60)) + &invoices(&story)));
}
