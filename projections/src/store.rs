//! Where rows are kept. The only file that names RocksDB.
//!
//! Every model has a column family of its own. Its keys begin with the number of a generation, so that a
//! rebuild can fill the next one beside the one that is read. A model's *standing*, a row of the `default`
//! family, says which generation is read and which commit it has come to; it is written in one batch with the
//! rows.

use std::{collections::HashMap, fmt::Display, ops::Range, path::Path};

use choai_engine::{
    Fault,
    log::{
        Head,
        codec::{from_bytes, to_bytes},
    },
};
use foldhash::fast::RandomState;
use parking_lot::Mutex;
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB,
    DBCompressionType, DBIterator, Direction, IteratorMode, Options, ReadOptions, Snapshot, WriteBatch,
    WriteOptions,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::keys::Key;

/// The family of the standings.
const STANDINGS: &str = "default";
/// Writes are numbered, in every family, so that it shows when some of them are missing. RocksDB once opened with an older
/// list of its files, and the models stood where the log ended, without the rows of some files in between.
///
/// The number of the last write; no generation has number 0.
const LAST_STEP: [u8; 5] = [0, 0, 0, 0, 0];
/// Before the number of each of the last writes.
const STEPS: [u8; 5] = [0, 0, 0, 0, 1];
/// How many are kept. Each write takes one of them away, so that of one that goes missing there is one too many.
const STEPS_KEPT: u64 = 16;
/// Files that are open at once.
const OPEN_FILES_MAX: i32 = 512;
/// Rows not yet in a table file, over all models; what is on its way to one comes on top.
const WRITE_BUFFERS_BYTES: usize = 64 * 1024 * 1024;
/// The same of one model, beyond which they begin to be moved to one.
const WRITE_BUFFER_BYTES: usize = 32 * 1024 * 1024;
/// Blocks of table files kept in memory, over all models, with their indexes and filters.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// What a process that was killed has to read again before it opens. A model that is rarely written would keep the
/// others' old WALs alive for ever.
const WAL_BYTES_MAX: u64 = 96 * 1024 * 1024;
/// How often a view beside a server is tried again.
const BESIDE_RETRIES_MAX: usize = 5;
/// One in a hundred look-ups of a key that is not there reads a block in vain.
const BLOOM_BITS: f64 = 10.0;
/// Of a write buffer, for the same.
const MEMTABLE_BLOOM_SHARE: f64 = 0.05;

/// How far a model has come, and which of its generations is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Standing {
    /// The version of the model that wrote the rows.
    pub(crate) version: u32,
    /// Counted from 1; 0 has no rows.
    pub(crate) generation: u32,
    /// The last commit folded into the rows.
    pub(crate) head: Head,
}

/// All models' rows, under one folder.
pub(crate) struct Store {
    db: DB,
    kind: Kind,
    models: Vec<String>,
    /// The number of the last write.
    step: Mutex<u64>,
    #[cfg(test)]
    pub(crate) trouble: crate::simulation::Trouble,
}

/// Whose store it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The server's own.
    Own,
    /// A view of one that another process writes to; it never changes, so it needs no snapshots.
    Beside,
    /// Thrown away after use.
    Scratch,
}

impl Store {
    /// Opens the store at `path`, making it if it is not there.
    pub(crate) fn open(path: &Path, models: &[&str]) -> Result<Self, Fault> {
        let db = DB::open_cf_descriptors(&creating(), path, families(models));
        let store = Self::of(db.map_err(|error| unopened(path, &error))?, Kind::Own, models);
        if store.check_steps()? {
            return Ok(store);
        }
        Err(unopened(path, &"writes are missing between others"))
    }

    /// Opens one consistent view of `path` beside the process that has it open; `scratch` is a folder for
    /// RocksDB's own notes.
    pub(crate) fn open_beside(path: &Path, scratch: &Path, models: &[&str]) -> Result<Self, Fault> {
        let open = || DB::open_cf_descriptors_as_secondary(&options(), path, scratch, families(models));
        let mut db = open();
        // The server may have replaced files between our finding and our opening them.
        for _ in 0..BESIDE_RETRIES_MAX {
            if db.is_err() {
                db = open();
            }
        }
        Ok(Self::of(db.map_err(|error| unopened(path, &error))?, Kind::Beside, models))
    }

