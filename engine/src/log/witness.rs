//! The witness: a small copy of where the log ended, kept apart from it, so that a log put back to an
//! older state is noticed.
//!
//! The file holds two slots of 96 bytes, written in turn so that a torn write spoils at most one:
//! position (8 bytes), hash of that commit (32), zeros (24), SHA-256 of the 64 before.

use std::{
    fs::{File, OpenOptions},
    io::ErrorKind,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

use super::Head;
use crate::fault::Fault;

const SLOT_BYTES: usize = 96;
const SIGNED_BYTES: usize = 64;
/// A power cut can hide at most what was acknowledged within this time. It is the machine's own time that counts: the
/// wall clock may be set back.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// The open witness file.
pub struct Witness {
    file: File,
    path: PathBuf,
    next_slot: u64,
    synced_at: Option<Instant>,
    is_synced: bool,
}

impl Witness {
    /// Opens the file at `path`, making it if it is not there.
    ///
    /// # Errors
    /// [`Fault::File`] when the system refuses.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|error| Fault::file(path, &error))?;
        // The newest slot is written over last.
        let bytes = std::fs::read(path).map_err(|error| Fault::file(path, &error))?;
        let newest = bytes
            .chunks(SLOT_BYTES)
            .map(slot)
            .enumerate()
            .max_by_key(|(_, head)| head.map(|head| head.position));
        let next_slot = newest.map_or(0, |(newest, _)| 1 - newest.min(1) as u64);
        Ok(Self { file, path: path.to_owned(), next_slot, synced_at: None, is_synced: true })
    }

    /// The newest head the file at `path` has seen; the empty log's if it has seen none.
    ///
    /// # Errors
    /// [`Fault::File`] when the file is there and cannot be read, or neither slot is whole.
    pub fn read(path: &Path) -> Result<Head, Fault> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Head::default()),
            Err(error) => return Err(Fault::file(path, &error)),
        };
        let newest = bytes.chunks(SLOT_BYTES).filter_map(slot).max_by_key(|head| head.position);
        match newest {
            Some(head) => Ok(head),
            None if bytes.is_empty() => Ok(Head::default()),
            None => Err(Fault::File {
                path: path.display().to_string(),
                reason: "the witness is damaged; remove it only if you are sure that this is the newest copy of the data".into(),
            }),
        }
    }

    /// Notes the head after a commit; synced at least every second.
    ///
    /// # Errors
    /// [`Fault::File`] when the system refuses.
    pub fn note(&mut self, head: Head) -> Result<(), Fault> {
        let mut bytes = [0; SLOT_BYTES];
        bytes[..8].copy_from_slice(&head.position.to_le_bytes());
        bytes[8..40].copy_from_slice(&head.hash);
        let sum = Sha256::digest(&bytes[..SIGNED_BYTES]);
        bytes[SIGNED_BYTES..].copy_from_slice(&sum);
        let at = self.next_slot * SLOT_BYTES as u64;
        self.file.write_all_at(&bytes, at).map_err(|error| Fault::file(&self.path, &error))?;
        self.next_slot ^= 1;
        self.is_synced = false;
        self.sync_if_due()
    }

    /// How long what was noted may wait to be synced, unless it is already.
    pub fn sync_wait(&self) -> Option<Duration> {
        let since = self.synced_at.map_or(SYNC_INTERVAL, |synced_at| synced_at.elapsed());
        (!self.is_synced).then(|| SYNC_INTERVAL.saturating_sub(since))
    }

    /// Makes what was noted durable once a second has passed since it last was.
    ///
    /// # Errors
    /// [`Fault::File`] when the system refuses.
    pub fn sync_if_due(&mut self) -> Result<(), Fault> {
        if self.sync_wait() == Some(Duration::ZERO) { self.sync() } else { Ok(()) }
    }

    /// Makes what was noted durable.
    ///
    /// # Errors
    /// [`Fault::File`] when the system refuses.
    pub fn sync(&mut self) -> Result<(), Fault> {
        self.file.sync_data().map_err(|error| Fault::file(&self.path, &error))?;
        self.is_synced = true;
        self.synced_at = Some(Instant::now());
        Ok(())
    }
}

fn slot(bytes: &[u8]) -> Option<Head> {
    let (signed, sum) = bytes.split_at_checked(SIGNED_BYTES)?;
    if Sha256::digest(signed)[..] != *sum {
        return None;
    }
    let (position, rest) = signed.split_first_chunk()?;
    let (hash, _) = rest.split_first_chunk()?;
    Some(Head { position: u64::from_le_bytes(*position), hash: *hash })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_that_nobody_noted_are_no_head(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("witness");
            std::fs::write(&path, &bytes).unwrap();
            prop_assert!(Witness::read(&path).is_err());
            Witness::open(&path).unwrap().note(head(5)).unwrap();
            prop_assert_eq!(Witness::read(&path).unwrap(), head(5));
        }
    }

    fn head(position: u64) -> Head {
        Head { position, hash: [u8::try_from(position).unwrap(); 32] }
    }

    #[test]
    fn the_newest_whole_slot_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("witness");
        assert_eq!(Witness::read(&path).unwrap(), Head::default(), "nothing seen yet");
        let mut witness = Witness::open(&path).unwrap();
        for position in 1..=3 {
            witness.note(head(position)).unwrap();
            assert_eq!(Witness::read(&path).unwrap(), head(position));
        }
        // The third write went to the first slot; spoil it as a torn write would.
        witness.file.write_all_at(&[0xFF; 20], 4).unwrap();
        assert_eq!(Witness::read(&path).unwrap(), head(2));
        witness.file.write_all_at(&[0xFF; 20], SLOT_BYTES as u64).unwrap();
        assert!(Witness::read(&path).is_err(), "a damaged witness is not an absent one");
    }

    /// Once the wall clock decided, and after it was set back nothing was synced until it had caught up.
    #[test]
    fn what_was_noted_waits_at_most_a_second_to_be_synced() {
        let folder = tempfile::tempdir().unwrap();
        let mut witness = Witness::open(&folder.path().join("witness")).unwrap();
        assert_eq!(witness.sync_wait(), None, "nothing to sync");
        witness.note(head(1)).unwrap();
        assert_eq!(witness.sync_wait(), None, "the first is synced at once");
        witness.note(head(2)).unwrap();
        assert!(witness.sync_wait().is_some_and(|wait| wait <= SYNC_INTERVAL));
        witness.synced_at = witness.synced_at.and_then(|at| at.checked_sub(SYNC_INTERVAL));
        assert_eq!(witness.sync_wait(), Some(Duration::ZERO));
        witness.sync_if_due().unwrap();
        assert_eq!(witness.sync_wait(), None);
    }
}
