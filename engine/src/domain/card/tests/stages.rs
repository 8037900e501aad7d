//! Every stage against every action, of cards and of authorisations: `decide` allows exactly what the tables say.

use super::super::{
    AUTHORIZATION_TRANSITIONS, AuthorizationAction, CARD_TRANSITIONS, CardAction, Rejection, Transition,
};
use super::*;

const FIRST: AuthorizationId = AuthorizationId(1);

fn card_in(stage: CardStage) -> Story {
    let mut story = begun();
    match stage {
        CardStage::Active => {}
        CardStage::Blocked => story.given(block()),
        CardStage::Closed => story.given(close()),
    }
    story
}

#[test]
fn a_card_does_exactly_what_the_table_says() {
    for stage in CardStage::ALL {
        for action in CardAction::ALL {
            let mut story = card_in(stage);
            let command = match action {
                CardAction::Charge => authorize(usd(1)),
                CardAction::Block => block(),
                CardAction::Unblock => unblock(),
                CardAction::Close => close(),
                CardAction::Refund => refund(usd(1)),
            };
            let row = row(CARD_TRANSITIONS, stage, action);
            match domain::decide(&story.state, &command, &story.context) {
                Ok(_) => assert!(row.is_some(), "{action:?} of a card that is {stage}"),
                Err(refused) => {
                    assert_eq!(refused, Rejection::NotAllowed { stage, action }.into());
                    assert!(row.is_none(), "{action:?} of a card that is {stage}");
                }
            }
            story.tell([command]);
            check_after(row, stage, story.state.cards.get(&CARD).unwrap().stage);
        }
    }
}

fn authorization_in(stage: AuthorizationStage) -> Story {
    let mut story = begun();
    story.given(authorize(usd(10_00)));
    match stage {
        AuthorizationStage::Held => {}
        AuthorizationStage::Cleared => story.given(clear(1, usd(10_00))),
        AuthorizationStage::Reversed => story.given(reverse(1, None)),
        AuthorizationStage::Expired => drop(story.wait(Span::days(7))),
    }
    assert_eq!(story.state.authorizations.get(&FIRST).unwrap().stage, stage);
    story
}

/// Each of a part and of the whole; an expiry is nobody's wish.
fn wishes(action: AuthorizationAction) -> Vec<domain::Command> {
    let amounts = [usd(1), usd(10_00)];
    match action {
        AuthorizationAction::Increase => amounts.map(|amount| increase(1, amount)).into(),
        AuthorizationAction::Reverse => amounts.map(|amount| reverse(1, amount)).into(),
        AuthorizationAction::Clear => amounts.map(|amount| clear(1, amount)).into(),
        AuthorizationAction::Expire => vec![],
    }
}

#[test]
fn an_authorisation_does_exactly_what_the_table_says() {
    for stage in AuthorizationStage::ALL {
        for action in AuthorizationAction::ALL {
            let row = row(AUTHORIZATION_TRANSITIONS, stage, action);
            for command in wishes(action) {
                let mut story = authorization_in(stage);
                match domain::decide(&story.state, &command, &story.context) {
                    Ok(_) => assert!(row.is_some(), "{action:?} of one that is {stage}"),
                    Err(refused) => {
                        assert_eq!(refused, Rejection::AuthorizationNotAllowed { stage, action }.into());
                        assert!(row.is_none(), "{action:?} of one that is {stage}");
                    }
                }
                story.tell([command]);
                check_after(row, stage, story.state.authorizations.get(&FIRST).unwrap().stage);
            }
            if action == AuthorizationAction::Expire {
                let mut story = authorization_in(stage);
                let happened = !story.wait(Span::days(7)).is_empty();
                assert_eq!(happened, row.is_some(), "{stage}");
                check_after(row, stage, story.state.authorizations.get(&FIRST).unwrap().stage);
            }
        }
    }
}

fn row<Stage: PartialEq, Action: PartialEq>(
    table: &'static [Transition<Stage, Action>],
    stage: Stage,
    action: Action,
) -> Option<&'static Transition<Stage, Action>> {
    let mut rows = table.iter().filter(|row| row.action == action && row.from.contains(&stage));
    let row = rows.next();
    assert!(rows.next().is_none(), "a stage and an action have one row at the most");
    row
}

fn check_after<Stage: PartialEq + std::fmt::Debug, Action>(
    row: Option<&Transition<Stage, Action>>,
    before: Stage,
    after: Stage,
) {
    match row {
        Some(row) if !row.to.is_empty() => assert!(row.to.contains(&after), "{before:?} became {after:?}"),
        Some(_) | None => assert_eq!(before, after),
    }
}
