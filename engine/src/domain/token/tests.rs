//! Custom tokens, as data.

use expect_test::expect;

use super::Command;
use crate::domain::{self, MerchantId, story::Story};

fn register(tenant: u32, digits: u8) -> domain::Command {
    domain::Command::Token(Command::Register {
        tenant: MerchantId(tenant),
        digits,
        is_transferable: false,
        network: None,
    })
}

#[test]
fn a_token_has_at_most_18_decimals_and_a_tenant() {
    let mut story = Story::begin();
    expect![[r#"
        token.registered
        token.registered
        refused: a token has at most 18 decimals, and there are at most 16777216 of them
        refused: no merchant has the number 9
    "#]]
    .assert_eq(&story.tell([register(1, 0), register(1, 18), register(1, 19), register(9, 2)]));
    assert_eq!(story.state.next_token(), 3);
    story.context.tenant = Some(MerchantId(2));
    expect![[r#"
        refused: no merchant has the number 1
        token.registered
    "#]]
    .assert_eq(&story.tell([register(1, 2), register(2, 2)]));
}
