//! The same request again: by its idempotency key, and by its signature.

use super::*;
use crate::{
    state::IdempotencyKey,
    vault::{VaultFamily, VaultRows},
    writer::SeenSignature,
};

fn keyed(desk: &Desk, key: u8, request: u8, command: Command) -> Envelope {
    let mut envelope = desk.envelope(Some(HERE), command);
    envelope.provenance.idempotency = Some(IdempotencyKey { key: [key; 16], request: [request; 16] });
    envelope
}

fn signed(desk: &Desk, key: u8, request: u8, until: Timestamp, command: Command) -> Envelope {
    let mut envelope = desk.envelope(Some(HERE), command);
    envelope.signature = Some(SeenSignature { key: [key; 16], request: [request; 16], until });
    envelope
}

/// One word for each outcome, with the positions it speaks of.
fn words(desk: &Desk, outcomes: &[Outcome]) -> Vec<String> {
    let word = |outcome: &Outcome| match outcome {
        Outcome::Accepted(Placed { first, count }) => {
            let first = first - desk.prologue;
            format!("accepted {:?}", (first..first + u64::from(*count)).collect::<Vec<_>>())
        }
        Outcome::Repeated(Placed { first, count }) => {
            format!("repeated {} of {}", count, first - desk.prologue)
        }
        Outcome::Rejected(rejection) => rejection.to_string(),
    };
    outcomes.iter().map(word).collect()
}

const CONFLICT: &str = "this idempotency key was used for a different request";
const REUSED: &str = "this signature was used for a different request";

#[test]
fn one_key_has_one_effect_and_one_answer() {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    // Within one commit, and again after a restart.
    for _ in 0..2 {
        let outcomes = desk.submit(vec![
            keyed(&desk, 7, 1, pay(1)),
            keyed(&desk, 7, 1, pay(1)),
            keyed(&desk, 7, 2, refund(1, 1)),
            keyed(&desk, 8, 2, create(1, SHOP)),
        ]);
        let words = words(&desk, &outcomes);
        assert!(["accepted [2, 3]", "repeated 2 of 2"].contains(&&*words[0]), "{words:?}");
        assert_eq!(words[1..3], ["repeated 2 of 2", CONFLICT]);
        assert!(words[3].contains("exists"), "a refusal is no answer, so its key is still free");
    }
    assert_eq!(desk.frames().iter().map(Frame::count).sum::<u64>() - desk.prologue, 3);
    assert_eq!(words(&desk, &desk.submit(vec![keyed(&desk, 8, 3, refund(1, 1))])), ["accepted [4]"]);
}

#[test]
fn a_key_is_answered_before_anything_else_is_looked_at() {
    let desk = Desk::new();
    let mut first = keyed(&desk, 7, 1, create(1, SHOP));
    first.expected = Some((crate::domain::StreamId::Payment(id(1)), None));
    let again = || first.clone();
    assert_eq!(words(&desk, &desk.submit(vec![again(), again()])), ["accepted [1]", "repeated 1 of 1"]);
    // Its deadline has passed by now, and its stream has moved on.
    desk.clock.advance(Span::days(30));
    assert_eq!(words(&desk, &desk.submit(vec![again()])), ["repeated 1 of 1"]);
}

#[test]
fn fifty_at_once_have_one_effect() {
    let desk = Desk::new();
    let submissions = (0..50).map(|_| vec![keyed(&desk, 7, 1, create(1, SHOP))]).collect();
    let ran = desk.run(submissions);
    ran.ended.unwrap();
    let words: Vec<String> =
        ran.answers.into_iter().flat_map(|answer| words(&desk, &answer.unwrap())).collect();
    assert_eq!(words[0], "accepted [1]");
    assert!(words[1..].iter().all(|word| word == "repeated 1 of 1"));
    assert_eq!(desk.frames().last().unwrap().last(), desk.prologue + 1);
}

#[test]
fn a_key_counts_only_the_events_of_its_own_command() {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    desk.clock.advance(Span::days(2));
    // The deadline of the first payment comes in front of the creation, and is none of its answer.
    assert_eq!(words(&desk, &desk.submit(vec![keyed(&desk, 7, 1, create(2, SHOP))])), ["accepted [3]"]);
    assert_eq!(words(&desk, &desk.submit(vec![keyed(&desk, 7, 1, create(2, SHOP))])), ["repeated 1 of 3"]);
}

#[test]
fn a_signature_opens_one_request_until_it_is_forgotten() {
    let desk = Desk::new();
    let until = START + Span::seconds(300);
    let first = || signed(&desk, 5, 1, until, create(1, SHOP));
    let other = || signed(&desk, 5, 2, until, create(2, SHOP));
    assert_eq!(
        words(&desk, &desk.submit(vec![first(), first(), other()])),
        ["accepted [1]", "repeated 1 of 1", REUSED]
    );
    desk.clock.advance(Span::seconds(300));
    // Kept over restarts, to the last microsecond.
    assert_eq!(words(&desk, &desk.submit(vec![first(), other()])), ["repeated 1 of 1", REUSED]);
    desk.accepted(HERE, create(3, SHOP));
    assert_eq!(VaultRows::scan(&*desk.store, VaultFamily::Signature).unwrap().len(), 1);
    desk.clock.advance(Span::MICRO);
    desk.accepted(HERE, create(4, SHOP));
    assert_eq!(
        VaultRows::scan(&*desk.store, VaultFamily::Signature).unwrap(),
        [],
        "the next commit forgets it"
    );
    assert_eq!(words(&desk, &desk.submit(vec![other()])), ["accepted [4]"]);
}

#[test]
fn a_refused_request_does_not_use_up_its_signature() {
    let desk = Desk::new();
    let until = START + Span::seconds(300);
    let outcomes =
        desk.submit(vec![signed(&desk, 5, 1, until, pay(1)), signed(&desk, 5, 2, until, create(1, SHOP))]);
    assert_eq!(words(&desk, &outcomes)[1], "accepted [1]");
}

#[test]
fn what_a_failed_commit_would_have_remembered_is_not() {
    let desk = Desk::new();
    let until = START + Span::seconds(300);
    desk.store.fail_append_after(0);
    let lost = desk
        .run(vec![vec![keyed(&desk, 7, 1, create(1, SHOP)), signed(&desk, 5, 1, until, create(2, SHOP))]]);
    assert!(lost.ended.is_err());
    desk.store.fail_append_after(u32::MAX);
    let outcomes =
        desk.submit(vec![keyed(&desk, 7, 2, create(1, SHOP)), signed(&desk, 5, 2, until, create(2, SHOP))]);
    assert_eq!(words(&desk, &outcomes), ["accepted [1]", "accepted [2]"]);
}

#[test]
fn a_signature_counts_before_a_key() {
    let desk = Desk::new();
    let until = START + Span::seconds(300);
    let both = |signature, request, key| {
        let mut envelope = keyed(&desk, key, request, create(1, SHOP));
        envelope.signature = Some(SeenSignature { key: [signature; 16], request: [request; 16], until });
        envelope
    };
    let outcomes =
        desk.submit(vec![both(5, 1, 7), both(5, 1, 7), both(5, 2, 7), both(6, 2, 7), both(6, 1, 7)]);
    let expected = ["accepted [1]", "repeated 1 of 1", REUSED, CONFLICT, "repeated 1 of 1"];
    assert_eq!(words(&desk, &outcomes), expected);
}
