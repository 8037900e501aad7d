//! Movable clocks, as data.

use expect_test::{Expect, expect};

use super::*;
use crate::{
    books::Realm,
    domain::{self, Context, MerchantId, Span, Timestamp, story::Story},
};

/// 2026-01-05T00:00:00Z
const START: Timestamp = Timestamp(1_767_571_200_000_000);
const HERE: Option<Realm> = Some(Realm::Test(MerchantId(1)));

/// Moves the clock of `realm` by each step in turn; the wall clock stands still.
fn check(realm: Option<Realm>, steps: &[Span], then: Expect) {
    let mut state = Story::begin().state;
    let mut text = String::new();
    for by in steps {
        let context = Context { realm, tenant: None, now: state.now(realm, START) };
        match decide(&state, &Command::AdvanceClock { by: *by }, &context) {
            Err(refused) => text += &format!("refused: {refused}\n"),
            Ok(events) => {
                events.iter().for_each(|event| domain::apply(&mut state, event, &context));
                text += &format!("it is {}\n", state.now(realm, START));
            }
        }
    }
    then.assert_eq(&text);
}

#[test]
fn a_test_clock_moves_forward_and_steps_add_up() {
    check(
        HERE,
        &[Span::MICRO, Span::days(180), Span::days(3_653)],
        expect![[r#"
        it is 2026-01-05T00:00:00.000001Z
        it is 2026-07-04T00:00:00.000001Z
        it is 2036-07-04T00:00:00.000001Z
    "#]],
    );
}

#[test]
fn a_clock_never_moves_back_nor_too_far_at_once() {
    check(
        HERE,
        &[Span::ZERO, Span(-1), Span::days(3_653) + Span::MICRO, Span(i64::MAX)],
        expect![[r#"
        refused: a clock moves forward, by at most 3653 days at once
        refused: a clock moves forward, by at most 3653 days at once
        refused: a clock moves forward, by at most 3653 days at once
        refused: a clock moves forward, by at most 3653 days at once
    "#]],
    );
}

#[test]
fn only_test_clocks_move() {
    check(
        Some(Realm::Live),
        &[Span::MICRO],
        expect![[r#"
        refused: only a test realm's clock can be moved
    "#]],
    );
    check(
        None,
        &[Span::MICRO],
        expect![[r#"
        refused: only a test realm's clock can be moved
    "#]],
    );
}

#[test]
fn a_clock_is_moved_by_its_own_tenant_or_by_nobody_in_particular() {
    let state = Story::begin().state;
    let [own, other] = [1, 2].map(|tenant| Some(MerchantId(tenant)));
    for (tenant, owner, expected) in [(None, 1, true), (own, 1, true), (other, 1, false), (None, 9, false)] {
        let realm = Realm::Test(MerchantId(owner));
        let context = Context { realm: Some(realm), tenant, now: START };
        let decided = decide(&state, &Command::AdvanceClock { by: Span::MICRO }, &context);
        let refused = decided.err();
        assert_eq!(refused, (!expected).then_some(Rejection::Unknown(realm)), "{tenant:?} in {realm}");
    }
}

#[test]
fn no_clock_passes_the_last_year_that_can_be_written() {
    let state = Story::begin().state;
    // 9000-01-01T00:00:00Z
    let end = Timestamp(221_845_392_000_000_000);
    assert_eq!(end.to_string(), "9000-01-01T00:00:00Z");
    for (now, expected) in [(end - Span(2), true), (end - Span(1), false), (end, false)] {
        let context = Context { realm: HERE, tenant: None, now };
        let decided = decide(&state, &Command::AdvanceClock { by: Span::MICRO }, &context);
        assert_eq!(decided.is_ok(), expected, "at {now}");
    }
}

#[test]
fn a_realms_time_never_falls() {
    let clock = Clock { ahead: Span::hours(2), last: START + Span::hours(5) };
    for (wall, expected) in [(0, 5), (2, 5), (3, 5), (4, 6)] {
        assert_eq!(clock.now(START + Span::hours(wall)), START + Span::hours(expected), "{wall} h");
    }
}
