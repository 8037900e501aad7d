//! A commit in the making: staged events, their vault rows, and who waits for it.

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use uuid::Uuid;

use super::{Answer, Outcome, Placed, Provenance};
use crate::{
    domain::{Event, Timestamp},
    log::{FrameDraft, RecordHeader},
    state::{State, Unsaved},
    vault::VaultWrite,
};

/// Whoever waits, with what became of each envelope.
pub(super) type Answers = Vec<(Waiting, Vec<Outcome>)>;

/// Somebody who waits. The places in the queue are given back with the answer: a batch may wait for the disk for long,
/// and take in ever more of what is refused or repeated, which no number of events bounds.
pub(super) struct Waiting {
    pub(super) reply: oneshot::Sender<Answer>,
    pub(super) places: OwnedSemaphorePermit,
}

impl Waiting {
    pub(super) fn tell(self, answer: Answer) {
        // The places first: whoever has an answer may send as much again.
        drop(self.places);
        // A caller that has gone away does not need its answer.
        let _ = self.reply.send(answer);
    }
}

/// What becomes durable together.
pub(super) struct Batch {
    pub(super) draft: FrameDraft,
    pub(super) vault: Vec<VaultWrite>,
    pub(super) answers: Answers,
    /// Rows of the tables as they stand after this batch, to be saved once it is durable.
    pub(super) unsaved: Option<Unsaved>,
}

impl Batch {
    /// Starts the batch whose first event gets position `first`.
    pub(super) fn new(first: u64, now: Timestamp) -> Self {
        Self { draft: FrameDraft::new(first, now), vault: Vec::new(), answers: Vec::new(), unsaved: None }
    }

    /// Whether nobody would notice if it were not committed.
    pub(super) fn is_empty(&self) -> bool {
        self.draft.count() == 0 && self.answers.is_empty() && self.unsaved.is_none()
    }

    /// Encodes and folds the events of one command; gives their positions.
    pub(super) fn stage(
        &mut self,
        state: &mut State,
        provenance: &Provenance,
        effective_at: Timestamp,
        events: &[Event],
    ) -> Placed {
        let first = self.draft.next_position();
        for (index, event) in events.iter().enumerate() {
            let stream = event.stream();
            let header = RecordHeader {
                stream,
                revision: state.revision(stream).map_or(0, |revision| revision + 1),
                id: event_id(provenance.id, index),
                realm: provenance.realm,
                effective_at,
                causation: provenance.id,
                correlation: provenance.correlation,
                actor: provenance.actor,
                idempotency: provenance.idempotency,
            };
            let position = self.draft.push(&header, event);
            state.fold(position, &header, event);
        }
        let count = u32::try_from(events.len()).expect("a commit holds at most 8,190 events");
        Placed { first, count }
    }
}

/// The first event of a command has the command's id; the others differ in the lowest bits.
fn event_id(command: Uuid, index: usize) -> Uuid {
    Uuid::from_u128(command.as_u128() ^ index as u128)
}
