//! What is kept at hand of a model's rows: changed as often as events ask for it, written once at the end of a step.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
};

use choai_engine::Fault;
use foldhash::fast::RandomState;
use serde::de::DeserializeOwned;

use crate::{keys::Key, store::Rows};

/// Values at hand, beyond which a step ends and everything is let go of. It bounds what a model holds in memory however
/// many owners there are; with fewer, each is read once.
const KEPT_MAX: usize = 32 * 1024;

/// Rows of one table, as values by their owners.
pub(crate) struct Kept<K, V> {
    key: Box<dyn Fn(&K) -> Key + Send>,
    values: HashMap<K, Value<V>, RandomState>,
}

struct Value<V> {
    value: V,
    is_changed: bool,
}

impl<K: Copy + Eq + Hash, V> Kept<K, V> {
    /// Nothing at hand yet of the rows whose keys `key` gives.
    pub(crate) fn new(key: impl Fn(&K) -> Key + Send + 'static) -> Self {
        Self { key: Box::new(key), values: HashMap::default() }
    }

    /// The value of `owner`, to be changed; `open` makes it of its row, if there is one.
    ///
    /// # Errors
    /// [`Fault`] when the row cannot be read.
    pub(crate) fn change<R: DeserializeOwned>(
        &mut self,
        owner: K,
        rows: &Rows<'_>,
        open: impl FnOnce(Option<R>) -> Result<V, Fault>,
    ) -> Result<&mut V, Fault> {
        let kept = match self.values.entry(owner) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(place) => {
                let value = open(rows.get(&(self.key)(&owner))?)?;
                place.insert(Value { value, is_changed: true })
            }
        };
        kept.is_changed = true;
        Ok(&mut kept.value)
    }

    /// Writes what was changed, each as the row that `put` makes of it. Lets go of everything if it has become too
    /// much: what is needed again is read again.
    pub(crate) fn write(&mut self, rows: &mut Rows<'_>, put: impl Fn(Key, &K, &V, &mut Rows<'_>)) {
        for (owner, Value { value, is_changed }) in &mut self.values {
            if std::mem::take(is_changed) {
                put((self.key)(owner), owner, value, rows);
            }
        }
        if self.is_full() {
            self.values = HashMap::default();
        }
    }

    /// Whether the step should end.
    pub(crate) fn is_full(&self) -> bool {
        self.values.len() > KEPT_MAX
    }
}
