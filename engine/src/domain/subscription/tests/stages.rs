//! Every stage against every action: `decide` allows exactly what the table says.

use super::*;
use crate::domain::{
    Event, Span, payment as payment_room,
    subscription::{Action, Event as E, Stage, TRANSITIONS},
};

/// January's invoice in `stage`, paid by payment 1 where it was, taken back by a chargeback where it was.
fn given(stage: Stage) -> Story {
    let mut story = subscribed(None);
    story.given(credit(user(1), jpy(1_277)));
    story.given(bill(1, JANUARY, jpy(1_277)));
    let more = match stage {
        Stage::Pending | Stage::Failed => vec![],
        Stage::Completed => vec![card(1, jpy(1_277))],
        Stage::Refunded => vec![card(1, jpy(1_277)), charge_back(1, jpy(1_277))],
        Stage::Cancelled => vec![stop()],
    };
    more.into_iter().for_each(|command| story.given(command));
    if stage == Stage::Failed {
        story.wait(Span::days(31));
    }
    assert_eq!(invoice(&story, JANUARY).unwrap().stage, stage);
    story
}

/// What happens is a fact of the invoice's own, besides whatever else it leads to.
fn is_of(action: Action, event: &Event) -> bool {
    let Event::Subscription(event) = event else { return false };
    match action {
        Action::Reopen => matches!(event, E::Invoiced(event) if event.month == JANUARY),
        Action::Pay | Action::WinChargeback => matches!(event, E::Paid(_)),
        Action::Fail => matches!(event, E::Failed(event) if event.month == JANUARY),
        Action::Cancel => matches!(event, E::Cancelled(event) if event.month == JANUARY),
        Action::Refund | Action::ChargeBack => matches!(event, E::Refunded(_)),
    }
}

/// The wishes and facts by which an action comes about; a month's end is nobody's wish.
fn wishes(action: Action) -> Vec<domain::Command> {
    match action {
        Action::Reopen => vec![start()],
        Action::Pay => vec![pay(JANUARY, Purse::Wallet), card(1, jpy(1_277))],
        Action::Fail => vec![],
        Action::Cancel => vec![stop()],
        Action::Refund => vec![refund(JANUARY), refund_payment(1, None)],
        Action::ChargeBack => vec![charge_back(1, jpy(1_277))],
        Action::WinChargeback => vec![win(1)],
    }
}

/// Whether `action` happened to January, and its stage after that.
fn attempt(action: Action, stage: Stage, wish: Option<domain::Command>) -> (bool, Stage) {
    let mut story = given(stage);
    let events = match wish {
        Some(wish) => {
            let events = domain::decide(&story.state, &wish, &story.context).unwrap_or_default();
            story.tell([wish]);
            events
        }
        None => {
            story.wait(Month::of(story.context.now).last_instant() - story.context.now);
            let due = story.state.dues.first(HERE);
            let events = due.map_or_else(Vec::new, |(at, due)| {
                story.context.now = at;
                domain::decide_due(&story.state, due, &story.context)
            });
            story.wait(Span::ZERO);
            events
        }
    };
    (events.iter().any(|event| is_of(action, event)), invoice(&story, JANUARY).unwrap().stage)
}

#[test]
fn decide_allows_exactly_what_the_table_says() {
    for stage in Stage::ALL {
        for action in Action::ALL {
            let mut ways: Vec<_> = wishes(action).into_iter().map(Some).collect();
            if action == Action::Fail {
                ways.push(None);
            }
            for wish in ways {
                let told = format!("{wish:?} of a month that is {stage}");
                let (happened, after) = attempt(action, stage, wish);
                assert_eq!(happened, action.is_allowed(stage), "{told}");
                let row = TRANSITIONS.iter().find(|row| row.action == action && row.from == stage);
                assert_eq!(after, row.map_or(stage, |row| row.to), "{told}");
            }
        }
    }
}

/// A payment's refund and its chargeback are one stage of the month, and only the latter is won.
#[test]
fn a_refund_is_not_won_back() {
    let mut story = given(Stage::Completed);
    story.given(refund(JANUARY));
    let refused = domain::decide(&story.state, &win(1), &story.context).unwrap_err();
    let stage = payment_room::Stage::Refunded;
    let expected = payment_room::Rejection::NotAllowed { stage, action: payment_room::Action::WinChargeback };
    assert_eq!(refused, domain::Rejection::Payment(expected));
}

#[test]
fn the_history_shows_every_stage_but_pending() {
    let history = Stage::ALL.into_iter().filter(|stage| stage.is_history());
    assert!(history.eq(Stage::ALL.into_iter().filter(|stage| *stage != Stage::Pending)));
}

#[test]
fn a_stage_and_an_action_have_one_row_at_the_most() {
    for action in Action::ALL {
        for stage in Stage::ALL {
            let rows = TRANSITIONS.iter().filter(|row| row.action == action && row.from == stage);
            assert!(rows.count() <= 1, "{action:?} of {stage}");
        }
    }
}
