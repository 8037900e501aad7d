//! The writer's tables in a RocksDB of their own: derived from the log, and deleted without loss.
//!
//! Nothing is written ahead: a checkpoint is one batch, flushed to table files as one. A crash takes what was not
//! flushed, and the log is folded from the checkpoint before.

use std::path::Path;

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType, Direction,
    FlushOptions, IteratorMode, Options, WriteBatch, WriteOptions,
};

use super::rocks::{prefixed, store};
use crate::{
    fault::Fault,
    log::Head,
    state::{Checkpoint, KeyValue, Row, TableId, TableRows, TableStore},
};

/// Rows by table number and key; table 0 holds the checkpoint.
const ROWS: &str = "rows";
/// The same of tables whose rows are written once, in the order of their keys.
const RUNS: &str = "runs";
const CHECKPOINT_KEY: [u8; 1] = [0];
/// Files of the tables that are open at once.
const OPEN_FILES_MAX: i32 = 512;
/// A checkpoint is flushed as soon as it is written: this is no more than the unit in which memory is taken for it.
const WRITE_BUFFER_BYTES: usize = 16 * 1024 * 1024;
/// Blocks of table files kept in memory.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// Tables under one folder.
pub struct RocksTables {
    db: DB,
}

impl RocksTables {
    /// Opens the tables at `path`, making them if they are not there.
    ///
    /// # Errors
    /// [`Fault`] when RocksDB refuses.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let mut options = options();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        let db = DB::open_cf_descriptors(&options, path, families());
        Ok(Self { db: db.map_err(|error| unopened(path, &error))? })
    }

    /// Opens one consistent view of `path` beside the process that has it open; `scratch` is a folder for
    /// RocksDB's own notes.
    ///
    /// # Errors
    /// [`Fault`] when RocksDB refuses.
    pub fn open_beside(path: &Path, scratch: &Path) -> Result<Self, Fault> {
        let db = DB::open_cf_descriptors_as_secondary(&options(), path, scratch, families());
        Ok(Self { db: db.map_err(|error| store(&error))? })
    }

    fn family(&self, table: TableId) -> &ColumnFamily {
        self.named(if table.is_run() { RUNS } else { ROWS })
    }

    fn named(&self, name: &str) -> &ColumnFamily {
        self.db.cf_handle(name).expect("every column family is opened with the database")
    }

    /// Writes and flushes, all of it or nothing.
    fn write(&self, batch: WriteBatch) -> Result<(), Fault> {
        let mut unlogged = WriteOptions::default();
        unlogged.disable_wal(true);
        self.db.write_opt(batch, &unlogged).map_err(|error| store(&error))?;
        let families = [self.named(ROWS), self.named(RUNS)];
        self.db.flush_cfs_opt(&families, &FlushOptions::default()).map_err(|error| store(&error))
    }
}

impl TableRows for RocksTables {
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.db.get_cf(self.family(table), prefixed(table.0, key)).map_err(|error| store(&error))
    }

    fn scan(&self, table: TableId) -> Result<Vec<KeyValue>, Fault> {
        self.scan_from(table, &[], usize::MAX)
    }

    fn scan_from(&self, table: TableId, key: &[u8], most: usize) -> Result<Vec<KeyValue>, Fault> {
        let from = prefixed(table.0, key);
        let rows = self.db.iterator_cf(self.family(table), IteratorMode::From(&from, Direction::Forward));
        rows.take_while(|row| row.as_ref().map_or(true, |(key, _)| key.first() == Some(&table.0)))
            .take(most)
            .map(|row| {
                row.map(|(key, value)| (key[1..].to_vec(), value.into_vec())).map_err(|error| store(&error))
            })
            .collect()
    }
}

impl TableStore for RocksTables {
    fn checkpoint(&self) -> Result<Checkpoint, Fault> {
        let saved = self.db.get_cf(self.named(ROWS), CHECKPOINT_KEY).map_err(|error| store(&error))?;
        let Some(saved) = saved else { return Ok(Checkpoint::default()) };
        let unreadable = || Fault::Undecodable("the tables' checkpoint".into());
        let (position, rest) = saved.split_first_chunk().ok_or_else(unreadable)?;
        let (hash, version) = rest.split_first_chunk().ok_or_else(unreadable)?;
        let version = version.try_into().map_err(|_| unreadable())?;
        let head = Head { position: u64::from_be_bytes(*position), hash: *hash };
        Ok(Checkpoint { head, version: u32::from_be_bytes(version) })
    }

    fn save(&self, checkpoint: Checkpoint, rows: Vec<Row>) -> Result<(), Fault> {
        let mut batch = WriteBatch::default();
        for row in rows {
            let key = prefixed(row.table.0, &row.key);
            match row.value {
                Some(value) => batch.put_cf(self.family(row.table), key, value),
                None => batch.delete_cf(self.family(row.table), key),
            }
        }
        let mut saved = checkpoint.head.position.to_be_bytes().to_vec();
        saved.extend_from_slice(&checkpoint.head.hash);
        saved.extend_from_slice(&checkpoint.version.to_be_bytes());
        batch.put_cf(self.named(ROWS), CHECKPOINT_KEY, saved);
        self.write(batch)
    }

    fn clear(&self) -> Result<(), Fault> {
        let mut batch = WriteBatch::default();
        for family in [ROWS, RUNS] {
            batch.delete_range_cf(self.named(family), [0].as_slice(), [u8::MAX].as_slice());
        }
        self.write(batch)
    }
}

/// Tables hold nothing that the log does not: whoever reads this may delete them.
fn unopened(path: &Path, error: &rocksdb::Error) -> Fault {
    Fault::Store(format!(
        "the writer's tables cannot be opened: {error}; if no other server has them open, delete {} and they are \
         folded anew from the log",
        path.display()
    ))
}

fn options() -> Options {
    let mut options = Options::default();
    options.set_atomic_flush(true);
    options.set_paranoid_checks(true);
    options.set_keep_log_file_num(4);
    // However much is kept, no more files are open at once.
    options.set_max_open_files(OPEN_FILES_MAX);
    options
}

fn families() -> Vec<ColumnFamilyDescriptor> {
    let cache = Cache::new_lru_cache(CACHE_BYTES);
    let mut rows = Options::default();
    rows.set_write_buffer_size(WRITE_BUFFER_BYTES);
    rows.set_compression_type(DBCompressionType::Lz4);
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(&cache);
    // Every new account, stream and payment is looked up before there is a row of it. With ten bits a row, one such
    // look-up in a hundred reads a block in vain.
    blocks.set_bloom_filter(10.0, false);
    rows.set_block_based_table_factory(&blocks);
    let mut runs = Options::default();
    runs.set_write_buffer_size(WRITE_BUFFER_BYTES);
    // Hashes and ids: nothing to compress. Keys that rise from file to file are moved down as they are.
    runs.set_compression_type(DBCompressionType::None);
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(&cache);
    runs.set_block_based_table_factory(&blocks);
    // RocksDB insists on one called `default`; it stays empty.
    let default = ColumnFamilyDescriptor::new("default", Options::default());
    vec![default, ColumnFamilyDescriptor::new(ROWS, rows), ColumnFamilyDescriptor::new(RUNS, runs)]
}
