//! Callers, and what they measure.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use choai_benches::figures::Figures;
use choai_engine::{Engine, Envelope, Outcome};

use crate::{
    ledger::{Ledger, runtime},
    load::Load,
};

/// Transfers in a batch: as many events as a commit holds.
const BATCH: u64 = 8_190;
/// How long callers send one by one.
const MEASURED: Duration = Duration::from_secs(8);

/// What was measured: each call, and from the first to the last.
pub struct Run {
    pub figures: Figures,
    pub took: Duration,
}

/// Sends the first `transfers` in batches, `callers` of them under way.
pub fn in_batches(ledger: &Ledger, load: &Load, transfers: u64, callers: usize) -> Run {
    let next = AtomicU64::new(0);
    measure(callers, || {
        let (runtime, mut figures) = (runtime(), Figures::default());
        loop {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            let batch = first.min(transfers)..(first + BATCH).min(transfers);
            if batch.is_empty() {
                return figures;
            }
            let (envelopes, repeated): (Vec<_>, Vec<_>) = batch.map(|at| load.sent(at)).unzip();
            let begun = Instant::now();
            let outcomes = runtime.block_on(ledger.engine.submit_all(envelopes)).expect("the writer runs");
            figures.add(begun.elapsed());
            check(&outcomes, &repeated);
        }
    })
}

/// Sends transfers one by one for a while, `callers` of them under way.
pub fn one_by_one(ledger: &Ledger, load: &Load, callers: usize) -> Run {
    let next = AtomicU64::new(0);
    let begun = Instant::now();
    let call = |engine: Engine| {
        let next = &next;
        async move {
            let mut figures = Figures::default();
            while begun.elapsed() < MEASURED {
                let (envelope, repeated) = load.sent(next.fetch_add(1, Ordering::Relaxed));
                figures.add(submit(&engine, envelope, repeated).await);
            }
            figures
        }
    };
    measure(1, || {
        let calls = (0..callers).map(|_| call(ledger.engine.clone()));
        let mut figures = Figures::default();
        runtime().block_on(futures::future::join_all(calls)).iter().for_each(|one| figures.merge(one));
        figures
    })
}

async fn submit(engine: &Engine, envelope: Envelope, repeated: bool) -> Duration {
    let begun = Instant::now();
    let outcomes = engine.submit_all(vec![envelope]).await.expect("the writer runs");
    let took = begun.elapsed();
    check(&outcomes, &[repeated]);
    took
}

fn check(outcomes: &[Outcome], repeated: &[bool]) {
    assert_eq!(outcomes.len(), repeated.len(), "every transfer is answered");
    for (outcome, repeated) in outcomes.iter().zip(repeated) {
        match outcome {
            Outcome::Accepted(placed) => assert!(!repeated && placed.count == 1, "one event, once"),
            Outcome::Repeated(placed) => assert!(*repeated && placed.count == 1, "known only if it was sent"),
            Outcome::Rejected(rejection) => panic!("{rejection}"),
        }
    }
}

fn measure(threads: usize, call: impl Fn() -> Figures + Sync) -> Run {
    let begun = Instant::now();
    let mut figures = Figures::default();
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(&call)).collect();
        for thread in running {
            figures.merge(&thread.join().expect("a caller does not panic"));
        }
    });
    Run { figures, took: begun.elapsed() }
}
