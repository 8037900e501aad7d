//! A full disk: commands are refused before anything is written, reading goes on, and so does the rest once there is
//! room.

use super::*;
use crate::{domain::Span, log::FaultyStore};

#[tokio::test]
async fn without_room_nothing_is_written_and_nothing_is_lost() {
    let (store, clock) = (Arc::new(FaultyStore::new()), Arc::new(ManualClock::new(START)));
    let options = Options { clock: clock.clone(), random: Arc::new(OsRandom) };
    let engine = Engine::over(store.clone(), MasterKey::from_bytes([7; 32]), options).unwrap();
    engine.submit(register(&engine)).await.unwrap();
    let first = engine.submit(create(&engine, 1)).await.unwrap();
    let head = engine.head();
    store.fill(true);
    for number in [1, 2] {
        let refused = engine.submit(create(&engine, number)).await;
        assert!(matches!(refused, Err(SubmitError::NoRoom)), "{refused:?}");
        let refused = engine.submit_all(vec![create(&engine, number)]).await;
        assert!(matches!(refused, Err(SubmitError::NoRoom)), "{refused:?}");
    }
    assert_eq!(engine.events(1, head.position).unwrap().len() as u64, head.position);
    // The payment falls due, and waits too.
    clock.advance(Span::days(400));
    engine.wake();
    assert_eq!(store.seen().head().unwrap(), head);
    store.fill(false);
    engine.wake();
    let mut heads = engine.watch_head();
    let expired = heads.wait_for(|now| now.position > head.position).await.unwrap().position;
    let expired = engine.events(expired, 1).unwrap().remove(0);
    assert!(expired.header.effective_at < expired.recorded_at, "it happened when it was due");
    let again = engine.submit(create(&engine, 1)).await.unwrap();
    assert_eq!((again.repeated, again.events), (true, first.events));
    assert!(!engine.submit(create(&engine, 2)).await.unwrap().repeated);
    engine.close().await.unwrap();
}

#[tokio::test]
async fn room_is_what_the_disk_has_beyond_the_reserve() {
    let home = Home::with(1).await;
    let engine = home.open().unwrap();
    for (reserve, has_room) in [(0, true), (u64::MAX, false), (0, true)] {
        engine.keep_free(reserve);
        assert_eq!(engine.has_room().unwrap(), has_room, "with {reserve} bytes kept free");
    }
    engine.close().await.unwrap();
}
