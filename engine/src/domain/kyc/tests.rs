//! What users are asked, as data.

use expect_test::expect;

use super::{Action, Choice, Command, Form, FormError, Kind, Label, Stage};
use crate::{
    domain::{self, MerchantId, UserId, merchant, story::Story, user},
    samples::sealed,
};

const USER: UserId = UserId(1);

fn save_as(form: u32) -> domain::Command {
    domain::Command::Kyc(Command::Save { user: USER, form, answers: sealed(USER.0), documents: Vec::new() })
}

fn submit() -> domain::Command {
    domain::Command::Kyc(Command::Submit { user: USER, form: 1 })
}

fn approve() -> domain::Command {
    domain::Command::Kyc(Command::Approve { user: USER })
}

fn reject() -> domain::Command {
    domain::Command::Kyc(Command::Reject { user: USER, reason: sealed(USER.0) })
}

fn set_form(form: Form) -> domain::Command {
    domain::Command::Merchant(merchant::Command::SetKycForm { merchant: MerchantId(1), form })
}

#[test]
fn submitting_locks_and_being_rejected_unlocks() {
    expect![[r#"
        refused: answers that are unanswered cannot be submitted
        kyc.saved
        kyc.saved
        refused: answers that are draft cannot be approved
        kyc.submitted
        refused: answers that are submitted cannot be changed
        refused: answers that are submitted cannot be submitted
        kyc.rejected
        kyc.submitted
        kyc.rejected
        kyc.saved
        kyc.submitted
        kyc.approved
        refused: answers that are approved cannot be changed
        refused: answers that are approved cannot be rejected
    "#]]
    .assert_eq(&Story::begin().tell([
        submit(),
        save_as(1),
        save_as(1),
        approve(),
        submit(),
        save_as(1),
        submit(),
        reject(),
        submit(),
        reject(),
        save_as(1),
        submit(),
        approve(),
        save_as(1),
        reject(),
    ]));
}

#[test]
fn whoever_answers_an_earlier_form_is_told_that_it_was_replaced() {
    expect![[r#"
        kyc.saved
        merchant.kyc_form_set
        refused: the form is at version 2 by now
        refused: the form is at version 2 by now
        kyc.saved
    "#]]
    .assert_eq(&Story::begin().tell([
        save_as(1),
        set_form(Form::default()),
        save_as(1),
        submit(),
        save_as(2),
    ]));
}

#[test]
fn a_tenant_neither_decides_nor_sees_the_users_of_another() {
    let mut story = Story::begin();
    story.given(save_as(1));
    story.given(submit());
    story.context.tenant = Some(MerchantId(1));
    expect![[r#"
        refused: only the operator approves or rejects
        refused: only the operator approves or rejects
    "#]]
    .assert_eq(&story.tell([approve(), reject()]));
    story.context.tenant = Some(MerchantId(2));
    expect![[r#"
        refused: no user has the number 1
        refused: no user has the number 1
    "#]]
    .assert_eq(&story.tell([save_as(1), submit()]));
}

#[test]
fn what_would_outlive_a_users_erasure_is_refused() {
    let neighbour = sealed(2);
    let foreign = |command| domain::Command::Kyc(command);
    let mut story = Story::begin();
    let (user, form, documents) = (USER, 1, Vec::new());
    expect![[r#"
        refused: what is personal about user 1 is not sealed under its key
        kyc.saved
        kyc.submitted
        refused: what is personal about user 1 is not sealed under its key
        user.closed
        refused: user 1 is closed
    "#]]
    .assert_eq(&story.tell([
        foreign(Command::Save { user, form, answers: neighbour.clone(), documents }),
        save_as(1),
        submit(),
        foreign(Command::Reject { user, reason: neighbour }),
        domain::Command::User(user::Command::Close { user }),
        approve(),
    ]));
}

#[test]
fn every_action_leads_somewhere_from_some_stage_and_to_one_place() {
    for action in Action::ALL {
        let from: Vec<_> = Stage::ALL.into_iter().filter(|stage| action.leads_to(*stage).is_some()).collect();
        assert!(!from.is_empty(), "{action:?}");
    }
    for (at, row) in super::TRANSITIONS.iter().enumerate() {
        let is_again = |later: &super::Transition| later.action == row.action && later.from == row.from;
        assert!(!super::TRANSITIONS[at + 1..].iter().any(is_again), "{row:?}");
    }
}

#[test]
fn a_form_that_nobody_could_fill_in_is_refused() {
    let check = |change: &dyn Fn(&mut Form), expected: Result<(), FormError>| {
        let mut form = Form::default();
        change(&mut form);
        assert_eq!(form.check(), expected);
    };
    let label = || Label { ja: "あ".into(), en: "a".into() };
    check(&|_| {}, Ok(()));
    check(&|form| form.sections.clear(), Err(FormError::Size));
    check(&|form| form.sections[0].fields.clear(), Err(FormError::Size));
    check(&|form| form.sections = vec![form.sections[0].clone(); 15], Err(FormError::Size));
    for key in ["", "Name", "1st", "two words", &"k".repeat(65)] {
        check(&|form| form.sections[0].fields[0].key = key.into(), Err(FormError::Key(key.into())));
        check(&|form| form.sections[1].key = key.into(), Err(FormError::Key(key.into())));
    }
    let again = FormError::Twice("given_name".into());
    check(&|form| form.sections[0].fields[0].key = "given_name".into(), Err(again));
    let unread = FormError::Label("family_name".into());
    check(&|form| form.sections[0].fields[0].label.ja = " ".into(), Err(unread.clone()));
    check(&|form| form.sections[0].fields[0].label.en = "a\nb".into(), Err(unread.clone()));
    check(&|form| form.sections[0].fields[0].label.en = "a".repeat(201), Err(unread));
    for chars_max in [0, 2_001] {
        let expected = Err(FormError::Length("family_name".into()));
        check(&|form| form.sections[0].fields[0].kind = Kind::Text { chars_max }, expected);
    }
    let choices = |count: usize| {
        let choice = |at| Choice { value: format!("v{at}"), label: label() };
        Kind::Choice((0..count).map(choice).collect())
    };
    for (count, expected) in [
        (0, Err(FormError::Choices("family_name".into()))),
        (1, Ok(())),
        (300, Ok(())),
        (301, Err(FormError::Choices("family_name".into()))),
    ] {
        check(&|form| form.sections[0].fields[0].kind = choices(count), expected);
    }
    let twice = Kind::Choice(vec![Choice { value: "a".into(), label: label() }; 2]);
    check(&|form| form.sections[0].fields[0].kind = twice.clone(), Err(FormError::Twice("a".into())));
}
