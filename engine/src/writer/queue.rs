//! The way into the writer: envelopes, what comes back, and the queue between.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::{Condvar, Mutex};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use uuid::Uuid;

use super::linger;
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

/// Envelopes that are worth deciding while a commit is being made. Fewer wait until it is, for there is time enough
/// then, and waking for each of them takes longer than deciding them all.
const WORTHWHILE: usize = 256;

/// What has come and is not taken yet.
#[derive(Default)]
struct Inbox {
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    messages: VecDeque<Message>,
    /// What the messages are worth together.
    worth: usize,
    /// Whether a commit is being made.
    is_committing: bool,
    /// The writer has ended.
    is_closed: bool,
}

impl Held {
    fn is_worthwhile(&self) -> bool {
        !self.messages.is_empty() && (!self.is_committing || self.worth >= WORTHWHILE)
    }

    fn take(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.worth -= message.worth();
        Some(message)
    }
}

impl Message {
    /// Its envelopes; of what must not wait, as many as are worthwhile.
    fn worth(&self) -> usize {
        match self {
            Self::Submit(submission) => submission.envelopes.len(),
            Self::Wake | Self::Stop => WORTHWHILE,
        }
    }
}

/// A way into the queue; cheap to clone.
#[derive(Clone)]
pub(crate) struct Sender(Arc<Inbox>);

/// The writer has ended: what was sent is lost.
pub(crate) struct Ended;

impl Sender {
    /// Puts a message behind all others.
    ///
    /// # Errors
    /// [`Ended`] if nobody will ever take it.
    pub(crate) fn send(&self, message: Message) -> Result<(), Ended> {
        let mut held = self.0.held.lock();
        if held.is_closed {
            return Err(Ended);
        }
        held.worth += message.worth();
        held.messages.push_back(message);
        if held.is_worthwhile() {
            self.0.changed.notify_one();
        }
        Ok(())
    }

    /// Tells whether a commit is being made.
    pub(super) fn set_committing(&self, is_committing: bool) {
        let mut held = self.0.held.lock();
        held.is_committing = is_committing;
        if held.is_worthwhile() {
            self.0.changed.notify_one();
        }
    }
}

/// The writer's end of the queue.
pub(crate) struct Queue(Arc<Inbox>);

impl Queue {
    /// An empty queue.
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// A way into the queue. It stays open for as long as the writer runs, so whoever has no more to say sends the
    /// word to stop.
    pub(crate) fn sender(&self) -> Sender {
        Sender(self.0.clone())
    }

    /// Waits for something worthwhile, at most `wait`, then takes all there is up to `most` envelopes.
    ///
    /// The flag tells that the word to stop has come.
    pub(crate) fn drain(&self, wait: Option<Duration>, most: usize) -> (Vec<Submission>, bool) {
        linger(|| {
            let held = self.0.held.lock();
            !held.is_worthwhile() && !held.is_committing
        });
        let mut held = self.0.held.lock();
        let is_waiting = |held: &mut Held| !held.is_worthwhile();
        match wait {
            None => self.0.changed.wait_while(&mut held, is_waiting),
            Some(wait) => drop(self.0.changed.wait_while_for(&mut held, is_waiting, wait)),
        }
        let (mut submissions, mut count) = (Vec::new(), 0);
        while count < most {
            match held.take() {
                Some(Message::Submit(submission)) => {
                    count += submission.envelopes.len();
                    submissions.push(submission);
                }
                Some(Message::Wake) => {}
                Some(Message::Stop) => return (submissions, true),
                None => break,
            }
        }
        (submissions, false)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let mut held = self.0.held.lock();
        held.is_closed = true;
        let lost = std::mem::take(&mut held.messages);
        drop(held);
        // Whoever waits for an answer learns by this that there will be none.
        drop(lost);
    }
}
