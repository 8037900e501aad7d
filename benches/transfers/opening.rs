//! Opening a ledger: after it was stopped, and as a kill leaves it.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use choai_benches::machine;
use choai_engine::{Engine, Fault, Options, Paths, SystemClock, vault::OsRandom};

use crate::ledger::{Ledger, runtime};

pub struct Opened {
    pub after_kill: Duration,
    pub after_stop: Duration,
    /// What the ledger has on disk.
    pub bytes: u64,
}

/// Opens a copy of what is on disk while `ledger` is open, which is what a kill leaves; then stops it and opens it again.
pub fn measure(ledger: Ledger, beside: &Path) -> Opened {
    let paths = ledger.paths.clone();
    let killed = Paths { data: beside.to_owned(), witness: beside.join("witness"), ..paths.clone() };
    let after_kill = machine::time_to_open_killed(&paths.data, beside, || time_to_open(&killed));
    let bytes = ledger.close_and_measure();
    let after_stop = time_to_open(&paths).expect("a ledger that was stopped opens");
    Opened { after_kill, after_stop, bytes }
}

fn time_to_open(paths: &Paths) -> Result<Duration, Fault> {
    let begun = Instant::now();
    let engine = Engine::open(paths, Options { clock: Arc::new(SystemClock), random: Arc::new(OsRandom) })?;
    let took = begun.elapsed();
    runtime().block_on(engine.close())?;
    Ok(took)
}
