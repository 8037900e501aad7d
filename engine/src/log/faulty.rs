//! A store in memory that fails as it is told, and that can be opened again as a crash would have left it.
//!
//! It keeps two notes of what was written: what readers see now, and what is on its disk. A write whose sync failed is
//! not seen by anybody, and may be on the disk all the same: whoever opens the store next finds out.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use super::{Frame, Head, Log, MemoryStore};
use crate::{
    fault::Fault,
    state::{Checkpoint, KeyValue, Row, TableId, TableRows, TableStore},
    vault::{VaultFamily, VaultRows, VaultWrite},
};

/// What can be asked of the store, and can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Append a commit.
    Append,
    /// Read commits.
    ReadLog,
    /// Save tables, or forget them.
    Save,
    /// Read rows of tables.
    ReadRows,
    /// Write rows of the vault on their own.
    WriteVault,
    /// Read rows of the vault.
    ReadVault,
}

/// What is on the disk of a write that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing; what is written after it is kept.
    Nothing,
    /// A part of it, as of a short write or a failed sync: it is dropped when the store is opened again, and whatever
    /// was written after it.
    Torn,
    /// All of it.
    Everything,
}

/// Log, tables and vault in memory, with faults on request.
#[derive(Default)]
pub struct FaultyStore {
    seen: Arc<MemoryStore>,
    disk: Mutex<Disk>,
    /// Told whenever a call comes to the gate or may go on.
    changed: Condvar,
}

#[derive(Default)]
struct Disk {
    /// Log and vault share a write-ahead log.
    ledger: Journal<Written>,
    tables: Journal<Saved>,
    /// Which call fails, after how many more of its kind, and what is left of it.
    fault: Option<(Call, u32, Left)>,
    has_failed: bool,
    append_failed: bool,
    /// Whether a commit was tried after one that failed.
    wrote_on: bool,
    /// Which calls wait at the gate.
    held: Vec<Call>,
    waiting: Vec<Call>,
    /// There is no room for commits.
    is_full: bool,
    /// The power is gone: what is left of a write that was under way.
    cut: Option<Left>,
}

/// Writes in their order, and whether the next one will be found again.
struct Journal<W> {
    written: Vec<W>,
    is_torn: bool,
}

#[derive(Clone)]
enum Written {
    Commit(Head, Frame, Vec<VaultWrite>),
    Vault(Vec<VaultWrite>),
}

#[derive(Clone)]
enum Saved {
    Rows(Checkpoint, Vec<Row>),
    Cleared,
}

impl<W> Default for Journal<W> {
    fn default() -> Self {
        Self { written: Vec::new(), is_torn: false }
    }
}

impl<W> Journal<W> {
    fn note(&mut self, write: W, left: Left) {
        match left {
            Left::Everything if !self.is_torn => self.written.push(write),
            Left::Everything | Left::Nothing => {}
            Left::Torn => self.is_torn = true,
        }
    }
}

impl Disk {
    fn holds(&self, call: Call) -> bool {
        self.held.contains(&call) && self.cut.is_none() && !self.has_failed
    }
}

impl FaultyStore {
    /// An empty store that does not fail.
    pub fn new() -> Self {
        Self::default()
    }

    /// What readers see, without any fault.
    pub const fn seen(&self) -> &Arc<MemoryStore> {
        &self.seen
    }

    /// Lets `after` more calls of this kind succeed and fails the next one; earlier requests are forgotten. A commit
    /// that failed is never seen.
    pub fn fail(&self, call: Call, after: u32, left: Left) {
        self.disk().fault = Some((call, after, left));
    }

    /// Forgets what was to fail.
    pub fn heal(&self) {
        self.disk().fault = None;
    }

    /// Whether anything has failed.
    pub fn has_failed(&self) -> bool {
        self.disk().has_failed
    }

    /// Whether somebody tried to commit although nobody could know what is on disk.
    pub fn was_written_on(&self) -> bool {
        self.disk().wrote_on
    }

    /// Fills the disk up, or empties it.
    pub fn fill(&self, is_full: bool) {
        self.disk().is_full = is_full;
    }

    /// Has calls of this kind wait from now on, until they are released or something fails.
    pub fn hold(&self, call: Call) {
        self.disk().held.push(call);
    }

    /// Lets everything go on that waits.
    pub fn release(&self) {
        self.disk().held.clear();
        self.changed.notify_all();
    }

    /// Whether a call of this kind waits, and will until something is done about it.
    pub fn is_waiting(&self, call: Call) -> bool {
        let disk = self.disk();
        disk.waiting.contains(&call) && disk.holds(call)
    }

    /// Cuts the power: from now on every call fails, and of a write under way there is `left`.
    pub fn cut(&self, left: Left) {
        self.disk().cut = Some(left);
        self.changed.notify_all();
    }

    /// The store as it is opened again, without the last `lost` times that its tables were saved.
    ///
    /// # Panics
    /// If the commits on its disk do not follow from each other.
    #[must_use]
    pub fn opened_again(&self, lost: usize) -> Self {
        let disk = self.disk();
        let kept = disk.tables.written.len().saturating_sub(lost);
        Self::of(disk.ledger.written.clone(), disk.tables.written[..kept].to_vec())
    }

    /// The store as a disk would have it that lied about its last commits: those after position `end` are lost.
    #[must_use]
    pub fn cut_back(&self, end: u64) -> Self {
        let disk = self.disk();
        let is_kept = |written: &&Written| match written {
            Written::Commit(_, frame, _) => frame.last() <= end,
            Written::Vault(_) => true,
        };
        let kept = disk.ledger.written.iter().take_while(is_kept).cloned().collect();
        Self::of(kept, disk.tables.written.clone())
    }

