//! Restoring a backup: into an empty data folder, proved, and with everybody forgotten who was erased since.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use uuid::Uuid;

use crate::{
    domain::{Event, StreamId, Subject, subject},
    engine::{Paths, make_private_folder, refuse_inside},
    fault::Fault,
    log::{Backups, Head, Log, Manifest, RocksStore, Step, Walk, Witness},
    vault::{self, Erasure, ErasureList, Listed, MasterKey, Progress, Random, Vault, VaultFamily, VaultRows},
};

/// Where the list of erasures is, or that it is accepted that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListOfErasures {
    /// Of the ledger the backup is of, as it was last.
    At(PathBuf),
    /// It is lost: whoever was erased since the backup can be read again.
    Lost,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup.
    pub manifest: Manifest,
    /// Where the log ends.
    pub head: Head,
    /// Who was erased since the backup, and is again.
    pub erased_again: Vec<Subject>,
}

/// Restores a backup to the data folder of `paths`, where none may be yet. `ledger` is there at the end, or not at all.
///
/// # Errors
/// [`Fault`] for a folder that has something in it, a damaged backup, another ledger's key or list, a list that is
/// missing or older than the backup.
pub fn restore(
    backups: &Backups,
    manifest: Manifest,
    paths: &Paths,
    listing: &ListOfErasures,
    random: Arc<dyn Random>,
    watcher: &mut dyn FnMut(Step),
) -> Result<Restored, Fault> {
    refuse_occupied(paths)?;
    for (what, path) in [("master key", &paths.master_key), ("list of erasures", &paths.erasures)] {
        refuse_inside(&paths.data, path, what)?;
    }
    let master = MasterKey::load(&paths.master_key, false, &*random)?;
    refuse_another_list(listing, paths)?;
    let listed = read_list(listing, &master)?;
    let unfinished = paths.data.join("ledger.unfinished");
    // First: a start on what a kill leaves here then misses events, and begins no new ledger.
    let mut witness = Witness::open(&paths.witness)?;
    witness.note(manifest.head)?;
    witness.sync()?;
    let restored = (|| {
        backups.restore(&manifest, &unfinished, watcher)?;
        let store = Arc::new(RocksStore::open(&unfinished)?);
        let vault = Vault::open(master, store.clone(), random)?;
        let erased_again = match &listed {
            None => Vec::new(),
            Some(list) => forget_again(&store, list.listed(), watcher)?,
        };
        let head = store.head()?;
        if let Some(list) = &listed {
            // From here on the restored ledger goes its own way, and its list with it.
            list.copy_to(&paths.erasures, vault.master())?;
        }
        Ok((erased_again, head))
    })();
    let (erased_again, head) = restored.inspect_err(|_: &Fault| {
        // What is half restored holds keys like any other copy.
        let _ = std::fs::remove_dir_all(&unfinished);
        let _ = std::fs::remove_file(&paths.witness);
    })?;
    std::fs::rename(&unfinished, paths.ledger()).map_err(|error| Fault::file(&paths.ledger(), &error))?;
    let synced = std::fs::File::open(&paths.data).and_then(|folder| folder.sync_all());
    synced.map_err(|error| Fault::file(&paths.data, &error))?;
    Ok(Restored { manifest, head, erased_again })
}

fn refuse_occupied(paths: &Paths) -> Result<(), Fault> {
    let data = &paths.data;
    make_private_folder(data)?;
    let mut inside = std::fs::read_dir(data).map_err(|error| Fault::file(data, &error))?;
    if inside.next().is_some() {
        return Err(Fault::Backup(format!(
            "{} is not empty; restore to a folder of its own",
            data.display()
        )));
    }
    if paths.witness.exists() {
        let (witness, position) = (paths.witness.display(), Witness::read(&paths.witness)?.position);
        return Err(Fault::Backup(format!(
            "{witness} has seen position {position}; move it away if what came after the backup is given up"
        )));
    }
    Ok(())
}

