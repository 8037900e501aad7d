//! The way into the writer: envelopes, what comes back, and the queue between.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use uuid::Uuid;

use crate::{
    books::Realm,
    domain::{Command, MerchantId, Rejection, StreamId, Timestamp},
    log::{Actor, Recorded},
    state::IdempotencyKey,
    vault::VaultWrite,
};

/// Where a command comes from; goes into the record of every event it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance {
    /// The command's own id, unique for ever.
    pub id: Uuid,
    /// What it belongs to in the caller's world.
    pub correlation: Uuid,
    /// Who sent it.
    pub actor: Actor,
    /// The realm of value it is for; `None` for identities.
    pub realm: Option<Realm>,
    /// The client's idempotency key, hashed.
    pub idempotency: Option<IdempotencyKey>,
}

impl Provenance {
    /// A command that belongs to nothing else and has no key.
    pub const fn new(id: Uuid, actor: Actor, realm: Option<Realm>) -> Self {
        Self { id, correlation: id, actor, realm, idempotency: None }
    }
}

/// A request signature that was checked, hashed, to be accepted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenSignature {
    /// Of merchant and signature.
    pub key: [u8; 16],
    /// Of method, path, body and idempotency key.
    pub request: [u8; 16],
    /// Until when it is remembered, by the wall clock.
    pub until: Timestamp,
}

/// A command and everything that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The tenant it is sent for, who sees only its own; `None` for the operator, a payer, a worker.
    pub tenant: Option<MerchantId>,
    /// The revision a stream must be at: `None` inside for a stream that must not exist.
    pub expected: Option<(StreamId, Option<u64>)>,
    /// The request's signature, if it had one.
    pub signature: Option<SeenSignature>,
    /// Vault rows that belong into the same commit.
    pub vault: Vec<VaultWrite>,
    /// The wish itself.
    pub command: Command,
}

impl Envelope {
    /// A command with nothing beside it.
    pub const fn new(provenance: Provenance, command: Command) -> Self {
        Self { provenance, tenant: None, expected: None, signature: None, vault: Vec::new(), command }
    }
}

/// What an accepted command has led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The events, in the order of the log; none where everything was so already.
    pub events: Vec<Recorded>,
    /// True if the same request had been answered before and these are the events of then.
    pub repeated: bool,
}

/// What the writer made of one envelope.
#[derive(Debug)]
pub(crate) enum Outcome {
    Accepted { recorded: Vec<Recorded> },
    Repeated { first: u64, count: u32 },
    Rejected(Rejection),
}

/// Envelopes sent together, answered together.
pub(crate) struct Submission {
    pub(crate) envelopes: Vec<Envelope>,
    pub(crate) reply: oneshot::Sender<Vec<Outcome>>,
    /// Their places in the queue, given back once they are decided, whether or not the caller still waits.
    pub(crate) places: OwnedSemaphorePermit,
}

/// What can be put into the queue.
pub(crate) enum Message {
    Submit(Submission),
    /// Look at the clock again.
    Wake,
    /// Finish what is queued, save, and end.
    Stop,
}

/// The writer's end of the queue.
pub(crate) struct Queue(pub(crate) Receiver<Message>);

impl Queue {
    /// Waits for a message, at most `wait`, then takes all there is up to `most` envelopes.
    ///
    /// The flag tells that everyone is gone or the word to stop has come.
    pub(crate) fn drain(&self, wait: Option<Duration>, most: usize) -> (Vec<Submission>, bool) {
        let mut submissions = Vec::new();
        let mut count = 0;
        let mut next = self.wait(wait);
        loop {
            match next {
                Some(Message::Submit(submission)) => {
                    count += submission.envelopes.len();
                    submissions.push(submission);
                }
                Some(Message::Wake) => {}
                Some(Message::Stop) => return (submissions, true),
                None => return (submissions, false),
            }
            if count >= most {
                return (submissions, false);
            }
            next = self.0.try_recv().ok();
        }
    }

    fn wait(&self, wait: Option<Duration>) -> Option<Message> {
        let Some(wait) = wait else { return Some(self.0.recv().unwrap_or(Message::Stop)) };
        match self.0.recv_timeout(wait) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Message::Stop),
        }
    }
}
