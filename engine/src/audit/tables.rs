//! Tables against their rebuild: what is saved is what the log folds to (law 6).

use std::collections::BTreeMap;

use crate::{
    fault::Fault,
    hex,
    log::{Head, Log, TableStore, Walk},
    state::{NoRows, State, TABLES_VERSION},
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
pub fn compare_tables<S: Log + TableStore>(store: &S) -> Result<TablesFound, Fault> {
    let checkpoint = store.checkpoint()?;
    let stands_at = checkpoint.head.position;
    if stands_at > 0 && checkpoint.version != TABLES_VERSION {
        return Ok(TablesFound::OtherVersion);
    }
    let mut state = State::load(&NoRows::shared())?;
    let mut walk = Walk::new(store, Head::default(), stands_at);
    while let Some(frame) = walk.next_commit()? {
        for recorded in frame.records()? {
            state.fold(recorded.position, &recorded.header, &recorded.event);
        }
    }
    let mut folded = BTreeMap::new();
    for row in state.drain_dirty() {
        folded.insert((row.table, row.key), row.value);
    }
    let mut differences = Vec::new();
    for table in State::table_ids() {
        for (key, value) in store.scan(table)? {
            let what = match folded.remove(&(table, key.clone())).flatten() {
                Some(expected) if expected == value => continue,
                Some(_) => "different",
                None => "left over",
            };
            differences.push(RowDifference { table: State::table_name(table), key: hex(&key), what });
        }
    }
    let missing = folded.into_iter().filter(|(_, value)| value.is_some());
    differences.extend(missing.map(|((table, key), _)| {
        let table = State::table_name(table);
        RowDifference { table, key: hex(&key), what: "missing" }
    }));
    Ok(TablesFound::Compared { position: stands_at, differences })
}
