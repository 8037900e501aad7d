//! What goes into which commit, and what is answered when one fails.

use expect_test::expect;

use super::*;
use crate::{
    log::EVENTS_MAX,
    vault::{VaultFamily, VaultRows, VaultWrite},
};

fn counts(desk: &Desk) -> Vec<u64> {
    desk.frames().iter().filter(|frame| frame.first() > desk.prologue).map(Frame::count).collect()
}

fn creations(desk: &Desk, numbers: std::ops::Range<u32>) -> Vec<Envelope> {
    numbers.map(|number| desk.envelope(Some(HERE), create(number, SHOP))).collect()
}

#[test]
fn whatever_waits_goes_into_one_commit() {
    let desk = Desk::new();
    let submissions = creations(&desk, 0..100).into_iter().map(|envelope| vec![envelope]).collect();
    let ran = desk.run(submissions);
    ran.ended.unwrap();
    assert_eq!(counts(&desk), [100], "one sync serves all");
    for (answer, position) in ran.answers.into_iter().zip(desk.prologue + 1..) {
        let placed = Placed { first: position, count: 1 };
        assert_eq!(answer.as_deref(), Some(&[Outcome::Accepted(placed)][..]));
    }
}

#[test]
fn what_is_accepted_is_what_is_in_the_log() {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    let recorded = desk.accepted(HERE, pay(1));
    assert_eq!(recorded, desk.frames().last().unwrap().records().unwrap());
    assert_eq!(recorded[0].header.id, recorded[0].header.causation, "the first event has the command's id");
    assert_ne!(recorded[1].header.id, recorded[0].header.id);
    assert_eq!(recorded[1].header.causation, recorded[0].header.causation);
}

#[test]
fn a_command_sees_what_earlier_ones_of_its_commit_did() {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    let wishes = [pay(1), refund(1, 60_00), refund(1, 60_00), refund(1, 40_00)];
    let outcomes = desk.submit(wishes.map(|wish| desk.envelope(Some(HERE), wish)).into());
    let refundable = usd(40_00);
    let expected: Rejection = payment::Rejection::MoreThanRefundable { refundable }.into();
    for (outcome, refused) in outcomes.iter().zip([None, None, Some(expected), None]) {
        match outcome {
            Outcome::Accepted(placed) => assert!(placed.count > 0 && refused.is_none()),
            Outcome::Rejected(rejection) => assert_eq!(Some(&**rejection), refused.as_ref()),
            Outcome::Repeated(_) => panic!("nothing was sent twice"),
        }
    }
    assert_eq!(counts(&desk), [1, 4]);
}

#[test]
fn what_changes_nothing_makes_no_commit() {
    let desk = Desk::new();
    let outcomes = desk.submit(vec![desk.envelope(Some(HERE), pay(1))]);
    assert!(matches!(&outcomes[..], [Outcome::Rejected(_)]));
    assert_eq!(counts(&desk), []);
}

#[test]
fn more_than_fit_one_commit_go_into_several() {
    let desk = Desk::new();
    let outcomes = desk.submit(creations(&desk, 0..9_000));
    assert_eq!(outcomes.len(), 9_000);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Accepted(_))));
    assert_eq!(counts(&desk), [8_190, 810]);
}

#[test]
fn the_events_of_one_command_are_never_split() {
    let desk = Desk::new();
    let last = u32::try_from(EVENTS_MAX).unwrap();
    desk.submit(creations(&desk, 0..last));
    // Of two events each: 8,189 and then 2 are one too many.
    let mut envelopes = vec![desk.envelope(Some(HERE), cancel(0))];
    envelopes.extend((1..4_096).map(|number| desk.envelope(Some(HERE), pay(number))));
    desk.submit(envelopes);
    assert_eq!(counts(&desk), [8_190, 8_189, 2]);
}

#[test]
fn after_a_failed_append_nobody_knows_and_the_writer_ends() {
    let desk = Desk::new();
    desk.store.fail_append_after(0);
    let ran = desk.run(creations(&desk, 0..3).into_iter().map(|envelope| vec![envelope]).collect());
    assert!(matches!(ran.ended, Err(Fault::Store(_))));
    assert!(ran.answers.iter().all(Option::is_none), "no answer is what tells them");
    assert_eq!(counts(&desk), []);
}

