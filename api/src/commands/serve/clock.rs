//! Whether the wall clock is behind the log: recorded time never falls, so then it stands still.

use std::time::Duration;

use choai_engine::{
    Engine, Fault,
    domain::{Span, Timestamp},
};
use tokio::{sync::watch, time::sleep};

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(60);
/// A clock that is kept right is put back by less, and nobody has to know.
const TOLERANCE: Span = Span::seconds(10);

/// Looks now and then, and tells once when the clock falls behind and once when it has caught up.
pub async fn watch(engine: Engine, mut stop: watch::Receiver<bool>) {
    let mut is_behind = false;
    loop {
        let reader = engine.clone();
        // Read from disk, a whole commit.
        let last = tokio::task::spawn_blocking(move || last_commit(&reader)).await;
        // A log that cannot be read stops the server, and that is told elsewhere.
        if let Ok(Ok(Some(last))) = last {
            is_behind = tell(is_behind, last, engine.now());
        }
        tokio::select! {
            () = sleep(PAUSE) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// When the last commit was made; `None` before the first.
fn last_commit(engine: &Engine) -> Result<Option<Timestamp>, Fault> {
    let head = engine.head().position;
    let frames = if head == 0 { Vec::new() } else { engine.log().read(head, 1)? };
    Ok(frames.last().map(|frame| frame.recorded_at()))
}

/// Whether the clock is behind now; told where that is news.
fn tell(was_behind: bool, last: Timestamp, now: Timestamp) -> bool {
    let behind = last - now;
    let is_behind = behind > TOLERANCE;
    match (was_behind, is_behind) {
        (false, true) => tracing::warn!(
            behind_s = behind.0 / 1_000_000,
            log = %last,
            "the wall clock is behind the log; recorded time stands still until it has caught up"
        ),
        (true, false) => tracing::info!("the wall clock has caught up with the log"),
        (false, false) | (true, true) => {}
    }
    is_behind
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use choai_engine::{
        ManualClock, Options,
        domain::{Command, Digest, SecretId, merchant},
        log::{Actor, MemoryStore},
        vault::{MasterKey, OsRandom},
    };

    use super::*;

    const NOON: Timestamp = Timestamp(1_767_582_000_000_000);

    /// What is traced, as text.
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn falling_behind_is_told_once_and_so_is_catching_up() {
        let told = Told::default();
        let writer = told.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let clock = [0, -10, -11, -3_600, -3_600, -10, 5, -86_400].map(Span::seconds);
        tracing::subscriber::with_default(subscriber, || {
            clock.into_iter().fold(false, |was, by| tell(was, NOON, NOON + by));
        });
        let text = String::from_utf8(told.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().map(|line| line.split_once("clock: ").unwrap().1).collect();
        let behind = |seconds: u32| {
            format!(
                "the wall clock is behind the log; recorded time stands still until it has caught up \
                 behind_s={seconds} log=2026-01-05T03:00:00Z"
            )
        };
        assert_eq!(lines, [&*behind(11), "the wall clock has caught up with the log", &*behind(86_400)]);
    }

    #[tokio::test]
    async fn the_logs_time_is_that_of_its_last_commit() {
        let clock = Arc::new(ManualClock::new(NOON));
        let options = Options { clock: clock.clone(), random: Arc::new(OsRandom) };
        let engine =
            Engine::over(Arc::new(MemoryStore::new()), MasterKey::from_bytes([7; 32]), options).unwrap();
        assert_eq!(last_commit(&engine).unwrap(), None);
        for moved in [Span::hours(1), Span::hours(-2)] {
            clock.advance(moved);
            let command = merchant::Command::Register {
                name: "Sample Shop".into(),
                access_key: Digest([1; 32]),
                client_id: "client".into(),
                client_secret: Digest([2; 32]),
                secret: SecretId([3; 16]),
                signature_required: false,
                mode: merchant::Mode::Test,
            };
            let provenance = choai_engine::Provenance::new(engine.new_id(), Actor::Operator, None);
            engine.submit(choai_engine::Envelope::new(provenance, Command::Merchant(command))).await.unwrap();
            assert_eq!(last_commit(&engine).unwrap(), Some(NOON + Span::hours(1)));
        }
        engine.close().await.unwrap();
    }
}
