//! Users, as data.

use expect_test::expect;

use super::Command;
use crate::domain::{self, MerchantId, UserId, story::Story};

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
