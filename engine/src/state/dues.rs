//! Due times: what happens by itself, and when, realm by realm.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    store::{Row, TableId, TableRows},
    table::Rows,
};
use crate::{
    books::Realm,
    domain::{Due, Span, Timestamp},
    fault::Fault,
    log::codec,
};

/// Everything due, in due order within each realm; saved like any table, but held whole and in order.
pub struct Dues {
    id: TableId,
    by_realm: BTreeMap<Realm, BTreeSet<(Timestamp, Due)>>,
    /// The first due time of each realm on the wall clock, so that the earliest of all is at hand.
    wakes: BTreeSet<(Timestamp, Realm)>,
    woken_at: BTreeMap<Realm, Timestamp>,
    /// How far each realm's clock is ahead of the wall clock.
    ahead: BTreeMap<Realm, Span>,
    dirty: BTreeMap<(Realm, Timestamp, Due), bool>,
}

impl Dues {
    /// Reads all that was due at the last checkpoint.
    pub(super) fn load(id: TableId, store: &Arc<dyn TableRows>) -> Result<Self, Fault> {
        let mut dues = Self {
            id,
            by_realm: BTreeMap::new(),
            wakes: BTreeSet::new(),
            woken_at: BTreeMap::new(),
            ahead: BTreeMap::new(),
            dirty: BTreeMap::new(),
        };
        for (key, _) in store.scan(id)? {
            let (realm, at, due) = codec::from_bytes(&key)?;
            dues.by_realm.entry(realm).or_default().insert((at, due));
            dues.index(realm);
        }
        Ok(dues)
    }

    /// Notes that `due` happens in `realm` at `at`.
    pub fn note(&mut self, realm: Realm, at: Timestamp, due: Due) {
        self.by_realm.entry(realm).or_default().insert((at, due));
        self.dirty.insert((realm, at, due), true);
        self.index(realm);
    }

    /// Strikes it out again.
    pub fn strike(&mut self, realm: Realm, at: Timestamp, due: Due) {
        if let Some(dues) = self.by_realm.get_mut(&realm) {
            dues.remove(&(at, due));
            if dues.is_empty() {
                self.by_realm.remove(&realm);
            }
        }
        self.dirty.insert((realm, at, due), false);
        self.index(realm);
    }

    /// Notes how far the clock of `realm` is ahead of the wall clock.
    pub fn set_ahead(&mut self, realm: Realm, ahead: Span) {
        self.ahead.insert(realm, ahead);
        self.index(realm);
    }

    /// The first thing due in `realm`.
    pub fn first(&self, realm: Realm) -> Option<(Timestamp, Due)> {
        self.by_realm.get(&realm)?.first().copied()
    }

    /// When the wall clock reaches the earliest due time of all.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// The realms in which something is due when the wall clock shows `wall`, earliest first.
    pub fn overdue(&self, wall: Timestamp) -> Vec<Realm> {
        self.wakes.iter().take_while(|(at, _)| *at <= wall).map(|(_, realm)| *realm).collect()
    }

    fn index(&mut self, realm: Realm) {
        let ahead = self.ahead.get(&realm).copied().unwrap_or_default();
        let wake = self.first(realm).map(|(at, _)| at - ahead);
        let earlier = match wake {
            Some(wake) => self.woken_at.insert(realm, wake),
            None => self.woken_at.remove(&realm),
        };
        if earlier == wake {
            return;
        }
        if let Some(earlier) = earlier {
            self.wakes.remove(&(earlier, realm));
        }
        if let Some(wake) = wake {
            self.wakes.insert((wake, realm));
        }
    }
}

impl Rows for Dues {
    fn changed(&self) -> usize {
        self.dirty.len()
    }

    fn drain(&mut self, rows: &mut Vec<Row>) {
        for (key, noted) in std::mem::take(&mut self.dirty) {
            rows.push(Row { table: self.id, key: codec::to_bytes(&key), value: noted.then(Vec::new) });
        }
    }

    /// All of it is needed, and in order.
    fn evict(&mut self, _: u32) {}
}