    /// Makes an empty store at `path`, in place of whatever was there.
    pub(crate) fn scratch(path: &Path, models: &[&str]) -> Result<Self, Fault> {
        DB::destroy(&options(), path).map_err(|error| fault(&error))?;
        Ok(Self { kind: Kind::Scratch, ..Self::open(path, models)? })
    }

    /// A store in memory that holds what these writes left.
    #[cfg(test)]
    pub(crate) fn in_memory(models: &[&str], writes: &[Vec<u8>]) -> Result<Self, Fault> {
        let mut options = creating();
        options.set_env(&rocksdb::Env::mem_env().map_err(|error| fault(&error))?);
        let db = DB::open_cf_descriptors(&options, "/models", families(models));
        let store = Self::of(db.map_err(|error| fault(&error))?, Kind::Own, models);
        writes.iter().try_for_each(|bytes| store.put(WriteBatch::from_data(bytes)))?;
        if store.check_steps()? { Ok(store) } else { Err(Fault::Store("writes are missing".into())) }
    }

    /// Puts bytes where a row of the first generation is.
    #[cfg(test)]
    pub(crate) fn bend(&self, model: &str, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        let put = self.db.put_cf(self.family(model), within(1, key), value);
        put.map_err(|error| fault(&error))
    }

    fn of(db: DB, kind: Kind, models: &[&str]) -> Self {
        Self {
            db,
            kind,
            models: models.iter().map(|name| (*name).to_owned()).collect(),
            step: Mutex::default(),
            #[cfg(test)]
            trouble: crate::simulation::Trouble::default(),
        }
    }

    /// Where `model` stands; `None` if it has never been written.
    pub(crate) fn standing(&self, model: &str) -> Result<Option<Standing>, Fault> {
        self.read_standing(model, &ReadOptions::default())
    }

