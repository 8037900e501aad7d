//! Tables against their rebuild: what is saved is what the log folds to (law 6).

use std::collections::BTreeMap;

use crate::{
    fault::Fault,
    hex,
    log::{Head, Log, Walk},
    state::{KeyValue, NoRows, State, TABLES_VERSION, TableId, TableStore},
};

/// A saved row that is not what the log says it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDifference {
    /// Which table.
    pub table: &'static str,
    /// The row's key, as hex.
    pub key: String,
    /// Whether it is missing, left over, or different.
    pub what: &'static str,
}

/// What comparing the tables with their rebuild has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TablesFound {
    /// They are of another version: the next start folds them anew, and nobody is served from them.
    OtherVersion,
    /// Every row was compared.
    Compared {
        /// Where they stand.
        position: u64,
        /// What is not as it should be.
        differences: Vec<RowDifference>,
    },
}

/// Folds the tables anew up to where the saved ones stand, and compares every row (law 6).
///
/// # Errors
/// [`Fault`] when log or tables cannot be read.
pub fn compare_tables(log: &dyn Log, tables: &dyn TableStore) -> Result<TablesFound, Fault> {
    let checkpoint = tables.checkpoint()?;
    let stands_at = checkpoint.head.position;
    if stands_at > 0 && checkpoint.version != TABLES_VERSION {
        return Ok(TablesFound::OtherVersion);
    }
    let mut state = State::load(&NoRows::shared())?;
    let mut walk = Walk::new(log, Head::default(), stands_at);
    while let Some(frame) = walk.next_commit()? {
        for recorded in frame.records()? {
            state.fold(recorded.position, &recorded.header, &recorded.event);
        }
    }
    let mut folded = BTreeMap::<TableId, Vec<KeyValue>>::new();
    for row in state.drain().into_rows()? {
        folded.entry(row.table).or_default().extend(row.value.map(|value| (row.key, value)));
    }
    let mut differences = Vec::new();
    for id in State::table_ids() {
        let folded = State::comparable(id, folded.remove(&id).unwrap_or_default());
        let saved = State::comparable(id, tables.scan(id)?);
        differences.extend(compare_rows(State::table_name(id), folded, saved));
    }
    Ok(TablesFound::Compared { position: stands_at, differences })
}

fn compare_rows(
    table: &'static str,
    folded: Vec<KeyValue>,
    saved: Vec<KeyValue>,
) -> impl Iterator<Item = RowDifference> {
    let mut folded: BTreeMap<_, _> = folded.into_iter().collect();
    let mut differences = Vec::new();
    for (key, value) in saved {
        let what = match folded.remove(&key) {
            Some(expected) if expected == value => continue,
            Some(_) => "different",
            None => "left over",
        };
        differences.push(RowDifference { table, key: hex(&key), what });
    }
    let missing = folded.into_keys().map(move |key| RowDifference { table, key: hex(&key), what: "missing" });
    differences.into_iter().chain(missing)
}
