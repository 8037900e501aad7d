//! What happens by itself: in due order, each at its own time, and before any command that comes later.

use expect_test::expect;

use super::*;
use crate::{
    domain::{MerchantId, Month, UserId, points, subscription, user},
    log::EVENTS_MAX,
};

#[test]
fn after_a_long_sleep_everything_happens_at_its_own_time() {
    let desk = Desk::new();
    for (number, merchant, realm) in
        [(1, SHOP, HERE), (2, NEIGHBOUR, THERE), (3, LIVE_SHOP, Realm::Live), (4, SHOP, HERE)]
    {
        desk.accepted(realm, create(number, merchant));
        desk.clock.advance(Span::hours(1));
    }
    desk.clock.advance(Span::days(3));
    desk.run(vec![]).ended.unwrap();
    expect![[r#"
        commit of 2026-01-05T00:00:00Z
          4 payment.created payment-P1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T01:00:00Z
          5 payment.created payment-P2 at 2026-01-05T01:00:00Z
        commit of 2026-01-05T02:00:00Z
          6 payment.created payment-P3 at 2026-01-05T02:00:00Z
        commit of 2026-01-05T03:00:00Z
          7 payment.created payment-P4 at 2026-01-05T03:00:00Z
        commit of 2026-01-08T04:00:00Z
          8 payment.expired payment-P3 at 2026-01-06T02:00:00Z
          9 payment.expired payment-P1 at 2026-01-06T00:00:00Z
          10 payment.expired payment-P4 at 2026-01-06T03:00:00Z
          11 payment.expired payment-P2 at 2026-01-06T01:00:00Z
    "#]]
    .assert_eq(&desk.log());
}

#[test]
fn what_is_due_comes_before_the_next_command_of_its_realm() {
    let desk = Desk::new();
    for (number, merchant, realm) in [(1, SHOP, HERE), (2, NEIGHBOUR, THERE), (3, SHOP, HERE)] {
        desk.accepted(realm, create(number, merchant));
        desk.clock.advance(Span::hours(1));
    }
    desk.clock.advance(Span::days(3));
    desk.accepted(HERE, create(4, SHOP));
    expect![[r#"
        commit of 2026-01-05T00:00:00Z
          4 payment.created payment-P1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T01:00:00Z
          5 payment.created payment-P2 at 2026-01-05T01:00:00Z
        commit of 2026-01-05T02:00:00Z
          6 payment.created payment-P3 at 2026-01-05T02:00:00Z
        commit of 2026-01-08T03:00:00Z
          7 payment.expired payment-P1 at 2026-01-06T00:00:00Z
          8 payment.expired payment-P3 at 2026-01-06T02:00:00Z
          9 payment.created payment-P4 at 2026-01-08T03:00:00Z
    "#]]
    .assert_eq(&desk.log());
}

#[test]
fn test_realms_wait_while_there_are_commands_but_live_does_not() {
    let desk = Desk::new();
    for (number, merchant, realm) in [(1, SHOP, HERE), (2, LIVE_SHOP, Realm::Live)] {
        desk.accepted(realm, create(number, merchant));
    }
    desk.clock.advance(Span::days(2));
    // A command of another realm: what is due in live goes with it, what is due in a test realm has to wait.
    desk.accepted(THERE, create(3, NEIGHBOUR));
    desk.run(vec![]).ended.unwrap();
    expect![[r#"
        commit of 2026-01-05T00:00:00Z
          4 payment.created payment-P1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T00:00:00Z
          5 payment.created payment-P2 at 2026-01-05T00:00:00Z
        commit of 2026-01-07T00:00:00Z
          6 payment.created payment-P3 at 2026-01-07T00:00:00Z
          7 payment.expired payment-P2 at 2026-01-06T00:00:00Z
        commit of 2026-01-07T00:00:00Z
          8 payment.expired payment-P1 at 2026-01-06T00:00:00Z
    "#]]
    .assert_eq(&desk.log());
}

#[test]
fn a_deadline_is_kept_to_the_microsecond() {
    let stage = |late: Span| {
        let desk = Desk::new();
        desk.accepted(HERE, create(1, SHOP));
        desk.clock.advance(Span::days(1) + late);
        let recorded = desk.accepted(HERE, pay(1));
        recorded.iter().map(|record| record.kind.name()).collect::<Vec<_>>().join(" ")
    };
    let in_time = "payment.captured webhook.owed";
    let too_late = "payment.excess_received payment.excess_returned";
    for (late, expected) in [(Span(-1), in_time), (Span(0), too_late), (Span(1), too_late)] {
        assert_eq!(stage(late), expected, "{late:?} after the deadline");
    }
}

#[test]
fn a_delayed_method_has_till_the_last_second_of_the_day_in_tokyo() {
    let expired = |at: Timestamp| {
        let desk = Desk::new();
        let created = samples::create(1, SHOP, Money::new(1_000, Currency::Jpy));
        desk.accepted(HERE, Command::Payment(payment::Command::Create(created)));
        let means = Means { method: Method::Konbini, rail: Label::SANDBOX, card: None };
        let wish = payment::Command::Await { payment: id(1), means, instructions: Vec::new() };
        desk.accepted(HERE, Command::Payment(wish));
        desk.clock.advance(at - START);
        desk.run(vec![]).ended.unwrap();
        desk.log().contains("payment.expired")
    };
    // Three days after 2026-01-05T09:00+09:00, at 23:59:59 in Tokyo.
    let deadline = Timestamp(1_767_884_399_000_000);
    assert_eq!(deadline.to_string(), "2026-01-08T14:59:59Z");
    assert_eq!([Span(-1), Span(0), Span(1)].map(|late| expired(deadline + late)), [false, true, true]);
}

#[test]
fn moving_a_test_clock_brings_what_is_due_there_and_nowhere_else() {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    desk.accepted(THERE, create(2, NEIGHBOUR));
    desk.accepted(HERE, advance(Span::days(180)));
    desk.run(vec![]).ended.unwrap();
    desk.accepted(HERE, create(3, SHOP));
    expect![[r#"
        commit of 2026-01-05T00:00:00Z
          4 payment.created payment-P1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T00:00:00Z
          5 payment.created payment-P2 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T00:00:00Z
          6 realm.clock_advanced realm-test-1 at 2026-01-05T00:00:00Z
          7 payment.expired payment-P1 at 2026-01-06T00:00:00Z
        commit of 2026-01-05T00:00:00Z
          8 payment.created payment-P3 at 2026-07-04T00:00:00Z
    "#]]
    .assert_eq(&desk.log());
}

#[test]
fn more_than_fit_one_commit_come_due_in_several() {
    let creations = |desk: &Desk| -> Vec<Envelope> {
        (0..9_000).map(|number| desk.envelope(Some(HERE), create(number, SHOP))).collect()
    };
    let expired = |desk: &Desk| -> Vec<u64> { desk.frames().iter().skip(3).map(Frame::count).collect() };
    let by_itself = Desk::new();
    by_itself.submit(creations(&by_itself));
    by_itself.clock.advance(Span::days(1));
    by_itself.run(vec![]).ended.unwrap();
    assert_eq!(expired(&by_itself), [8_190], "other realms get their turn in between");
    by_itself.run(vec![]).ended.unwrap();
    assert_eq!(expired(&by_itself), [8_190, 810]);

    let before_a_command = Desk::new();
    before_a_command.submit(creations(&before_a_command));
    before_a_command.clock.advance(Span::days(1));
    before_a_command.accepted(HERE, create(9_000, SHOP));
    assert_eq!(expired(&before_a_command), [8_190, 811]);
    assert!(before_a_command.frames().iter().all(|frame| frame.count() <= EVENTS_MAX as u64));
}

#[test]
fn a_clock_that_goes_back_does_not_take_the_ledger_back() {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    desk.clock.advance(Span::hours(2));
    desk.accepted(HERE, create(2, SHOP));
    desk.clock.advance(Span::hours(-5));
    desk.accepted(HERE, create(3, SHOP));
    desk.accepted(THERE, create(4, NEIGHBOUR));
    desk.clock.advance(Span::hours(6));
    desk.accepted(HERE, create(5, SHOP));
    expect![[r#"
        commit of 2026-01-05T00:00:00Z
          4 payment.created payment-P1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T02:00:00Z
          5 payment.created payment-P2 at 2026-01-05T02:00:00Z
        commit of 2026-01-05T02:00:00Z
          6 payment.created payment-P3 at 2026-01-05T02:00:00Z
        commit of 2026-01-05T02:00:00Z
          7 payment.created payment-P4 at 2026-01-05T02:00:00Z
        commit of 2026-01-05T03:00:00Z
          8 payment.created payment-P5 at 2026-01-05T03:00:00Z
    "#]]
    .assert_eq(&desk.log());
}

/// The wake-up times of realms without anything due were once forgotten over a restart, so a payment made
/// afterwards in a realm whose clock was ahead expired that much too late.
#[test]
fn a_clock_that_is_ahead_stays_ahead_over_a_restart() {
    let desk = Desk::new();
    desk.accepted(HERE, advance(Span::days(10)));
    desk.accepted(HERE, create(1, SHOP));
    desk.clock.advance(Span::days(1));
    desk.run(vec![]).ended.unwrap();
    expect![[r#"
        commit of 2026-01-05T00:00:00Z
          4 realm.clock_advanced realm-test-1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T00:00:00Z
          5 payment.created payment-P1 at 2026-01-15T00:00:00Z
        commit of 2026-01-06T00:00:00Z
          6 payment.expired payment-P1 at 2026-01-16T00:00:00Z
    "#]]
    .assert_eq(&desk.log());
}

/// The expected revision was once looked at before what was due: the payment expired between the two, and the
/// command was decided on a payment its sender had never seen.
#[test]
fn an_expected_revision_counts_what_came_due() {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    desk.clock.advance(Span::days(1));
    let stream = crate::domain::StreamId::Payment(id(1));
    let mut envelope = desk.envelope(Some(HERE), pay(1));
    envelope.expected = Some((stream, Some(0)));
    let [Outcome::Rejected(rejection)] = &desk.submit(vec![envelope])[..] else { panic!("it has expired") };
    assert_eq!(**rejection, Rejection::WrongRevision { stream, expected: Some(0), actual: Some(1) });
}

/// Points and payments of one realm, and a server that was off for half a year.
#[test]
fn what_became_due_of_several_rooms_happens_in_due_order() {
    let desk = Desk::new();
    let register = Command::User(user::Command::Register { tenant: SHOP });
    desk.submit(vec![desk.envelope(None, register)]);
    let grant = || {
        let quantity = Money::new(5_00, Currency::SgpUsd);
        desk.accepted(HERE, Command::Points(points::Command::Grant { holder: UserId(1), quantity }));
    };
    grant();
    desk.clock.advance(Span::hours(1));
    desk.accepted(HERE, create(1, SHOP));
    desk.clock.advance(Span::days(179));
    desk.accepted(HERE, create(2, SHOP));
    grant();
    desk.clock.advance(Span::days(181));
    // The first command of the realm comes after all of it.
    desk.accepted(HERE, create(3, SHOP));
    expect![[r#"
        commit of 2026-01-05T00:00:00Z
          4 user.registered user-1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T00:00:00Z
          5 points.issued points-1-test-1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T01:00:00Z
          6 payment.created payment-P1 at 2026-01-05T01:00:00Z
        commit of 2026-07-03T01:00:00Z
          7 payment.expired payment-P1 at 2026-01-06T01:00:00Z
          8 payment.created payment-P2 at 2026-07-03T01:00:00Z
        commit of 2026-07-03T01:00:00Z
          9 points.issued points-1-test-1 at 2026-07-03T01:00:00Z
        commit of 2026-12-31T01:00:00Z
          10 points.lapsed points-1-test-1 at 2026-07-04T00:00:00Z
          11 payment.expired payment-P2 at 2026-07-04T01:00:00Z
          12 points.lapsed points-1-test-1 at 2026-12-30T01:00:00Z
          13 payment.created payment-P3 at 2026-12-31T01:00:00Z
    "#]]
    .assert_eq(&desk.log());
}

/// What a month cost was settled as it began, whoever comes first after a long sleep.
#[test]
fn a_new_price_is_for_no_month_that_had_begun() {
    for (tenant, realm) in [(SHOP, HERE), (LIVE_SHOP, Realm::Live)] {
        let desk = Desk::new();
        let set_plan = |merchant: MerchantId, minor| {
            let plan = merchant::Plan { price: usd(minor), earner: merchant::Earner::Platform };
            desk.envelope(None, Command::Merchant(merchant::Command::SetPlan { merchant, plan }))
        };
        desk.submit(vec![desk.envelope(None, Command::User(user::Command::Register { tenant }))]);
        desk.submit(vec![set_plan(tenant, 1_00)]);
        desk.accepted(realm, Command::Subscription(subscription::Command::Start { user: UserId(1) }));
        desk.clock.advance(Span::days(60));
        // One of another tenant's, which has no say in it; then the tenant's own.
        desk.submit(vec![set_plan(NEIGHBOUR, 7_00), set_plan(tenant, 2_00)]);
        desk.clock.advance(Span::days(30));
        desk.run(vec![]).ended.unwrap();
        let state = desk.writer().0.state;
        let price = |month| state.invoices.get(&(realm, UserId(1), month)).map(|invoice| invoice.price);
        let january = Month::of(START);
        let months = [january, january.next(), january.next().next(), january.next().next().next()];
        assert_eq!(months.map(price), [Some(usd(1_00)), Some(usd(1_00)), Some(usd(1_00)), Some(usd(2_00))]);
    }
}

/// Whoever is closed after a month has begun had begun it.
#[test]
fn a_user_closed_late_was_billed_for_the_months_before() {
    let desk = Desk::new();
    desk.submit(vec![desk.envelope(None, Command::User(user::Command::Register { tenant: SHOP }))]);
    desk.accepted(HERE, Command::Subscription(subscription::Command::Start { user: UserId(1) }));
    desk.clock.advance(Span::days(40));
    desk.submit(vec![desk.envelope(None, Command::User(user::Command::Close { user: UserId(1) }))]);
    desk.clock.advance(Span::days(20));
    desk.run(vec![]).ended.unwrap();
    expect![[r#"
        commit of 2026-01-05T00:00:00Z
          4 user.registered user-1 at 2026-01-05T00:00:00Z
        commit of 2026-01-05T00:00:00Z
          5 subscription.started subscription-1-test-1 at 2026-01-05T00:00:00Z
          6 subscription.invoiced subscription-1-test-1 at 2026-01-05T00:00:00Z
        commit of 2026-02-14T00:00:00Z
          7 subscription.failed subscription-1-test-1 at 2026-01-31T15:00:00Z
          8 subscription.invoiced subscription-1-test-1 at 2026-01-31T15:00:00Z
          9 user.closed user-1 at 2026-02-14T00:00:00Z
        commit of 2026-03-06T00:00:00Z
          10 subscription.failed subscription-1-test-1 at 2026-02-28T15:00:00Z
          11 subscription.stopped subscription-1-test-1 at 2026-02-28T15:00:00Z
    "#]]
    .assert_eq(&desk.log());
}
