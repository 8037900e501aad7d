//! The embedded store: log and vault in one RocksDB, so that one synced write covers a commit.

mod copying;
mod forgetting;

use std::{
    fs::File,
    io::ErrorKind,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

pub(super) use copying::Copies;

use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB,
    DBCompressionType, DBRawIterator, Direction, IteratorMode, Options, WriteBatch, WriteOptions,
};
use rustix::fs::{Mode, OFlags};

use super::{Frame, Head, Log};
use crate::{
    fault::Fault,
    state::KeyValue,
    vault::{VaultFamily, VaultRows, VaultWrite},
};

/// Frames by their first position, big-endian.
const LOG: &str = "log";
/// Where versions before 5 of the tables were; theirs are dropped.
const FORMER_TABLES: &str = "tables";
/// Rows by family number and key.
const VAULT: &str = "vault";
/// Rows in memory that are in no table file yet: as much of a family is gathered before it is written to one, and so many
/// times as much may wait for that.
const WRITE_BUFFER_BYTES: usize = 32 * 1024 * 1024;
const WRITE_BUFFERS_MAX: i32 = 3;
/// Blocks of table files kept in memory, with their indexes. What was written lately is not read from files.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Table files open at once; a log of terabytes has more.
const FILES_MAX: i32 = 512;
/// Bytes of WAL after which what only they hold is moved into table files.
const WAL_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Bytes of its disk that are kept free unless another number is asked for: more than all that can wait to be decided
/// leads to, and RocksDB's files that are written meanwhile.
const RESERVE_BYTES: u64 = 256 * 1024 * 1024;

/// RocksDB under one folder.
pub struct RocksStore {
    db: DB,
    reserve_bytes: AtomicU64,
    /// Where the log ends; only the writer moves it.
    head: Mutex<Head>,
}

impl RocksStore {
    /// Makes an empty store at `path`, where nothing may be yet: whole, or not at all. RocksDB makes its column
    /// families one by one, so it is made beside its place and moved there; what a first start that was killed
    /// left behind is thrown away.
    ///
    /// # Errors
    /// [`Fault`] when RocksDB or the system refuses.
    pub fn make(path: &Path) -> Result<(), Fault> {
        let unfinished = path.with_extension("unfinished");
        match std::fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Fault::file(&unfinished, &error));
            }
            Ok(()) | Err(_) => {}
        }
        let mut options = database_options();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        drop(DB::open_cf_descriptors(&options, &unfinished, families()).map_err(|error| store(&error))?);
        std::fs::rename(&unfinished, path).map_err(|error| Fault::file(path, &error))?;
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| Fault::file(folder, &error))
    }

    /// Opens the store at `path` for reading and writing. One that does not open as it is is never begun anew:
    /// RocksDB would delete what it does not know.
    ///
    /// # Errors
    /// [`Fault`] when RocksDB refuses.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let mut options = database_options();
        options.set_use_direct_io_for_flush_and_compaction(takes_direct_io(path));
        let held = DB::list_cf(&options, path).map_err(|error| store(&error))?;
        let former = held.iter().any(|name| name == FORMER_TABLES);
        let former = former.then(|| ColumnFamilyDescriptor::new(FORMER_TABLES, Options::default()));
        let has_former = former.is_some();
        let families = families().into_iter().chain(former);
        let mut db = DB::open_cf_descriptors(&options, path, families).map_err(|error| store(&error))?;
        if has_former {
            db.drop_cf(FORMER_TABLES).map_err(|error| store(&error))?;
        }
        Self::over(db)
    }

    /// Opens `path` for reading only; nothing on disk changes.
    ///
    /// # Errors
    /// [`Fault`] when RocksDB refuses.
    pub fn open_read_only(path: &Path) -> Result<Self, Fault> {
        let db = DB::open_cf_descriptors_read_only(&database_options(), path, families(), false);
        Self::over(db.map_err(|error| store(&error))?)
    }

    /// Opens one consistent view of `path` beside the process that has it open; `scratch` is a folder for
    /// RocksDB's own notes.
    ///
    /// # Errors
    /// [`Fault`] when RocksDB refuses.
    pub fn open_beside(path: &Path, scratch: &Path) -> Result<Self, Fault> {
        let db = DB::open_cf_descriptors_as_secondary(&database_options(), path, scratch, families());
        Self::over(db.map_err(|error| store(&error))?)
    }

    /// Whether there is a store at `path`, in whatever state.
    ///
    /// # Errors
    /// [`Fault::File`] when the system does not say.
    pub fn exists(path: &Path) -> Result<bool, Fault> {
        match path.try_exists() {
            Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(false),
            exists => exists.map_err(|error| Fault::file(path, &error)),
        }
    }

    fn over(db: DB) -> Result<Self, Fault> {
        let rocks = Self { db, reserve_bytes: AtomicU64::new(RESERVE_BYTES), head: Mutex::default() };
        let head = rocks.last_frame()?.map_or_else(Head::default, |frame| frame.head());
        *rocks.head.lock().expect("nothing panics while it holds the head") = head;
        Ok(rocks)
    }

    /// From now on there is room only while this much of the disk is free.
    pub(crate) fn keep_free(&self, bytes: u64) {
        self.reserve_bytes.store(bytes, Ordering::Relaxed);
    }

    fn last_frame(&self) -> Result<Option<Frame>, Fault> {
        let mut last = self.db.iterator_cf(self.family(LOG), IteratorMode::End);
        let last = last.next().transpose().map_err(|error| store(&error))?;
        last.map(|(key, bytes)| verify(&key, &bytes)).transpose()
    }

    fn family(&self, name: &str) -> &ColumnFamily {
        self.db.cf_handle(name).expect("every column family is opened with the database")
    }

    fn put_vault(&self, batch: &mut WriteBatch, writes: &[VaultWrite]) {
        for write in writes {
            let key = prefixed(write.family.number(), &write.key);
            match &write.value {
                Some(value) => batch.put_cf(self.family(VAULT), key, value),
                None => batch.delete_cf(self.family(VAULT), key),
            }
        }
    }

    fn write_synced(&self, batch: WriteBatch) -> Result<(), Fault> {
        let mut synced = WriteOptions::default();
        synced.set_sync(true);
        self.db.write_opt(batch, &synced).map_err(|error| store(&error))
    }
}

