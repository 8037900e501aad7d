//! Merging: the answers of several runs in one order, a segment at a time, over as many saves as it takes.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use itertools::Itertools;

use super::{
    Places,
    page::{Answer, Page},
    past::Past,
    run::Run,
};
use crate::{fault::Fault, state::store::Row};

/// Answers of a segment: what is in memory of a merge. Few under test, so that merges take several saves there too.
pub(super) const SEGMENT_KEYS: usize = if cfg!(test) { 25 } else { 350_000 };
/// Segments merged with one save. A save has about one segment of new answers, and every level of runs above the first
/// needs one more for each: with three, merges keep up for a hundred million keys between restarts and no save waits
/// long for them; after that they take their turns.
pub(super) const SEGMENTS_A_SAVE: usize = 3;

/// Runs that are being merged into one. Whoever saves goes on with it; the writer sees when it is whole.
pub(super) struct Merge {
    runs: Vec<Run>,
    /// Where their pages are.
    past: Arc<Past>,
    level: u8,
    so_far: Mutex<Run>,
    made: OnceLock<Made>,
}

/// What came of a merge, and the drain whose save makes it count.
struct Made {
    run: Run,
    drain: u32,
}

impl Merge {
    /// Begins to merge `runs`, which are in `past`, into run number `number`.
    pub(super) fn begin(number: u32, runs: Vec<Run>, past: Arc<Past>) -> Self {
        let level = runs.iter().map(Run::level).max().unwrap_or_default() + 1;
        let drain = runs.iter().map(Run::drain).max().unwrap_or_default();
        let replaces = runs.iter().map(Run::number).collect();
        Self::resume(Run::begin(number, level, drain, replaces), runs, past)
    }

    /// Goes on with what has come of `runs`, which are in `past`.
    pub(super) fn resume(so_far: Run, runs: Vec<Run>, past: Arc<Past>) -> Self {
        Self { runs, past, level: so_far.level(), so_far: Mutex::new(so_far), made: OnceLock::new() }
    }

    /// The level of what comes of it.
    pub(super) const fn level(&self) -> u8 {
        self.level
    }

    /// What came of it, if that was saved with drain number `saved` or before.
    pub(super) fn made(&self, saved: u32) -> Option<&Run> {
        self.made.get().filter(|made| made.drain <= saved).map(|made| &made.run)
    }

    /// Merges on, for no more than `left` segments, which it counts down. Their pages are handed to `put` and count for
    /// nothing until the row is saved that is given back, with drain number `drain`.
    ///
    /// # Errors
    /// [`Fault`] from `put`, or when what is to be merged cannot be read.
    pub(super) fn advance(
        &self,
        drain: u32,
        left: &mut usize,
        places: Places,
        put: &mut dyn FnMut(Vec<Row>) -> Result<(), Fault>,
    ) -> Result<Option<Row>, Fault> {
        if *left == 0 || self.made.get().is_some() {
            return Ok(None);
        }
        let mut run = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        let mut parts = self.parts(run.last());
        while *left > 0 {
            let Some(part) = parts.next() else {
                run.finish();
                let made = Made { run: run.clone(), drain };
                self.made.set(made).unwrap_or_else(|_| unreachable!("it was not made before"));
                break;
            };
            put(run.add(&part?, places))?;
            *left -= 1;
        }
        Ok(Some(run.row(places)))
    }

    /// Every answer after `last` in the order of the keys, in parts of a segment each.
    fn parts(&self, last: Option<[u8; 16]>) -> impl Iterator<Item = Result<Vec<Answer>, Fault>> + use<'_> {
        // A page that cannot be read comes first of all.
        let key =
            |answer: &Result<Answer, Fault>| answer.as_ref().map_or(0, |(key, _)| u128::from_be_bytes(*key));
        let runs = self.runs.iter().map(move |run| self.answers_of(run, last));
        let mut answers = runs.kmerge_by(move |one, other| key(one) < key(other));
        std::iter::from_fn(move || {
            let part: Result<Vec<Answer>, Fault> = answers.by_ref().take(SEGMENT_KEYS).collect();
            (!part.as_ref().is_ok_and(Vec::is_empty)).then_some(part)
        })
    }

    fn answers_of<'a>(
        &'a self,
        run: &'a Run,
        last: Option<[u8; 16]>,
    ) -> impl Iterator<Item = Result<Answer, Fault>> + use<'a> {
        let answers = |key: &[u8]| -> Result<Vec<_>, Fault> {
            Ok(Page::over(&self.past.page(key)?)?.answers().map(Ok).collect())
        };
        let pages =
            run.pages_after(last).flat_map(move |key| answers(&key).unwrap_or_else(|fault| vec![Err(fault)]));
        pages.filter(move |answer| {
            let is_later = |key| last.is_none_or(|last| key > last);
            answer.as_ref().map_or(true, |(key, _)| is_later(*key))
        })
    }
}