/// A list that lies where the restored ledger's is to be may know of more than the one that was given.
fn refuse_another_list(listing: &ListOfErasures, paths: &Paths) -> Result<(), Fault> {
    let own = paths.erasures.canonicalize();
    let is_given = match listing {
        ListOfErasures::At(path) => path.canonicalize().ok() == own.as_ref().ok().cloned(),
        ListOfErasures::Lost => false,
    };
    if own.is_err() || is_given {
        return Ok(());
    }
    let own = paths.erasures.display();
    Err(Fault::Erasures(format!("there is a list of erasures at {own}: restore with it, or move it away")))
}

fn read_list(listing: &ListOfErasures, master: &MasterKey) -> Result<Option<ErasureList>, Fault> {
    let ListOfErasures::At(path) = listing else { return Ok(None) };
    let list = ErasureList::read(path, master)?;
    let missing = || {
        Fault::Erasures(format!(
            "there is no list of erasures at {}; without it, whoever was erased since the backup could be read again",
            path.display()
        ))
    };
    list.ok_or_else(missing).map(Some)
}

/// Deletes the keys of whoever is on the list and in the log, and makes that physical.
fn forget_again(
    store: &RocksStore,
    listed: &[Listed],
    watcher: &mut dyn FnMut(Step),
) -> Result<Vec<Subject>, Fault> {
    let known = Known::of(store, listed, watcher)?;
    if let Some(subject) =
        known.erased.iter().find(|subject| !listed.iter().any(|one| one.subject == **subject))
    {
        return Err(Fault::Erasures(format!(
            "the list of erasures is older than the backup: {subject} was erased and is not on it"
        )));
    }
    let mut erasures = Vec::new();
    for Listed { began, subject, .. } in listed {
        // Not in this log, or another of the same number: then nothing of theirs is here.
        let is_here = known.begun.get(subject) == Some(began);
        if is_here && !known.erased.contains(subject) {
            erasures.push(Erasure { subject: *subject, began: *began, progress: Progress::Restored });
        }
    }
    let rows = erasures.iter().flat_map(|erasure| [vault::key_deleted(erasure.subject), erasure.row()]);
    store.write(&rows.collect::<Vec<_>>())?;
    // Also where nothing is to be deleted: a backup may have been taken between an erasure and its end.
    let all = vault::erasures(store)?;
    if !all.is_empty() {
        vault::forget_personal(store, &all)?;
        vault::forget_keys(store, &all)?;
    }
    for erasure in &all {
        let key = VaultRows::get(store, VaultFamily::SubjectKey, erasure.subject.to_string().as_bytes())?;
        assert!(key.is_none(), "the key of an erased subject is still there");
    }
    Ok(erasures.iter().map(|erasure| erasure.subject).collect())
}

/// What a log says of those on a list.
struct Known {
    /// The event that each one's stream begins with.
    begun: BTreeMap<Subject, Uuid>,
    /// Who was erased, on the list or not.
    erased: BTreeSet<Subject>,
}

impl Known {
    fn of(store: &RocksStore, listed: &[Listed], watcher: &mut dyn FnMut(Step)) -> Result<Self, Fault> {
        let wanted: BTreeMap<StreamId, Subject> =
            listed.iter().map(|one| (subject::stream(one.subject), one.subject)).collect();
        let mut known = Self { begun: BTreeMap::new(), erased: BTreeSet::new() };
        let of = store.head()?.position;
        let mut walk = Walk::new(store, Head::default(), of);
        while let Some(frame) = walk.next_commit()? {
            for recorded in frame.records()? {
                if recorded.header.revision == 0
                    && let Some(subject) = wanted.get(&recorded.header.stream)
                {
                    known.begun.insert(*subject, recorded.header.id);
                }
                if let Event::Subject(subject::Event::Erased(fact)) = &recorded.event {
                    known.erased.insert(fact.subject);
                }
            }
            watcher(Step::Proving { position: frame.last(), of });
        }
        Ok(known)
    }
}