    /// What can be read of `model` at this moment, if a model of `version` wrote it.
    pub(crate) fn view(&self, model: &str, version: u32) -> Result<View<'_>, Fault> {
        let snapshot = (self.kind != Kind::Beside).then(|| self.db.snapshot());
        let mut view =
            View { store: self, family: self.family(model), snapshot, standing: Standing::default() };
        let standing = self.read_standing(model, &view.options())?;
        view.standing = standing.filter(|standing| standing.version == version).unwrap_or_default();
        Ok(view)
    }

    /// Changes to be made to one generation of `model`, none so far.
    pub(crate) fn rows(&self, model: &str, generation: u32) -> Rows<'_> {
        Rows { store: self, family: self.family(model), generation, changed: HashMap::default() }
    }

    /// Writes all these changes and standings, or none of them. Not synced: what a crash takes is folded
    /// again.
    pub(crate) fn write(&self, rows: Vec<Rows<'_>>, standings: &[(&str, Standing)]) -> Result<(), Fault> {
        let mut batch = WriteBatch::default();
        let mut prefixed = Vec::new();
        for Rows { family, generation, changed, .. } in rows {
            // RocksDB finds the place of a key faster when it comes after the one before.
            let mut changed: Vec<_> = changed.into_iter().collect();
            changed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            for (key, value) in changed {
                prefixed.clear();
                prefixed.extend_from_slice(&generation.to_be_bytes());
                prefixed.extend_from_slice(&key);
                match value {
                    Some(value) => batch.put_cf(family, &prefixed, value),
                    None => batch.delete_cf(family, &prefixed),
                }
            }
        }
        self.put_standings(&mut batch, standings);
        self.commit(batch)
    }

    /// From here on these standings are read, and every other generation is gone.
    pub(crate) fn adopt(&self, standings: &[(&str, Standing)]) -> Result<(), Fault> {
        let mut batch = WriteBatch::default();
        self.put_standings(&mut batch, standings);
        for (model, Standing { generation, .. }) in standings {
            batch.delete_range_cf(self.family(model), within(1, &[]), within(*generation, &[]));
        }
        self.commit(batch)
    }

    /// Deletes what an unfinished rebuild of `model` left in `generation` and beyond.
    pub(crate) fn clear_from(&self, model: &str, generation: u32) -> Result<(), Fault> {
        let range = within(generation, &[])..within(u32::MAX, &[]);
        let mut options = ReadOptions::default();
        options.set_iterate_range(range.clone());
        let mut rows = self.db.iterator_cf_opt(self.family(model), options, IteratorMode::Start);
        if rows.next().transpose().map_err(|error| fault(&error))?.is_none() {
            return Ok(());
        }
        let mut batch = WriteBatch::default();
        batch.delete_range_cf(self.family(model), range.start, range.end);
        self.commit(batch)
    }

    /// Moves every row into table files, and these together.
    pub(crate) fn compact(&self, models: &[&str]) -> Result<(), Fault> {
        for family in [STANDINGS].iter().chain(models).map(|name| self.family(name)) {
            self.db.compact_range_cf(family, None::<&[u8]>, None::<&[u8]>);
        }
        Ok(())
    }

    fn read_standing(&self, model: &str, options: &ReadOptions) -> Result<Option<Standing>, Fault> {
        let row = self.db.get_pinned_cf_opt(self.family(STANDINGS), model, options);
        let Some(row) = row.map_err(|error| fault(&error))? else { return Ok(None) };
        let (version, generation, position, hash) = from_bytes(&row)?;
        Ok(Some(Standing { version, generation, head: Head { position, hash } }))
    }

    fn put_standings(&self, batch: &mut WriteBatch, standings: &[(&str, Standing)]) {
        for (model, Standing { version, generation, head }) in standings {
            let row = to_bytes(&(version, generation, head.position, head.hash));
            batch.put_cf(self.family(STANDINGS), model, row);
        }
    }

    /// Whether every write is there up to the last, in every family; the next one is numbered after it.
    fn check_steps(&self) -> Result<bool, Fault> {
        let Some(last) = self.last_of_all(self.family(STANDINGS))? else { return Ok(false) };
        let mut begun = WriteBatch::default();
        for model in &self.models {
            match self.last_of_all(self.family(model))? {
                Some(of_model) if of_model == last => {}
                // Of a model that is new there is nothing to be missing.
                Some(0) if self.standing(model)?.is_none() => note_last(&mut begun, self.family(model), last),
                Some(_) | None => return Ok(false),
            }
        }
        if !begun.is_empty() {
            self.put(begun)?;
        }
        *self.step.lock() = last;
        Ok(true)
    }

    /// The number of the last write to `family`, 0 before the first; `None` if one before it is missing.
    fn last_of_all(&self, family: &ColumnFamily) -> Result<Option<u64>, Fault> {
        let last = self.db.get_cf(family, LAST_STEP).map_err(|error| fault(&error))?;
        let last = last.map_or(0, |last| last.try_into().map_or(0, u64::from_be_bytes));
        let mut steps = Vec::new();
        for row in self.db.iterator_cf(family, IteratorMode::From(&STEPS, Direction::Forward)) {
            let (key, _) = row.map_err(|error| fault(&error))?;
            let Some(step) = key.strip_prefix(&STEPS) else { break };
            steps.push(step.try_into().map_or(0, u64::from_be_bytes));
        }
        let kept = last.saturating_sub(STEPS_KEPT)..last;
        let begun = (last > 0).then_some(0);
        let expected = begun.into_iter().chain(kept.map(|before| before + 1));
        Ok(steps.into_iter().eq(expected).then_some(last))
    }

    fn stepping(&self) -> impl Iterator<Item = &ColumnFamily> {
        std::iter::once(STANDINGS).chain(self.models.iter().map(String::as_str)).map(|name| self.family(name))
    }

    fn commit(&self, mut batch: WriteBatch) -> Result<(), Fault> {
        if self.kind != Kind::Own {
            return self.put(batch);
        }
        // Held meanwhile: writes are there in the order of their numbers.
        let mut last = self.step.lock();
        let step = (*last).max(STEPS_KEPT) + 1;
        for family in self.stepping() {
            if *last == 0 {
                note_last(&mut batch, family, STEPS_KEPT);
            }
            batch.put_cf(family, LAST_STEP, step.to_be_bytes());
            batch.put_cf(family, step_key(step), []);
            batch.delete_cf(family, step_key(step - STEPS_KEPT));
        }
        self.put(batch)?;
        *last = step;
        Ok(())
    }

    fn put(&self, batch: WriteBatch) -> Result<(), Fault> {
        #[cfg(test)]
        self.trouble.write(batch.data())?;
        let mut options = WriteOptions::default();
        // Not so for a rebuild: a view that is opened beside us would see what is adopted, and not its rows.
        options.disable_wal(self.kind == Kind::Scratch);
        self.db.write_opt(batch, &options).map_err(|error| fault(&error))
    }

    fn family(&self, name: &str) -> &ColumnFamily {
        self.db.cf_handle(name).expect("every model's column family is opened with the store")
    }
}