    fn of(ledger: Vec<Written>, tables: Vec<Saved>) -> Self {
        let seen = MemoryStore::new();
        for written in &ledger {
            let written = match written {
                Written::Commit(expected, frame, vault) => seen.append(*expected, frame, vault),
                Written::Vault(writes) => seen.write(writes),
            };
            written.expect("what is on disk follows from what was there");
        }
        for saved in &tables {
            let saved = match saved {
                Saved::Rows(checkpoint, rows) => seen.save(*checkpoint, rows.clone()),
                Saved::Cleared => seen.clear(),
            };
            saved.expect("memory does not fail");
        }
        let disk = Disk {
            ledger: Journal { written: ledger, is_torn: false },
            tables: Journal { written: tables, is_torn: false },
            ..Disk::default()
        };
        Self { seen: Arc::new(seen), disk: Mutex::new(disk), changed: Condvar::new() }
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().expect("nothing panics while it holds the disk")
    }

    /// Waits at the gate, and tells what is left if the call fails.
    fn begin(&self, call: Call) -> (MutexGuard<'_, Disk>, Option<Left>) {
        let mut disk = self.disk();
        if disk.cut.is_some() {
            // What is called after the power is gone was never under way.
            return (disk, Some(Left::Nothing));
        }
        disk.waiting.push(call);
        disk = self
            .changed
            .wait_while(disk, |disk| disk.holds(call))
            .expect("nothing panics while it holds the disk");
        disk.waiting.retain(|waiting| *waiting != call);
        if let Some(left) = disk.cut {
            return (disk, Some(left));
        }
        let left = match &mut disk.fault {
            Some((kind, 0, left)) if *kind == call => Some(*left),
            Some((kind, after, _)) if *kind == call => {
                *after -= 1;
                None
            }
            Some(_) | None => None,
        };
        if left.is_some() {
            disk.fault = None;
            disk.has_failed = true;
            self.changed.notify_all();
        }
        (disk, left)
    }

    fn read<T>(&self, call: Call, read: impl FnOnce(&MemoryStore) -> Result<T, Fault>) -> Result<T, Fault> {
        match self.begin(call).1 {
            Some(_) => Err(failed(call)),
            None => read(&self.seen),
        }
    }

    fn save_or_clear(
        &self,
        write: Saved,
        seen: impl FnOnce(&MemoryStore) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (mut disk, left) = self.begin(Call::Save);
        disk.tables.note(write, left.unwrap_or(Left::Everything));
        if left.is_some() { Err(failed(Call::Save)) } else { seen(&self.seen) }
    }
}

fn failed(call: Call) -> Fault {
    Fault::Store(format!("{call:?} failed, as the test asked"))
}

impl Log for FaultyStore {
    fn head(&self) -> Result<Head, Fault> {
        self.seen.head()
    }

    fn append(&self, expected: Head, frame: &Frame, vault: &[VaultWrite]) -> Result<(), Fault> {
        let (mut disk, left) = self.begin(Call::Append);
        disk.wrote_on |= disk.append_failed;
        disk.append_failed |= left.is_some();
        if left.is_none() {
            self.seen.append(expected, frame, vault)?;
        }
        disk.ledger
            .note(Written::Commit(expected, frame.clone(), vault.to_vec()), left.unwrap_or(Left::Everything));
        if left.is_some() { Err(failed(Call::Append)) } else { Ok(()) }
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, Fault> {
        self.read(Call::ReadLog, |seen| Log::read(seen, from, bytes_max))
    }

    fn has_room(&self) -> Result<bool, Fault> {
        Ok(!self.disk().is_full)
    }
}

impl TableRows for FaultyStore {
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.read(Call::ReadRows, |seen| TableRows::get(seen, table, key))
    }

    fn scan(&self, table: TableId) -> Result<Vec<KeyValue>, Fault> {
        self.read(Call::ReadRows, |seen| TableRows::scan(seen, table))
    }
}

impl TableStore for FaultyStore {
    fn checkpoint(&self) -> Result<Checkpoint, Fault> {
        self.read(Call::ReadRows, TableStore::checkpoint)
    }

    fn save(&self, checkpoint: Checkpoint, rows: Vec<Row>) -> Result<(), Fault> {
        self.save_or_clear(Saved::Rows(checkpoint, rows.clone()), |seen| seen.save(checkpoint, rows))
    }

    fn clear(&self) -> Result<(), Fault> {
        self.save_or_clear(Saved::Cleared, TableStore::clear)
    }
}

impl VaultRows for FaultyStore {
    fn get(&self, family: VaultFamily, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.read(Call::ReadVault, |seen| VaultRows::get(seen, family, key))
    }

    fn scan_from(&self, family: VaultFamily, key: &[u8], most: usize) -> Result<Vec<KeyValue>, Fault> {
        self.read(Call::ReadVault, |seen| VaultRows::scan_from(seen, family, key, most))
    }

    fn write(&self, writes: &[VaultWrite]) -> Result<(), Fault> {
        let (mut disk, left) = self.begin(Call::WriteVault);
        disk.ledger.note(Written::Vault(writes.to_vec()), left.unwrap_or(Left::Everything));
        if left.is_some() { Err(failed(Call::WriteVault)) } else { self.seen.write(writes) }
    }

    fn forget(&self, family: VaultFamily, keys: &[Vec<u8>]) -> Result<(), Fault> {
        self.seen.forget(family, keys)
    }
}
