//! Law 6: models built anew from the log hold the same keys and values as those being read.

use std::{cmp::Ordering, path::Path};

use choai_engine::{Fault, log::Log};

use crate::{
    fold::{Cursor, MODELS, Standings, fold_all, names},
    store::{Store, View},
};

/// How many differences are told.
const DIFFERENCES_MAX: usize = 100;
/// How much of a row is shown.
const SHOWN_BYTES: usize = 256;

/// A row that is not what the log says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The model it is in.
    pub model: &'static str,
    /// Its key, bytes that are no ASCII letters escaped.
    pub key: String,
    /// What is kept, shown likewise; `None` if it is missing.
    pub kept: Option<String>,
    /// What the log says; `None` if it says nothing of it.
    pub rebuilt: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let or_nothing =
            |row: &Option<String>| row.as_ref().map_or("nothing".to_owned(), |row| format!("\"{row}\""));
        let (kept, rebuilt) = (or_nothing(&self.kept), or_nothing(&self.rebuilt));
        write!(f, "{}: \"{}\" is {kept}, but the log says {rebuilt}", self.model, self.key)
    }
}

/// Compares every model in `kept` with one built anew in `scratch`.
pub(crate) fn compare(kept: &Store, log: &dyn Log, scratch: &Path) -> Result<Vec<Difference>, Fault> {
    let folder = scratch.join("rebuilt");
    std::fs::create_dir_all(&folder).map_err(|error| Fault::file(&folder, &error))?;
    let rebuilt = Store::scratch(&folder, &names())?;
    // All views first: each is then compared as it was, however long building takes.
    let views =
        MODELS.iter().map(|model| kept.view(model.name, model.version)).collect::<Result<Vec<_>, _>>()?;
    let start = |(model, view): (_, &View<'_>)| Cursor::at_start(model, 1).going_until(view.head().position);
    let mut cursors: Vec<Cursor> = MODELS.iter().zip(&views).map(start).collect();
    fold_all(&rebuilt, &mut cursors, log, Standings::Kept, |_| true)?;
    let mut differences = Vec::new();
    for (cursor, view) in cursors.iter().zip(views) {
        let model = cursor.model;
        if cursor.head != view.head() {
            differences.push(elsewhere(cursor, &view));
        } else if cursor.head.position > 0 {
            compare_rows(model.name, &view, &rebuilt.view(model.name, model.version)?, &mut differences)?;
        }
    }
    Ok(differences)
}

/// A model that stands where the log has never been.
fn elsewhere(cursor: &Cursor, view: &View<'_>) -> Difference {
    Difference {
        model: cursor.model.name,
        key: "position".into(),
        kept: Some(format!("{:?}", view.head())),
        rebuilt: Some(format!("{:?}", cursor.head)),
    }
}

/// Walks both in the order of their keys.
fn compare_rows(
    model: &'static str,
    kept: &View<'_>,
    rebuilt: &View<'_>,
    differences: &mut Vec<Difference>,
) -> Result<(), Fault> {
    let (mut kept, mut rebuilt) = (kept.stored(), rebuilt.stored());
    let (mut left, mut right) = (kept.next().transpose()?, rebuilt.next().transpose()?);
    while differences.len() < DIFFERENCES_MAX {
        let order = match (&left, &right) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((left, _)), Some((right, _))) => left.cmp(right),
        };
        // The row with the lower key is the other's missing one.
        let here = if order.is_le() { std::mem::replace(&mut left, kept.next().transpose()?) } else { None };
        let there =
            if order.is_ge() { std::mem::replace(&mut right, rebuilt.next().transpose()?) } else { None };
        if here != there {
            let key = here.as_ref().or(there.as_ref()).map(|(key, _)| show(key)).unwrap_or_default();
            let value = |row: Option<(Vec<u8>, Vec<u8>)>| row.map(|(_, value)| show(&value));
            differences.push(Difference { model, key, kept: value(here), rebuilt: value(there) });
        }
    }
    Ok(())
}

fn show(bytes: &[u8]) -> String {
    let shown = bytes[..bytes.len().min(SHOWN_BYTES)].escape_ascii().to_string();
    if bytes.len() > SHOWN_BYTES { shown + " …" } else { shown }
}
