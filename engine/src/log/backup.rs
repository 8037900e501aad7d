//! Backups: incremental copies of the ledger's store in a folder, each proved before it counts.
//!
//! RocksDB's backup engine does the copying. What it does not tell is what we ask of a backup: where the log in it ends,
//! that every commit in it follows from the one before, and that no byte of its files is another. So each gets a
//! manifest, written once all that was seen to be so; a copy without one is no backup.

mod files;
mod manifest;
#[cfg(test)]
mod tests;

use std::{
    fs::{DirBuilder, File, TryLockError},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

pub use manifest::Manifest;

use self::{
    files::{View, digest, files_of},
    manifest::CopiedFile,
};
use super::{Head, Log, RocksStore, Walk, rocks::Copies};
use crate::{domain::Timestamp, fault::Fault, vault};

const MANIFESTS: &str = "manifests";

/// What is being done, for whoever shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Files that are not there yet are being copied.
    Copying,
    /// Files are being compared with what the manifest says of them.
    Checking {
        /// Bytes read so far.
        bytes: u64,
        /// Bytes of all of them.
        of: u64,
    },
    /// The hash chain is being proved.
    Proving {
        /// How far.
        position: u64,
        /// Where it ends.
        of: u64,
    },
}

/// Whoever shows how far it has come.
pub type Watcher<'a> = &'a mut dyn FnMut(Step);

/// What is to become of backups that hold keys which were erased since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outdated {
    /// They are deleted once the new backup is proved.
    Drop,
    /// They are kept.
    Keep,
}

/// A backup that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it holds.
    pub manifest: Manifest,
    /// Bytes that were copied for it; the others were there.
    pub copied_bytes: u64,
    /// Backups that were deleted, because they held keys of erased subjects.
    pub dropped: Vec<u32>,
    /// Backups that hold keys of erased subjects, and were kept.
    pub outdated: Vec<u32>,
}

/// A folder of backups, held by one process at a time.
pub struct Backups {
    folder: PathBuf,
    _lock: File,
}

impl Backups {
    /// Opens a folder that has backups.
    ///
    /// # Errors
    /// [`Fault::Backup`] if it has none, or another process is at work there.
    pub fn open(folder: &Path) -> Result<Self, Fault> {
        let manifests = folder.join(MANIFESTS);
        if !manifests.is_dir() {
            return Err(Fault::Backup(format!("there are no backups in {}", folder.display())));
        }
        Self::lock(folder)
    }

