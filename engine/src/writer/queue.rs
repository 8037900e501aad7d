//! The way into the writer: envelopes, what comes back, and the queue between.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use uuid::Uuid;

use crate::{
    books::Realm,
    domain::{Command, MerchantId, Rejection, StreamId, Timestamp},
    log::{Actor, Frame, Recorded},
    state::{Answered, IdempotencyKey},
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

/// Where in the log the events of one command are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The first one's position.
    pub first: u64,
    /// How many there are, one after the other; none where everything was so already.
    pub count: u32,
}

/// What became of one envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It led to these events, which are durable.
    Accepted(Placed),
    /// The same request had led to these events before.
    Repeated(Placed),
    /// It was refused, and nothing changed.
    Rejected(Box<Rejection>),
}

impl Outcome {
    /// A refusal for `reason`.
    pub(crate) fn refused(reason: impl Into<Rejection>) -> Self {
        Self::Rejected(Box::new(reason.into()))
    }
}

/// What whoever submitted gets back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) outcomes: Vec<Outcome>,
    /// The commit it came with, if that has any events.
    pub(crate) frame: Option<Frame>,
}

/// What whoever submits has looked up of the envelopes' keys, so that the writer need not: reading is not deciding.
#[derive(Default)]
pub(crate) struct LookedUp {
    /// The drain whose keys were the latest that could be found; `None` if nothing was looked up.
    pub(crate) drain: Option<u32>,
    /// What keys have led to, with the places of their envelopes, in order.
    pub(crate) found: Vec<(usize, Answered)>,
}

/// Envelopes sent together, answered together.
pub(crate) struct Submission {
    pub(crate) envelopes: Vec<Envelope>,
    pub(crate) looked_up: LookedUp,
    pub(crate) reply: oneshot::Sender<Answer>,
    /// Their places in the queue, given back once they are answered, whether or not the caller still waits.
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
pub(crate) struct Queue {
    messages: Receiver<Message>,
    sender: Sender<Message>,
}

impl Queue {
    /// An empty queue.
    pub(crate) fn new() -> Self {
        let (sender, messages) = channel();
        Self { messages, sender }
    }

    /// A way into the queue. It stays open for as long as the writer runs, so whoever has no more to say sends the
    /// word to stop.
    pub(crate) fn sender(&self) -> Sender<Message> {
        self.sender.clone()
    }

    /// Waits for a message, at most `wait`, then takes all there is up to `most` envelopes.
    ///
    /// The flag tells that the word to stop has come.
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
            next = self.messages.try_recv().ok();
        }
    }

    fn wait(&self, wait: Option<Duration>) -> Option<Message> {
        match wait {
            None => self.messages.recv().ok(),
            Some(wait) => self.messages.recv_timeout(wait).ok(),
        }
    }
}
