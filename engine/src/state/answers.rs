//! What every idempotency key has led to, for ever.
//!
//! The latest keys are in memory. With every checkpoint they become a *run*: sorted by key, cut into pages that lie
//! in the store, with filters over all of them that stay in memory and tell of nearly every key that it is not there.
//! So a new key costs no look at the disk, and an old one costs one page. Runs are merged, eight of a level into one of
//! the next, so that there are few of them however old the log is.

mod filter;
mod keys;
mod merge;
mod page;
mod past;
mod run;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

pub(super) use self::page::spread;
pub use self::past::{Past, Shared};
use self::{filter::Print, keys::Keys, merge::Merge, run::Run};
use super::{
    idempotency::{Answered, IdempotencyKey},
    store::{Row, TableId, TableRows},
};
use crate::fault::Fault;

/// Runs of a level that become one of the next.
const MERGED: usize = 8;

/// What every key has led to.
pub struct Answers {
    /// Keys since the last drain.
    recent: Keys,
    /// Keys that were drained and that the store may not have yet.
    leaving: Vec<Leaving>,
    /// Runs that the store has.
    past: Arc<Past>,
    /// The same for whoever is not the writer.
    shared: Shared,
    /// Runs that the store has and nobody needs: merged into others.
    merged: Vec<Run>,
    /// The merge that was drained last, until the store has what comes of it.
    merging: Option<Merging>,
    next_run: u32,
    places: Places,
}

/// Which tables the answers are kept in.
#[derive(Clone, Copy)]
pub(super) struct Places {
    /// Pages and indexes, by run, segment and number.
    pub(super) pages: TableId,
    /// Runs, by number.
    pub(super) runs: TableId,
}

/// Keys on their way into the store, as they were drained.
struct Leaving {
    drain: u32,
    keys: Arc<Keys>,
    /// The same as a run, once somebody has made it one.
    run: Arc<OnceLock<Run>>,
}

struct Merging {
    drain: u32,
    /// What comes of it, once somebody has made it.
    run: Arc<OnceLock<Run>>,
}

/// What a drain takes out, to be made into rows.
pub(super) struct Drained {
    fresh: Option<Fresh>,
    merge: Option<(Merge, Arc<OnceLock<Run>>)>,
    /// Rows of runs that nobody needs.
    gone: Vec<Row>,
    places: Places,
}

struct Fresh {
    number: u32,
    drain: u32,
    keys: Arc<Keys>,
    run: Arc<OnceLock<Run>>,
}

impl Answers {
    /// The answers in `store` as of the last checkpoint.
    pub(super) fn load(places: Places, store: &Arc<dyn TableRows>) -> Result<Self, Fault> {
        let mut runs = Run::load_all(places, &**store)?;
        let next_run = runs.iter().map(|run| run.number() + 1).max().unwrap_or_default();
        let replaced: Vec<u32> = runs.iter().flat_map(|run| run.replaces().iter().copied()).collect();
        let merged = runs.extract_if(.., |run| replaced.contains(&run.number())).collect();
        let past = Arc::new(Past::of(runs, places, store.clone()));
        let shared = Shared::new(past.clone());
        let (recent, leaving, merging) = (Keys::default(), Vec::new(), None);
        Ok(Self { recent, leaving, past, shared, merged, merging, next_run, places })
    }

    /// What is known to the store, for whoever looks there before the writer does.
    pub fn shared(&self) -> Shared {
        self.shared.clone()
    }

    /// What `key` has led to.
    ///
    /// # Panics
    /// If a page cannot be read: the writer must not decide on what it does not know.
    pub fn get(&self, key: &[u8; 16]) -> Option<Answered> {
        self.get_after(key, None)
    }

    /// As [`Self::get`], but for those that [`Past`] knew after drain number `past`.
    pub fn get_after(&self, key: &[u8; 16], past: Option<u32>) -> Option<Answered> {
        let in_memory =
            std::iter::once(&self.recent).chain(self.leaving.iter().map(|leaving| &*leaving.keys));
        let print = Print::of(key);
        let known = in_memory.filter_map(|keys| keys.get(key, &print)).next();
        known.or_else(|| {
            let found = self.past.get_after(key, &print, past);
            found.expect("the writer stops when a page of answers cannot be read")
        })
    }

