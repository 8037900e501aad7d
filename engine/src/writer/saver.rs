//! The saver: one thread that saves the tables while the writer goes on.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};

use crate::{
    fault::Fault,
    state::{Checkpoint, TableStore, Unsaved},
};

/// How far the saver stands back behind threads that somebody waits for.
const NICENESS: i32 = 10;

/// Rows of the tables, with where they stand.
pub(super) struct Save {
    pub(super) checkpoint: Checkpoint,
    pub(super) rows: Unsaved,
}

/// How far the saver has come; shared with the writer, which has only so many saves waiting.
#[derive(Clone, Default)]
pub(crate) struct Saved(Arc<(Mutex<Progress>, Condvar)>);

#[derive(Default)]
struct Progress {
    drain: u32,
    has_ended: bool,
    /// Whether the writer waits.
    #[cfg(test)]
    is_waited_for: bool,
}

impl Saved {
    /// The store has the rows of every drain up to number `drain`.
    pub(super) fn up_to(drain: u32) -> Self {
        let saved = Self::default();
        saved.note(|progress| progress.drain = drain);
        saved
    }

    /// The number of the last drain whose rows the store has.
    pub(super) fn drain(&self) -> u32 {
        self.progress().drain
    }

    /// Whether nothing more is saved.
    #[cfg(test)]
    pub(crate) fn has_ended(&self) -> bool {
        self.progress().has_ended
    }

    /// Waits until the rows of drain number `drain` are saved, or will never be.
    pub(super) fn wait_for(&self, drain: u32) {
        let waiting = |progress: &mut Progress| progress.drain < drain && !progress.has_ended;
        #[cfg(test)]
        self.note(|progress| progress.is_waited_for = waiting(progress));
        drop(
            self.0
                .1
                .wait_while(self.progress(), waiting)
                .expect("nothing panics while it holds the progress"),
        );
        #[cfg(test)]
        self.note(|progress| progress.is_waited_for = false);
    }

    /// Whether the writer waits for a save.
    #[cfg(test)]
    pub(crate) fn is_waited_for(&self) -> bool {
        self.progress().is_waited_for
    }

    fn note(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress());
        self.0.1.notify_all();
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.0.lock().expect("nothing panics while it holds the progress")
    }
}

/// Tells that the saver has ended, however it did.
struct Ending(Saved);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.note(|progress| progress.has_ended = true);
    }
}

/// The committer's end: rows go in once what they stand for is durable.
pub(super) struct Saver {
    saves: Option<Sender<Save>>,
    thread: Option<JoinHandle<Result<(), Fault>>>,
}

impl Saver {
    /// Starts a saver into `tables`.
    pub(super) fn start(tables: Arc<dyn TableStore>, saved: Saved) -> Result<Self, Fault> {
        let (saves, waiting) = channel();
        let run = move || {
            let ending = Ending(saved);
            run(&*tables, &waiting, &ending.0)
        };
        let thread = std::thread::Builder::new().name("saver".into()).spawn(run);
        let thread = thread.map_err(|error| Fault::Store(error.to_string()))?;
        Ok(Self { saves: Some(saves), thread: Some(thread) })
    }

    /// Hands rows over.
    ///
    /// # Errors
    /// The [`Fault`] the saver ended with.
    pub(super) fn save(&mut self, save: Save) -> Result<(), Fault> {
        let sent = self.saves.as_ref().is_some_and(|saves| saves.send(save).is_ok());
        if sent { Ok(()) } else { self.close() }
    }

    /// Waits until everything is saved.
    ///
    /// # Errors
    /// The [`Fault`] the saver ended with.
    pub(super) fn close(&mut self) -> Result<(), Fault> {
        self.saves = None;
        let Some(thread) = self.thread.take() else { return Ok(()) };
        thread.join().unwrap_or_else(|bug| std::panic::resume_unwind(bug))
    }
}

impl Drop for Saver {
    /// A committer that panics must not leave it behind with the tables open.
    fn drop(&mut self) {
        self.saves = None;
        // A fault of it is no news any more.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn run(tables: &dyn TableStore, saves: &Receiver<Save>, saved: &Saved) -> Result<(), Fault> {
    // Nobody waits for a save, so it takes what processor time the others leave. Where that cannot be asked for, it takes
    // its share.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    for Save { checkpoint, rows } in saves {
        let drain = rows.drain();
        rows.save(tables, checkpoint)?;
        saved.note(|progress| progress.drain = drain);
    }
    Ok(())
}
