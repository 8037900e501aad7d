//! The committer: one thread that seals, commits and publishes one batch while the writer decides the next.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::watch;

use super::{
    Answer, Message, Sender,
    batch::{Answers, Batch},
    linger,
    saver::{Save, Saver},
};
use crate::{
    fault::Fault,
    log::{Frame, Head, Log, Witness},
    state::Checkpoint,
};

/// Between writer and committer there is room for one batch. As long as the committer has not taken it, the writer can
/// take it back and let it grow.
#[derive(Default)]
struct Slot {
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    batch: Option<Batch>,
    /// No more will come.
    is_closed: bool,
    /// The committer has ended: nothing will be taken.
    has_ended: bool,
    /// What was taken is not committed yet.
    #[cfg(test)]
    is_working: bool,
}

impl Slot {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("nothing panics while it holds the slot")
    }

    fn note(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.held());
        self.changed.notify_all();
    }

    /// Waits for a batch, at most so long; `Err` once no more will come.
    fn take(&self, at_most: Option<Duration>) -> Result<Option<Batch>, Closed> {
        let waiting = |held: &mut Held| held.batch.is_none() && !held.is_closed;
        let sound = "nothing panics while it holds the slot";
        #[cfg(test)]
        self.note(|held| held.is_working = false);
        linger(|| waiting(&mut self.held()));
        let mut held = match at_most {
            None => self.changed.wait_while(self.held(), waiting).expect(sound),
            Some(time) => self.changed.wait_timeout_while(self.held(), time, waiting).expect(sound).0,
        };
        let (batch, is_closed) = (held.batch.take(), held.is_closed);
        #[cfg(test)]
        {
            held.is_working = batch.is_some();
        }
        drop(held);
        self.changed.notify_all();
        if batch.is_none() && is_closed { Err(Closed) } else { Ok(batch) }
    }
}

/// No more batches will come.
struct Closed;

/// The writer's end.
pub(super) struct Pipe {
    slot: Arc<Slot>,
    committer: Option<JoinHandle<Result<(), Fault>>>,
}

impl Pipe {
    /// Starts a committer over `log`, with its saver behind it.
    pub(super) fn open(
        log: Arc<dyn Log>,
        witness: Option<Witness>,
        publish: watch::Sender<Head>,
        writer: Sender,
        saver: Saver,
    ) -> Result<Self, Fault> {
        let slot = Arc::new(Slot::default());
        let head = log.head()?;
        let committer =
            Committer { log, witness, publish, head, slot: slot.clone(), writer: writer.clone(), saver };
        let ending = Ending { slot: slot.clone(), writer };
        let run = move || {
            let _ending = ending;
            committer.run()
        };
        let thread = std::thread::Builder::new().name("committer".into()).spawn(run);
        let committer = thread.map_err(|error| Fault::Store(error.to_string()))?;
        Ok(Self { slot, committer: Some(committer) })
    }

    /// The batch that was handed over and not taken yet, if it can still grow: not if rows go with it, which are those
    /// of its end.
    pub(super) fn take_back(&self) -> Option<Batch> {
        self.slot.held().batch.take_if(|batch| batch.unsaved.is_none())
    }

    /// Whether a batch waits to be taken.
    pub(super) fn is_waiting(&self) -> bool {
        self.slot.held().batch.is_some()
    }

    /// Whether the committer has ended: nothing that is handed over will be committed.
    pub(super) fn has_ended(&self) -> bool {
        self.slot.held().has_ended
    }

    /// Whether whoever hands over another batch waits until the one before is taken.
    #[cfg(test)]
    pub(super) fn is_full(&self) -> bool {
        self.slot.held().batch.as_ref().is_some_and(|batch| batch.unsaved.is_some())
    }

    /// Whether anything that was handed over is not committed.
    #[cfg(test)]
    pub(super) fn is_busy(&self) -> bool {
        let held = self.slot.held();
        held.batch.is_some() || held.is_working
    }

    /// Hands a batch over; waits while another waits. What is handed over to a committer that has ended is lost.
    pub(super) fn hand_over(&self, batch: Batch) {
        let full = |held: &mut Held| held.batch.is_some() && !held.has_ended;
        let held = self.slot.changed.wait_while(self.slot.held(), full);
        held.expect("nothing panics while it holds the slot").batch = Some(batch);
        self.slot.changed.notify_all();
    }

    /// Waits until everything is committed and saved.
    ///
    /// # Errors
    /// The [`Fault`] that the committer or its saver ended with.
    pub(super) fn close(mut self) -> Result<(), Fault> {
        self.end().unwrap_or_else(|bug| std::panic::resume_unwind(bug))
    }

    fn end(&mut self) -> std::thread::Result<Result<(), Fault>> {
        self.slot.note(|held| held.is_closed = true);
        self.committer.take().map_or(Ok(Ok(())), JoinHandle::join)
    }
}

impl Drop for Pipe {
    /// A writer that panics closes nothing. Its committer once waited for it for ever, and held the store: whoever
    /// learns that the writer has ended may open it again.
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Tells the writer that the committer has ended, however it did.
struct Ending {
    slot: Arc<Slot>,
    writer: Sender,
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Whoever waits for the answers of what is lost learns of it by that.
        let lost = {
            let mut held = self.slot.held();
            held.has_ended = true;
            held.batch.take()
        };
        drop(lost);
        self.slot.changed.notify_all();
        // A writer that is gone does not wait.
        let _ = self.writer.send(Message::Wake);
    }
}

struct Committer {
    log: Arc<dyn Log>,
    witness: Option<Witness>,
    publish: watch::Sender<Head>,
    head: Head,
    slot: Arc<Slot>,
    writer: Sender,
    saver: Saver,
}

impl Committer {
    /// Works until no more will come; then everything that was committed is saved and synced.
    fn run(mut self) -> Result<(), Fault> {
        let committed = self.commit_all();
        let saved = self.saver.close();
        committed.and(saved)?;
        self.witness.as_mut().map_or(Ok(()), Witness::sync)
    }

    fn commit_all(&mut self) -> Result<(), Fault> {
        while let Ok(batch) = self.slot.take(self.witness.as_ref().and_then(Witness::sync_wait)) {
            if let Some(batch) = batch {
                self.writer.set_committing(true);
                self.commit(batch)?;
                self.writer.set_committing(false);
            }
            if let Some(witness) = &mut self.witness {
                witness.sync_if_due()?;
            }
        }
        Ok(())
    }

    /// Seals, appends and syncs the batch; then tells everyone.
    fn commit(&mut self, batch: Batch) -> Result<(), Fault> {
        let Batch { draft, vault, answers, unsaved } = batch;
        let frame = (draft.count() > 0).then(|| draft.seal(self.head));
        if let Some(frame) = &frame {
            self.log.append(self.head, frame, &vault)?;
            self.head = frame.head();
            if let Some(witness) = &mut self.witness {
                witness.note(self.head)?;
            }
            self.publish.send_replace(self.head);
        }
        answer(answers, frame.as_ref());
        match unsaved {
            Some(rows) => self.saver.save(Save { checkpoint: Checkpoint::at(self.head), rows }),
            None => Ok(()),
        }
    }
}

/// Tells every caller what became of what it sent.
fn answer(answers: Answers, frame: Option<&Frame>) {
    for (reply, outcomes) in answers {
        // A caller that has gone away does not need its answer.
        let _ = reply.send(Answer { outcomes, frame: frame.cloned() });
    }
}
