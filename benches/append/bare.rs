//! The same bytes without the engine: through RocksDB alone, and through a file alone.

use std::{fs, fs::File, io::Write, path::Path};

use choai_benches::figures::Figures;
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamilyDescriptor, DB, DBCompressionType,
    DBRecoveryMode, Options, WriteBatch, WriteOptions,
};

use crate::{
    measure,
    replay::{Commit, Replay},
    timed,
};

/// Writes each frame as one value.
pub fn writing_frames(path: &Path, replay: &Replay) -> Figures {
    writing(path, replay, |batch, log, first, commit| batch.put_cf(log, first.to_be_bytes(), &commit.frame))
}

/// Writes each record as a value of its own.
pub fn writing_records(path: &Path, replay: &Replay) -> Figures {
    writing(path, replay, |batch, log, first, commit| {
        for (position, record) in (first..).zip(&commit.records) {
            batch.put_cf(log, position.to_be_bytes(), &commit.frame[record.clone()]);
        }
    })
}

type Put = fn(&mut WriteBatch, &rocksdb::ColumnFamily, u64, &Commit);

fn writing(path: &Path, replay: &Replay, put: Put) -> Figures {
    let db = open(path);
    let (log, vault) = (db.cf_handle("log").expect("opened"), db.cf_handle("vault").expect("opened"));
    let mut synced = WriteOptions::default();
    synced.set_sync(true);
    let mut commits = (1..).step_by(replay.size as usize).zip(replay.commits.iter().cycle());
    measure(|| {
        let (first, commit) = commits.next()?;
        let (written, took) = timed(|| {
            let mut batch = WriteBatch::default();
            put(&mut batch, log, first, commit);
            commit.vault.iter().for_each(|(key, value)| batch.put_cf(vault, key, value));
            db.write_opt(batch, &synced)
        });
        written.expect("RocksDB writes");
        Some(took)
    })
}

/// Appends to a file and syncs its data.
pub fn syncing(path: &Path, replay: &Replay) -> Figures {
    let mut file = File::create_new(path).expect("a new file");
    let commits: Vec<Vec<u8>> = replay.commits.iter().map(Commit::bytes).collect();
    let mut commits = commits.iter().cycle();
    measure(|| {
        let bytes = commits.next()?;
        let (written, took) = timed(|| file.write_all(bytes).and_then(|()| file.sync_data()));
        written.expect("the file can be written");
        Some(took)
    })
}

/// As `engine/src/log/rocks.rs` opens it; see [`assert_same_options`].
fn open(path: &Path) -> DB {
    let mut options = Options::default();
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_paranoid_checks(true);
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    options.set_keep_log_file_num(4);
    options.set_max_open_files(512);
    options.set_max_total_wal_size(256 * 1024 * 1024);
    options.set_use_direct_io_for_flush_and_compaction(true);
    let mut making = options.clone();
    making.create_if_missing(true);
    making.create_missing_column_families(true);
    drop(DB::open_cf_descriptors(&making, path, families()).expect("a new store is made"));
    DB::open_cf_descriptors(&options, path, families()).expect("a new store opens")
}

fn families() -> [ColumnFamilyDescriptor; 3] {
    let cache = Cache::new_lru_cache(64 * 1024 * 1024);
    ["default", "log", "vault"].map(|name| {
        let mut options = Options::default();
        let mut blocks = BlockBasedOptions::default();
        blocks.set_block_cache(&cache);
        blocks.set_cache_index_and_filter_blocks(true);
        blocks.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
        options.set_block_based_table_factory(&blocks);
        let compression = if name == "log" { DBCompressionType::None } else { DBCompressionType::Lz4 };
        options.set_compression_type(compression);
        options.set_write_buffer_size(32 * 1024 * 1024);
        options.set_max_write_buffer_number(3);
        ColumnFamilyDescriptor::new(name, options)
    })
}

/// RocksDB notes in each folder which options it runs with: a comparison of two kinds of store would be void.
pub fn assert_same_options(ours: &Path, bare: &Path) {
    assert_eq!(noted_options(ours), noted_options(bare), "open the bare store as the engine opens its own");
}

fn noted_options(path: &Path) -> String {
    let files = fs::read_dir(path).expect("a store").map(|file| file.expect("a file").path());
    let is_options = |file: &std::path::PathBuf| {
        file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("OPTIONS-"))
    };
    let newest = files.filter(is_options).max().expect("RocksDB notes its options");
    let text = fs::read_to_string(newest).expect("the options read");
    text.replace(&*path.to_string_lossy(), "")
}