impl Log for RocksStore {
    fn head(&self) -> Result<Head, Fault> {
        Ok(*self.head.lock().expect("nothing panics while it holds the head"))
    }

    fn append(&self, expected: Head, frame: &Frame, vault: &[VaultWrite]) -> Result<(), Fault> {
        let head = self.head()?;
        if head != expected || !frame.follows(expected) {
            return Err(Fault::Store(format!("the log is at {head:?}, not {expected:?}")));
        }
        let mut batch = WriteBatch::default();
        batch.put_cf(self.family(LOG), frame.first().to_be_bytes(), frame.bytes());
        self.put_vault(&mut batch, vault);
        // Readers are not kept waiting for the sync: until it is done they see the head of before.
        self.write_synced(batch)?;
        *self.head.lock().expect("nothing panics while it holds the head") = frame.head();
        Ok(())
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, Fault> {
        // Read before the rows are, so that nothing is handed out that was not synced by then.
        let head = self.head()?;
        let mut rows: DBRawIterator<'_> = self.db.raw_iterator_cf(self.family(LOG));
        rows.seek_for_prev(from.to_be_bytes());
        let (mut frames, mut bytes) = (Vec::new(), 0);
        while let Some((key, value)) = rows.item() {
            let frame = match verify(key, value) {
                // Whoever reads on meets the damage first of all, and so knows where it begins.
                Err(_) if !frames.is_empty() => return Ok(frames),
                frame => frame?,
            };
            if frame.last() > head.position {
                break;
            }
            bytes += value.len();
            if frame.last() >= from {
                frames.push(frame);
            }
            if bytes >= bytes_max {
                break;
            }
            rows.next();
        }
        match rows.status() {
            Err(error) if frames.is_empty() => Err(store(&error)),
            Ok(()) | Err(_) => Ok(frames),
        }
    }

    fn has_room(&self) -> Result<bool, Fault> {
        let path = self.db.path();
        let disk = rustix::fs::statvfs(path).map_err(|error| Fault::file(path, &error.into()))?;
        // What only the superuser may write is no room.
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        Ok(free >= self.reserve_bytes.load(Ordering::Relaxed))
    }
}

impl VaultRows for RocksStore {
    fn get(&self, family: VaultFamily, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.db.get_cf(self.family(VAULT), prefixed(family.number(), key)).map_err(|error| store(&error))
    }

    fn scan_from(&self, family: VaultFamily, key: &[u8], most: usize) -> Result<Vec<KeyValue>, Fault> {
        let from = prefixed(family.number(), key);
        let rows = self.db.iterator_cf(self.family(VAULT), IteratorMode::From(&from, Direction::Forward));
        rows.take_while(|row| row.as_ref().map_or(true, |(key, _)| key.first() == Some(&family.number())))
            .take(most)
            .map(|row| {
                row.map(|(key, value)| (key[1..].to_vec(), value.into_vec())).map_err(|error| store(&error))
            })
            .collect()
    }

    fn write(&self, writes: &[VaultWrite]) -> Result<(), Fault> {
        let mut batch = WriteBatch::default();
        self.put_vault(&mut batch, writes);
        self.write_synced(batch)
    }

