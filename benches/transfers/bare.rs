//! What the disk does without us.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use choai_benches::figures::per_second;

/// A commit of one transfer is about as long.
const BYTES: [u8; 150] = [0x5a; 150];
const MEASURED: Duration = Duration::from_secs(2);

/// How often a second one thread appends a little to a file and syncs it.
pub fn syncs_per_second(path: &Path) -> u64 {
    let mut file = File::create_new(path).expect("a new file");
    let (begun, mut count) = (Instant::now(), 0);
    while begun.elapsed() < MEASURED {
        file.write_all(&BYTES).and_then(|()| file.sync_data()).expect("the file can be written");
        count += 1;
    }
    per_second(count, begun.elapsed())
}
