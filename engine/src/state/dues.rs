//! Due times: what happens by itself, and when, realm by realm.
//!
//! However much is to come, memory holds what comes soonest: of each realm a *window*, and what the store does not have
//! yet. A window that is used up is filled again from both.

#[cfg(test)]
mod tests;

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

/// When, and what: in this order things happen in a realm.
type Place = (Timestamp, Due);
/// What was noted (true) and struck out.
type Changes = BTreeMap<(Realm, Timestamp, Due), bool>;

/// How much is held in memory of what the store has.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// What a window is filled with. It is cut to this when it has grown to twice as much.
    window: usize,
    /// Beyond so much in all windows together, each is cut to its share, but for the first in each realm.
    held_max: usize,
}

impl Sizes {
    /// Filling a window takes a few milliseconds, once in so many that came due. Small under test, so that windows are
    /// cut and filled there too.
    const DEFAULT: Self =
        if cfg!(test) { Self { window: 4, held_max: 32 } } else { Self { window: 4_096, held_max: 1 << 18 } };
}

/// Everything due, in due order within each realm; saved like any table.
pub struct Dues {
    id: TableId,
    store: Arc<dyn TableRows>,
    sizes: Sizes,
    /// Of every realm in which anything is due. None of them is empty.
    windows: BTreeMap<Realm, Window>,
    /// How much they hold together.
    held: usize,
    /// The first due time of each realm on the wall clock, so that the earliest of all is at hand.
    wakes: BTreeSet<(Timestamp, Realm)>,
    woken_at: BTreeMap<Realm, Timestamp>,
    /// How far each realm's clock is ahead of the wall clock.
    ahead: BTreeMap<Realm, Span>,
    /// Since the last drain.
    changed: Changes,
    /// Drained, and the store may not have it yet: with the number of the drain, in order.
    leaving: Vec<(u32, Changes)>,
    /// How often it was drained, and one more.
    drain: u32,
}

/// What comes soonest in a realm.
#[derive(Default)]
struct Window {
    soonest: BTreeSet<Place>,
    /// Everything before this is here, and nothing from it on. `None` if that is all there is.
    until: Option<Place>,
}

impl Window {
    fn covers(&self, place: &Place) -> bool {
        self.until.as_ref().is_none_or(|until| place < until)
    }

    /// Lets go of all but the first `count`; gives how many that were.
    fn cut(&mut self, count: usize) -> usize {
        let Some(until) = self.soonest.iter().nth(count).copied() else { return 0 };
        self.until = Some(until);
        self.soonest.split_off(&until).len()
    }
}

impl Dues {
    /// What was due at the last checkpoint.
    pub(super) fn load(id: TableId, store: &Arc<dyn TableRows>) -> Result<Self, Fault> {
        Self::load_sized(id, store, Sizes::DEFAULT)
    }

    fn load_sized(id: TableId, store: &Arc<dyn TableRows>, sizes: Sizes) -> Result<Self, Fault> {
        let mut dues = Self {
            id,
            store: store.clone(),
            sizes,
            windows: BTreeMap::new(),
            held: 0,
            wakes: BTreeSet::new(),
            woken_at: BTreeMap::new(),
            ahead: BTreeMap::new(),
            changed: Changes::new(),
            leaving: Vec::new(),
            drain: 1,
        };
        let mut from = Vec::new();
        while let Some((key, _)) = store.scan_from(id, &from, 1)?.first() {
            let (realm, _) = read_key(key)?;
            let soonest = dues.stored(realm, key)?.into_iter().collect();
            let mut window = Window { soonest, until: None };
            window.cut(sizes.window);
            dues.held += window.soonest.len();
            dues.windows.insert(realm, window);
            dues.index(realm);
            dues.keep_within_bounds();
            from = after_all_of(realm);
        }
        Ok(dues)
    }

    /// Notes that `due` happens in `realm` at `at`.
    pub fn note(&mut self, realm: Realm, at: Timestamp, due: Due) {
        self.changed.insert((realm, at, due), true);
        let window = self.windows.entry(realm).or_default();
        if window.covers(&(at, due)) && window.soonest.insert((at, due)) {
            self.held += 1;
            if window.soonest.len() > 2 * self.sizes.window {
                self.held -= window.cut(self.sizes.window);
            }
        }
        self.index(realm);
    }

    /// Strikes it out again.
    pub fn strike(&mut self, realm: Realm, at: Timestamp, due: Due) {
        self.changed.insert((realm, at, due), false);
        if let Some(window) = self.windows.get_mut(&realm)
            && window.soonest.remove(&(at, due))
        {
            self.held -= 1;
            if window.soonest.is_empty() {
                let until = window.until;
                self.refill(realm, until);
            }
        }
        self.index(realm);
    }

