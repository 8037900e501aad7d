//! Whether there is room on the ledger's disk: without it every command is refused, and somebody has to know why.

use std::time::Duration;

use choai_engine::Engine;
use tokio::{sync::watch, time::sleep};

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Looks now and then, and tells once when there is no room any more and once when there is again.
pub async fn watch(engine: Engine, mut stop: watch::Receiver<bool>) {
    let mut had_room = true;
    loop {
        // A disk that says nothing is told of by whoever needs it.
        let has_room = engine.has_room().unwrap_or(had_room);
        match (had_room, has_room) {
            (true, false) => tracing::error!(
                "less than --reserve-mib is free on the ledger's disk; nothing is recorded until there is more"
            ),
            (false, true) => tracing::info!("there is room on the ledger's disk again"),
            (true, true) | (false, false) => {}
        }
        had_room = has_room;
        tokio::select! {
            () = sleep(PAUSE) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
