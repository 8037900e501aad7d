//! Opening a ledger beside the server that has it open.

use std::path::Path;

use anyhow::ensure;
use choai_engine::{Fault, Paths, log::RocksStore};

/// How often a file may be replaced under our hands before we take it for damage.
const TRIES: usize = 6;

/// Where everything of the ledger in `data` is.
///
/// # Errors
/// If there is none, or the system does not say.
pub fn ledger_in(data: &Path) -> anyhow::Result<Paths> {
    let paths = Paths::of(data);
    ensure!(RocksStore::exists(&paths.ledger())?, "there is no ledger in {}", data.display());
    Ok(paths)
}

/// One consistent view of the ledger, also beside a running server; `scratch` is a folder of one's own.
///
/// # Errors
/// [`Fault`] when it does not open.
pub fn view(paths: &Paths, scratch: &Path) -> Result<RocksStore, Fault> {
    again(|| RocksStore::open_beside(&paths.ledger(), &scratch.join("ledger-view")))
}

/// A running server may replace files while they are being opened: then once more.
pub fn again<T>(open: impl Fn() -> Result<T, Fault>) -> Result<T, Fault> {
    let mut tries = 1;
    loop {
        match open() {
            Err(Fault::Store(_)) if tries < TRIES => tries += 1,
            opened => return opened,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// What opening comes to that fails so many times first, and how often it was tried.
    fn opened(failures: usize, fault: &Fault) -> (bool, usize) {
        let tries = Cell::new(0);
        let outcome = again(|| {
            tries.set(tries.get() + 1);
            if tries.get() > failures { Ok(()) } else { Err(fault.clone()) }
        });
        (outcome.is_ok(), tries.get())
    }

    #[test]
    fn only_what_may_pass_is_tried_again_and_not_for_ever() {
        let replaced = Fault::Store("no such file".into());
        for (failures, expected) in [(0, (true, 1)), (5, (true, 6)), (6, (false, 6))] {
            assert_eq!(opened(failures, &replaced), expected, "after {failures} failures");
        }
        let damaged = Fault::Damaged { position: 1, what: "the hash".into() };
        assert_eq!(opened(1, &damaged), (false, 1));
    }
}
