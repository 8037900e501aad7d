//! What bounds the read models: the log that has to be decoded, and the bytes that have to be written.

use std::{fs, hint::black_box, path::Path};

use choai_engine::log::Log;
use rocksdb::{DB, DBCompressionType, Options, SstFileWriter};

/// Read at once.
const PAGE_BYTES: usize = 1024 * 1024;
/// About what a row of the models has: key, value.
const ROW_BYTES: (usize, usize) = (24, 400);

/// Reads, verifies and decodes every commit, on one thread.
pub fn decoding(log: &dyn Log) {
    let mut next = 1;
    loop {
        let frames = log.read(next, PAGE_BYTES).expect("the log reads");
        let Some(last) = frames.last() else { return };
        next = last.last() + 1;
        for frame in &frames {
            black_box(frame.records().expect("every record decodes"));
        }
    }
}

/// Writes so many bytes as one sorted run and takes it into a new store, uncompressed: they were compressed before.
pub fn ingesting(folder: &Path, bytes: u64) {
    fs::create_dir(folder).expect("a folder of its own");
    let mut options = Options::default();
    options.create_if_missing(true);
    options.set_compression_type(DBCompressionType::None);
    let db = DB::open(&options, folder.join("store")).expect("a new store opens");
    let run = folder.join("run.sst");
    let mut writer = SstFileWriter::create(&options);
    writer.open(&run).expect("a new file");
    let (mut key, value) = ([0; ROW_BYTES.0], [7; ROW_BYTES.1]);
    for number in 0..bytes / (ROW_BYTES.0 + ROW_BYTES.1) as u64 + 1 {
        key[..8].copy_from_slice(&number.to_be_bytes());
        writer.put(key, value).expect("the file takes the row");
    }
    writer.finish().expect("the file is finished");
    db.ingest_external_file(vec![run]).expect("the store takes the file");
    drop(db);
    fs::remove_dir_all(folder).expect("what was measured is removed");
}
