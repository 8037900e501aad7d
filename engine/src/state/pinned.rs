//! The rows of the tables, pinned to their version: rows that are written otherwise need another one.
//!
//! A data folder keeps its rows for as long as `TABLES_VERSION` is what it was. So a row of another shape or meaning
//! under the same version would be read from an old folder as something it is not, and nothing would tell.
//! `pinned/rows.txt` has a line for every event of the histories in `chapters`, with a digest of the rows that it
//! changed, table by table.
//!
//! - A test fails and tells of rows that are written otherwise: raise `TABLES_VERSION`, then run the tests once with
//!   `UPDATE_EXPECT=1`. Raising costs nothing but that the next start folds the log anew, so it is done also where it
//!   was a rule that changed, and with it what these histories lead to.
//! - A new table has no rows here: have a chapter write to it, at its end or as a chapter of its own, and run with
//!   `UPDATE_EXPECT=1`. Lines that are there are never changed by that.
//! - A version that no data folder has, because it was raised since the last release, can be pinned anew: empty
//!   `rows.txt` first.

mod chapters;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use expect_test::expect_file;
use proptest::{prelude::*, sample::Index};
use sha2::{Digest, Sha256};

use super::{NoRows, Row, State, TABLES_VERSION, TableId, tables::ANSWERS};
use crate::{
    books::Realm,
    domain::{Command, Context, Event, Span, Timestamp, decide, decide_due},
    hex,
    log::{Actor, RecordHeader, codec},
    state::IdempotencyKey,
};

const STORED: &str = include_str!("pinned/rows.txt");
/// Of each digest: enough to tell rows apart that were not made to be alike.
const DIGEST_BYTES: usize = 4;

/// A history of its own, and the line of each of its events.
struct Chapter {
    state: State,
    now: Timestamp,
    position: u64,
    lines: String,
    /// Every row that was ever written.
    rows: Vec<Row>,
}

impl Chapter {
    /// Nothing has happened yet; it is 2026-01-05T03:00:00Z.
    fn begin(name: &str) -> Self {
        let state = State::load(&NoRows::shared()).unwrap();
        let lines = format!("{name}, version {TABLES_VERSION}\n");
        Self { state, now: Timestamp(1_767_582_000_000_000), position: 0, lines, rows: Vec::new() }
    }

    /// What follows from a command, which must not be refused.
    fn tell(&mut self, realm: Option<Realm>, command: Command) {
        let context = Context { realm, tenant: None, now: self.state.now(realm, self.now) };
        let events = decide(&self.state, &command, &context);
        let events = events.unwrap_or_else(|refused| panic!("{command:?} was refused: {refused}"));
        self.fold(&events, &context);
    }

    /// Lets time pass, and happen in `realm` what becomes due.
    fn wait(&mut self, realm: Realm, span: Span) {
        self.now = self.now + span;
        while let Some((at, due)) = self.state.dues.first(realm).filter(|(at, _)| *at <= self.now) {
            let context = Context { realm: Some(realm), tenant: None, now: at };
            self.fold(&decide_due(&self.state, due, &context), &context);
        }
    }

    /// As the writer does it: the events of one command share its key.
    fn fold(&mut self, events: &[Event], context: &Context) {
        let first = self.position + 1;
        let key = uuid::Uuid::from_u128(first.into()).into_bytes();
        for event in events {
            self.position += 1;
            let (stream, id) = (event.stream(), uuid::Uuid::from_u128(self.position.into()));
            let header = RecordHeader {
                stream,
                revision: self.state.revision(stream).map_or(0, |revision| revision + 1),
                id,
                realm: context.realm,
                effective_at: context.now,
                causation: id,
                correlation: id,
                actor: Actor::Operator,
                idempotency: Some(IdempotencyKey { key, request: [first as u8; 16] }),
            };
            self.state.fold(self.position, &header, event);
            let rows = self.state.drain().into_rows().unwrap();
            self.lines += &format!("{}{}\n", codec::encode_event(event).0.name(), digests(&rows));
            self.rows.extend(rows);
        }
    }
}

