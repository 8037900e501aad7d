//! One typed table: rows cached in memory, read from the store on first use, saved at checkpoints.

#[cfg(test)]
mod tests;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    hash::Hash,
    sync::Arc,
};

use foldhash::fast::RandomState;
use serde::{Serialize, de::DeserializeOwned};

use super::store::{Row, TableId, TableRows};
use crate::log::codec;

/// Rows a table keeps in memory, besides those that the store does not have yet. With what can come before two evictions
/// and wait for the saver, there are less than 7/16 of 2^20: with more, the map would double once and for good, which for
/// payments is half a gigabyte.
const CACHED_ROWS_MAX: usize = 1 << 17;

/// A table of rows `V` by key `K`.
///
/// A row that cannot be read from the store makes the table panic: the writer must not decide on what it
/// does not know, and stopping is what it does after any fault.
pub struct Table<K, V> {
    id: TableId,
    /// Rows read or written, and keys that have none; of a key that is not here, only the store knows.
    rows: RefCell<HashMap<K, Slot<V>, RandomState>>,
    /// Keys of rows changed since the last drain, each once.
    changed: Vec<K>,
    /// How often it was drained, and one more.
    drain: u32,
    store: Arc<dyn TableRows>,
}

/// A row in memory, or that there is none.
struct Slot<V> {
    value: Option<V>,
    /// Before which drain it was changed last; 0 for a row that is as the store has it.
    changed: u32,
    /// Whether anybody looked at it since it was last considered for being forgotten.
    is_used: Cell<bool>,
}

/// What can be asked of a table, whatever its rows are.
pub(super) trait Rows {
    /// How many rows changed since the last drain.
    fn changed(&self) -> usize;

    /// Moves the rows changed since the last drain into `rows`.
    fn drain(&mut self, rows: &mut Vec<Row>);

    /// Forgets rows if there are too many, but none that changed after drain number `saved`, counted from 1: the
    /// store does not have those.
    fn evict(&mut self, saved: u32);

    /// Whether `row` is one of these, as far as its bytes tell.
    #[cfg(test)]
    fn reads(&self, row: &Row) -> bool;
}

impl<K, V> Table<K, V>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned,
    V: Clone + Serialize + DeserializeOwned,
{
    /// The table `id`, whose rows are in `store` as of the last checkpoint.
    pub(super) fn new(id: TableId, store: Arc<dyn TableRows>) -> Self {
        Self { id, rows: RefCell::default(), changed: Vec::new(), drain: 1, store }
    }

    /// The row of `key`.
    pub fn get(&self, key: &K) -> Option<V> {
        if let Some(slot) = self.rows.borrow().get(key) {
            slot.is_used.set(true);
            return slot.value.clone();
        }
        let value = self.load(key);
        let slot = Slot { value: value.clone(), changed: 0, is_used: Cell::new(true) };
        self.rows.borrow_mut().insert(key.clone(), slot);
        value
    }

    /// Writes the row of `key`.
    pub fn put(&mut self, key: K, value: V) {
        let Self { rows, changed, drain, .. } = self;
        match rows.get_mut().get_mut(&key) {
            Some(slot) => {
                if slot.changed != *drain {
                    slot.changed = *drain;
                    changed.push(key);
                }
                slot.value = Some(value);
            }
            None => {
                changed.push(key.clone());
                rows.get_mut()
                    .insert(key, Slot { value: Some(value), changed: *drain, is_used: Cell::new(true) });
            }
        }
    }

    /// Writes as the row of `key` what `by` makes of it, and gives that.
    ///
    /// The key is only copied if need be: a copy of what was just put together waits for every write before it.
    pub fn update(&mut self, key: &K, by: impl FnOnce(Option<&V>) -> V) -> V {
        let Self { rows, changed, drain, .. } = self;
        let Some(slot) = rows.get_mut().get_mut(key) else {
            let value = by(self.load(key).as_ref());
            self.put(key.clone(), value.clone());
            return value;
        };
        let value = by(slot.value.as_ref());
        slot.value = Some(value.clone());
        slot.is_used.set(true);
        if slot.changed != *drain {
            slot.changed = *drain;
            changed.push(key.clone());
        }
        value
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

    fn load(&self, key: &K) -> Option<V> {
        let bytes = self.store.get(self.id, &codec::to_bytes(key));
        let bytes = bytes.expect("the writer stops when a table cannot be read");
        bytes.map(|bytes| codec::from_bytes(&bytes).expect("a saved row decodes as it was encoded"))
    }
}

impl<K, V> Rows for Table<K, V>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned,
    V: Clone + Serialize + DeserializeOwned,
{
    fn changed(&self) -> usize {
        self.changed.len()
    }

    fn drain(&mut self, rows: &mut Vec<Row>) {
        let cached = self.rows.get_mut();
        for key in self.changed.drain(..) {
            let value = cached.get(&key).and_then(|slot| slot.value.as_ref()).map(codec::to_bytes);
            rows.push(Row { table: self.id, key: codec::to_bytes(&key), value });
        }
        self.drain += 1;
    }

    fn evict(&mut self, saved: u32) {
        let cached = self.rows.get_mut();
        // A row has a second chance: it goes only if nobody looked at it since the last time.
        if cached.len() > CACHED_ROWS_MAX {
            cached.retain(|_, slot| slot.changed > saved || slot.is_used.replace(false));
        }
    }

    #[cfg(test)]
    fn reads(&self, row: &Row) -> bool {
        let is_value = |value: &Vec<u8>| codec::from_bytes::<V>(value).is_ok();
        let is_key = || codec::from_bytes::<K>(&row.key).is_ok();
        row.table == self.id && is_key() && row.value.as_ref().is_none_or(is_value)
    }
}
