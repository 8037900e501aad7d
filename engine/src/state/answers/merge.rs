//! Merging: the answers of several runs in one order, a segment at a time.

use std::sync::Arc;

use itertools::Itertools;

use super::{
    page::{Answer, Page},
    past::Past,
    run::Run,
};
use crate::fault::Fault;

/// Answers of a segment: what is in memory of a merge.
const SEGMENT_KEYS: usize = 450_000;

/// Runs to be merged into one.
pub(super) struct Merge {
    pub(super) number: u32,
    pub(super) runs: Vec<Run>,
    /// Where their pages are.
    pub(super) past: Arc<Past>,
}

impl Merge {
    /// The level of what comes of it.
    pub(super) fn level(&self) -> u8 {
        self.runs.iter().map(Run::level).max().unwrap_or_default() + 1
    }

    /// The drain that its latest key was in.
    pub(super) fn drain(&self) -> u32 {
        self.runs.iter().map(Run::drain).max().unwrap_or_default()
    }

    /// What it is made of.
    pub(super) fn replaces(&self) -> Vec<u32> {
        self.runs.iter().map(Run::number).collect()
    }

    /// Every answer in the order of the keys, in parts of a segment each.
    pub(super) fn parts(&self) -> impl Iterator<Item = Result<Vec<Answer>, Fault>> + use<'_> {
        // A page that cannot be read comes first of all.
        let key =
            |answer: &Result<Answer, Fault>| answer.as_ref().map_or(0, |(key, _)| u128::from_be_bytes(*key));
        let runs = self.runs.iter().map(|run| self.answers_of(run));
        let mut answers = runs.kmerge_by(move |one, other| key(one) < key(other));
        std::iter::from_fn(move || {
            let part: Result<Vec<Answer>, Fault> = answers.by_ref().take(SEGMENT_KEYS).collect();
            (!part.as_ref().is_ok_and(Vec::is_empty)).then_some(part)
        })
    }

    fn answers_of<'a>(&'a self, run: &'a Run) -> impl Iterator<Item = Result<Answer, Fault>> + use<'a> {
        let answers = |key: &[u8]| -> Result<Vec<_>, Fault> {
            Ok(Page::over(&self.past.page(key)?)?.answers().map(Ok).collect())
        };
        run.pages().flat_map(move |key| answers(&key).unwrap_or_else(|fault| vec![Err(fault)]))
    }
}
