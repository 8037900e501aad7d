//! The committer: one thread that seals, commits and publishes one batch while the writer decides the next.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use tokio::sync::watch;

use super::{
    Answer, Message,
    batch::{Answers, Batch},
    saver::{Save, Saver},
};
use crate::{
    fault::Fault,
    log::{Frame, Head, Log, Witness},
    state::Checkpoint,
};

/// Batches that wait for the one being committed. A batch that is not full waits in the writer's hands instead, where
/// it can grow.
const WAITING_MAX: usize = 1;

/// What passes between writer and committer besides batches.
#[derive(Default)]
struct Signals {
    /// Batches handed over and not committed yet.
    under_way: AtomicUsize,
    /// Whether the writer holds a batch, and wants to know when the committer has nothing to do.
    is_wanted: AtomicBool,
    /// Whether the committer has ended.
    has_ended: AtomicBool,
}

/// The writer's end of the pipe.
pub(super) struct Pipe {
    batches: SyncSender<Batch>,
    signals: Arc<Signals>,
    committer: JoinHandle<Result<(), Fault>>,
}

impl Pipe {
    /// Starts a committer over `log`, with its saver behind it.
    pub(super) fn open(
        log: Arc<dyn Log>,
        witness: Option<Witness>,
        publish: watch::Sender<Head>,
        writer: Sender<Message>,
        saver: Saver,
    ) -> Result<Self, Fault> {
        let (batches, waiting) = sync_channel(WAITING_MAX);
        let signals = Arc::new(Signals::default());
        let head = log.head()?;
        let committer = Committer { log, witness, publish, head, signals: signals.clone(), saver };
        let ending = signals.clone();
        let run = move || {
            let run = || committer.run(&waiting, &writer);
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
            drop(waiting);
            // Whatever ended it, the writer must not wait for it. A writer that is gone does not.
            ending.has_ended.store(true, Ordering::SeqCst);
            let _ = writer.send(Message::Wake);
            ended.unwrap_or_else(|bug| std::panic::resume_unwind(bug))
        };
        let thread = std::thread::Builder::new().name("committer".into()).spawn(run);
        let committer = thread.map_err(|error| Fault::Store(error.to_string()))?;
        Ok(Self { batches, signals, committer })
    }

    /// Whether a batch that is handed over now is committed at once.
    pub(super) fn is_idle(&self) -> bool {
        self.signals.is_wanted.store(true, Ordering::SeqCst);
        let idle = self.signals.under_way.load(Ordering::SeqCst) == 0;
        if idle {
            self.signals.is_wanted.store(false, Ordering::SeqCst);
        }
        idle
    }

    /// Whether the committer has ended: nothing that is handed over will be committed.
    pub(super) fn has_ended(&self) -> bool {
        self.signals.has_ended.load(Ordering::SeqCst)
    }

    /// Whether anything that was handed over is not committed.
    #[cfg(test)]
    pub(super) fn is_busy(&self) -> bool {
        self.signals.under_way.load(Ordering::SeqCst) > 0
    }

    /// Hands a batch over; waits while another waits. False if the committer has ended.
    pub(super) fn hand_over(&self, batch: Batch) -> bool {
        self.signals.under_way.fetch_add(1, Ordering::SeqCst);
        self.batches.send(batch).is_ok()
    }

    /// Waits until everything is committed and saved.
    ///
    /// # Errors
    /// The [`Fault`] that the committer or its saver ended with.
    pub(super) fn close(self) -> Result<(), Fault> {
        drop(self.batches);
        self.committer.join().unwrap_or_else(|bug| std::panic::resume_unwind(bug))
    }
}

struct Committer {
    log: Arc<dyn Log>,
    witness: Option<Witness>,
    publish: watch::Sender<Head>,
    head: Head,
    signals: Arc<Signals>,
    saver: Saver,
}

impl Committer {
    /// Works until the pipe is closed; then everything that was committed is saved and synced.
    fn run(mut self, batches: &Receiver<Batch>, writer: &Sender<Message>) -> Result<(), Fault> {
        let committed = self.commit_all(batches, writer);
        let saved = self.saver.close();
        committed.and(saved)?;
        self.witness.as_mut().map_or(Ok(()), Witness::sync)
    }

    fn commit_all(&mut self, batches: &Receiver<Batch>, writer: &Sender<Message>) -> Result<(), Fault> {
        loop {
            match self.next(batches) {
                Ok(batch) => {
                    self.commit(batch)?;
                    self.signals.under_way.fetch_sub(1, Ordering::SeqCst);
                    if self.signals.is_wanted.swap(false, Ordering::SeqCst) {
                        // A writer that is gone wants nothing.
                        let _ = writer.send(Message::Wake);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            if let Some(witness) = &mut self.witness {
                witness.sync_if_due()?;
            }
        }
    }

    /// Waits for a batch, or until the witness wants to be synced.
    fn next(&self, batches: &Receiver<Batch>) -> Result<Batch, RecvTimeoutError> {
        match self.witness.as_ref().and_then(Witness::sync_wait) {
            Some(wait) => batches.recv_timeout(wait),
            None => batches.recv().map_err(RecvTimeoutError::from),
        }
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
