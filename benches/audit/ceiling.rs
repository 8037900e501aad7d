//! What bounds an audit: the log's bytes, which have to be read and hashed.

use std::{
    fs::{self, File},
    hint::black_box,
    io::Read,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use sha2::{Digest, Sha256};

/// Read at once, about as much as a full commit has.
const PIECE_BYTES: usize = 1024 * 1024;

/// Bytes of all files in `folder`.
pub fn bytes_of(folder: &Path) -> u64 {
    files_in(folder).iter().map(|file| fs::metadata(file).map_or(0, |file| file.len())).sum()
}

/// How many processors there are.
pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Reads every file in `folder` once, on so many threads, and hashes what it reads if it is to.
pub fn read(folder: &Path, threads: usize, is_hashed: bool) {
    let files = Mutex::new(files_in(folder));
    let next = || files.lock().expect("a list that is popped does not panic").pop();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut piece = vec![0; PIECE_BYTES];
                while let Some(path) = next() {
                    let mut file = File::open(path).expect("the file opens");
                    loop {
                        let length = file.read(&mut piece).expect("the file reads");
                        if length == 0 {
                            break;
                        }
                        if is_hashed {
                            black_box(Sha256::digest(&piece[..length]));
                        }
                        black_box(&piece);
                    }
                }
            });
        }
    });
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("the folder can be listed");
    files.map(|file| file.expect("the folder can be listed").path()).collect()
}