/// Changes to the rows of a model, in memory until they are written; reading sees them already.
pub(crate) struct Rows<'a> {
    store: &'a Store,
    family: &'a ColumnFamily,
    generation: u32,
    changed: HashMap<Vec<u8>, Option<Vec<u8>>, RandomState>,
}

impl Rows<'_> {
    /// The row under `key`.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Fault> {
        #[cfg(test)]
        self.store.trouble.read()?;
        match self.changed.get(key.bytes()) {
            Some(value) => value.as_deref().map(from_bytes).transpose(),
            None => {
                let key = within(self.generation, key.bytes());
                let row = self.store.db.get_pinned_cf(self.family, key).map_err(|error| fault(&error))?;
                row.as_deref().map(from_bytes).transpose()
            }
        }
    }

    /// Writes the row under `key`.
    pub(crate) fn put<T: Serialize>(&mut self, key: Key, value: &T) {
        self.changed.insert(key.into_bytes(), Some(to_bytes(value)));
    }

    /// Deletes the row under `key`.
    pub(crate) fn delete(&mut self, key: Key) {
        self.changed.insert(key.into_bytes(), None);
    }

    /// What would be written, in the order of the keys; `None` for rows that go.
    #[cfg(test)]
    pub(crate) fn changes(&self) -> std::collections::BTreeMap<&Vec<u8>, &Option<Vec<u8>>> {
        self.changed.iter().collect()
    }
}

/// A model's rows as they were at one moment, whatever is written meanwhile.
pub(crate) struct View<'a> {
    store: &'a Store,
    family: &'a ColumnFamily,
    snapshot: Option<Snapshot<'a>>,
    standing: Standing,
}

impl View<'_> {
    /// The last commit folded into these rows.
    pub(crate) const fn head(&self) -> Head {
        self.standing.head
    }

    /// The row under `key`.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Fault> {
        let key = within(self.standing.generation, key.bytes());
        let row = self.store.db.get_pinned_cf_opt(self.family, key, &self.options());
        row.map_err(|error| fault(&error))?.as_deref().map(from_bytes).transpose()
    }

    /// The rows of `range`, in the order of their keys.
    pub(crate) fn ascending<T: DeserializeOwned>(
        &self,
        range: Range<Key>,
    ) -> impl Iterator<Item = Result<T, Fault>> {
        self.scan(self.bounds(&range), IteratorMode::Start).map(decode)
    }

    /// The rows of `range`, the last key first.
    pub(crate) fn descending<T: DeserializeOwned>(
        &self,
        range: Range<Key>,
    ) -> impl Iterator<Item = Result<T, Fault>> {
        self.scan(self.bounds(&range), IteratorMode::End).map(decode)
    }

    /// Every row as it is stored, its key without the generation.
    pub(crate) fn stored(&self) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), Fault>> {
        let generation = self.standing.generation;
        let all = within(generation, &[])..within(generation + 1, &[]);
        self.scan(all, IteratorMode::Start).map(|row| {
            let (key, value) = row.map_err(|error| fault(&error))?;
            Ok((key[GENERATION_BYTES..].to_vec(), value.into_vec()))
        })
    }

    fn bounds(&self, range: &Range<Key>) -> Range<Vec<u8>> {
        let generation = self.standing.generation;
        within(generation, range.start.bytes())..within(generation, range.end.bytes())
    }

    fn scan(&self, range: Range<Vec<u8>>, mode: IteratorMode<'_>) -> DBIterator<'_> {
        let mut options = self.options();
        options.set_iterate_range(range);
        self.store.db.iterator_cf_opt(self.family, options, mode)
    }

    fn options(&self) -> ReadOptions {
        let mut options = ReadOptions::default();
        if let Some(snapshot) = &self.snapshot {
            options.set_snapshot(snapshot);
        }
        options
    }
}

