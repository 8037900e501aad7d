//! The laws of the books, over random histories: whatever is wished for, in whatever order and at whatever
//! time, once or fifty times at once, every law holds at every position.
//!
//! `wishes` draws the histories, `drive` puts one through a real engine, `model` keeps the books a second time,
//! from the facts alone (`coins` those on chains, of which `traffic` wishes), and `replay` folds the log anew beside it.

mod coins;
mod commands;
mod drive;
mod earnings;
mod model;
mod replay;
mod traffic;
mod wishes;

use proptest::{prelude::*, test_runner::Config};

use self::drive::Driver;

/// `PROPTEST_CASES` asks for more histories, or for fewer.
fn config() -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3_000);
    Config { cases, failure_persistence: None, max_shrink_iters: 4_096, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_law_holds_after_every_history(turns in proptest::collection::vec(wishes::turn(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let driver = runtime.block_on(Driver::through(turns));
        let log = driver.log();
        driver.check_answers(&log);
        replay::check(driver.store(), &log);
    }
}

/// What a law is worth if no history ever gets anywhere near it.
#[test]
fn the_histories_go_where_the_laws_are() {
    use std::collections::HashMap;

    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    use crate::log::codec;

    let mut runner = TestRunner::deterministic();
    let turns = proptest::collection::vec(wishes::turn(), 80..120);
    let mut seen = HashMap::<&str, u32>::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..300 {
        let turns = turns.new_tree(&mut runner).unwrap().current();
        let driver = runtime.block_on(Driver::through(turns));
        for event in driver.log() {
            *seen.entry(event.kind.name()).or_default() += 1;
        }
        for (word, count) in driver.tally() {
            *seen.entry(word).or_default() += count;
        }
    }
    let expected = codec::KINDS.iter().map(|(_, name, _)| *name).chain(drive::WORDS);
    for word in expected {
        assert!(seen.get(word).is_some_and(|count| *count >= 5), "{word} hardly ever happens: {seen:?}");
    }
}
