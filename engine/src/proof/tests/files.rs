//! Proof files: what they prove, to whom, and that no byte of them can be another.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::proof::{
    AdoptedKey, Anchor, Checkpoint, EventProof, GrowthProof, Keys, Proof, Proven, SecretKey,
    SignedCheckpoint, TreeHead, consistency, endorsed_text, inclusion, leaf_hash, root,
};

const SIZE: u64 = 21;

fn secret(number: u8) -> SecretKey {
    SecretKey::of_seed(&[number; 32])
}

fn leaf(index: u64) -> Vec<u8> {
    format!("the time and the record of event {}", index + 1).into_bytes()
}

fn tree() -> Leaves {
    Leaves((0..SIZE).map(|index| leaf_hash(&[&leaf(index)])).collect())
}

/// So many keys, each vouched for by the one before.
fn keys(count: u8) -> Keys {
    let origin =
        Keys::prove(vec![AdoptedKey { key: secret(1).public(), endorsement: None }]).unwrap().origin();
    let adopted = (1..=count).map(|number| {
        let key = secret(number).public();
        let text = endorsed_text(origin, number.into(), &key);
        AdoptedKey { key, endorsement: (number > 1).then(|| secret(number - 1).sign(text.as_bytes())) }
    });
    Keys::prove(adopted.collect()).unwrap()
}

fn checkpoint(size: u64, by: u8) -> SignedCheckpoint {
    let tree = TreeHead { size, root: sure(root(&tree(), size)) };
    Checkpoint { origin: keys(1).origin(), tree }.sign(&secret(by))
}

fn event(index: u64, size: u64, by: u8) -> Proof {
    let path = sure(inclusion(&tree(), index, size));
    let checkpoint = checkpoint(size, by);
    Proof::Event(EventProof { keys: keys(3), leaf: leaf(index), index, path, checkpoint })
}

fn growth(old: u64, new: u64) -> Proof {
    let path = sure(consistency(&tree(), old, new));
    Proof::Growth(GrowthProof { keys: keys(3), path, old: checkpoint(old, 1), new: checkpoint(new, 3) })
}

fn key(number: u8) -> Anchor {
    Anchor::Key(keys(3).verifier(&secret(number).public()))
}

fn check(proof: &Proof, anchor: &Anchor, expected: Expect) {
    let told = match proof.verify(anchor) {
        Err(disproof) => format!("refused: {disproof}"),
        Ok(Proven::Event { index, within, .. }) => {
            format!("leaf {index} of {}, by key {}", within.checkpoint.tree.size, within.number)
        }
        Ok(Proven::Growth { old, new }) => {
            let size = |by: &super::super::SignedBy| by.checkpoint.tree.size;
            format!("{} by key {} grew into {} by key {}", size(&old), old.number, size(&new), new.number)
        }
    };
    expected.assert_eq(&told);
}

#[test]
fn an_event_is_proved_to_whoever_trusts_the_signing_key_or_one_before() {
    let proof = event(4, SIZE, 2);
    check(&proof, &Anchor::Nothing, expect!["leaf 4 of 21, by key 2"]);
    check(&proof, &key(1), expect!["leaf 4 of 21, by key 2"]);
    check(&proof, &key(2), expect!["leaf 4 of 21, by key 2"]);
    check(
        &proof,
        &key(3),
        expect!["refused: the checkpoint is signed by key 2, which the key you gave, 3, has replaced"],
    );
    check(&proof, &key(9), expect!["refused: the key you gave is none of this ledger's signing keys"]);
    let Anchor::Key(mut other) = key(1) else { unreachable!("a key") };
    other.name = "choai/00000000000000000000000000000000".into();
    check(&proof, &Anchor::Key(other), expect!["refused: the key you gave is another ledger's"]);
}

