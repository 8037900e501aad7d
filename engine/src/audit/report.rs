//! What an audit tells: each check with its outcome, and what was counted.

use std::collections::BTreeSet;

use super::Level;
use crate::{domain::Subject, log::Head};

/// What an audit counted, and every check it made.
#[derive(Debug, Clone)]
pub struct Report {
    /// How much was checked.
    pub level: Level,
    /// Where the log ended.
    pub head: Head,
    /// Commits walked.
    pub commits: u64,
    /// Events decoded.
    pub events: u64,
    /// Entries re-balanced.
    pub entries: u64,
    /// Everybody who was erased: no key of theirs may be left.
    pub erased: BTreeSet<Subject>,
    /// Each check with its outcome, in the order they are printed.
    pub checks: Vec<Check>,
}

/// One line of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// The first thing found wrong; `None` when it held everywhere.
    pub broken: Option<Broken>,
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The first position at which it does not.
    pub position: u64,
    /// What was found.
    pub what: String,
}

impl Report {
    /// Whether every check held.
    pub fn is_clean(&self) -> bool {
        self.checks.iter().all(|check| check.broken.is_none())
    }
}