    fn forget(&self, family: VaultFamily, keys: &[Vec<u8>]) -> Result<(), Fault> {
        self.forget_rows(family, keys)
    }
}

/// The frame in a row of the log; what damage says of its own position is not believed.
fn verify(key: &[u8], value: &[u8]) -> Result<Frame, Fault> {
    let position = key.try_into().map_or(0, u64::from_be_bytes);
    let damaged = |what| Fault::Damaged { position, what };
    match Frame::verify(value) {
        Ok(frame) if frame.first() == position => Ok(frame),
        Ok(_) => Err(damaged("the commit is kept under another's position".into())),
        Err(Fault::Damaged { what, .. }) => Err(damaged(what)),
        Err(fault) => Err(fault),
    }
}

pub(super) fn prefixed(prefix: u8, key: &[u8]) -> Vec<u8> {
    let mut prefixed = Vec::with_capacity(key.len() + 1);
    prefixed.push(prefix);
    prefixed.extend_from_slice(key);
    prefixed
}

fn database_options() -> Options {
    let mut options = Options::default();
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_paranoid_checks(true);
    // A torn tail that was never acknowledged is dropped; the chain and the witness notice any other loss.
    options.set_wal_recovery_mode(rocksdb::DBRecoveryMode::PointInTime);
    options.set_keep_log_file_num(4);
    options.set_max_open_files(FILES_MAX);
    // The vault fills slowly and would keep old WALs alive, which every opening reads twice.
    options.set_max_total_wal_size(WAL_BYTES_MAX);
    options
}

/// Whether files of the store at `path` can be written past the system's cache. The log's are seldom read again, and all
/// of a commit is in the WAL already: copying it into pages that nobody asks for was 14 % of what a transfer cost. Some
/// file systems cannot, those in memory for one; there RocksDB would not open at all.
fn takes_direct_io(path: &Path) -> bool {
    let direct = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECT;
    rustix::fs::open(path.join("CURRENT"), direct, Mode::empty()).is_ok()
}

fn families() -> Vec<ColumnFamilyDescriptor> {
    let cache = Cache::new_lru_cache(CACHE_BYTES);
    let family = |name| {
        let mut options = Options::default();
        let mut blocks = BlockBasedOptions::default();
        blocks.set_block_cache(&cache);
        // Beside the cache, indexes would grow with the log; whole, those of a large file would push all else out of it.
        blocks.set_cache_index_and_filter_blocks(true);
        blocks.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
        options.set_block_based_table_factory(&blocks);
        // Of the log, hashes and ids are the most, which do not compress. And positions rise: files that are not
        // compressed anew are moved from level to level as they are.
        let compression = if name == LOG { DBCompressionType::None } else { DBCompressionType::Lz4 };
        options.set_compression_type(compression);
        options.set_write_buffer_size(WRITE_BUFFER_BYTES);
        options.set_max_write_buffer_number(WRITE_BUFFERS_MAX);
        ColumnFamilyDescriptor::new(name, options)
    };
    // RocksDB insists on one called `default`; it stays empty.
    ["default", LOG, VAULT].map(family).into()
}

pub(super) fn store(error: &rocksdb::Error) -> Fault {
    Fault::Store(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audit::{Level, audit},
        books::Realm,
        domain::{Event, MerchantId, Span, Timestamp, realm},
        log::{Actor, FrameDraft, RecordHeader},
    };

    fn commit(after: Head) -> Frame {
        let realm = Realm::Test(MerchantId(1));
        let event = Event::from(realm::Event::ClockAdvanced(realm::ClockAdvanced {
            realm,
            by: Span::MICRO,
            ahead: Span::MICRO,
        }));
        let id = uuid::Uuid::from_u128(1);
        let header = RecordHeader {
            stream: event.stream(),
            revision: after.position,
            id,
            realm: Some(realm),
            effective_at: Timestamp(1),
            causation: id,
            correlation: id,
            actor: Actor::Operator,
            idempotency: None,
        };
        let mut draft = FrameDraft::new(after.position + 1, Timestamp(1));
        draft.push(&header, &event);
        draft.seal(after)
    }

    /// A page with one damaged commit was once refused whole, and the audit named the page's first position.
    #[test]
    fn what_lies_before_the_damage_is_read_and_the_audit_names_the_first_bad_position() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        RocksStore::make(&path).unwrap();
        let store = RocksStore::open(&path).unwrap();
        let mut frames = Vec::new();
        for _ in 0..4 {
            frames.push(commit(store.head().unwrap()));
            store.append(store.head().unwrap(), &frames[frames.len() - 1], &[]).unwrap();
        }
        assert!(audit(&store, Level::Full, |_| ()).unwrap().is_clean());
        // As somebody would who knows RocksDB's checksums: only ours tell.
        let bent = |at: usize| {
            let mut bytes = frames[2].bytes().to_vec();
            bytes[at] ^= 1;
            bytes
        };
        // In the record, in the position it states, and another commit in its place.
        for damaged in [bent(70), bent(8), frames[1].bytes().to_vec()] {
            store.db.put_cf(store.family(LOG), 3u64.to_be_bytes(), damaged).unwrap();
            assert!(store.read(1, usize::MAX).unwrap() == frames[..2]);
            assert!(matches!(store.read(3, usize::MAX), Err(Fault::Damaged { .. })));
            let report = audit(&store, Level::Full, |_| ()).unwrap();
            assert_eq!((report.commits, report.head), (2, frames[1].head()));
            let broken: Vec<_> = report.checks.iter().filter_map(|check| check.broken.as_ref()).collect();
            assert_eq!(broken.iter().map(|broken| broken.position).collect::<Vec<_>>(), [3]);
        }
    }
}
