//! The laws of the books, over random histories: whatever is wished for, in whatever order and at whatever
//! time, once or fifty times at once, every law holds at every position.
//!
//! `wishes` draws the histories, `drive` puts one through a real engine, `model` keeps the books a second time,
//! from the facts alone (`coins` those on chains, of which `traffic` wishes), and `replay` folds the log anew beside it.

mod cards;
mod coins;
mod commands;
mod drive;
mod earnings;
mod model;
mod months;
mod ordering;
mod orders;
pub(crate) mod replay;
mod traffic;
mod wishes;

use proptest::{prelude::*, test_runner::Config};

use self::drive::Driver;
use crate::{
    books::{Account, Hold},
    domain::{Event, card, payment},
};

/// `PROPTEST_CASES` asks for more histories, or for fewer.
fn config() -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3_000);
    Config { cases, failure_persistence: None, max_shrink_iters: 4_096, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_law_holds_after_every_history(turns in wishes::history(1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let driver = runtime.block_on(Driver::through(turns));
        let log = driver.log();
        driver.check_answers(&log);
        replay::check(driver.store(), &log);
    }
}

/// Where a kind of event leads to several places, these are to be reached as well.
const PATHS: [&str; 5] =
    ["set aside", "set aside, captured", "cleared too much", "owed by a user", "user's debt cleared"];

fn paths(event: &Event) -> Vec<&'static str> {
    let is_cleared = matches!(event, Event::Card(card::Event::Cleared(_)));
    let is_captured = matches!(event, Event::Payment(payment::Event::Captured(_)));
    let lines = event.entry().map_or(&[][..], |entry| entry.postings()).iter();
    let path = lines.filter_map(|line| match (line.account, line.debit_minor > 0) {
        (Account::WalletHeld(Hold::Payment(_)), false) => Some("set aside"),
        (Account::WalletHeld(Hold::Payment(_)), true) if is_captured => Some("set aside, captured"),
        (Account::Wallet(_), true) if is_cleared => Some("cleared too much"),
        (Account::UserReceivable(_), true) if is_cleared => Some("owed by a user"),
        (Account::UserReceivable(_), false) => Some("user's debt cleared"),
        _ => None,
    });
    path.collect()
}

/// What a law is worth if no history ever gets anywhere near it.
#[test]
fn the_histories_go_where_the_laws_are() {
    use std::collections::HashMap;

    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    use crate::log::codec;

    let mut runner = TestRunner::deterministic();
    let turns = wishes::history(80..120);
    let mut seen = HashMap::<&str, u32>::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..700 {
        let turns = turns.new_tree(&mut runner).unwrap().current();
        let driver = runtime.block_on(Driver::through(turns));
        for event in driver.log() {
            *seen.entry(event.kind.name()).or_default() += 1;
            for word in paths(&event.event) {
                *seen.entry(word).or_default() += 1;
            }
        }
        for (word, count) in driver.tally() {
            *seen.entry(word).or_default() += count;
        }
    }
    let expected = codec::KINDS.iter().map(|(_, name, _)| *name).chain(drive::WORDS).chain(PATHS);
    for word in expected {
        assert!(seen.get(word).is_some_and(|count| *count >= 5), "{word} hardly ever happens: {seen:?}");
    }
}
