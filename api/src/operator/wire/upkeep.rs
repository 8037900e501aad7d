//! What goes over the wire about subjects and backups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An erasure that is done.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SubjectErased {
    /// Who.
    #[schema(example = "payment-AIYmQIOAz0GlmsjfhgiOeu304")]
    pub subject: String,
    /// Where the log tells of it.
    pub position: u64,
    /// When, by the wall clock.
    pub erased_at: String,
}

/// What is kept sealed about a subject.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SubjectSeen {
    /// Who.
    #[schema(example = "payment-AIYmQIOAz0GlmsjfhgiOeu304")]
    pub subject: String,
    /// Whether it was erased.
    pub erased: bool,
    /// Each field that was sealed: what it says, or `[erased]`. None of a user: nothing of users is sealed yet.
    pub fields: BTreeMap<String, Option<String>>,
}

/// A backup to be taken.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBackup {
    /// The folder of backups, on the server's machine; an absolute path.
    #[schema(example = "/srv/backups/choai")]
    pub folder: String,
    /// Keep earlier backups that hold keys of subjects erased since; they are deleted unless this is set.
    #[serde(default)]
    pub keep_outdated: bool,
}

/// How far a backup has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum BackupStands {
    /// None was asked for since the server was started.
    #[default]
    Idle,
    /// It is under way.
    Running {
        /// `copying`, `checking` (bytes), or `proving` (positions).
        step: String,
        /// How much of it is done.
        done: u64,
        /// Of how much.
        of: u64,
    },
    /// The last one was taken and proved.
    Done {
        /// What it is.
        backup: BackupTaken,
    },
    /// The last one failed; earlier backups are as they were.
    Failed {
        /// What was wrong.
        message: String,
    },
}

/// A backup that was taken and proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackupTaken {
    /// Counted from 1 in its folder.
    pub number: u32,
    /// Where its log ends.
    pub position: u64,
    /// The hash of that commit.
    pub hash: String,
    /// When it was taken.
    pub taken_at: String,
    /// How many subjects were erased by then.
    pub erasures: u64,
    /// Bytes of all its files.
    pub bytes: u64,
    /// Bytes that were copied for it; the rest is shared with earlier ones.
    pub copied_bytes: u64,
    /// Earlier backups that were deleted, because they held keys of subjects erased since.
    pub dropped: Vec<u32>,
    /// Earlier backups that hold such keys, and were kept.
    pub outdated: Vec<u32>,
}
