//! Copies of the store by RocksDB's own backup engine: only files that are not there yet are copied.

use std::path::Path;

use rocksdb::{
    Env,
    backup::{BackupEngine, BackupEngineOptions, RestoreOptions},
};

use super::{RocksStore, store};
use crate::fault::Fault;

/// RocksDB's backups in one folder.
pub(in crate::log) struct Copies(BackupEngine);

impl Copies {
    /// Opens the folder, or begins it.
    pub(in crate::log) fn open(folder: &Path) -> Result<Self, Fault> {
        let env = Env::new().map_err(|error| store(&error))?;
        let options = BackupEngineOptions::new(folder).map_err(|error| store(&error))?;
        Ok(Self(BackupEngine::open(&options, &env).map_err(|error| store(&error))?))
    }

    /// The numbers of all there are, the oldest first.
    pub(in crate::log) fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.0.get_backup_info().iter().map(|info| info.backup_id).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Takes another, of everything that is synced by now; gives its number.
    pub(in crate::log) fn take(&mut self, of: &RocksStore) -> Result<u32, Fault> {
        // Flushed before: what the write-ahead log holds would be copied each time, and never shared.
        self.0.create_new_backup_flush(&of.db, true).map_err(|error| store(&error))?;
        self.numbers().last().copied().ok_or_else(|| Fault::Backup("the backup is not there".into()))
    }

    /// That all its files are there, as long as they were.
    pub(in crate::log) fn check(&self, number: u32) -> Result<(), Fault> {
        self.0.verify_backup(number).map_err(|error| store(&error))
    }

    /// Copies one to `folder`, each file proved against its checksum.
    pub(in crate::log) fn restore(&mut self, number: u32, folder: &Path) -> Result<(), Fault> {
        let options = RestoreOptions::default();
        self.0.restore_from_backup(folder, folder, &options, number).map_err(|error| store(&error))
    }

    /// Deletes all but the newest, with what only they had.
    pub(in crate::log) fn keep_newest(&mut self, count: usize) -> Result<(), Fault> {
        self.0.purge_old_backups(count).map_err(|error| store(&error))
    }
}
