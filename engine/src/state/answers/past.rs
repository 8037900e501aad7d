//! Answers that the store has: they do not change any more, so anybody can look there, not only the writer.

use std::sync::{Arc, PoisonError, RwLock};

use super::{Places, filter::Print, page::Page, run::Run};
use crate::{
    fault::Fault,
    state::{idempotency::Answered, store::TableRows},
};

/// Every answer that the store had at one moment.
pub struct Past {
    /// Oldest first.
    runs: Vec<Run>,
    drain: u32,
    places: Places,
    store: Arc<dyn TableRows>,
}

impl Past {
    /// What `store` has.
    pub(super) const fn of(runs: Vec<Run>, places: Places, store: Arc<dyn TableRows>) -> Self {
        Self { runs, drain: 0, places, store }
    }

    /// The same with these runs, up to drain number `drain`.
    pub(super) fn with(&self, runs: Vec<Run>, drain: u32) -> Self {
        Self { runs, drain, places: self.places, store: self.store.clone() }
    }

    /// The drain whose keys are the latest; 0 for those from before this process.
    pub const fn drain(&self) -> u32 {
        self.drain
    }

    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Whether `key` may be there, without a look at the disk; false only if it is not.
    pub fn may_hold(&self, key: &[u8; 16]) -> bool {
        let print = Print::of(key);
        self.runs.iter().any(|run| run.may_hold(key, &print))
    }

    /// What `key` has led to, as far as the store had it. Reads from disk.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    pub fn get(&self, key: &[u8; 16]) -> Result<Option<Answered>, Fault> {
        self.get_after(key, &Print::of(key), None)
    }

    /// As [`Self::get`], in runs that are later than drain number `drain` alone.
    pub(super) fn get_after(
        &self,
        key: &[u8; 16],
        print: &Print,
        drain: Option<u32>,
    ) -> Result<Option<Answered>, Fault> {
        for run in self.runs.iter().rev().filter(|run| drain.is_none_or(|drain| run.drain() > drain)) {
            if let Some(page) = run.page_of(key, print)
                && let Some(answered) = Page::over(&self.page(&page)?)?.get(key)
            {
                return Ok(Some(answered));
            }
        }
        Ok(None)
    }

    /// A page by its key in the store.
    pub(super) fn page(&self, key: &[u8]) -> Result<Vec<u8>, Fault> {
        let missing = || Fault::Undecodable("a run of answers: a page is missing".into());
        self.store.get(self.places.pages, key)?.ok_or_else(missing)
    }
}

/// The latest [`Past`], as the writer has made it.
#[derive(Clone)]
pub struct Shared(Arc<RwLock<Arc<Past>>>);

impl Shared {
    pub(super) fn new(past: Arc<Past>) -> Self {
        Self(Arc::new(RwLock::new(past)))
    }

    pub(super) fn set(&self, past: Arc<Past>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = past;
    }

    /// What the store has now.
    pub fn now(&self) -> Arc<Past> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