#[test]
fn what_was_committed_before_the_failure_is_answered() {
    let desk = Desk::new();
    desk.store.fail_append_after(1);
    let ran = desk.run(vec![creations(&desk, 0..8_190), creations(&desk, 8_190..8_200)]);
    assert!(ran.ended.is_err());
    assert_eq!(ran.answers.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
    assert_eq!(counts(&desk), [8_190]);
}

#[test]
fn the_tables_are_saved_on_the_way() {
    let desk = Desk::new();
    // The eighth append fails, so nothing is saved at the end: what is there was saved before.
    desk.store.fail_append_after(7);
    let ran = desk.run((0..8).map(|part| creations(&desk, part * 8_190..(part + 1) * 8_190)).collect());
    assert!(ran.ended.is_err());
    assert_eq!(desk.store.checkpoint().unwrap().head.position, desk.prologue + 7 * 8_190);
}

#[test]
fn vault_rows_go_with_their_commit_or_not_at_all() {
    let row =
        |key: u8| VaultWrite { family: VaultFamily::SubjectKey, key: vec![key], value: Some(vec![key]) };
    let with = |desk: &Desk, number, key| {
        let mut envelope = desk.envelope(Some(HERE), create(number, SHOP));
        envelope.vault.push(row(key));
        envelope
    };
    let desk = Desk::new();
    // The second is refused: the payment exists.
    desk.submit(vec![with(&desk, 1, 1), with(&desk, 1, 2)]);
    desk.store.fail_append_after(0);
    assert!(desk.run(vec![vec![with(&desk, 2, 3)]]).ended.is_err());
    let kept = VaultRows::scan(&*desk.store, VaultFamily::SubjectKey).unwrap();
    assert_eq!(kept, [(vec![1], vec![1])]);
}

#[test]
fn an_expected_revision_is_checked_before_anything_is_decided() {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    desk.accepted(HERE, pay(1));
    let stream = crate::domain::StreamId::Payment(id(1));
    let unknown = crate::domain::StreamId::Payment(id(9));
    let mut text = String::new();
    for (stream, expected) in [
        (stream, None),
        (stream, Some(0)),
        (stream, Some(2)),
        (unknown, Some(0)),
        (stream, Some(1)),
        (unknown, None),
    ] {
        let mut envelope = desk.envelope(Some(HERE), refund(1, 1));
        envelope.expected = Some((stream, expected));
        text += &match desk.submit(vec![envelope]).pop() {
            Some(Outcome::Accepted(placed)) => {
                format!("accepted as revision {}\n", desk.recorded(placed)[0].header.revision)
            }
            Some(Outcome::Rejected(rejection)) => format!("{rejection}\n"),
            other => panic!("{other:?}"),
        };
    }
    expect![[r#"
        payment-P1 is at revision Some(1), not None
        payment-P1 is at revision Some(1), not Some(0)
        payment-P1 is at revision Some(1), not Some(2)
        payment-P9 is at revision None, not Some(0)
        accepted as revision 2
        accepted as revision 3
    "#]]
    .assert_eq(&text.replace("P00000000000000000000000", "P"));
}

#[test]
fn expected_revisions_within_one_commit_count_what_is_in_it() {
    let desk = Desk::new();
    let stream = crate::domain::StreamId::Payment(id(1));
    let expecting = |expected, command| {
        let mut envelope = desk.envelope(Some(HERE), command);
        envelope.expected = Some((stream, expected));
        envelope
    };
    let outcomes = desk.submit(vec![
        expecting(None, create(1, SHOP)),
        expecting(None, pay(1)),
        expecting(Some(0), pay(1)),
        expecting(Some(0), refund(1, 1)),
    ]);
    let accepted: Vec<bool> =
        outcomes.iter().map(|outcome| matches!(outcome, Outcome::Accepted(_))).collect();
    assert_eq!(accepted, [true, false, true, false]);
}
