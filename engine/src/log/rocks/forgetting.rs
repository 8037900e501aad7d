//! Forgetting for good: what was deleted leaves the files too, and is seen to have left.
//!
//! A deletion in RocksDB is one more row. The row it hides stays in the write-ahead log until everything in it is in
//! table files, and in its table file until that is compacted; both files are then deleted, some time.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use rocksdb::{BottommostLevelCompaction, CompactOptions, FlushOptions, WriteBatch};

use super::{LOG, RocksStore, VAULT, prefixed, store};
use crate::{fault::Fault, vault::VaultFamily};

/// Longest time that files which nothing needs any more may take to go. That of a compaction under way, which may be of
/// the log and long; a backup would keep them too, and whoever asks sees to it that there is none.
const LEAVING_MAX: Duration = Duration::from_secs(60);
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(10);

impl RocksStore {
    pub(super) fn forget_rows(&self, family: VaultFamily, keys: &[Vec<u8>]) -> Result<(), Fault> {
        let rows: Vec<_> = keys.iter().map(|key| prefixed(family.number(), key)).collect();
        let logs = self.files(".log")?;
        // Once more: a store with nothing to flush keeps its log, and whatever is in that.
        let mut batch = WriteBatch::default();
        rows.iter().for_each(|row| batch.delete_cf(self.family(VAULT), row));
        self.write_synced(batch)?;
        let mut flush = FlushOptions::default();
        flush.set_wait(true);
        // Of every family: one log serves all of them, and goes when none of them needs it.
        let families = [LOG, VAULT].map(|name| self.family(name));
        self.db.flush_cfs_opt(&families, &flush).map_err(|error| store(&error))?;
        let mut compact = CompactOptions::default();
        // Without this a table is moved down as it is, and the lowest level left as it is.
        compact.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        // What is under way by itself ends before, or it could write anew what it has read.
        compact.set_exclusive_manual_compaction(true);
        for row in &rows {
            self.db.compact_range_cf_opt(self.family(VAULT), Some(row), Some(row), &compact);
        }
        // Which of the tables that are no longer part of the store held it is not known by now: so all of them.
        let tables = self.files(".sst")?;
        self.wait_until_gone(logs.into_iter().chain(tables).collect())
    }

    /// Names of files in the store's folder, and where it puts aside what it no longer needs.
    fn files(&self, end: &str) -> Result<BTreeSet<String>, Fault> {
        let path = self.db.path();
        let mut names = BTreeSet::new();
        for folder in [path.to_owned(), path.join("archive")] {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries {
                let entry = entry.map_err(|error| Fault::file(&folder, &error))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.ends_with(end) {
                    names.insert(name);
                }
            }
        }
        Ok(names)
    }

    /// Waits until each of these files is gone, or is a table of the store as it is now: one that was being written
    /// becomes that.
    fn wait_until_gone(&self, mut doomed: BTreeSet<String>) -> Result<(), Fault> {
        let since = Instant::now();
        loop {
            let live = self.db.live_files().map_err(|error| store(&error))?;
            for file in live {
                doomed.remove(file.name.trim_start_matches('/'));
            }
            let there: BTreeSet<String> = self.files(".log")?.union(&self.files(".sst")?).cloned().collect();
            doomed.retain(|name| there.contains(name));
            if doomed.is_empty() {
                return sync_folder(self.db.path());
            }
            if since.elapsed() > LEAVING_MAX {
                let left = doomed.into_iter().collect::<Vec<_>>().join(", ");
                return Err(Fault::Store(format!("{left} may hold what was deleted, and will not go")));
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// So that no power cut brings a file back.
fn sync_folder(path: &Path) -> Result<(), Fault> {
    let synced = std::fs::File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(|error| Fault::file(path, &error))
}
