//! Keys, notes and checkpoints as others write them.

use expect_test::expect;

use super::*;
use crate::proof::{
    AdoptedKey, Checkpoint, Disproof, Keys, Origin, PublicKey, SecretKey, SignedCheckpoint, TreeHead,
    VerifierKey, endorsed_text, key::Signature, note::Note,
};

/// The example in the documentation of Go's `golang.org/x/mod/sumdb/note`: its key, its text, its signature.
const NAME: &str = "PeterNeumann";
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.";
const SIGNATURE: &str = "\u{2014} PeterNeumann \
    x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

#[test]
fn a_note_signed_elsewhere_is_accepted_here() {
    let verifier: VerifierKey = KEY.parse().unwrap();
    assert_eq!((verifier.name.as_str(), verifier.to_string().as_str()), (NAME, KEY));
    let note = Note::parse(TEXT, SIGNATURE).unwrap();
    assert_eq!(note.to_string(), format!("{TEXT}\n\n{SIGNATURE}\n"));
    assert_eq!(note.is_signed_by(NAME, &verifier.key), Some(true));
    assert_eq!(note.is_signed_by("EnochRoot", &verifier.key), None);
    let other = Note::parse(&TEXT.replace("the", "an"), SIGNATURE).unwrap();
    assert_eq!(other.is_signed_by(NAME, &verifier.key), Some(false));
}

#[test]
fn a_verifier_key_is_written_in_one_way() {
    for wrong in [
        "",
        "choai",
        &KEY.replace("PeterNeumann", "EnochRoot"),
        &KEY.replace("c74f20a3", "C74F20A3"),
        &KEY.replace("+AR", "+AS"),
        &KEY.replace("10TW", "10TX"),
        &KEY[..KEY.len() - 4],
        &format!("{KEY} "),
    ] {
        assert!(wrong.parse::<VerifierKey>().is_err(), "{wrong}");
    }
}

/// Section 7.1 of RFC 8032, the second test.
#[test]
fn signatures_are_those_of_the_rfc() {
    let seed = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let key = SecretKey::of_seed(&seed.try_into().unwrap());
    let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    assert_eq!(crate::hex(key.public().bytes()), public);
    let signature = key.sign(&[0x72]);
    let expected = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    assert_eq!(crate::hex(signature.bytes()), expected);
    assert!(key.public().verify(&[0x72], &signature));
}

/// Anybody can sign for a key of small order; none is ever taken for one.
#[test]
fn a_key_that_protects_nothing_is_no_key() {
    let mut identity = [0; 32];
    identity[0] = 1;
    for bytes in [[0; 32], identity, [0xFF; 32]] {
        assert!(PublicKey::try_from(bytes).is_err(), "{bytes:?}");
    }
    assert!(Signature::try_from(vec![0; 63]).is_err());
}

fn secret(number: u8) -> SecretKey {
    SecretKey::of_seed(&[number; 32])
}

/// Drawn in `docs/event-format.md`; libsodium signs the same.
#[test]
fn a_checkpoint_is_laid_out_as_others_read_it() {
    let origin = Origin::of(&secret(1).public());
    let checkpoint = Checkpoint { origin, tree: TreeHead { size: 53, root: [0xA5; 32] } };
    let signed = checkpoint.sign(&secret(1));
    expect![[r#"
        choai/664af1bb1d5bd3fa2878f91bc66fb5b5
        53
        paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=

        — choai/664af1bb1d5bd3fa2878f91bc66fb5b5 DAQCPsywTdXND8gW5Kb12Y0pU7XPFYkZLdN9SMFFokw1vmblUOfon3ciskhPqC0gMSKG3Q8seiWm/tSmekR3hOxcLg4=
    "#]]
    .assert_eq(&signed.to_string());
    assert_eq!(signed.to_string().parse(), Ok(signed.clone()));
    let verifier = VerifierKey { name: origin.to_string(), key: secret(1).public() };
    assert_eq!(signed.check_signed_by(&verifier), Ok(()));
    let verifier = VerifierKey { key: secret(2).public(), ..verifier };
    assert_eq!(signed.check_signed_by(&verifier), Err(Disproof::NotByThisKey));
}

#[test]
fn what_is_signed_but_written_otherwise_is_no_checkpoint() {
    let origin = Origin::of(&secret(1).public());
    let good = Checkpoint { origin, tree: TreeHead { size: 53, root: [0xA5; 32] } };
    for text in [
        String::new(),
        format!("{good}more\n"),
        good.to_string().replace("53", "+53"),
        good.to_string().replace("53", "053"),
        good.to_string().replace("53", "18446744073709551616"),
        good.to_string().replace("choai/", "choai/0"),
        good.to_string().replace("choai/6", "choai/G"),
        good.to_string().replace("664a", "664A"),
        good.to_string().replace("aU=", "aV="),
        good.to_string().replace("aU=", "aU"),
    ] {
        let signature = secret(1).sign(text.as_bytes());
        let note = Note::signed(text.clone(), &origin.to_string(), &secret(1).public(), &signature);
        let read = note.to_string().parse::<SignedCheckpoint>();
        assert!(matches!(read, Err(Disproof::NoCheckpoint | Disproof::NoNote)), "{text:?}: {read:?}");
    }
}

#[test]
fn every_key_but_the_first_is_vouched_for_by_the_one_before() {
    let origin = Origin::of(&secret(1).public());
    let adopted = |number: u8, by: Option<u8>| {
        let key = secret(number).public();
        let text = endorsed_text(origin, number.into(), &key);
        AdoptedKey { key, endorsement: by.map(|by| secret(by).sign(text.as_bytes())) }
    };
    let good = vec![adopted(1, None), adopted(2, Some(1)), adopted(3, Some(2))];
    let keys = Keys::prove(good.clone()).unwrap();
    assert_eq!((keys.origin(), keys.current()), (origin, (3, &secret(3).public())));
    for (broken, expected) in [
        (vec![], Disproof::NoKeys),
        (vec![adopted(1, Some(1))], Disproof::NotEndorsed { number: 1 }),
        (vec![adopted(1, None), adopted(2, None)], Disproof::NotEndorsed { number: 2 }),
        (vec![adopted(1, None), adopted(2, Some(2))], Disproof::NotEndorsed { number: 2 }),
        (vec![good[0].clone(), good[1].clone(), adopted(3, Some(1))], Disproof::NotEndorsed { number: 3 }),
        (vec![good[0].clone(), good[2].clone()], Disproof::NotEndorsed { number: 2 }),
    ] {
        assert_eq!(Keys::prove(broken), Err(expected));
    }
}
