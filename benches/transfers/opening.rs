//! Opening a ledger: after it was stopped, and as a kill leaves it.

use std::{
    fs, io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use choai_engine::{Engine, Fault, Options, Paths, SystemClock, vault::OsRandom};

use crate::ledger::{Ledger, runtime};

/// How often the folder is copied until a copy is whole.
const COPIES_MAX: usize = 5;

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
    let after_kill = (0..COPIES_MAX).find_map(|_| {
        copy(&paths.data, beside).ok()?;
        let opened = time_to_open(&killed);
        fs::remove_dir_all(beside).expect("what was copied can be removed");
        // A kill stops everything at once, and a copy does not: a compaction may take files away meanwhile.
        opened.ok()
    });
    let bytes = ledger.close_and_measure();
    let after_stop = time_to_open(&paths).expect("a ledger that was stopped opens");
    Opened { after_kill: after_kill.expect("one of the copies is whole"), after_stop, bytes }
}

fn time_to_open(paths: &Paths) -> Result<Duration, Fault> {
    let begun = Instant::now();
    let engine = Engine::open(paths, Options { clock: Arc::new(SystemClock), random: Arc::new(OsRandom) })?;
    let took = begun.elapsed();
    runtime().block_on(engine.close())?;
    Ok(took)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to)?,
            // Deleted by RocksDB meanwhile.
            false => drop(fs::copy(entry.path(), to)),
        }
    }
    Ok(())
}