/// A digest of the rows of each table, in whatever order they come.
fn digests(rows: &[Row]) -> String {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by(|one, other| (one.table, &one.key).cmp(&(other.table, &other.key)));
    let mut tables = BTreeMap::<TableId, Sha256>::new();
    for row in rows {
        tables.entry(row.table).or_default().update(codec::to_bytes(&(row.table.0, &row.key, &row.value)));
    }
    let shown = tables.into_iter().map(|(table, rows)| {
        format!(" {}:{}", State::table_name(table), hex(&rows.finalize()[..DIGEST_BYTES]))
    });
    shown.collect()
}

/// The first line of a chapter that is stored and is another by now.
fn first_change(stored: &str, told: &str) -> Option<String> {
    stored.split("\n\n").find_map(|stored| {
        // Under another version every line may be another.
        let now = told.split("\n\n").find(|now| now.lines().next() == stored.lines().next())?;
        let mut now = now.lines();
        let changed = stored.lines().find(|line| now.next() != Some(*line))?;
        Some(format!("{}: {changed}", stored.lines().next().unwrap_or_default()))
    })
}

#[test]
fn rows_that_are_written_otherwise_need_another_version() {
    let told = chapters::all().map(|chapter| chapter.lines).join("\n");
    if let Some(changed) = first_change(STORED, &told) {
        panic!(
            "the tables would have other rows than version {TABLES_VERSION} wrote, first in\n  {changed}\nRaise \
             TABLES_VERSION in engine/src/state/tables.rs, then run the tests with UPDATE_EXPECT=1; \
             engine/src/state/pinned.rs says more."
        );
    }
    expect_file!["./pinned/rows.txt"].assert_eq(&told);
}

#[test]
fn every_table_is_pinned() {
    let told = chapters::all().map(|chapter| chapter.lines).concat();
    for table in State::table_ids().map(State::table_name) {
        assert!(
            told.contains(&format!(" {table}:")),
            "nothing writes to the table {table}: have a chapter in engine/src/state/pinned/chapters.rs do so"
        );
    }
}

#[test]
fn only_what_is_added_leaves_the_version_as_it_is() {
    let stored = "payments, version 4\na x:1\nb x:2\n\npoints, version 4\nc y:3\n";
    let change = |told: &str| first_change(stored, told);
    assert_eq!(change(stored), None);
    assert_eq!(change(&stored.replace("b x:2\n", "b x:2\nb x:5\n")), None, "a chapter goes on");
    assert_eq!(change(&format!("{stored}\nusers, version 4\nd z:1\n")), None, "another chapter");
    assert_eq!(change(&stored.replace('4', "5").replace("x:1", "x:9")), None, "another version");
    assert_eq!(change(&stored.replace("x:2", "x:9")).as_deref(), Some("payments, version 4: b x:2"));
    assert_eq!(change(&stored.replace("c y:3\n", "")).as_deref(), Some("points, version 4: c y:3"));
}

/// Whatever a disk makes of a row, reading it is refused or gives another row; it never panics.
#[test]
fn bent_rows_are_read_without_a_panic() {
    let answers = [ANSWERS.pages, ANSWERS.runs];
    let rows = chapters::all().into_iter().flat_map(|chapter| chapter.rows);
    let rows: Vec<Row> = rows.filter(|row| !answers.contains(&row.table)).collect();
    let state = RefCell::new(State::load(&NoRows::shared()).unwrap());
    assert!(rows.iter().all(|row| state.borrow_mut().reads(row)), "every row is one of its table's");
    let edits = prop::collection::vec((any::<Index>(), any::<u8>()), 1..4);
    let bends = (any::<Index>(), any::<bool>(), edits, any::<Option<Index>>());
    let config = ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() };
    let refused = Cell::new(0);
    proptest!(config, |((which, of_key, edits, cut) in bends)| {
        let mut row = rows[which.index(rows.len())].clone();
        let mut nothing = Vec::new();
        let bytes = if of_key { &mut row.key } else { row.value.as_mut().unwrap_or(&mut nothing) };
        for (at, byte) in edits {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        refused.set(refused.get() + u32::from(!state.borrow_mut().reads(&row)));
    });
    let refused = refused.get();
    assert!(refused > 1_000, "{refused} of the bent rows are refused");
}
