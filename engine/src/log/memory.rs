//! A store in memory, for tests: log, tables and vault, with faults on request.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use super::{Frame, Head, Log};
use crate::{
    fault::Fault,
    state::{Checkpoint, KeyValue, Row, TableId, TableRows, TableStore},
    vault::{VaultFamily, VaultRows, VaultWrite},
};

/// Everything a store keeps, lost with the process.
#[derive(Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    frames: BTreeMap<u64, Frame>,
    rows: BTreeMap<(TableId, Vec<u8>), Vec<u8>>,
    checkpoint: Checkpoint,
    vault: BTreeMap<(u8, Vec<u8>), Vec<u8>>,
    appends_until_fault: Option<u32>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `count` more appends succeed and fails the one after.
    pub fn fail_append_after(&self, count: u32) {
        self.kept().appends_until_fault = Some(count);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nothing panics while it holds the store")
    }
}

impl Kept {
    fn head(&self) -> Head {
        self.frames.last_key_value().map_or_else(Head::default, |(_, frame)| frame.head())
    }

    fn put_vault(&mut self, writes: &[VaultWrite]) {
        for write in writes {
            let key = (write.family.number(), write.key.clone());
            match &write.value {
                Some(value) => drop(self.vault.insert(key, value.clone())),
                None => drop(self.vault.remove(&key)),
            }
        }
    }
}

impl Log for MemoryStore {
    fn head(&self) -> Result<Head, Fault> {
        Ok(self.kept().head())
    }

    fn append(&self, expected: Head, frame: &Frame, vault: &[VaultWrite]) -> Result<(), Fault> {
        let mut kept = self.kept();
        if kept.head() != expected {
            return Err(Fault::Store(format!("the log is at {:?}, not {expected:?}", kept.head())));
        }
        match &mut kept.appends_until_fault {
            Some(0) => return Err(Fault::Store("the disk failed, as the test asked".into())),
            Some(count) => *count -= 1,
            None => {}
        }
        kept.frames.insert(frame.first(), frame.clone());
        kept.put_vault(vault);
        Ok(())
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, Fault> {
        let kept = self.kept();
        let start = kept.frames.range(..=from).next_back().map_or(from, |(first, _)| *first);
        let (mut frames, mut bytes) = (Vec::new(), 0);
        for frame in kept.frames.range(start..).map(|(_, frame)| frame).filter(|frame| frame.last() >= from) {
            frames.push(Frame::verify(frame.bytes())?);
            bytes += frame.bytes().len();
            if bytes >= bytes_max {
                break;
            }
        }
        Ok(frames)
    }
}

impl TableRows for MemoryStore {
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.kept().rows.get(&(table, key.to_vec())).cloned())
    }

    fn scan(&self, table: TableId) -> Result<Vec<KeyValue>, Fault> {
        let kept = self.kept();
        let rows = kept.rows.iter().filter(|((id, _), _)| *id == table);
        Ok(rows.map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }
}

impl TableStore for MemoryStore {
    fn checkpoint(&self) -> Result<Checkpoint, Fault> {
        Ok(self.kept().checkpoint)
    }

    fn save(&self, checkpoint: Checkpoint, rows: Vec<Row>) -> Result<(), Fault> {
        let mut kept = self.kept();
        for row in rows {
            match row.value {
                Some(value) => drop(kept.rows.insert((row.table, row.key), value)),
                None => drop(kept.rows.remove(&(row.table, row.key))),
            }
        }
        kept.checkpoint = checkpoint;
        Ok(())
    }

    fn clear(&self) -> Result<(), Fault> {
        let mut kept = self.kept();
        kept.rows.clear();
        kept.checkpoint = Checkpoint::default();
        Ok(())
    }
}

impl VaultRows for MemoryStore {
    fn get(&self, family: VaultFamily, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.kept().vault.get(&(family.number(), key.to_vec())).cloned())
    }

    fn scan_from(&self, family: VaultFamily, key: &[u8], most: usize) -> Result<Vec<KeyValue>, Fault> {
        let kept = self.kept();
        let rows = kept.vault.range((family.number(), key.to_vec())..);
        let rows = rows.take_while(|((number, _), _)| *number == family.number()).take(most);
        Ok(rows.map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }

    fn write(&self, writes: &[VaultWrite]) -> Result<(), Fault> {
        self.kept().put_vault(writes);
        Ok(())
    }

    /// What is deleted here is gone.
    fn forget(&self, _: VaultFamily, _: &[Vec<u8>]) -> Result<(), Fault> {
        Ok(())
    }
}
