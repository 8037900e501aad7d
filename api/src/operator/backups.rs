//! Backups beside the running server: begun, and looked at until they are done.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{Json, body::Bytes, extract::State};
use choai_engine::{
    Engine, Fault, hex,
    log::{Outdated, Step, Taken},
};

use super::{
    errors::{Error, ErrorBody, Unread, Unwritten},
    handlers::read,
    wire::{BackupStands, BackupTaken, TakeBackup},
};
use crate::app::App;

/// Where the one backup stands that may be under way; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct BackupDesk(Arc<Mutex<BackupStands>>);

impl BackupDesk {
    fn stands(&self) -> MutexGuard<'_, BackupStands> {
        self.0.lock().expect("nothing panics while it holds where a backup stands")
    }

    /// Takes the desk for another backup; false if one is under way.
    fn begin(&self) -> bool {
        let mut stands = self.stands();
        let is_free = !matches!(*stands, BackupStands::Running { .. });
        if is_free {
            *stands = running(Step::Copying);
        }
        is_free
    }
}

/// Take a backup
///
/// Answers at once; where it stands is told by `GET`. Payments go on meanwhile, erasures wait.
#[utoipa::path(
    post,
    path = "/operator/backups",
    tag = "backups",
    security(("operator_token" = [])),
    request_body = TakeBackup,
    responses(
        (status = 200, description = "It is begun.", body = BackupStands),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 409, description = "One is under way.", body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn take(State(app): State<App>, body: Bytes) -> Result<Json<BackupStands>, Error> {
    let TakeBackup { folder, keep_outdated } = read(&body)?;
    let folder = PathBuf::from(folder);
    if !folder.is_absolute() {
        return Err(Error::Unreadable("folder must be an absolute path".into()));
    }
    let desk = app.backups().clone();
    if !desk.begin() {
        return Err(Error::Conflict("a backup is under way; wait until it is done".into()));
    }
    let engine = app.engine().clone();
    let outdated = if keep_outdated { Outdated::Keep } else { Outdated::Drop };
    let begun = desk.stands().clone();
    // It reads and writes files for as long as it takes.
    tokio::task::spawn_blocking(move || {
        let stands = match back_up(&engine, &folder, outdated, &desk) {
            Ok(taken) => {
                let (number, position) = (taken.manifest.number, taken.manifest.head.position);
                tracing::info!(number, position, "a backup was taken and proved");
                BackupStands::Done { backup: told(&taken) }
            }
            Err(fault) => {
                tracing::error!(%fault, "a backup failed");
                BackupStands::Failed { message: fault.to_string() }
            }
        };
        *desk.stands() = stands;
    });
    Ok(Json(begun))
}

/// Where the last backup stands
#[utoipa::path(
    get,
    path = "/operator/backups",
    tag = "backups",
    security(("operator_token" = [])),
    responses((status = 200, body = BackupStands), (status = 401, body = ErrorBody), Unread),
)]
pub async fn look(State(app): State<App>) -> Json<BackupStands> {
    Json(app.backups().stands().clone())
}

fn back_up(
    engine: &Engine,
    folder: &std::path::Path,
    outdated: Outdated,
    desk: &BackupDesk,
) -> Result<Taken, Fault> {
    let scratch = tempfile::tempdir().map_err(|error| Fault::file(&std::env::temp_dir(), &error))?;
    engine.back_up(folder, outdated, scratch.path(), &mut |step| *desk.stands() = running(step))
}

/// A step as it is told.
pub fn running(step: Step) -> BackupStands {
    let (step, done, of) = match step {
        Step::Copying => ("copying", 0, 0),
        Step::Checking { bytes, of } => ("checking", bytes, of),
        Step::Proving { position, of } => ("proving", position, of),
    };
    BackupStands::Running { step: step.to_owned(), done, of }
}

/// A backup as it is told.
pub fn told(taken: &Taken) -> BackupTaken {
    let manifest = &taken.manifest;
    BackupTaken {
        number: manifest.number,
        position: manifest.head.position,
        hash: hex(&manifest.head.hash),
        taken_at: manifest.at.to_string(),
        erasures: manifest.erasures,
        bytes: manifest.bytes(),
        copied_bytes: taken.copied_bytes,
        dropped: taken.dropped.clone(),
        outdated: taken.outdated.clone(),
    }
}
