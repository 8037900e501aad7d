//! What the engine wrote, commit by commit, so that the same bytes can be written without it.

use std::{ops::Range, path::Path};

use choai_engine::{
    domain::{Event, Subject},
    log::{Frame, Log, RocksStore},
    vault::{VaultFamily, VaultRows},
};

/// Held in memory at the most; a replay that outlasts it begins again at its first commit.
const BYTES_MAX: u64 = 256 * 1024 * 1024;
/// A frame's header, before its records. Source: docs/event-format.md.
const HEADER_BYTES: usize = 64;

/// One commit as it is on disk.
pub struct Commit {
    pub frame: Vec<u8>,
    /// Where in the frame its records are.
    pub records: Vec<Range<usize>>,
    /// The rows written with it, under the keys they have in the column family.
    pub vault: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Commit {
    /// All that becomes durable, keys of the vault included.
    pub fn bytes(&self) -> Vec<u8> {
        let rows = self.vault.iter().flat_map(|(key, value)| [key.as_slice(), value]);
        std::iter::once(self.frame.as_slice()).chain(rows).flatten().copied().collect()
    }
}

/// Commits of `size` events each.
pub struct Replay {
    pub size: u64,
    pub commits: Vec<Commit>,
}

impl Replay {
    /// Reads what [`crate::engine::submitting`] left in `ledger`.
    pub fn read(ledger: &Path, size: usize) -> Self {
        let store = RocksStore::open_read_only(ledger).expect("a closed ledger opens");
        let head = store.head().expect("a log has a head").position;
        let (mut commits, mut bytes) = (Vec::new(), 0);
        // Position 1 is the merchant's.
        let mut next = 2;
        while next <= head && bytes < BYTES_MAX {
            let frames = store.read(next, 1).expect("the log reads");
            let frame = frames.first().expect("positions are dense");
            assert_eq!(frame.count(), size as u64, "what is submitted together is committed together");
            commits.push(commit(&store, frame));
            bytes += commits.last().map_or(0, |commit| commit.bytes().len() as u64);
            next = frame.last() + 1;
        }
        Self { size: size as u64, commits }
    }

    /// Bytes that become durable with a commit, on average.
    pub fn bytes_per_commit(&self) -> u64 {
        let bytes: usize = self.commits.iter().map(|commit| commit.bytes().len()).sum();
        (bytes / self.commits.len()) as u64
    }
}

fn commit(store: &RocksStore, frame: &Frame) -> Commit {
    let vault = frame.records().expect("every record decodes").into_iter().map(|recorded| {
        let Event::Payment(event) = recorded.event else { panic!("only payments were created") };
        let name = Subject::Payment(event.payment()).to_string();
        let row = VaultRows::get(store, VaultFamily::SubjectKey, name.as_bytes()).expect("the vault reads");
        let key = [&[VaultFamily::SubjectKey.number()], name.as_bytes()].concat();
        (key, row.expect("every payment has its key"))
    });
    Commit { frame: frame.bytes().to_vec(), records: records(frame), vault: vault.collect() }
}

/// Every record begins with the length of what follows.
fn records(frame: &Frame) -> Vec<Range<usize>> {
    let mut begin = HEADER_BYTES;
    let next = |_| {
        let length = frame.bytes()[begin..begin + 4].try_into().expect("four bytes");
        let record = begin..begin + 4 + u32::from_le_bytes(length) as usize;
        begin = record.end;
        record
    };
    (0..frame.count()).map(next).collect()
}