const GENERATION_BYTES: usize = 4;

type StoredRow = Result<(Box<[u8]>, Box<[u8]>), rocksdb::Error>;

fn decode<T: DeserializeOwned>(row: StoredRow) -> Result<T, Fault> {
    let (_, value) = row.map_err(|error| fault(&error))?;
    from_bytes(&value)
}

fn within(generation: u32, key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(GENERATION_BYTES + key.len());
    bytes.extend_from_slice(&generation.to_be_bytes());
    bytes.extend_from_slice(key);
    bytes
}

/// Notes the last writes to a family as if all had been there.
fn note_last(batch: &mut WriteBatch, family: &ColumnFamily, last: u64) {
    batch.put_cf(family, LAST_STEP, last.to_be_bytes());
    // Never deleted: without it, nobody would miss the first write.
    batch.put_cf(family, step_key(0), []);
    (last - STEPS_KEPT + 1..=last).for_each(|step| batch.put_cf(family, step_key(step), []));
}

fn step_key(step: u64) -> Vec<u8> {
    [STEPS.as_slice(), &step.to_be_bytes()].concat()
}

fn creating() -> Options {
    let mut options = options();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options
}

fn options() -> Options {
    let mut options = Options::default();
    options.set_db_write_buffer_size(WRITE_BUFFERS_BYTES);
    options.set_max_total_wal_size(WAL_BYTES_MAX);
    options.set_keep_log_file_num(4);
    // However much is kept, no more files are open at once.
    options.set_max_open_files(OPEN_FILES_MAX);
    options
}

fn families(models: &[&str]) -> Vec<ColumnFamilyDescriptor> {
    let cache = Cache::new_lru_cache(CACHE_BYTES);
    let family = |name: &&str| {
        let mut blocks = BlockBasedOptions::default();
        blocks.set_block_cache(&cache);
        blocks.set_bloom_filter(BLOOM_BITS, false);
        // Beside the cache, indexes and filters would grow with the log. Whole, those of a large file are larger than
        // what the cache takes, and would be read again for every row.
        blocks.set_cache_index_and_filter_blocks(true);
        blocks.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
        blocks.set_partition_filters(true);
        let mut options = Options::default();
        options.set_write_buffer_size(WRITE_BUFFER_BYTES);
        // Most owners of a large ledger are looked up before there is a row of them.
        options.set_memtable_whole_key_filtering(true);
        options.set_memtable_prefix_bloom_ratio(MEMTABLE_BLOOM_SHARE);
        options.set_block_based_table_factory(&blocks);
        options.set_compression_type(DBCompressionType::None);
        options.set_bottommost_compression_type(DBCompressionType::Lz4);
        ColumnFamilyDescriptor::new(*name, options)
    };
    [STANDINGS].iter().chain(models).map(family).collect()
}

/// Read models hold nothing that the log does not: whoever reads this may delete them.
fn unopened(path: &Path, error: &dyn Display) -> Fault {
    Fault::Store(format!(
        "the read models cannot be opened: {error}; if no other server has them open, delete {} \
         and they are built anew",
        path.display()
    ))
}

fn fault(error: &rocksdb::Error) -> Fault {
    Fault::Store(error.to_string())
}
