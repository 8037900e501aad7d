//! One typed table: rows cached in memory, read from the store on first use, saved at checkpoints.

#[cfg(test)]
mod tests;

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{fault::Fault, log::codec};

/// The stored number of a table; appended to, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u8);

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

/// Rows a table keeps in memory between checkpoints, besides those that changed since the last.
const CACHED_ROWS_MAX: usize = 1 << 20;

/// A table of rows `V` by key `K`.
///
/// A row that cannot be read from the store makes the table panic: the writer must not decide on what it
/// does not know, and stopping is what it does after any fault.
pub struct Table<K, V> {
    id: TableId,
    /// Rows read or written; a key without one may still have one in the store.
    rows: RefCell<HashMap<K, V>>,
    /// Keys of rows the store does not have yet as they are here.
    dirty: HashSet<K>,
    store: Arc<dyn TableRows>,
}

impl<K, V> Table<K, V>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned,
    V: Clone + Serialize + DeserializeOwned,
{
    /// The table `id`, whose rows are in `store` as of the last checkpoint.
    pub(super) fn new(id: TableId, store: Arc<dyn TableRows>) -> Self {
        Self { id, rows: RefCell::default(), dirty: HashSet::new(), store }
    }

    /// The row of `key`.
    pub fn get(&self, key: &K) -> Option<V> {
        if let Some(value) = self.rows.borrow().get(key) {
            return Some(value.clone());
        }
        let value = self.load(key)?;
        self.rows.borrow_mut().insert(key.clone(), value.clone());
        Some(value)
    }

    /// Writes the row of `key`.
    pub fn put(&mut self, key: K, value: V) {
        self.dirty.insert(key.clone());
        self.rows.get_mut().insert(key, value);
    }

    /// Changes the row of `key`.
    ///
    /// # Panics
    /// If there is none: an event about nothing got into the log.
    pub fn change(&mut self, key: &K, by: impl FnOnce(&mut V)) {
        let mut value = self.get(key).expect("an event changes only what an earlier one made");
        by(&mut value);
        self.put(key.clone(), value);
    }

    /// Moves the rows changed since the last call into `rows`.
    pub(super) fn drain_dirty(&mut self, rows: &mut Vec<Row>) {
        let cached = self.rows.get_mut();
        for key in self.dirty.drain() {
            let value = cached.get(&key).map(codec::to_bytes);
            rows.push(Row { table: self.id, key: codec::to_bytes(&key), value });
        }
    }

    /// Forgets rows that the store has by now, if there are too many to keep.
    pub(super) fn evict(&mut self) {
        let (cached, dirty) = (self.rows.get_mut(), &self.dirty);
        if cached.len() > CACHED_ROWS_MAX {
            cached.retain(|key, _| dirty.contains(key));
        }
    }

    fn load(&self, key: &K) -> Option<V> {
        let bytes = self.store.get(self.id, &codec::to_bytes(key));
        let bytes = bytes.expect("the writer stops when a table cannot be read");
        bytes.map(|bytes| codec::from_bytes(&bytes).expect("a saved row decodes as it was encoded"))
    }
}
