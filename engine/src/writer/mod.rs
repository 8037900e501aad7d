//! The writer: one thread that decides every command and appends what follows.
//!
//! Its stages are functions of their names: `gather`, `decide`, `seal`, `commit`, `publish`. Whatever is in
//! the queue when a commit begins goes into it together, so that one sync serves all of them.

mod batch;
mod queue;
mod signatures;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;
use uuid::Uuid;

use self::batch::Batch;
pub use self::queue::{Envelope, Provenance, Receipt, SeenSignature};
pub(crate) use self::queue::{Message, Outcome, Queue, Submission};
pub(crate) use self::signatures::Seen;
use self::signatures::Signatures;
use crate::{
    books::Realm,
    clock::Clock,
    domain::{self, Context, Event, Rejection, Timestamp, decide_due},
    fault::Fault,
    log::{Actor, Checkpoint, EVENTS_MAX, Head, Log, TableStore, Witness},
    state::{State, TABLES_VERSION},
    vault::{Random, VaultRows},
};

/// Events after which the tables are saved: what opening after a crash has to fold again.
pub(crate) const EVENTS_PER_CHECKPOINT: u64 = 50_000;

/// What the writer works with.
pub(crate) struct Tools {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) tables: Arc<dyn TableStore>,
    pub(crate) vault: Arc<dyn VaultRows>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) witness: Option<Witness>,
}

