//! One process: an engine whose writer takes its rounds when it is told to, over a store that fails when it is told to.
//!
//! Between two rounds committer and saver are at rest, or wait at the store's gate: what happens does not depend on how
//! fast a thread is.

use std::{
    cell::RefCell,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use super::callers::{Number, Told, told};
use crate::{
    clock::ManualClock,
    engine::{Engine, Options, SubmitError},
    fault::Fault,
    log::{Call, FaultyStore, Left},
    samples::Counting,
    vault::MasterKey,
    writer::{Checkpoints, Envelope, Outcome, Saved, Writer},
};

/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Few, so that short histories have many checkpoints, and merges of their runs.
const CHECKPOINTS: Checkpoints = Checkpoints { events: 12, rows: 400 };

type Answer = Pin<Box<dyn Future<Output = Result<Vec<Outcome>, SubmitError>>>>;

/// What outlives a process.
pub(super) struct Around {
    pub(super) clock: Arc<ManualClock>,
    pub(super) random: Arc<Counting>,
}

pub(super) struct Life {
    pub(super) engine: Engine,
    pub(super) store: Arc<FaultyStore>,
    /// `None` once it met a bug or a row that it could not read.
    writer: Option<Writer>,
    waiting: Vec<(Vec<Number>, Answer)>,
}

impl Life {
    /// Opens what is in `store` as any start does.
    pub(super) fn begin(store: &Arc<FaultyStore>, around: &Around) -> Result<Self, Fault> {
        let options = Options { clock: around.clock.clone(), random: around.random.clone() };
        let master = MasterKey::from_bytes([7; 32]);
        let open = || Engine::at_rest(store.clone(), master, options, CHECKPOINTS);
        // A table that cannot be read while the log is folded into it is a panic.
        let opened = quietly(store, open);
        let opened = opened.unwrap_or_else(|_| Err(Fault::Store("opening met a bug".into())));
        if opened.is_err() {
            assert!(store.has_failed(), "a sound store did not open: {:?}", opened.err());
            return Err(Fault::Store("it did not open".into()));
        }
        let (engine, writer) = opened?;
        Ok(Self { engine, store: store.clone(), writer: Some(writer), waiting: Vec::new() })
    }

    /// Sends what callers ask, to be decided in the next round.
    pub(super) fn send(&mut self, numbers: Vec<Number>, envelopes: Vec<Envelope>) {
        let engine = self.engine.clone();
        let mut answer: Answer = Box::pin(async move { engine.submit_all(envelopes).await });
        // What is asked for the first time goes into the queue.
        match poll(&mut answer) {
            Poll::Pending => self.waiting.push((numbers, answer)),
            Poll::Ready(Err(SubmitError::Fault(_))) => {
                assert!(self.store.has_failed(), "a sound store could not be read");
                // The page of an answer could not be read: nothing changed, and nobody knows what was before.
                self.waiting.push((numbers, Box::pin(async { Err(SubmitError::OutcomeUnknown) })));
            }
            Poll::Ready(Err(SubmitError::NoRoom)) => {
                self.waiting.push((numbers, Box::pin(async { Err(SubmitError::NoRoom) })));
            }
            Poll::Ready(other) => panic!("answered before it was decided: {other:?}"),
        }
    }

    /// Has the writer take a round, and waits until nothing more happens.
    pub(super) fn round(&mut self) {
        if self.writer.as_ref().is_some_and(|writer| writer.behind().is_full) {
            // The round might wait for the committer, and nobody else would let that go on.
            self.release();
        }
        self.engine.wake();
        let Some(mut writer) = self.writer.take() else { return };
        let (saved, store) = (writer.saved(), self.store.clone());
        let round = move || {
            writer.round();
            writer
        };
        let is_held = store.is_waiting(Call::Save) || store.is_waiting(Call::Append);
        let round = || quietly(&store, round);
        match if is_held { but_not_wait_for_ever(round, &saved, &store) } else { round() } {
            Ok(writer) => self.writer = Some(writer),
            // It stops over a row that it cannot read, and over nothing else.
            Err(bug) if !self.store.has_failed() => std::panic::resume_unwind(bug),
            // What was handed over before is still committed and saved.
            Err(_) => assert!(saved.has_ended(), "the committer ends with its writer"),
        }
        self.settle();
    }

    /// Lets go on what was held, and waits for it.
    pub(super) fn release(&mut self) {
        self.store.release();
        self.settle();
    }

    /// Whether the process would end now.
    pub(super) fn has_ended(&self) -> bool {
        self.writer.as_ref().is_none_or(|writer| writer.behind().has_ended)
    }

    /// What callers were told since they were last asked.
    pub(super) fn told(&mut self) -> Vec<(Number, Told)> {
        let mut ended = Vec::new();
        self.waiting.retain_mut(|(numbers, answer)| match poll(answer) {
            Poll::Pending => true,
            Poll::Ready(answer) => {
                ended.extend(match answer {
                    Ok(outcomes) => numbers.iter().copied().zip(outcomes.iter().map(told)).collect(),
                    Err(SubmitError::OutcomeUnknown) => all(numbers, &Told::Unknown),
                    Err(SubmitError::NoRoom) => all(numbers, &Told::NoRoom),
                    Err(other) => panic!("{other}"),
                });
                false
            }
        });
        ended
    }

    /// Ends as a server does that is told to stop; gives what callers were told.
    pub(super) fn close(mut self) -> (Result<(), Fault>, Vec<(Number, Told)>) {
        self.store.release();
        let ended = match self.writer.take() {
            Some(writer) => writer.finish(),
            None => Err(Fault::Store("the writer met a bug and stopped".into())),
        };
        (ended, self.all_told())
    }

    /// Ends as the power does; of what was being written there is `left`.
    pub(super) fn cut(mut self, left: Left) -> Vec<(Number, Told)> {
        self.store.cut(left);
        self.writer = None;
        self.all_told()
    }

    /// Whoever still waits is told, whatever the end was.
    fn all_told(&mut self) -> Vec<(Number, Told)> {
        let begun = Instant::now();
        let mut all = self.told();
        while !self.waiting.is_empty() {
            assert!(begun.elapsed() < PATIENCE, "somebody waits for an answer that will never come");
            std::thread::yield_now();
            all.extend(self.told());
        }
        all
    }

    fn settle(&self) {
        wait_until("everything is at rest", || self.is_quiet());
    }

    fn is_quiet(&self) -> bool {
        let Some(writer) = &self.writer else { return true };
        let (behind, store) = (writer.behind(), &self.store);
        behind.has_ended
            || store.is_waiting(Call::Append)
            || behind.is_committed && (behind.is_saved || store.is_waiting(Call::Save))
    }
}

thread_local! {
    /// The store over which this thread may well panic.
    static MAY_FAIL: RefCell<Option<Arc<FaultyStore>>> = const { RefCell::new(None) };
}

/// Does `what`. Thousands of histories panic because a row cannot be read: nobody wants to see where, unless nothing had
/// failed.
fn quietly<T>(store: &Arc<FaultyStore>, what: impl FnOnce() -> T) -> std::thread::Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !MAY_FAIL.with_borrow(|store| store.as_ref().is_some_and(|store| store.has_failed())) {
                loud(panic);
            }
        }));
    });
    MAY_FAIL.set(Some(store.clone()));
    let done = catch_unwind(AssertUnwindSafe(what));
    MAY_FAIL.set(None);
    done
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

/// Does `round` while a call is held. Should so much gather that the writer waits for it, the save goes on.
fn but_not_wait_for_ever<T>(round: impl FnOnce() -> T, saved: &Saved, store: &FaultyStore) -> T {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::SeqCst) {
                if saved.is_waited_for() {
                    store.release();
                }
                std::thread::yield_now();
            }
        });
        let round = round();
        is_done.store(true, Ordering::SeqCst);
        round
    })
}

fn all(numbers: &[Number], told: &Told) -> Vec<(Number, Told)> {
    numbers.iter().map(|number| (*number, told.clone())).collect()
}

fn poll(answer: &mut Answer) -> Poll<Result<Vec<Outcome>, SubmitError>> {
    answer.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}
