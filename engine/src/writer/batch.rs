//! A commit in the making: staged events, their vault rows, and who waits for it.

use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Outcome, Provenance};
use crate::{
    domain::{Event, Timestamp},
    log::{FrameDraft, Head, RecordHeader, Recorded},
    state::State,
    vault::VaultWrite,
};

/// Callers with their answers.
pub(super) type Answers = Vec<(oneshot::Sender<Vec<Outcome>>, Vec<Outcome>)>;

/// What becomes durable together.
pub(super) struct Batch {
    pub(super) draft: FrameDraft,
    pub(super) vault: Vec<VaultWrite>,
    pub(super) answers: Answers,
}

impl Batch {
    /// Starts a batch after `head`.
    pub(super) fn new(head: Head, now: Timestamp) -> Self {
        Self { draft: FrameDraft::new(head, now), vault: Vec::new(), answers: Vec::new() }
    }

    /// Encodes and folds the events of one command.
    pub(super) fn stage(
        &mut self,
        state: &mut State,
        provenance: &Provenance,
        effective_at: Timestamp,
        events: Vec<Event>,
    ) -> Vec<Recorded> {
        let recorded_at = self.draft.recorded_at();
        let stage = |(index, event): (usize, Event)| {
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
            let (position, kind) = self.draft.push(&header, &event);
            state.fold(position, &header, &event);
            Recorded { position, recorded_at, kind, header, event }
        };
        events.into_iter().enumerate().map(stage).collect()
    }
}

/// The first event of a command has the command's id; the others differ in the lowest bits.
fn event_id(command: Uuid, index: usize) -> Uuid {
    Uuid::from_u128(command.as_u128() ^ index as u128)
}
