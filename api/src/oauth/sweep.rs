//! Tokens that have had their time, deleted.

use std::time::Duration;

use choai_engine::Fault;
use tokio::sync::watch;

use crate::{app::App, tokens};

/// How often they are looked for.
const INTERVAL: Duration = Duration::from_secs(60);

/// Deletes what has had its time, again and again, until told to stop.
pub async fn sweep(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = sweep_once(&app).await {
            // They lead nowhere any more; they only take up room until this succeeds.
            tracing::warn!(%error, "tokens that are over could not be deleted");
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
    }
}

async fn sweep_once(app: &App) -> Result<(), Fault> {
    loop {
        let engine = app.engine().clone();
        let swept = tokio::task::spawn_blocking(move || tokens::sweep(engine.vault().rows(), engine.now()));
        if !swept.await.expect("a sweep does not panic")? {
            return Ok(());
        }
    }
}
