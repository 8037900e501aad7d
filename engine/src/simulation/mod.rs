//! Faults, by the thousand: histories in which the disk fails, the power goes and clocks jump while callers go on.
//!
//! Everything follows from one number, so that whatever goes wrong can be had again: `chance` draws from it what happens
//! next, `wishes` says what callers want, `callers` keeps what they were told, `life` is one process over a store that
//! fails as it is told, and `history` leads through several lives and checks what must hold after each.

mod callers;
mod chance;
mod history;
mod life;
mod wishes;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::SystemTime,
};

use self::{
    chance::Chance,
    history::{History, Tally},
};

/// Set to replay the history of one seed.
const SEED_VARIABLE: &str = "CHOAI_SEED";
/// Set to ask for more histories, or for fewer.
const HISTORIES_VARIABLE: &str = "CHOAI_HISTORIES";
const HISTORIES: u64 = 3_000;
/// Half of the histories follow from this number, so that every run has them.
const BASE: u64 = 0x0000_C40A_1000;

fn variable(name: &str) -> Option<u64> {
    let given = std::env::var(name).ok().filter(|given| !given.is_empty())?;
    Some(given.parse().unwrap_or_else(|_| panic!("{name} is a number, not {given}")))
}

/// Goes through the history of `seed`; should it fail, says how to have it again.
fn run(seed: u64) -> Tally {
    let history = catch_unwind(AssertUnwindSafe(|| History::of(seed)));
    history.unwrap_or_else(|failure| {
        eprintln!("\nto have this history again: {SEED_VARIABLE}={seed} make test ARGS='-- simulation::'\n");
        std::panic::resume_unwind(failure)
    })
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    if let Some(seed) = variable(SEED_VARIABLE) {
        println!("{:#?}", run(seed));
        return;
    }
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("it is later than 1970");
    let fresh = u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap_or_default();
    let histories = variable(HISTORIES_VARIABLE).unwrap_or(HISTORIES);
    let mut tally = Tally::default();
    for base in [BASE, fresh] {
        let mut seeds = Chance::of(base);
        (0..histories / 2).for_each(|_| tally.add(&run(seeds.next())));
    }
    println!("seeds follow from {BASE} and from {fresh}: {tally:#?}");
}

/// Or a seed that was printed would be worth nothing.
#[test]
fn a_seed_has_one_history() {
    for seed in 1..=200 {
        assert_eq!(run(seed), run(seed), "of seed {seed}");
    }
}

/// What a simulation is worth in which nothing goes wrong.
#[test]
fn the_histories_go_where_the_faults_are() {
    let mut tally = Tally::default();
    (1..=300).for_each(|seed| tally.add(&run(seed)));
    for (what, count) in tally.counts() {
        assert!(count >= 20, "{what} hardly ever happens: {tally:#?}");
    }
}