    /// Remembers that the event at `position` answers the request of `idempotency`. A command's events share its key:
    /// the first opens the answer, the others lengthen it.
    pub(super) fn remember(&mut self, idempotency: IdempotencyKey, position: u64) {
        let IdempotencyKey { key, request } = idempotency;
        self.recent.add(key, Answered { request, first: position, count: 1 });
    }

    /// Takes out the keys since the last drain, which is number `drain`, and what there is to merge.
    pub(super) fn drain(&mut self, drain: u32) -> Drained {
        let gone = self.merged.drain(..).flat_map(|run| run.rows_gone(self.places)).collect();
        let (fresh, merge) = (self.drain_recent(drain), self.begin_merge(drain));
        Drained { fresh, merge, gone, places: self.places }
    }

    fn drain_recent(&mut self, drain: u32) -> Option<Fresh> {
        if self.recent.is_empty() {
            return None;
        }
        let (keys, run) = (Arc::new(self.recent.take()), Arc::default());
        self.leaving.push(Leaving { drain, keys: keys.clone(), run: Arc::clone(&run) });
        Some(Fresh { number: self.next_number(), drain, keys, run })
    }

    fn begin_merge(&mut self, drain: u32) -> Option<(Merge, Arc<OnceLock<Run>>)> {
        let runs = self.past.runs();
        let level = |level| runs.iter().filter(move |run| run.level() == level).take(MERGED);
        let highest = runs.iter().map(Run::level).max().filter(|_| self.merging.is_none())?;
        let runs: Vec<Run> =
            (0..=highest).map(level).find(|runs| runs.clone().count() == MERGED)?.cloned().collect();
        let merge = Merge { number: self.next_number(), runs, past: self.past.clone() };
        let run = Arc::default();
        self.merging = Some(Merging { drain, run: Arc::clone(&run) });
        Some((merge, run))
    }

    /// Forgets keys that the store has: those of drains up to number `saved`.
    pub(super) fn evict(&mut self, saved: u32) {
        let (mut runs, known) = (self.past.runs().to_vec(), self.past.drain());
        while let Some(oldest) = self.leaving.first().filter(|leaving| leaving.drain <= saved) {
            runs.push(made(&oldest.run));
            self.leaving.remove(0);
        }
        if let Some(merging) = self.merging.take_if(|merging| merging.drain <= saved) {
            let run = made(&merging.run);
            self.merged.extend(runs.extract_if(.., |old| run.replaces().contains(&old.number())));
            runs.insert(0, run);
        }
        if saved > known {
            self.past = Arc::new(self.past.with(runs, saved));
            self.shared.set(self.past.clone());
        }
    }

    fn next_number(&mut self) -> u32 {
        self.next_run += 1;
        self.next_run - 1
    }
}

impl Drained {
    /// Makes rows of what was drained. Those of a merge can be many: they are handed to `put` a part at a time, and
    /// count for nothing until the rest is stored too, which is given back.
    ///
    /// # Errors
    /// [`Fault`] from `put`, or when what is to be merged cannot be read.
    pub(super) fn into_rows(
        self,
        put: &mut dyn FnMut(Vec<Row>) -> Result<(), Fault>,
    ) -> Result<Vec<Row>, Fault> {
        let Self { fresh, merge, gone: mut rows, places } = self;
        if let Some((merge, made)) = merge {
            let mut run = Run::begin(merge.number, merge.level(), merge.drain(), merge.replaces());
            for part in merge.parts() {
                put(run.add(&part?, places))?;
            }
            rows.push(run.row(places));
            make(&made, run);
        }
        if let Some(Fresh { number, drain, keys, run: made }) = fresh {
            let keys = keys.sorted();
            let mut run = Run::begin(number, 0, drain, Vec::new());
            rows.extend(run.add(&keys, places));
            rows.push(run.row(places));
            make(&made, run);
        }
        Ok(rows)
    }
}

fn make(place: &OnceLock<Run>, run: Run) {
    place.set(run).unwrap_or_else(|_| unreachable!("what is drained becomes rows once"));
}

fn made(place: &OnceLock<Run>) -> Run {
    place.get().expect("what is saved was made a run before").clone()
}
