//! Users, as data.

use expect_test::expect;

use super::{Command, Enrol};
use crate::{
    domain::{self, MerchantId, Sealed, UserId, story::Story},
    samples::sealed,
};

fn register(tenant: u32) -> domain::Command {
    domain::Command::User(Command::Register { tenant: MerchantId(tenant) })
}

fn close(user: u32) -> domain::Command {
    domain::Command::User(Command::Close { user: UserId(user) })
}

#[test]
fn users_are_numbered_as_they_come_and_closed_once() {
    let mut story = Story::begin();
    assert_eq!(story.state.next_user(), UserId(5), "four are there");
    expect![[r#"
        user.registered
        refused: no merchant has the number 9
        user.closed
        refused: user 5 is closed
        refused: no user has the number 6
    "#]]
    .assert_eq(&story.tell([register(1), register(9), close(5), close(5), close(6)]));
    assert_eq!(story.state.next_user(), UserId(6));
}

#[test]
fn nobody_sees_another_tenants_users() {
    let mut story = Story::begin();
    story.context.tenant = Some(MerchantId(2));
    expect![[r#"
        refused: no merchant has the number 1
        refused: no user has the number 1
        user.registered
        user.closed
    "#]]
    .assert_eq(&story.tell([register(1), close(1), register(2), close(3)]));
}

fn enrol(user: u32, tenant: u32, profile: Sealed) -> domain::Command {
    let (user, tenant, client) = (UserId(user), MerchantId(tenant), Some("client".into()));
    domain::Command::User(Command::Enrol(Enrol { user, tenant, client, profile }))
}

fn set_profile(user: u32, profile: Sealed) -> domain::Command {
    domain::Command::User(Command::SetProfile { user: UserId(user), profile })
}

#[test]
fn a_user_enrols_under_a_number_that_nobody_has() {
    let mut story = Story::begin();
    expect![[r#"
        refused: there is a user 1 already
        refused: there is a user 0 already
        refused: no merchant has the number 9
        refused: what is personal about user 7 is not sealed under its key
        user.registered
        refused: there is a user 7 already
    "#]]
    .assert_eq(&story.tell([
        enrol(1, 1, sealed(1)),
        enrol(0, 1, sealed(0)),
        enrol(7, 9, sealed(7)),
        enrol(7, 1, sealed(8)),
        enrol(7, 1, sealed(7)),
        enrol(7, 1, sealed(7)),
    ]));
    assert_eq!(story.state.next_user(), UserId(8), "numbers that were passed over stay free");
}

#[test]
fn a_profile_is_replaced_while_its_user_takes_part() {
    expect![[r#"
        user.profile_set
        refused: what is personal about user 1 is not sealed under its key
        refused: no user has the number 9
        user.closed
        refused: user 1 is closed
    "#]]
    .assert_eq(&Story::begin().tell([
        set_profile(1, sealed(1)),
        set_profile(1, sealed(2)),
        set_profile(9, sealed(9)),
        close(1),
        set_profile(1, sealed(1)),
    ]));
}
