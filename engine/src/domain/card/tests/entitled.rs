//! Who gets a card: a tenant's user with an approved KYC, and the month's subscription paid.

use expect_test::expect;

use super::{issue, wish};
use crate::{
    domain::{
        Command, Month, Span, UserId, kyc,
        payment::Purse,
        story::{HERE, SHOP, Story, credit, jpy, user},
        subscription,
    },
    samples::sealed,
};

const USER: UserId = UserId(1);
/// The month in which a story begins.
const JANUARY: Month = Month((2026 - 1970) * 12);

/// Tells it of the user, who is in no realm, for nobody in particular.
fn about_user(story: &mut Story, command: kyc::Command) {
    let before = story.context;
    (story.context.realm, story.context.tenant) = (None, None);
    story.given(Command::Kyc(command));
    story.context = before;
}

/// Asked for by the tenant.
fn begun() -> Story {
    let mut story = Story::begin();
    story.given(credit(user(1), jpy(10_000)));
    (story.context.realm, story.context.tenant) = (Some(HERE), Some(SHOP));
    story
}

#[test]
fn a_tenants_user_needs_an_approved_kyc_and_the_month_paid() {
    let mut story = begun();
    let mut told = String::new();
    let ask = |story: &mut Story| story.tell([issue(wish("card-a"))]);
    told += &ask(&mut story);
    let (user, form, answers, documents) = (USER, 1, sealed(USER.0), Vec::new());
    about_user(&mut story, kyc::Command::Save { user, form, answers, documents });
    told += &ask(&mut story);
    about_user(&mut story, kyc::Command::Submit { user, form });
    told += &ask(&mut story);
    about_user(&mut story, kyc::Command::Approve { user });
    told += &ask(&mut story);
    story.given(Command::Subscription(subscription::Command::Start { user }));
    told += &ask(&mut story);
    story.given(Command::Subscription(subscription::Command::Pay {
        user,
        month: JANUARY,
        purse: Purse::Wallet,
    }));
    told += &ask(&mut story);
    story.context.now = JANUARY.next().first_instant() + Span::MICRO;
    told += &story.tell([issue(wish("card-b"))]);
    expect![[r#"
        refused: a card needs an approved KYC; this user's is unanswered
        refused: a card needs an approved KYC; this user's is draft
        refused: a card needs an approved KYC; this user's is submitted
        refused: a card needs the subscription of 2026-01 to be paid
        refused: a card needs the subscription of 2026-01 to be paid
        card.issued
        refused: a card needs the subscription of 2026-02 to be paid
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_month_that_went_back_entitles_to_nothing() {
    let mut story = begun();
    let (user, form, answers, documents) = (USER, 1, sealed(USER.0), Vec::new());
    for command in [
        kyc::Command::Save { user, form, answers, documents },
        kyc::Command::Submit { user, form },
        kyc::Command::Approve { user },
    ] {
        about_user(&mut story, command);
    }
    let (month, purse) = (JANUARY, Purse::Wallet);
    for command in [
        subscription::Command::Start { user },
        subscription::Command::Pay { user, month, purse },
        subscription::Command::Refund { user, month },
    ] {
        story.given(Command::Subscription(command));
    }
    expect![[r#"
        refused: a card needs the subscription of 2026-01 to be paid
    "#]]
    .assert_eq(&story.tell([issue(wish("card-a"))]));
}

/// It decides on the one and knows of the other.
#[test]
fn the_operator_issues_as_it_sees_fit() {
    let mut story = begun();
    story.context.tenant = None;
    expect![[r#"
        card.issued
    "#]]
    .assert_eq(&story.tell([issue(wish("card-a"))]));
}
