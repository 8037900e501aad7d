//! The writer: one thread that decides every command, and behind it one that commits what follows.
//!
//! Its stages are functions of their names: `gather` and `decide` here, `seal`, `commit` and `publish` in the
//! committer, so that a batch is decided while the one before is synced. Whatever has come when the committer takes a
//! batch goes into one commit together, so that one sync serves all of them.

mod batch;
mod committer;
mod queue;
mod saver;
mod signatures;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use tokio::sync::watch;
use uuid::Uuid;

pub(crate) use self::queue::{Answer, Ended, LookedUp, Message, Queue, Sender, Submission};
pub use self::queue::{Envelope, Outcome, Placed, Provenance, Receipt, SeenSignature};
#[cfg(test)]
pub(crate) use self::saver::Saved;
#[cfg(not(test))]
use self::saver::Saved;
pub(crate) use self::signatures::Seen;
use self::{
    batch::{Batch, Waiting},
    committer::Pipe,
    saver::Saver,
    signatures::Signatures,
};
use crate::{
    books::Realm,
    clock::Clock,
    domain::{self, Context, Rejection, Timestamp, decide_due},
    fault::Fault,
    log::{Actor, EVENTS_MAX, Head, Log, Witness},
    state::{Answered, State, TableStore},
    vault::{Random, VaultRows},
};

/// How soon the writer looks again whether a batch that waits was taken.
const SOON: Duration = Duration::from_millis(1);

/// Who has just worked looks so long whether there is more to do, before it sleeps: being woken takes longer than what
/// comes meanwhile, and everybody waits for it. Others who could run do.
const LINGERING: Duration = Duration::from_micros(60);

/// Lets others run for a moment, for as long as `is_idle`.
fn linger(is_idle: impl Fn() -> bool) {
    let begun = Instant::now();
    while is_idle() && begun.elapsed() < LINGERING {
        std::thread::yield_now();
    }
}

/// How soon the writer looks again whether there is room for what is due.
const ROOM_WAIT: Duration = Duration::from_secs(1);

/// When the tables are saved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoints {
    /// Events after which they are: what opening after a crash has to fold again, and as many keys in memory.
    pub(crate) events: u64,
    /// Changed rows after which they are: what is in memory that the store does not have.
    pub(crate) rows: usize,
}

impl Checkpoints {
    /// Folding so many events takes less than a second.
    pub(crate) const DEFAULT: Self = Self { events: 350_000, rows: 100_000 };
    /// How many saves may be under way or wait for one another, before the writer waits for them.
    const SAVES_MAX: u32 = 2;

    /// Whether so much is enough to be saved.
    pub(crate) const fn are_due(self, events: u64, rows: usize) -> bool {
        events >= self.events || rows >= self.rows
    }

    /// Whether so much is as much as the writer ever has in memory.
    pub(crate) const fn are_overdue(self, events: u64, rows: usize) -> bool {
        let most = Self::SAVES_MAX + 1;
        self.are_due(events / most as u64, rows / most as usize)
    }
}

/// What the writer works with.
pub(crate) struct Tools {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) tables: Arc<dyn TableStore>,
    pub(crate) vault: Arc<dyn VaultRows>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) witness: Option<Witness>,
    pub(crate) checkpoints: Checkpoints,
}

/// What the writer's helpers are at, for whoever has it take its rounds.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Behind {
    /// The committer has ended: nothing more is committed.
    pub(crate) has_ended: bool,
    /// Every batch that was handed over is committed.
    pub(crate) is_committed: bool,
    /// A batch waits that cannot grow: the next round may wait for the committer.
    pub(crate) is_full: bool,
    /// The tables are saved as far as they were drained, or never will be.
    pub(crate) is_saved: bool,
}

/// The one thread that decides anything.
pub(crate) struct Writer {
    log: Arc<dyn Log>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    state: State,
    signatures: Signatures,
    queue: Queue,
    pipe: Pipe,
    /// What is decided and not handed over yet.
    batch: Batch,
    /// When the last commit is made; none is made earlier.
    committed_at: Timestamp,
    checkpoints: Checkpoints,
    /// The last event that was drained with the tables.
    drained: u64,
    /// The number of that drain.
    drain: u32,
    saved: Saved,
}

impl Writer {
    /// A writer whose `state` is folded up to the log's head.
    pub(crate) fn new(
        tools: Tools,
        state: State,
        committed_at: Timestamp,
        queue: Queue,
        publish: watch::Sender<Head>,
    ) -> Result<Self, Fault> {
        let Tools { log, tables, vault, clock, random, witness, checkpoints } = tools;
        let signatures = Signatures::load(&*vault)?;
        let position = log.head()?.position;
        let drained = tables.checkpoint()?.head.position;
        // What was drained while catching up is saved.
        let drain = state.drains();
        let saved = Saved::up_to(drain);
        let saver = Saver::start(tables, saved.clone())?;
        let pipe = Pipe::open(log.clone(), witness, publish, queue.sender(), saver)?;
        let batch = Batch::new(position + 1, committed_at);
        Ok(Self {
            log,
            clock,
            random,
            state,
            signatures,
            queue,
            pipe,
            batch,
            committed_at,
            checkpoints,
            drained,
            drain,
            saved,
        })
    }

