//! Every stage against every action: `decide` allows exactly what the table says.

use std::fmt::Write;

use expect_test::expect;

use super::*;
use crate::domain::payment::{Action, TRANSITIONS};

/// A payment of 1,000 yen in `stage`, with 1 yen of konbini cash that was not due.
fn given(stage: Stage) -> World {
    let created = [create(jpy(1_000)), pay(Method::Konbini, jpy(1))];
    let paid = pay_by_card(jpy(1_000));
    let more = match stage {
        Stage::Created | Stage::Expired => vec![],
        Stage::AwaitingCustomer => vec![choose(Method::Konbini)],
        Stage::Authorized => vec![authorize(jpy(1_000))],
        Stage::Pending => vec![pay(Method::WebMoney, jpy(400))],
        Stage::Captured => vec![paid],
        Stage::Refunded => vec![paid, refund(None)],
        Stage::Cancelled => vec![cancel()],
        Stage::Failed => vec![fail()],
        Stage::ChargedBack => vec![paid, charge_back(jpy(1_000), 0)],
    };
    let mut world = World::after(&[&created[..], &more].concat());
    if stage == Stage::Expired {
        world.expire();
    }
    assert_eq!(world.payment(id(1)).stage, stage);
    world
}

/// The wish for an action; a deadline is nobody's wish.
fn wish(action: Action, stage: Stage) -> Option<Wish> {
    Some(match action {
        Action::Await => choose(Method::Konbini),
        Action::Authorize => authorize(jpy(1_000)),
        Action::ReceivePart => pay(Method::WebMoney, jpy(100)),
        // An authorisation is captured; everywhere else money comes in.
        Action::Capture if stage == Stage::Authorized => capture(None),
        Action::Capture => pay_by_card(jpy(1_000)),
        Action::PayByUser => pay_by_user(Purse::Wallet),
        Action::Decline => decline(),
        Action::Cancel => cancel(),
        Action::Expire => return None,
        Action::Fail => fail(),
        Action::Refund => refund(None),
        Action::ChargeBack => charge_back(jpy(1), 0),
        Action::WinChargeback => win(),
        Action::ReceiveExcess => pay_by_card(jpy(1_001)),
        Action::ReturnExcess => return_excess(),
    })
}

fn is_of(action: Action, event: &Event) -> bool {
    use payment::Event as E;
    let Event::Payment(event) = event else { return false };
    match action {
        Action::Await => matches!(event, E::AwaitingCustomer(_)),
        Action::Authorize => matches!(event, E::Authorized(_)),
        Action::ReceivePart => matches!(event, E::PartReceived(_)),
        Action::Capture | Action::PayByUser => matches!(event, E::Captured(_)),
        Action::Decline => matches!(event, E::Declined(_)),
        Action::Cancel => matches!(event, E::Cancelled(_)),
        Action::Expire => matches!(event, E::Expired(_)),
        Action::Fail => matches!(event, E::Failed(_)),
        Action::Refund => matches!(event, E::Refunded(_)),
        Action::ChargeBack => matches!(event, E::ChargedBack(_)),
        Action::WinChargeback => matches!(event, E::ChargebackWon(_)),
        Action::ReceiveExcess => matches!(event, E::ExcessReceived(_)),
        Action::ReturnExcess => matches!(event, E::ExcessReturned(_)),
    }
}

/// Whether `action` happened, and the stage after it.
fn attempt(action: Action, stage: Stage) -> (bool, Stage) {
    let mut world = given(stage);
    let events = match wish(action, stage) {
        Some(wish) => world.take(&wish).unwrap_or_else(|refused| {
            let expected = payment::Rejection::NotAllowed { stage, action };
            assert_eq!(refused, expected.into(), "a refusal names the stage and the action");
            Vec::new()
        }),
        None if world.state.dues.first(HERE).is_some() => world.expire(),
        None => Vec::new(),
    };
    (events.iter().any(|event| is_of(action, event)), world.payment(id(1)).stage)
}

#[test]
fn decide_allows_exactly_what_the_table_says() {
    for stage in Stage::ALL {
        for action in Action::ALL {
            let (happened, after) = attempt(action, stage);
            assert_eq!(happened, action.is_allowed(stage), "{action:?} of a {stage} payment");
            let row = TRANSITIONS.iter().find(|row| row.action == action).unwrap();
            // Money over what is due captures an open payment besides.
            let stays = row.to.is_empty() && !(action == Action::ReceiveExcess && stage.is_open());
            match (happened, stays) {
                (true, false) if row.to.is_empty() => assert_eq!(after, Stage::Captured),
                (true, false) => {
                    assert!(row.to.contains(&after), "{action:?} of a {stage} payment made it {after}")
                }
                // Money that is no part and no capture is excess, and leaves the stage alone.
                (true, true) | (false, _) => assert_eq!(after, stage, "{action:?} of a {stage} payment"),
            }
        }
    }
}

#[test]
fn a_stage_and_an_action_have_one_row_at_the_most() {
    for action in Action::ALL {
        assert_eq!(TRANSITIONS.iter().filter(|row| row.action == action).count(), 1, "{action:?}");
    }
}

#[test]
fn the_table_is_that_of_the_accounting_rules() {
    let mut text = String::new();
    for row in TRANSITIONS {
        let words = |stages: &[Stage]| stages.iter().map(|stage| stage.word()).collect::<Vec<_>>().join(" ");
        let from = if row.from.len() == Stage::ALL.len() { "any".into() } else { words(row.from) };
        let to = if row.to.is_empty() { "unchanged".into() } else { words(row.to) };
        writeln!(text, "{:<24} {from} → {to}", row.action.word()).unwrap();
    }
    expect![[r#"
        paid elsewhere           created → awaiting_customer
        authorized               created → authorized
        paid in part             created pending → pending
        captured                 created awaiting_customer authorized pending → captured
        paid by a user           created awaiting_customer → captured
        declined                 created pending → unchanged
        cancelled                created awaiting_customer authorized pending → cancelled
        expired                  created awaiting_customer authorized pending → expired
        failed                   created awaiting_customer authorized pending → failed
        refunded                 captured → captured refunded
        charged back             captured refunded → charged_back
        won back                 charged_back → captured refunded
        overpaid                 any → unchanged
        given its excess back    any → unchanged
    "#]]
    .assert_eq(&text);
}