    /// Notes how far the clock of `realm` is ahead of the wall clock.
    pub fn set_ahead(&mut self, realm: Realm, ahead: Span) {
        self.ahead.insert(realm, ahead);
        self.index(realm);
    }

    /// The first thing due in `realm`.
    pub fn first(&self, realm: Realm) -> Option<(Timestamp, Due)> {
        self.windows.get(&realm)?.soonest.first().copied()
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

    /// Fills the window of `realm`, which is used up, with what comes from `from` on.
    ///
    /// # Panics
    /// If the store cannot be read: the writer must not go on without what is due.
    fn refill(&mut self, realm: Realm, mut from: Option<Place>) {
        while let Some(place) = from {
            let window = self.soonest_from(realm, place);
            let window = window.expect("the writer stops when what is due cannot be read");
            if !window.soonest.is_empty() {
                self.held += window.soonest.len();
                self.windows.insert(realm, window);
                return;
            }
            // All of that was struck out since it was stored.
            from = window.until;
        }
        self.windows.remove(&realm);
    }

    /// What comes soonest in `realm` from `from` on: what the store has, and what changed since then, oldest first. Of
    /// each no more is read than a window takes, and nothing is believed beyond where one of them was left.
    fn soonest_from(&self, realm: Realm, from: Place) -> Result<Window, Fault> {
        let stored = self.stored(realm, &key(realm, &from))?;
        let changes: Vec<Vec<(Place, bool)>> = self
            .leaving
            .iter()
            .map(|(_, leaving)| leaving)
            .chain([&self.changed])
            .map(|changes| {
                let after = changes.range((realm, from.0, from.1)..).take_while(|((of, ..), _)| *of == realm);
                after.take(self.sizes.window + 1).map(|((_, at, due), noted)| ((*at, *due), *noted)).collect()
            })
            .collect();
        let left_at =
            changes.iter().filter_map(|changes| changes.get(self.sizes.window)).map(|(place, _)| *place);
        let until = left_at.chain(stored.get(self.sizes.window).copied()).min();
        let mut window = Window { soonest: BTreeSet::new(), until };
        window.soonest = stored.into_iter().filter(|place| window.covers(place)).collect();
        for (place, noted) in changes.into_iter().flatten() {
            match noted {
                true if window.covers(&place) => window.soonest.insert(place),
                true | false => window.soonest.remove(&place),
            };
        }
        window.cut(self.sizes.window);
        Ok(window)
    }

    /// What the store has of `realm` from `key` on: one more than a window takes, if there is so much.
    fn stored(&self, realm: Realm, key: &[u8]) -> Result<Vec<Place>, Fault> {
        let rows = self.store.scan_from(self.id, key, self.sizes.window + 1)?;
        let mut places = Vec::with_capacity(rows.len());
        for (key, _) in rows {
            match read_key(&key)? {
                (of, place) if of == realm => places.push(place),
                _ => break,
            }
        }
        Ok(places)
    }

    fn keep_within_bounds(&mut self) {
        if self.held > self.sizes.held_max {
            let share = (self.sizes.held_max / 2 / self.windows.len()).max(1);
            self.held -= self.windows.values_mut().map(|window| window.cut(share)).sum::<usize>();
        }
    }
}

impl Rows for Dues {
    fn changed(&self) -> usize {
        self.changed.len()
    }

    fn drain(&mut self, rows: &mut Vec<Row>) {
        let changed = std::mem::take(&mut self.changed);
        for ((realm, at, due), noted) in &changed {
            let key = key(*realm, &(*at, *due));
            rows.push(Row { table: self.id, key, value: noted.then(Vec::new) });
        }
        if !changed.is_empty() {
            self.leaving.push((self.drain, changed));
        }
        self.drain += 1;
    }

    fn evict(&mut self, saved: u32) {
        self.leaving.retain(|(drain, _)| *drain > saved);
        self.keep_within_bounds();
    }

    #[cfg(test)]
    fn reads(&self, row: &Row) -> bool {
        row.table == self.id && read_key(&row.key).is_ok()
    }
}

/// The key of a row, which sorts as realm, time and what is due do.
fn key(realm: Realm, (at, due): &Place) -> Vec<u8> {
    // With the sign turned over, instants before 1970 sort first.
    codec::to_sorted_bytes(&(realm, at.0.cast_unsigned() ^ (1 << 63), due))
}

fn read_key(key: &[u8]) -> Result<(Realm, Place), Fault> {
    let (realm, at, due) = codec::from_sorted_bytes::<(Realm, u64, Due)>(key)?;
    Ok((realm, (Timestamp((at ^ (1 << 63)).cast_signed()), due)))
}

/// Beyond every key of `realm`, and before every other's that comes after those: no number begins with this byte.
fn after_all_of(realm: Realm) -> Vec<u8> {
    let mut key = codec::to_sorted_bytes(&realm);
    key.push(u8::MAX);
    key
}