    /// How many request signatures are remembered, now and later on.
    pub(crate) fn signatures(&self) -> Arc<AtomicUsize> {
        self.signatures.count()
    }

    /// Works until it is told to stop.
    ///
    /// # Errors
    /// [`Fault`] after which nobody knows what is on disk: everyone waiting is told that the outcome is
    /// unknown, by their answer never coming.
    pub(crate) fn run(mut self) -> Result<(), Fault> {
        let mut stopping = false;
        while !stopping && !self.pipe.has_ended() {
            stopping = self.round();
        }
        self.finish()
    }

    /// Decides what waits, or what comes next; true if the word to stop has come.
    pub(crate) fn round(&mut self) -> bool {
        let (submissions, stopping) = self.gather();
        self.turn(submissions);
        stopping
    }

    /// Has everything committed and saved that is decided.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) fn finish(mut self) -> Result<(), Fault> {
        let mut last = Batch::new(self.batch.draft.next_position(), self.committed_at);
        last.unsaved = Some(self.state.drain());
        self.pipe.hand_over(last);
        self.pipe.close()
    }

    /// How far the saver has come.
    #[cfg(test)]
    pub(crate) fn saved(&self) -> Saved {
        self.saved.clone()
    }

    /// How far those have come who work behind it.
    #[cfg(test)]
    pub(crate) fn behind(&self) -> Behind {
        Behind {
            has_ended: self.pipe.has_ended(),
            is_committed: !self.pipe.is_busy(),
            is_full: self.pipe.is_full(),
            is_saved: self.saved.has_ended() || self.saved.drain() >= self.drain,
        }
    }

    /// Waits for something to do: commands, a due time, or the word to stop.
    fn gather(&mut self) -> (Vec<Submission>, bool) {
        let due = self.state.dues.next_wake().map(|wake| wake - self.wall());
        let due = due.map(|wait| Duration::from_micros(u64::try_from(wait.0).unwrap_or_default()));
        let due = due.map(|wait| if wait >= ROOM_WAIT || self.has_room() { wait } else { ROOM_WAIT });
        // What comes due while a batch waits is decided with the next one: this one's time is fixed.
        let due = if self.pipe.is_waiting() { due.map(|wait| wait.max(SOON)) } else { due };
        self.queue.drain(due, EVENTS_MAX)
    }

    /// Decides everything gathered, and whatever came due meanwhile.
    fn turn(&mut self, submissions: Vec<Submission>) {
        self.batch = match self.pipe.take_back() {
            Some(batch) => batch,
            None => Batch::new(self.batch.draft.next_position(), self.wall()),
        };
        self.signatures.expire(self.batch.draft.recorded_at());
        let busy = !submissions.is_empty();
        for Submission { mut envelopes, looked_up, reply, places } in submissions {
            let mut found = looked_up.found.into_iter().peekable();
            let decide = |(at, envelope)| {
                let answered = found.next_if(|(found, _)| *found == at).map(|(_, answered)| answered);
                self.decide(envelope, answered, looked_up.drain)
            };
            let outcomes = envelopes.iter_mut().enumerate().map(decide).collect();
            self.batch.answers.push((Waiting { reply, places }, outcomes));
        }
        self.decide_overdue(busy);
        if !self.batch.is_empty() {
            self.hand_over();
        }
    }

    /// Decides one command, seeing what earlier ones of the batch did.
    ///
    /// `answered` is what its key was found to have led to among all that drain number `looked_up` and those before
    /// it left in the store.
    fn decide(
        &mut self,
        envelope: &mut Envelope,
        answered: Option<Answered>,
        looked_up: Option<u32>,
    ) -> Outcome {
        if let Some(outcome) = self.repeated(envelope, answered, looked_up) {
            return outcome;
        }
        let realm = envelope.provenance.realm;
        let wall = self.batch.draft.recorded_at();
        let tenant = domain::whose_dues(&self.state, &envelope.command);
        let touched = realm.into_iter().chain(tenant.into_iter().flat_map(Realm::all_of));
        for realm in touched {
            self.decide_dues(realm, self.state.now(Some(realm), wall), usize::MAX);
        }
        let now = self.state.now(realm, wall);
        // After the dues, which may have moved the very stream the caller speaks of.
        if let Some((stream, expected)) = envelope.expected {
            let actual = self.state.revision(stream);
            if actual != expected {
                return Outcome::refused(Rejection::WrongRevision { stream, expected, actual });
            }
        }
        let context = Context { realm, tenant: envelope.tenant, now };
        let events = match domain::decide(&self.state, &envelope.command, &context) {
            Ok(events) => events,
            Err(rejection) => return Outcome::refused(rejection),
        };
        self.make_room(events.len());
        let placed = self.batch.stage(&mut self.state, &envelope.provenance, now, &events);
        if placed.count > 0 {
            let kept = envelope.vault.drain(..).filter(|row| !self.state.is_key_of_the_erased(row));
            self.batch.vault.extend(kept);
            if let Some(signature) = envelope.signature {
                self.batch.vault.push(self.signatures.remember(signature, placed));
            }
        }
        // A clock that was advanced makes things due: whoever advanced it sees them done, as far as a commit holds
        // them; the rest follows before anything else is decided in the realm.
        if let Some(realm) = realm {
            let now = self.state.now(Some(realm), self.batch.draft.recorded_at());
            self.decide_dues(realm, now, EVENTS_MAX);
        }
        Outcome::Accepted(placed)
    }

    /// The answer to a request that was answered before, by its signature or its key.
    fn repeated(
        &self,
        envelope: &Envelope,
        answered: Option<Answered>,
        looked_up: Option<u32>,
    ) -> Option<Outcome> {
        // The signature first: it stands for the bytes that were sent, the key only for what they mean.
        if let Some(signature) = envelope.signature
            && let Some(seen) = self.signatures.get(&signature.key)
        {
            return Some(seen.outcome(signature.request));
        }
        let idempotency = envelope.provenance.idempotency?;
        let answered = answered.or_else(|| self.state.answered.get_after(&idempotency.key, looked_up))?;
        Some(if answered.request == idempotency.request {
            Outcome::Repeated(Placed { first: answered.first, count: answered.count })
        } else {
            Outcome::refused(Rejection::IdempotencyConflict)
        })
    }

    /// Decides what is due in `realm` by `now`, in due order, each at its own due time; at most `most`, and tells
    /// how many.
    fn decide_dues(&mut self, realm: Realm, now: Timestamp, most: usize) -> usize {
        for done in 0..most {
            let Some((at, due)) = self.state.dues.first(realm).filter(|(at, _)| *at <= now) else {
                return done;
            };
            let context = Context { realm: Some(realm), tenant: None, now: at };
            let events = decide_due(&self.state, due, &context);
            assert!(!events.is_empty(), "what is due leads to something, or the writer would turn for ever");
            self.make_room(events.len());
            let provenance = Provenance::new(self.new_id(), Actor::Ledger, Some(realm));
            self.batch.stage(&mut self.state, &provenance, at, &events);
        }
        most
    }

    /// Decides what is overdue anywhere, live first, as much as a commit holds: commands must not wait longer. Test
    /// realms wait while there are commands.
    fn decide_overdue(&mut self, busy: bool) {
        let wall = self.batch.draft.recorded_at();
        let mut realms = self.state.dues.overdue(wall);
        // Whoever submits asked for room before. What happens by itself happens at its own time, however late.
        if realms.is_empty() || !self.has_room() {
            return;
        }
        realms.sort_by_key(|realm| realm.is_test());
        let mut left = EVENTS_MAX;
        for realm in realms {
            if !(busy && realm.is_test()) {
                let now = self.state.now(Some(realm), wall);
                left -= self.decide_dues(realm, now, left);
            }
        }
    }

    /// Hands over what is staged if `count` more events would not fit.
    fn make_room(&mut self, count: usize) {
        assert!(count <= EVENTS_MAX, "one command leads to at most one commit");
        if self.batch.draft.count() + count > EVENTS_MAX {
            self.hand_over();
        }
    }

    /// Hands the batch over to be committed, and begins another.
    fn hand_over(&mut self) {
        let (next, at) = (self.batch.draft.next_position(), self.batch.draft.recorded_at());
        let mut batch = std::mem::replace(&mut self.batch, Batch::new(next, at));
        if batch.draft.count() > 0 {
            batch.vault.extend(self.signatures.deletions());
            self.committed_at = at;
        }
        batch.unsaved = self.checkpoint(next - 1);
        // A committer that has ended takes nothing, and `run` sees why.
        self.pipe.hand_over(batch);
    }

    /// The rows to be saved if it is time to, the tables being folded up to `position`.
    fn checkpoint(&mut self, position: u64) -> Option<crate::state::Unsaved> {
        let saved = self.saved.drain();
        self.state.evict(saved);
        if !self.checkpoints.are_due(position - self.drained, self.state.changed()) {
            return None;
        }
        if self.drain - saved >= Checkpoints::SAVES_MAX {
            self.saved.wait_for(self.drain + 1 - Checkpoints::SAVES_MAX);
        }
        let unsaved = self.state.drain();
        (self.drained, self.drain) = (position, unsaved.drain());
        Some(unsaved)
    }

    fn has_room(&self) -> bool {
        // Callers are told of the fault.
        self.log.has_room().unwrap_or(false)
    }

    /// The wall clock, never falling.
    fn wall(&self) -> Timestamp {
        self.clock.now().max(self.committed_at)
    }

    fn new_id(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
