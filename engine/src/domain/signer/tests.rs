//! Signing keys, as data.

use expect_test::expect;

use super::{Command, Signer};
use crate::{
    domain::{self, MerchantId, story::Story},
    samples::{adopt_key, secret_key},
};

fn adopt(number: u32, key: u8, by: Option<u8>) -> domain::Command {
    domain::Command::Signer(adopt_key(number, key, by))
}

#[test]
fn each_key_is_vouched_for_by_the_one_before() {
    let mut story = Story::begin();
    expect![[r#"
        refused: the next signing key is number 1
        refused: a signing key is vouched for by the one before it, and the first by none
        signer.key_adopted
        refused: the next signing key is number 2
        refused: a signing key is vouched for by the one before it, and the first by none
        refused: a signing key is vouched for by the one before it, and the first by none
        signer.key_adopted
        refused: a signing key is vouched for by the one before it, and the first by none
        signer.key_adopted
    "#]]
    .assert_eq(&story.tell([
        adopt(2, 1, None),
        adopt(1, 1, Some(1)),
        adopt(1, 1, None),
        adopt(1, 2, Some(1)),
        adopt(2, 2, None),
        adopt(2, 2, Some(2)),
        adopt(2, 2, Some(1)),
        adopt(3, 3, Some(1)),
        adopt(3, 3, Some(2)),
    ]));
    let [first, key] = [1, 3].map(|number| secret_key(number).public());
    assert_eq!(story.state.signer.get(&()), Some(Signer { number: 3, key, first }));
}

/// A signature that vouched for a key once vouches for no other number, and no other key.
#[test]
fn an_endorsement_is_for_one_key_at_one_number() {
    let mut story = Story::begin();
    story.tell([adopt(1, 1, None), adopt(2, 2, Some(1))]);
    let Command::AdoptKey { endorsement, .. } = adopt_key(2, 2, Some(1));
    let Command::AdoptKey { key, .. } = adopt_key(3, 3, None);
    let again = domain::Command::Signer(Command::AdoptKey { number: 3, key, endorsement });
    expect![[r#"
        refused: a signing key is vouched for by the one before it, and the first by none
    "#]]
    .assert_eq(&story.tell([again]));
}

#[test]
fn no_tenant_says_which_key_signs() {
    let mut story = Story::begin();
    story.context.tenant = Some(MerchantId(1));
    expect![[r#"
        refused: only the platform says which key signs
    "#]]
    .assert_eq(&story.tell([adopt(1, 1, None)]));
}
