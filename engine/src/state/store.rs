//! Where the tables' rows are kept between checkpoints: the port, and what goes through it.

use std::sync::Arc;

use super::{TABLES_VERSION, tables::ANSWERS};
use crate::{fault::Fault, log::Head};

/// The stored number of a table; appended to, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u8);

impl TableId {
    /// Whether its rows are written once and in the order of their keys, checkpoint after checkpoint.
    pub(crate) fn is_run(self) -> bool {
        ANSWERS.pages == self
    }
}

/// A stored key with its value.
pub type KeyValue = (Vec<u8>, Vec<u8>);

/// A saved row: its table, its key, and its value; `None` for a row that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which table.
    pub table: TableId,
    /// The encoded key.
    pub key: Vec<u8>,
    /// The encoded value.
    pub value: Option<Vec<u8>>,
}

/// Where rows are when they are not in memory, as of the last checkpoint.
pub trait TableRows: Send + Sync {
    /// The value saved under `key`.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;

    /// Every saved row of `table`, in the order of their keys.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    fn scan(&self, table: TableId) -> Result<Vec<KeyValue>, Fault>;

    /// As [`Self::scan`], but from `key` on, and at most `most` rows.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    fn scan_from(&self, table: TableId, key: &[u8], most: usize) -> Result<Vec<KeyValue>, Fault> {
        let mut rows = self.scan(table)?;
        rows.retain(|(other, _)| other.as_slice() >= key);
        rows.truncate(most);
        Ok(rows)
    }
}

/// Where the writer's tables are saved.
pub trait TableStore: TableRows {
    /// The position of the last checkpoint, and the tables' version then; zero for none.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    fn checkpoint(&self) -> Result<Checkpoint, Fault>;

    /// Saves `rows` and the position they stand at, together.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be written.
    fn save(&self, checkpoint: Checkpoint, rows: Vec<Row>) -> Result<(), Fault>;

    /// Forgets every saved row.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be written.
    fn clear(&self) -> Result<(), Fault>;
}

/// Where the saved tables stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// The last event folded into them, with the hash of its commit.
    pub head: Head,
    /// [`TABLES_VERSION`] of who saved them.
    pub version: u32,
}

impl Checkpoint {
    /// Tables of today's version that stand at `head`.
    pub const fn at(head: Head) -> Self {
        Self { head, version: TABLES_VERSION }
    }
}

/// A store without a single row: tables over it are folded from nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoRows;

impl NoRows {
    /// As tables want their store.
    pub fn shared() -> Arc<dyn TableRows> {
        Arc::new(Self)
    }
}

impl TableRows for NoRows {
    fn get(&self, _: TableId, _: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }

    fn scan(&self, _: TableId) -> Result<Vec<KeyValue>, Fault> {
        Ok(Vec::new())
    }
}
