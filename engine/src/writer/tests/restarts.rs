//! Ends and beginnings: tables rebuilt from nothing are those that were saved, and callers learn how it ended.

use super::*;
use crate::{
    engine::{Engine, Options, SubmitError},
    state::Checkpoint,
    vault::MasterKey,
};

/// A little of everything, over three realms and two days.
fn busy() -> Desk {
    let desk = Desk::new();
    desk.accepted(HERE, create(1, SHOP));
    desk.accepted(HERE, pay(1));
    desk.accepted(HERE, advance(Span::days(10)));
    desk.accepted(THERE, create(2, NEIGHBOUR));
    desk.accepted(Realm::Live, create(3, LIVE_SHOP));
    desk.clock.advance(Span::days(2));
    desk.accepted(HERE, refund(1, 50_00));
    desk.accepted(HERE, create(4, SHOP));
    desk.run(vec![]).ended.unwrap();
    desk
}

/// A desk with the same log and nothing else.
fn with_log_alone(desk: &Desk) -> Desk {
    let store = Arc::new(MemoryStore::new());
    for frame in desk.frames() {
        store.append(store.head().unwrap(), &frame, &[]).unwrap();
    }
    Desk { store, clock: desk.clock.clone(), random: desk.random.clone(), prologue: desk.prologue }
}

#[test]
fn tables_from_nothing_are_those_that_were_saved() {
    let saved = busy();
    let rebuilt = with_log_alone(&saved);
    rebuilt.run(vec![]).ended.unwrap();
    assert_eq!(rebuilt.tables(), saved.tables());
    assert_eq!(rebuilt.store.checkpoint().unwrap(), saved.store.checkpoint().unwrap());
}

#[test]
fn what_follows_is_the_same_either_way() {
    let saved = busy();
    let rebuilt = with_log_alone(&saved);
    saved.clock.advance(Span::days(1));
    for desk in [&saved, &rebuilt] {
        desk.run(vec![]).ended.unwrap();
        desk.accepted(HERE, refund(1, 50_00));
    }
    // All but the ids, which are drawn anew.
    assert_eq!(rebuilt.log(), saved.log());
    assert_eq!(rebuilt.tables(), saved.tables());
}

fn open(desk: &Desk) -> Result<Engine, Fault> {
    let options = Options { clock: desk.clock.clone(), random: desk.random.clone() };
    Engine::over(desk.store.clone(), MasterKey::from_bytes([7; 32]), options)
}

#[tokio::test]
async fn the_engine_opens_by_either_way_to_the_same_tables() {
    let saved = busy();
    let rebuilt = with_log_alone(&saved);
    let outdated = with_log_alone(&saved);
    // Tables of another version are forgotten and folded anew.
    let head = outdated.store.head().unwrap();
    let wrong = crate::state::Row { table: crate::state::TableId(1), key: vec![1], value: Some(vec![1]) };
    outdated.store.save(Checkpoint { head, version: u32::MAX }, vec![wrong]).unwrap();
    for desk in [&saved, &rebuilt, &outdated] {
        let engine = open(desk).unwrap();
        assert_eq!(engine.head(), desk.store.head().unwrap());
        engine.close().await.unwrap();
    }
    assert_eq!(rebuilt.tables(), saved.tables());
    assert_eq!(outdated.tables(), saved.tables());
}

#[tokio::test]
async fn callers_of_a_failed_writer_are_told_so() {
    let desk = Desk::new();
    let engine = open(&desk).unwrap();
    desk.store.fail_append_after(0);
    let submit = |number| engine.submit(desk.envelope(Some(HERE), create(number, SHOP)));
    assert!(matches!(submit(1).await, Err(SubmitError::OutcomeUnknown)));
    assert!(matches!(&*engine.ended().await, Err(Fault::Store(_))));
    assert!(matches!(submit(2).await, Err(SubmitError::Stopped)));
    assert!(engine.close().await.is_err(), "the end is told for as long as anyone asks");
    drop(engine);
    // Nothing of it is there, so the same command is new.
    desk.store.fail_append_after(u32::MAX);
    let engine = open(&desk).unwrap();
    let receipt = engine.submit(desk.envelope(Some(HERE), create(1, SHOP))).await.unwrap();
    assert!(!receipt.repeated);
    engine.close().await.unwrap();
}

#[tokio::test]
async fn a_store_that_lost_its_end_is_refused() {
    let desk = busy();
    let shorter = Arc::new(MemoryStore::new());
    let frames = desk.frames();
    for frame in &frames[..frames.len() - 1] {
        shorter.append(shorter.head().unwrap(), frame, &[]).unwrap();
    }
    shorter.save(desk.store.checkpoint().unwrap(), Vec::new()).unwrap();
    let options = Options { clock: desk.clock.clone(), random: desk.random.clone() };
    let refused = Engine::over(shorter.clone(), MasterKey::from_bytes([7; 32]), options).err();
    assert!(matches!(refused, Some(Fault::Missing { .. })), "{refused:?}");

    // As long as it was, but another commit at the end than the tables have seen.
    let mut altered = Desk { store: shorter, ..desk };
    altered.prologue = 0;
    let head = altered.store.head().unwrap();
    altered.store.save(Checkpoint::default(), Vec::new()).unwrap();
    altered.run(vec![]).ended.unwrap();
    let hash = [9; 32];
    altered
        .store
        .save(Checkpoint { head: crate::log::Head { hash, ..head }, version: 1 }, Vec::new())
        .unwrap();
    let refused = open(&altered).err();
    assert!(matches!(refused, Some(Fault::Damaged { .. })), "{refused:?}");
}
