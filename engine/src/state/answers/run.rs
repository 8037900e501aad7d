//! A run: answers in the order of their keys, in segments of pages, and what of it stays in memory.

use std::sync::Arc;

use super::{
    Places,
    filter::{Filter, Print},
    page::{Answer, PAGE_KEYS, Page},
};
use crate::{
    fault::Fault,
    log::codec,
    state::store::{Row, TableRows},
};

/// The number, among the pages of a segment, under which its index is stored.
pub(super) const INDEX: u32 = u32::MAX;

/// What is in memory of a run; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Run {
    number: u32,
    level: u8,
    /// The drain that its latest key was in; 0 for one from before this process.
    drain: u32,
    /// Runs that this one was merged from.
    replaces: Vec<u32>,
    /// In the order of their keys.
    segments: Vec<Segment>,
    /// Whether these are all; until then the run counts for nothing.
    is_whole: bool,
}

/// A part of a run.
#[derive(Debug, Clone)]
struct Segment {
    first: [u8; 16],
    last: [u8; 16],
    index: Arc<Index>,
}

#[derive(Debug)]
struct Index {
    /// The first key of every page.
    firsts: Vec<[u8; 16]>,
    filter: Filter,
}

impl Run {
    /// A run without any segment yet.
    pub(super) const fn begin(number: u32, level: u8, drain: u32, replaces: Vec<u32>) -> Self {
        Self { number, level, drain, replaces, segments: Vec::new(), is_whole: false }
    }

    /// Appends a segment of these answers, which are in the order of their keys; gives its rows.
    pub(super) fn add(&mut self, answers: &[Answer], places: Places) -> Vec<Row> {
        let segment = u32::try_from(self.segments.len()).expect("segments are long");
        let filter = Filter::over(answers.iter().map(|(key, _)| key));
        let firsts: Vec<_> = answers.chunks(PAGE_KEYS).map(|page| page[0].0).collect();
        let (first, last) = (answers[0].0, answers[answers.len() - 1].0);
        let index = codec::to_bytes(&(&firsts, last, &filter));
        let row = |page, value| Row {
            table: places.pages,
            key: key(self.number, segment, page),
            value: Some(value),
        };
        let pages = (0..).zip(answers.chunks(PAGE_KEYS));
        let mut rows: Vec<Row> = pages.map(|(page, answers)| row(page, Page::encode(answers))).collect();
        rows.push(row(INDEX, index));
        self.segments.push(Segment { first, last, index: Arc::new(Index { firsts, filter }) });
        rows
    }

    /// No segment will come any more.
    pub(super) const fn finish(&mut self) {
        self.is_whole = true;
    }

    /// The row that tells of the run; segments that it does not tell of count for nothing.
    pub(super) fn row(&self, places: Places) -> Row {
        let segments = u32::try_from(self.segments.len()).expect("segments are long");
        let value = codec::to_bytes(&(self.level, segments, &self.replaces, self.is_whole));
        Row { table: places.runs, key: self.number.to_be_bytes().to_vec(), value: Some(value) }
    }

    /// Every run in `store`, in the order in which they were made.
    pub(super) fn load_all(places: Places, store: &dyn TableRows) -> Result<Vec<Self>, Fault> {
        let unreadable = || Fault::Undecodable("a run of answers".into());
        let mut runs = Vec::new();
        for (number, row) in store.scan(places.runs)? {
            let number = u32::from_be_bytes(number.try_into().map_err(|_| unreadable())?);
            let (level, segments, replaces, is_whole) = codec::from_bytes::<(u8, u32, _, _)>(&row)?;
            let segment = |segment| {
                let index = store.get(places.pages, &key(number, segment, INDEX))?.ok_or_else(unreadable)?;
                let (firsts, last, filter): (Vec<[u8; 16]>, _, Filter) = codec::from_bytes(&index)?;
                // What look-ups rely on.
                if !firsts.is_sorted() || firsts.last().is_none_or(|first| *first > last) || filter.is_empty()
                {
                    return Err(unreadable());
                }
                Ok(Segment { first: firsts[0], last, index: Arc::new(Index { firsts, filter }) })
            };
            let segments = (0..segments).map(segment).collect::<Result<Vec<Segment>, Fault>>()?;
            if !segments.is_sorted_by(|one, next| one.last < next.first) {
                return Err(unreadable());
            }
            runs.push(Self { number, level, drain: 0, replaces, segments, is_whole });
        }
        Ok(runs)
    }

    /// Counted from 0 in the order in which runs were made.
    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    /// How often its answers were merged.
    pub(super) const fn level(&self) -> u8 {
        self.level
    }

    /// The drain that its latest key was in.
    pub(super) const fn drain(&self) -> u32 {
        self.drain
    }

    /// The runs that it was merged from.
    pub(super) fn replaces(&self) -> &[u32] {
        &self.replaces
    }

    /// Whether it has all its segments.
    pub(super) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The last key in it.
    pub(super) fn last(&self) -> Option<[u8; 16]> {
        self.segments.last().map(|segment| segment.last)
    }

    /// Whether `key`, whose print is `print`, may be in the run.
    pub(super) fn may_hold(&self, key: &[u8; 16], print: &Print) -> bool {
        self.segment_of(key).is_some_and(|(_, segment)| segment.index.filter.may_hold(print))
    }

    /// The key in the store of the one page that may hold `key`, whose print is `print`.
    pub(super) fn page_of(&self, key: &[u8; 16], print: &Print) -> Option<Vec<u8>> {
        let (number, segment) =
            self.segment_of(key).filter(|(_, segment)| segment.index.filter.may_hold(print))?;
        let page = segment.index.firsts.partition_point(|first| first <= key) - 1;
        Some(self::key(self.number, number, u32::try_from(page).expect("segments are bounded")))
    }

    /// Where each of its pages is, in the order of their keys, but not of those that hold no key after `last`.
    pub(super) fn pages_after(&self, last: Option<[u8; 16]>) -> impl Iterator<Item = Vec<u8>> + use<'_> {
        let is_after = move |key: &[u8; 16]| last.is_none_or(|last| *key > last);
        let segments = (0..).zip(&self.segments).filter(move |(_, segment)| is_after(&segment.last));
        segments.flat_map(move |(number, segment)| {
            let firsts = &segment.index.firsts;
            let from = firsts.partition_point(|first| !is_after(first)).saturating_sub(1);
            (from as u32..firsts.len() as u32).map(move |page| key(self.number, number, page))
        })
    }

    /// Rows that delete its pages.
    pub(super) fn pages_gone(&self, places: Places) -> impl Iterator<Item = Row> + use<'_> {
        self.pages_after(None).map(move |key| Row { table: places.pages, key, value: None })
    }

    /// Rows that delete what it is found by.
    pub(super) fn heads_gone(&self, places: Places) -> impl Iterator<Item = Row> + use<'_> {
        let indexes = (0..self.segments.len() as u32).map(|segment| key(self.number, segment, INDEX));
        let gone = indexes.map(move |key| Row { table: places.pages, key, value: None });
        gone.chain([Row { value: None, ..self.row(places) }])
    }

    /// The segment whose keys are around `key`, with its number.
    fn segment_of(&self, key: &[u8; 16]) -> Option<(u32, &Segment)> {
        let at = self.segments.partition_point(|segment| segment.last < *key);
        let segment = self.segments.get(at).filter(|segment| segment.first <= *key)?;
        Some((at as u32, segment))
    }
}

fn key(run: u32, segment: u32, page: u32) -> Vec<u8> {
    [run, segment, page].map(u32::to_be_bytes).concat()
}