    /// Opens a folder for another backup, making it if it is not there.
    ///
    /// # Errors
    /// [`Fault`] when the system refuses, or another process is at work there.
    pub fn make(folder: &Path) -> Result<Self, Fault> {
        let manifests = folder.join(MANIFESTS);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&manifests);
        made.map_err(|error| Fault::file(&manifests, &error))?;
        Self::lock(folder)
    }

    fn lock(folder: &Path) -> Result<Self, Fault> {
        let path = folder.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| Fault::file(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: file }),
            Err(TryLockError::WouldBlock) => {
                let folder = folder.display();
                Err(Fault::Backup(format!("another process is at work on the backups in {folder}")))
            }
            Err(TryLockError::Error(error)) => Err(Fault::file(&path, &error)),
        }
    }

    /// Every backup there is, the oldest first.
    ///
    /// # Errors
    /// [`Fault::Backup`] for a manifest that is not what was written.
    pub fn list(&self) -> Result<Vec<Manifest>, Fault> {
        let folder = self.folder.join(MANIFESTS);
        let entries = std::fs::read_dir(&folder).map_err(|error| Fault::file(&folder, &error))?;
        let mut manifests = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| Fault::file(&folder, &error))?.file_name();
            // One that was being written has another name.
            if let Ok(number) = name.to_string_lossy().parse::<u32>() {
                manifests.push(Manifest::read(&folder.join(&name), number)?);
            }
        }
        manifests.sort_by_key(|manifest| manifest.number);
        Ok(manifests)
    }

    /// The backup of this number, else the newest.
    ///
    /// # Errors
    /// [`Fault::Backup`] if there is none.
    pub fn find(&self, number: Option<u32>) -> Result<Manifest, Fault> {
        let found =
            self.list()?.into_iter().rfind(|known| number.is_none_or(|number| known.number == number));
        let folder = self.folder.display();
        found.ok_or_else(|| match number {
            Some(number) => Fault::Backup(format!("there is no backup {number} in {folder}")),
            None => Fault::Backup(format!("there is no backup in {folder}")),
        })
    }

    /// Copies what is synced by now, for [`Self::complete`] to make a backup of; also beside a writer.
    ///
    /// # Errors
    /// [`Fault::Backup`] if the folder has backups of another log; [`Fault`] when it cannot be copied.
    pub fn copy(&self, store: &RocksStore) -> Result<u32, Fault> {
        if let Some(last) = self.list()?.pop() {
            self.check_same_log(store, &last)?;
        }
        Copies::open(&self.folder)?.take(store)
    }

    /// Backups of two logs in one folder could be taken for one another.
    fn check_same_log(&self, store: &RocksStore, last: &Manifest) -> Result<(), Fault> {
        let is_there = store.head()?.position >= last.head.position
            && (last.head == Head::default()
                || store.read(last.head.position, 1)?.first().is_some_and(|frame| frame.head() == last.head));
        let what = || {
            let (folder, position) = (self.folder.display(), last.head.position);
            format!(
                "{folder} has a backup up to position {position} of a log that went another way; use another folder"
            )
        };
        if is_there { Ok(()) } else { Err(Fault::Backup(what())) }
    }

    /// Proves what was copied, and makes it a backup; then deals with those that hold keys erased since.
    ///
    /// `scratch` is an empty folder of the caller's, `at` the wall clock's time.
    ///
    /// # Errors
    /// [`Fault`] when the copy is not whole; the earlier backups are as they were.
    pub fn complete(
        &self,
        number: u32,
        outdated: Outdated,
        scratch: &Path,
        at: Timestamp,
        watcher: Watcher<'_>,
    ) -> Result<Taken, Fault> {
        let earlier = self.list()?;
        Copies::open(&self.folder)?.check(number)?;
        let (files, copied_bytes) = self.describe(number, &earlier, watcher)?;
        let (head, erasures) = self.prove(&files, scratch, watcher)?;
        let manifest = Manifest { number, head, at, erasures, files };
        manifest.write(&self.folder.join(MANIFESTS))?;
        let is_outdated = |known: &&Manifest| known.erasures < erasures;
        let old: Vec<u32> = earlier.iter().filter(is_outdated).map(|known| known.number).collect();
        match outdated {
            Outdated::Keep => Ok(Taken { manifest, copied_bytes, dropped: Vec::new(), outdated: old }),
            Outdated::Drop => {
                self.drop_all(&old)?;
                Ok(Taken { manifest, copied_bytes, dropped: old, outdated: Vec::new() })
            }
        }
    }

    /// What each file is; those that an earlier backup has under the same name were described then.
    fn describe(
        &self,
        number: u32,
        earlier: &[Manifest],
        watcher: Watcher<'_>,
    ) -> Result<(Vec<CopiedFile>, u64), Fault> {
        let names = files_of(&self.folder, number)?;
        let (mut files, mut copied) = (Vec::new(), 0);
        for name in names {
            let known = earlier.iter().flat_map(|manifest| &manifest.files).find(|known| known.name == name);
            let file = match known {
                Some(known) => known.clone(),
                None => {
                    let (bytes, sha256) = digest(&self.folder.join(&name))?;
                    copied += bytes;
                    watcher(Step::Checking { bytes: copied, of: copied });
                    CopiedFile { name, bytes, sha256 }
                }
            };
            files.push(file);
        }
        Ok((files, copied))
    }

    /// Proves the whole chain in a copy, and that the vault can be read; gives the head, and how many were erased.
    fn prove(
        &self,
        files: &[CopiedFile],
        scratch: &Path,
        watcher: Watcher<'_>,
    ) -> Result<(Head, u64), Fault> {
        let view = View::make(&self.folder, files, &scratch.join("backup-view"))?;
        let store = RocksStore::open_read_only(view.path())?;
        let head = prove(&store, watcher)?;
        vault::read_through(&store)?;
        Ok((head, vault::erasures(&store)?.len() as u64))
    }

    /// Checks every byte of a backup, and proves the chain in it.
    ///
    /// # Errors
    /// [`Fault::Backup`] with the first file that is not what was written; [`Fault::Damaged`] for a chain that is not.
    pub fn verify(&self, manifest: &Manifest, scratch: &Path, watcher: Watcher<'_>) -> Result<(), Fault> {
        self.check_files(manifest, watcher)?;
        let (head, _) = self.prove(&manifest.files, scratch, watcher)?;
        if head == manifest.head { Ok(()) } else { Err(other_head(manifest, head)) }
    }

    /// Compares every file with what the manifest says of it.
    ///
    /// # Errors
    /// [`Fault::Backup`] with the first that is missing, cut short or another.
    pub fn check_files(&self, manifest: &Manifest, watcher: Watcher<'_>) -> Result<(), Fault> {
        let of = manifest.files.iter().map(|file| file.bytes).sum();
        let mut read = 0;
        for file in &manifest.files {
            let damaged = |what: &str| {
                Fault::Backup(format!("backup {} is damaged: {} {what}", manifest.number, file.name))
            };
            let (bytes, sha256) = digest(&self.folder.join(&file.name)).map_err(|fault| match fault {
                Fault::File { reason, .. } => damaged(&format!("cannot be read: {reason}")),
                fault => fault,
            })?;
            if (bytes, sha256) != (file.bytes, file.sha256) {
                return Err(damaged("is not what was written"));
            }
            read += bytes;
            watcher(Step::Checking { bytes: read, of });
        }
        Ok(())
    }

    /// Copies a backup to `path`, where nothing may be, and proves what is there then.
    ///
    /// # Errors
    /// [`Fault`] when the backup is damaged, or cannot be copied.
    pub fn restore(&self, manifest: &Manifest, path: &Path, watcher: Watcher<'_>) -> Result<(), Fault> {
        self.check_files(manifest, watcher)?;
        watcher(Step::Copying);
        Copies::open(&self.folder)?.restore(manifest.number, path)?;
        let head = prove(&RocksStore::open_read_only(path)?, watcher)?;
        if head == manifest.head { Ok(()) } else { Err(other_head(manifest, head)) }
    }

    /// Deletes these backups, which are the oldest, with what only they have.
    fn drop_all(&self, numbers: &[u32]) -> Result<(), Fault> {
        let Some(newest) = numbers.iter().max() else { return Ok(()) };
        let mut copies = Copies::open(&self.folder)?;
        let kept = copies.numbers().into_iter().filter(|number| number > newest).count();
        for number in numbers {
            let path = self.folder.join(MANIFESTS).join(number.to_string());
            std::fs::remove_file(&path).map_err(|error| Fault::file(&path, &error))?;
        }
        copies.keep_newest(kept)
    }
}

/// Proves the chain from the first commit to the last.
fn prove(store: &RocksStore, watcher: Watcher<'_>) -> Result<Head, Fault> {
    let of = store.head()?.position;
    let mut walk = Walk::new(store, Head::default(), of);
    while let Some(frame) = walk.next_commit()? {
        watcher(Step::Proving { position: frame.last(), of });
    }
    Ok(walk.head())
}

fn other_head(manifest: &Manifest, head: Head) -> Fault {
    let what = format!("backup {} has another commit at its end than was noted", manifest.number);
    Fault::Damaged { position: head.position.min(manifest.head.position), what }
}