/// The one thread that changes anything.
pub(crate) struct Writer {
    tools: Tools,
    state: State,
    signatures: Signatures,
    head: Head,
    checkpoint: u64,
    committed_at: Timestamp,
    queue: Queue,
    publish: watch::Sender<Head>,
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
        let signatures = Signatures::load(&*tools.vault)?;
        let head = tools.log.head()?;
        let checkpoint = tools.tables.checkpoint()?.head.position;
        Ok(Self { tools, state, signatures, head, checkpoint, committed_at, queue, publish })
    }

    /// Works until it is told to stop.
    ///
    /// # Errors
    /// [`Fault`] after which nobody knows what is on disk: everyone waiting is told that the outcome is
    /// unknown, by their answer never coming.
    pub(crate) fn run(mut self) -> Result<(), Fault> {
        let mut stopping = false;
        while !stopping {
            let submissions;
            (submissions, stopping) = self.gather();
            self.turn(submissions)?;
        }
        self.save_tables()?;
        self.tools.witness.as_mut().map_or(Ok(()), Witness::sync)
    }

    /// Waits for something to do: commands, a due time, a witness to sync, or the word to stop.
    fn gather(&mut self) -> (Vec<Submission>, bool) {
        let due = self.state.dues.next_wake().map(|wake| wake - self.wall());
        let due = due.map(|wait| Duration::from_micros(u64::try_from(wait.0).unwrap_or_default()));
        let sync = self.tools.witness.as_ref().and_then(Witness::sync_wait);
        self.queue.drain(due.into_iter().chain(sync).min(), EVENTS_MAX)
    }

    /// Decides and commits everything gathered, and whatever came due meanwhile.
    fn turn(&mut self, submissions: Vec<Submission>) -> Result<(), Fault> {
        let now = self.wall();
        let mut batch = Batch::new(self.head, now);
        let busy = !submissions.is_empty();
        for Submission { envelopes, reply, places } in submissions {
            let mut outcomes = Vec::with_capacity(envelopes.len());
            for envelope in envelopes {
                outcomes.push(self.decide(&mut batch, envelope)?);
            }
            drop(places);
            batch.answers.push((reply, outcomes));
        }
        self.decide_overdue(&mut batch, busy)?;
        self.commit(batch)?;
        if let Some(witness) = &mut self.tools.witness {
            witness.sync_if_due()?;
        }
        Ok(())
    }

    /// Decides one command, seeing what earlier ones of the batch did.
    fn decide(&mut self, batch: &mut Batch, envelope: Envelope) -> Result<Outcome, Fault> {
        if let Some(outcome) = self.repeated(&envelope) {
            return Ok(outcome);
        }
        let realm = envelope.provenance.realm;
        let wall = batch.draft.recorded_at();
        let tenant = domain::whose_dues(&self.state, &envelope.command);
        let touched = realm.into_iter().chain(tenant.into_iter().flat_map(Realm::all_of));
        for realm in touched {
            self.decide_dues(batch, realm, self.state.now(Some(realm), wall), usize::MAX)?;
        }
        let now = self.state.now(realm, wall);
        // After the dues, which may have moved the very stream the caller speaks of.
        if let Some((stream, expected)) = envelope.expected {
            let actual = self.state.revision(stream);
            if actual != expected {
                return Ok(Outcome::Rejected(Rejection::WrongRevision { stream, expected, actual }));
            }
        }
        let context = Context { realm, tenant: envelope.tenant, now };
        match domain::decide(&self.state, &envelope.command, &context) {
            Err(rejection) => Ok(Outcome::Rejected(rejection)),
            Ok(events) => {
                self.make_room(batch, events.len())?;
                let outcome = self.accept(batch, envelope, now, events);
                // A clock that was advanced makes things due: whoever advanced it sees them done, as far as
                // a commit holds them; the rest follows before anything else is decided in the realm.
                if let Some(realm) = realm {
                    let now = self.state.now(Some(realm), batch.draft.recorded_at());
                    self.decide_dues(batch, realm, now, EVENTS_MAX)?;
                }
                Ok(outcome)
            }
        }
    }

    /// The answer to a request that was answered before, by its signature or its key.
    fn repeated(&self, envelope: &Envelope) -> Option<Outcome> {
        // The signature first: it stands for the bytes that were sent, the key only for what they mean.
        if let Some(signature) = envelope.signature
            && let Some(seen) = self.signatures.get(&signature.key)
        {
            return Some(seen.outcome(signature.request));
        }
        let idempotency = envelope.provenance.idempotency?;
        let answered = self.state.answered.get(&idempotency.key)?;
        Some(if answered.request == idempotency.request {
            Outcome::Repeated { first: answered.first, count: answered.count }
        } else {
            Outcome::Rejected(Rejection::IdempotencyConflict)
        })
    }

    /// Stages what follows from a command.
    fn accept(
        &mut self,
        batch: &mut Batch,
        envelope: Envelope,
        now: Timestamp,
        events: Vec<Event>,
    ) -> Outcome {
        let first = batch.draft.next_position();
        let recorded = batch.stage(&mut self.state, &envelope.provenance, now, events);
        if !recorded.is_empty() {
            let kept = envelope.vault.into_iter().filter(|row| !self.state.is_key_of_the_erased(row));
            batch.vault.extend(kept);
            if let Some(signature) = envelope.signature {
                let count = u32::try_from(recorded.len()).expect("a commit holds at most 8,190 events");
                batch.vault.push(self.signatures.remember(signature, first, count));
            }
        }
        Outcome::Accepted { recorded }
    }

    /// Commits what is due in `realm` by `now`, in due order, each at its own due time; at most `most`, and tells
    /// how many.
    fn decide_dues(
        &mut self,
        batch: &mut Batch,
        realm: Realm,
        now: Timestamp,
        most: usize,
    ) -> Result<usize, Fault> {
        for done in 0..most {
            let Some((at, due)) = self.state.dues.first(realm).filter(|(at, _)| *at <= now) else {
                return Ok(done);
            };
            let context = Context { realm: Some(realm), tenant: None, now: at };
            let events = decide_due(&self.state, due, &context);
            assert!(!events.is_empty(), "what is due leads to something, or the writer would turn for ever");
            self.make_room(batch, events.len())?;
            let provenance = Provenance::new(self.new_id(), Actor::Ledger, Some(realm));
            batch.stage(&mut self.state, &provenance, at, events);
        }
        Ok(most)
    }

    /// Commits what is overdue anywhere, live first, as much as a commit holds: commands must not wait longer. Test
    /// realms wait while there are commands.
    fn decide_overdue(&mut self, batch: &mut Batch, busy: bool) -> Result<(), Fault> {
        let wall = batch.draft.recorded_at();
        let mut realms = self.state.dues.overdue(wall);
        realms.sort_by_key(|realm| realm.is_test());
        let mut left = EVENTS_MAX;
        for realm in realms {
            if !(busy && realm.is_test()) {
                let now = self.state.now(Some(realm), wall);
                left -= self.decide_dues(batch, realm, now, left)?;
            }
        }
        Ok(())
    }

    /// Commits what is staged if `count` more events would not fit.
    fn make_room(&mut self, batch: &mut Batch, count: usize) -> Result<(), Fault> {
        assert!(count <= EVENTS_MAX, "one command leads to at most one commit");
        if batch.draft.count() + count > EVENTS_MAX {
            let full = std::mem::replace(batch, Batch::new(self.head, batch.draft.recorded_at()));
            self.commit(full)?;
            *batch = Batch::new(self.head, batch.draft.recorded_at());
        }
        Ok(())
    }

    /// Seals, appends and syncs the batch; then tells everyone.
    fn commit(&mut self, mut batch: Batch) -> Result<(), Fault> {
        if batch.draft.count() > 0 {
            batch.vault.extend(self.signatures.expire(batch.draft.recorded_at()));
            self.committed_at = batch.draft.recorded_at();
            let frame = batch.draft.seal();
            self.tools.log.append(self.head, &frame, &batch.vault)?;
            self.head = frame.head();
            if let Some(witness) = &mut self.tools.witness {
                witness.note(self.head)?;
            }
        }
        self.publish(batch.answers);
        // The tables hold what was committed and nothing else: the batch is empty.
        if self.head.position - self.checkpoint >= EVENTS_PER_CHECKPOINT {
            self.save_tables()?;
        }
        Ok(())
    }

    /// Lets followers see the new head, then answers every caller.
    fn publish(&self, answers: batch::Answers) {
        self.publish.send_replace(self.head);
        for (reply, outcomes) in answers {
            // A caller that has gone away does not need its answer.
            let _ = reply.send(outcomes);
        }
    }

    /// Saves the tables as they stand at the head.
    fn save_tables(&mut self) -> Result<(), Fault> {
        let checkpoint = Checkpoint { head: self.head, version: TABLES_VERSION };
        self.tools.tables.save(checkpoint, self.state.drain_dirty())?;
        self.state.evict();
        self.checkpoint = self.head.position;
        Ok(())
    }

    /// The wall clock, never falling.
    fn wall(&self) -> Timestamp {
        self.tools.clock.now().max(self.committed_at)
    }

    fn new_id(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.tools.random.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