#[test]
fn a_checkpoint_that_was_kept_is_what_counts() {
    let kept = |size, by| Anchor::Checkpoint(checkpoint(size, by));
    check(&event(4, 9, 2), &kept(9, 1), expect!["leaf 4 of 9, by key 2"]);
    check(
        &event(4, 9, 2),
        &kept(8, 1),
        expect!["refused: the proof is about a ledger of 9 events, and the checkpoint you gave has 8"],
    );
    check(&growth(9, 21), &kept(9, 2), expect!["9 by key 1 grew into 21 by key 3"]);
    check(
        &growth(9, 21),
        &kept(21, 2),
        expect!["refused: the proof is about a ledger of 9 events, and the checkpoint you gave has 21"],
    );
    check(
        &growth(9, 21),
        &kept(9, 7),
        expect!["refused: the checkpoint is signed by none of the signing keys"],
    );
    let tree = TreeHead { size: 9, root: [0; 32] };
    let forked = Checkpoint { origin: keys(1).origin(), tree }.sign(&secret(1));
    check(
        &growth(9, 21),
        &Anchor::Checkpoint(forked),
        expect![
            "refused: the checkpoint you gave says otherwise of the first 9 events: one of the two was forged, or the ledger was changed"
        ],
    );
}

#[test]
fn what_was_not_appended_only_is_refused() {
    let mut forged = Leaves(tree().0);
    forged.0[2][0] ^= 1;
    let tree = TreeHead { size: SIZE, root: sure(root(&forged, SIZE)) };
    let new = Checkpoint { origin: keys(1).origin(), tree }.sign(&secret(3));
    let path = sure(consistency(&forged, 9, SIZE));
    let proof = Proof::Growth(GrowthProof { keys: keys(3), path, old: checkpoint(9, 1), new });
    check(
        &proof,
        &key(1),
        expect![
            "refused: the newer checkpoint does not contain the older one: something was changed, removed or put in"
        ],
    );
    let Proof::Event(proof) = event(4, SIZE, 1) else { unreachable!("an event") };
    let moved = Proof::Event(EventProof { index: 5, ..proof.clone() });
    check(&moved, &key(1), expect!["refused: the event is not in the tree that the checkpoint signs"]);
    let other = Proof::Event(EventProof { leaf: leaf(5), ..proof });
    check(&other, &key(1), expect!["refused: the event is not in the tree that the checkpoint signs"]);
}

#[test]
fn a_file_reads_as_what_was_written() {
    for proof in [event(0, 1, 1), event(20, SIZE, 3), growth(1, 1), growth(8, SIZE), growth(SIZE, SIZE)] {
        assert_eq!(proof.to_string().parse(), Ok(proof));
    }
}

/// Of whole files every byte, each of its bits: more than the random ones below get to.
#[test]
fn no_bit_of_a_file_can_be_another() {
    for proof in [event(4, 9, 2), growth(5, 9)] {
        let text = proof.to_string();
        let proven = proof.verify(&Anchor::Nothing).unwrap();
        for (at, bit) in (0..text.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            assert_ne!(verified(&bytes).as_ref(), Some(&proven), "byte {at}, bit {bit}");
            assert_eq!(verified(&bytes), None, "byte {at}, bit {bit}");
        }
    }
}

fn verified(bytes: &[u8]) -> Option<Proven> {
    std::str::from_utf8(bytes).ok()?.parse::<Proof>().ok()?.verify(&Anchor::Nothing).ok()
}

proptest! {
    #[test]
    fn nothing_but_the_proof_itself_proves_it(
        (is_event, from, until) in (any::<bool>(), 0..2_000_usize, 0..2_000_usize),
        put in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let proof = if is_event { event(4, 9, 2) } else { growth(5, 9) };
        let text = proof.to_string().into_bytes();
        let (from, until) = (from.min(until).min(text.len()), from.max(until).min(text.len()));
        let mut other = text.clone();
        other.splice(from..until, put);
        prop_assert_eq!(verified(&other).is_some(), other == text);
    }

    #[test]
    fn no_text_makes_a_reader_panic(lines in prop::collection::vec("(choai event proof 1|choai consistency proof 1|key|leaf|index|path|\u{2014} a)?( [a-zA-Z0-9+/=]{0,44})?", 0..12)) {
        prop_assert!(verified(lines.join("\n").as_bytes()).is_none());
    }
}
