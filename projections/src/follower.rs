//! The follower: one thread that folds every commit into the models as soon as it is durable.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use choai_engine::{
    Fault,
    log::{Head, Log},
};
use tokio::sync::watch;

use crate::Models;

/// Commits that nobody waits for gather for so long, and are then folded in together: what they say of one account is
/// written once.
const GATHERING: Duration = Duration::from_millis(50);

/// A running follower. It ends with the engine, once everything is folded in; dropped, it goes on until then.
#[must_use = "a follower is stopped and joined, or it outlives whoever started it"]
pub struct Follower {
    stop: Arc<watch::Sender<bool>>,
    thread: Result<JoinHandle<Result<(), Fault>>, Fault>,
}

impl Follower {
    /// Starts following `log`, whose end `head` tells.
    pub(crate) fn start(models: Models, log: Arc<dyn Log>, head: watch::Receiver<Head>) -> Self {
        let stop = Arc::new(watch::Sender::new(false));
        models.set_fault(None);
        let checked = models.check_against(&*log);
        let thread = checked.and_then(|()| {
            let (models, stop) = (models.clone(), stop.clone());
            let thread = std::thread::Builder::new().name("follower".into());
            let thread = thread.spawn(move || run(&models, &*log, head, &stop));
            thread.map_err(|error| Fault::Store(format!("the read models' follower did not start: {error}")))
        });
        if let Err(fault) = &thread {
            tell(&models, fault);
        }
        Self { stop, thread }
    }

    /// Stops after the commits being folded in, and waits for that. What is left is folded in by the next
    /// follower.
    ///
    /// # Errors
    /// The [`Fault`] it ended with earlier.
    pub fn stop(self) -> Result<(), Fault> {
        self.stop.send_replace(true);
        self.thread?.join().unwrap_or_else(|_| Err(bug()))
    }
}

fn run(
    models: &Models,
    log: &dyn Log,
    head: watch::Receiver<Head>,
    stop: &watch::Sender<bool>,
) -> Result<(), Fault> {
    let followed = catch_unwind(AssertUnwindSafe(|| follow(models, log, head, stop.subscribe())));
    let followed = followed.unwrap_or_else(|_| Err(bug()));
    if let Err(fault) = &followed {
        tell(models, fault);
    }
    followed
}

fn follow(
    models: &Models,
    log: &dyn Log,
    mut head: watch::Receiver<Head>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| Fault::Store(format!("the read models' follower: {error}")))?;
    loop {
        // Seen before reading: a commit that comes while we read wakes us again.
        let ended = head.has_changed().is_err();
        head.mark_unchanged();
        models.catch_up(log, || *stop.borrow())?;
        if ended || *stop.borrow() {
            return Ok(());
        }
        runtime.block_on(async {
            tokio::select! {
                // An engine that has ended is noticed above; so is the word to stop.
                _ = head.changed() => {}
                _ = stop.changed() => return,
            }
            tokio::select! {
                () = tokio::time::sleep(GATHERING) => {}
                () = models.wanted() => {}
                _ = stop.changed() => {}
            }
        });
    }
}

fn tell(models: &Models, fault: &Fault) {
    tracing::error!(%fault, "the read models no longer follow");
    models.set_fault(Some(fault.clone()));
}

fn bug() -> Fault {
    Fault::Store("the read models' follower met a bug and stopped".into())
}
