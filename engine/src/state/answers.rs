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
use self::{
    filter::Print,
    keys::Keys,
    merge::{Merge, SEGMENT_KEYS, SEGMENTS_A_SAVE},
    run::Run,
};
use super::{
    idempotency::{Answered, IdempotencyKey},
    store::{Row, TableId, TableRows},
};
use crate::fault::Fault;

/// Runs of a level that become one of the next.
const MERGED: usize = 8;
/// Pages that are deleted at once.
const PART_ROWS: usize = if cfg!(test) { 3 } else { 100_000 };

/// What every key has led to.
pub struct Answers {
    /// Keys since the last drain.
    recent: Keys,
    /// The memory of keys that left, for the next to come.
    spare: Vec<Keys>,
    /// Keys that were drained and that the store may not have yet.
    leaving: Vec<Leaving>,
    /// Runs that the store has.
    past: Arc<Past>,
    /// The same for whoever is not the writer.
    shared: Shared,
    /// Runs that the store has and nobody needs: merged into others.
    merged: Vec<Run>,
    /// Merges under way, the lowest level first, one of a level at a time.
    merges: Vec<Arc<Merge>>,
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

/// What a drain takes out, to be made into rows.
pub(super) struct Drained {
    drain: u32,
    fresh: Option<Fresh>,
    merges: Vec<Arc<Merge>>,
    /// Runs that nobody needs.
    gone: Vec<Run>,
    places: Places,
}

struct Fresh {
    number: u32,
    keys: Arc<Keys>,
    run: Arc<OnceLock<Run>>,
}

impl Answers {
    /// The answers in `store` as of the last checkpoint.
    pub(super) fn load(places: Places, store: &Arc<dyn TableRows>) -> Result<Self, Fault> {
        let stored = Run::load_all(places, &**store)?;
        let next_run = stored.iter().map(|run| run.number() + 1).max().unwrap_or_default();
        let (mut runs, unfinished): (Vec<Run>, Vec<Run>) = stored.into_iter().partition(Run::is_whole);
        let replaced: Vec<u32> = runs.iter().flat_map(|run| run.replaces().iter().copied()).collect();
        let merged = runs.extract_if(.., |run| replaced.contains(&run.number())).collect();
        let past = Arc::new(Past::of(runs, places, store.clone()));
        let mut merges = Vec::new();
        for so_far in unfinished {
            let is_merged = |run: &&Run| so_far.replaces().contains(&run.number());
            let runs: Vec<Run> = past.runs().iter().filter(is_merged).cloned().collect();
            if runs.len() != so_far.replaces().len() {
                return Err(Fault::Undecodable("a run of answers: what it is merged from is missing".into()));
            }
            merges.push(Arc::new(Merge::resume(so_far, runs, past.clone())));
        }
        merges.sort_by_key(|merge| merge.level());
        let shared = Shared::new(past.clone());
        let (recent, spare, leaving) = (Keys::default(), Vec::new(), Vec::new());
        Ok(Self { recent, spare, leaving, past, shared, merged, merges, next_run, places })
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
        self.begin_merges();
        let (fresh, merges) = (self.drain_recent(drain), self.merges.clone());
        Drained { drain, fresh, merges, gone: std::mem::take(&mut self.merged), places: self.places }
    }

    fn drain_recent(&mut self, drain: u32) -> Option<Fresh> {
        if self.recent.is_empty() {
            return None;
        }
        let next = self.spare.pop().unwrap_or_default();
        let (keys, run) = (Arc::new(std::mem::replace(&mut self.recent, next)), Arc::default());
        self.leaving.push(Leaving { drain, keys: keys.clone(), run: Arc::clone(&run) });
        Some(Fresh { number: self.next_number(), keys, run })
    }

    fn begin_merges(&mut self) {
        let past = self.past.clone();
        let highest = past.runs().iter().map(Run::level).max().unwrap_or_default();
        for level in 0..=highest {
            let is_merging = self.merges.iter().any(|merge| merge.level() == level + 1);
            let of_level = past.runs().iter().filter(|run| run.level() == level);
            let runs: Vec<Run> = of_level.take(MERGED).cloned().collect();
            if !is_merging && runs.len() == MERGED {
                let merge = Merge::begin(self.next_number(), runs, past.clone());
                self.merges.push(Arc::new(merge));
            }
        }
        self.merges.sort_by_key(|merge| merge.level());
    }

    /// Forgets keys that the store has: those of drains up to number `saved`.
    pub(super) fn evict(&mut self, saved: u32) {
        if saved <= self.past.drain() {
            return;
        }
        let mut runs = self.past.runs().to_vec();
        while let Some(oldest) = self.leaving.first().filter(|leaving| leaving.drain <= saved) {
            runs.push(made(&oldest.run));
            self.spare.extend(Arc::into_inner(self.leaving.remove(0).keys).map(Keys::emptied));
        }
        for merge in self.merges.extract_if(.., |merge| merge.made(saved).is_some()) {
            let run = merge.made(saved).expect("it is one of those").clone();
            self.merged.extend(runs.extract_if(.., |old| run.replaces().contains(&old.number())));
            runs.insert(0, run);
        }
        self.past = Arc::new(self.past.with(runs, saved));
        self.shared.set(self.past.clone());
    }

    fn next_number(&mut self) -> u32 {
        self.next_run += 1;
        self.next_run - 1
    }
}

impl Drained {
    /// Makes rows of what was drained. Those of merges can be many: they are handed to `put` a part at a time, and
    /// count for nothing until the rest is stored too, which is given back.
    ///
    /// # Errors
    /// [`Fault`] from `put`, or when what is to be merged cannot be read.
    pub(super) fn into_rows(
        self,
        put: &mut dyn FnMut(Vec<Row>) -> Result<(), Fault>,
    ) -> Result<Vec<Row>, Fault> {
        let Self { drain, fresh, merges, gone, places } = self;
        let mut rows: Vec<Row> = Vec::new();
        for page in gone.iter().flat_map(|run| run.pages_gone(places)) {
            rows.push(page);
            if rows.len() == PART_ROWS {
                put(std::mem::take(&mut rows))?;
            }
        }
        // Those by which the run would be found go last.
        rows.extend(gone.iter().flat_map(|run| run.heads_gone(places)));
        let mut left = SEGMENTS_A_SAVE;
        for merge in merges {
            rows.extend(merge.advance(drain, &mut left, places, put)?);
        }
        if let Some(Fresh { number, keys, run: made }) = fresh {
            let keys = keys.sorted();
            let mut run = Run::begin(number, 0, drain, Vec::new());
            // Whoever folds a whole log at once drains more than a segment can hold.
            for part in keys.chunks(8 * SEGMENT_KEYS) {
                rows.extend(run.add(part, places));
            }
            run.finish();
            rows.push(run.row(places));
            made.set(run).unwrap_or_else(|_| unreachable!("what is drained becomes rows once"));
        }
        Ok(rows)
    }
}

fn made(place: &OnceLock<Run>) -> Run {
    place.get().expect("what is saved was made a run before").clone()
}
