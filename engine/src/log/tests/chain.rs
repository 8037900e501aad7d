//! The chain: `prove` finds the first commit that does not follow from the one before.

use super::*;
use crate::{
    fault::Fault,
    log::{Log, prove},
    vault::VaultWrite,
};

/// A log that is whatever a test says it is: commits under the position they are kept at.
struct Kept(Vec<(u64, Frame)>);

impl Log for Kept {
    fn head(&self) -> Result<Head, Fault> {
        Ok(self.0.iter().max_by_key(|(at, _)| *at).map_or_else(Head::default, |(_, frame)| frame.head()))
    }

    fn append(&self, _: Head, _: &Frame, _: &[VaultWrite]) -> Result<(), Fault> {
        Err(Fault::Store("what is kept is kept".into()))
    }

    fn read(&self, from: u64, _: usize) -> Result<Vec<Frame>, Fault> {
        let mut kept: Vec<_> = self.0.iter().filter(|(at, frame)| at + frame.count() > from).collect();
        kept.sort_by_key(|(at, _)| *at);
        Ok(kept.into_iter().map(|(_, frame)| frame.clone()).collect())
    }
}

/// Five commits: positions 1-2, 3-4, 5-6, 7-8, 9-10.
fn five() -> Vec<Frame> {
    let mut head = Head::default();
    let events = &samples()[1..3];
    std::iter::repeat_with(|| {
        let frame = commit(head, events, short_header);
        head = frame.head();
        frame
    })
    .take(5)
    .collect()
}

/// Another commit of the same length in the place of `frame`, following the same one.
fn altered(frame: &Frame) -> Frame {
    let after = Head { position: frame.first() - 1, hash: frame.previous() };
    commit(after, &samples()[2..4], short_header)
}

fn check(frames: &[(u64, &Frame)], from: Head, expected: Result<u64, u64>) {
    let kept = Kept(frames.iter().map(|(at, frame)| (*at, (*frame).clone())).collect());
    let proved = prove(&kept, from).map(|head| head.position).map_err(|fault| match fault {
        Fault::Damaged { position, .. } => position,
        other => panic!("{other}"),
    });
    assert_eq!(proved, expected);
}

#[test]
fn a_whole_chain_is_proved_from_anywhere() {
    let five = five();
    let all: Vec<_> = five.iter().map(|frame| (frame.first(), frame)).collect();
    check(&all, Head::default(), Ok(10));
    check(&[], Head::default(), Ok(0));
    for frame in &five {
        check(&all, frame.head(), Ok(10));
    }
}

#[test]
fn swapped_commits_are_noticed() {
    let five = five();
    let [a, b, c, d, e] = &five[..] else { unreachable!() };
    check(&[(1, a), (3, c), (5, b), (7, d), (9, e)], Head::default(), Err(3));
    check(&[(1, b), (3, a), (5, c), (7, d), (9, e)], Head::default(), Err(1));
}

#[test]
fn a_missing_commit_is_noticed() {
    let five = five();
    let [a, b, c, d, e] = &five[..] else { unreachable!() };
    check(&[(3, b), (5, c), (7, d), (9, e)], Head::default(), Err(1));
    check(&[(1, a), (3, b), (7, d), (9, e)], Head::default(), Err(5));
    check(&[(1, a), (3, b), (5, c), (9, e)], a.head(), Err(7));
    // A missing end is nothing the chain can know of: that is what the witness is for.
    check(&[(1, a), (3, b), (5, c), (7, d)], Head::default(), Ok(8));
}

#[test]
fn a_duplicated_commit_is_noticed() {
    let five = five();
    let [a, b, c, _, e] = &five[..] else { unreachable!() };
    check(&[(1, a), (3, b), (5, c), (7, c), (9, e)], Head::default(), Err(7));
}

#[test]
fn an_altered_commit_is_noticed_by_the_one_after_it() {
    let five = five();
    let [a, b, c, d, e] = &five[..] else { unreachable!() };
    check(&[(1, a), (3, &altered(b)), (5, c), (7, d), (9, e)], Head::default(), Err(5));
    check(&[(1, &altered(a)), (3, b), (5, c), (7, d), (9, e)], Head::default(), Err(3));
    check(&[(1, a), (3, b), (5, c), (7, d), (9, e)], altered(a).head(), Err(3));
}

#[test]
fn a_commit_that_begins_in_the_middle_of_another_is_noticed() {
    let five = five();
    let [a, b, ..] = &five[..] else { unreachable!() };
    let shifted = commit(Head { position: 3, hash: b.previous() }, &samples()[1..3], short_header);
    check(&[(1, a), (4, &shifted)], Head::default(), Err(3));
}
