//! Backups of a running engine's store: the writer goes on, and only erasures wait.

use std::{path::Path, sync::Arc};

use super::{Engine, Options, Paths, erasing, lock, refuse_inside};
use crate::{
    fault::Fault,
    log::{Backups, Outdated, RocksStore, Step, Taken},
    vault::{MasterKey, Vault},
};

impl Engine {
    /// Takes a backup into `folder` and proves it; `scratch` is an empty folder of the caller's.
    ///
    /// It reads and writes files for as long as it takes, on the caller's thread.
    ///
    /// # Errors
    /// [`Fault::Backup`] if the folder has another ledger's, or is in use; [`Fault`] when it fails. What was there
    /// before is as it was.
    pub fn back_up(
        &self,
        folder: &Path,
        outdated: Outdated,
        scratch: &Path,
        watcher: &mut dyn FnMut(Step),
    ) -> Result<Taken, Fault> {
        let Some(store) = &self.shared.around.rocks else {
            return Err(Fault::Backup("a store in memory has no backups".into()));
        };
        if let Some(data) = &self.shared.around.data {
            refuse_inside(data, &folder.join("lock"), "backups")?;
        }
        let backups = Backups::make(folder)?;
        watcher(Step::Copying);
        let number = {
            // Files must not go while they are copied, and what an erasure deletes must.
            let _alone = self.shared.upkeep.blocking_lock();
            backups.copy(store)?
        };
        backups.complete(number, outdated, scratch, self.now(), watcher)
    }
}

impl Engine {
    /// Takes a backup of a ledger that no server has open, and opens no writer for it: nothing happens in the ledger
    /// but that erasures which were interrupted are finished.
    ///
    /// # Errors
    /// [`Fault::InUse`] if a server has it open; else as [`Self::back_up`].
    pub fn back_up_closed(
        paths: &Paths,
        options: &Options,
        folder: &Path,
        outdated: Outdated,
        scratch: &Path,
        watcher: &mut dyn FnMut(Step),
    ) -> Result<Taken, Fault> {
        let _lock = lock(&paths.data)?;
        refuse_inside(&paths.data, &folder.join("lock"), "backups")?;
        let backups = Backups::make(folder)?;
        let number = {
            let master = MasterKey::load(&paths.master_key, false, &*options.random)?;
            let store = Arc::new(RocksStore::open(&paths.ledger())?);
            let vault = Vault::open(master, store.clone(), options.random.clone())?;
            erasing::finish(&vault, Some(&paths.erasures), options.clock.now())?;
            watcher(Step::Copying);
            backups.copy(&store)?
        };
        backups.complete(number, outdated, scratch, options.clock.now(), watcher)
    }
}
