//! The writer over a store in memory and a clock moved by hand, run on the test's own thread.
//!
//! Everything a test submits is in the queue before the writer begins, so what goes into which commit is no
//! matter of luck.

mod asleep;
mod commits;
mod dues;
mod repeats;
mod restarts;

use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot, watch};
use uuid::Uuid;

use super::{
    Checkpoints, Envelope, LookedUp, Message, Outcome, Placed, Provenance, Queue, Sender, Submission, Tools,
    Writer,
};
use crate::{
    books::{Label, Realm},
    clock::ManualClock,
    domain::{
        Command, MerchantId, PaymentId, Rejection, Span, Timestamp, merchant,
        payment::{self, Means, Method},
        realm,
    },
    fault::Fault,
    log::{Actor, Frame, Log, MemoryStore, Recorded, Walk},
    money::{Currency, Money},
    samples::{self, Counting},
    state::{State, TableRows, TableStore},
    vault::Random,
};

/// 2026-01-05T00:00:00Z
const START: Timestamp = Timestamp(1_767_571_200_000_000);
/// Two shops in test mode, and one in live.
const SHOP: MerchantId = MerchantId(1);
const NEIGHBOUR: MerchantId = MerchantId(2);
const LIVE_SHOP: MerchantId = MerchantId(3);
const HERE: Realm = Realm::Test(SHOP);
const THERE: Realm = Realm::Test(NEIGHBOUR);

/// A writer's surroundings; writers come and go, these stay.
struct Desk {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    random: Arc<Counting>,
    /// Where the log ended before the test's own commands.
    prologue: u64,
}

/// What became of each submission, `None` where no answer came; and how the writer ended.
struct Ran {
    answers: Vec<Option<Vec<Outcome>>>,
    ended: Result<(), Fault>,
}

impl Desk {
    /// An empty store but for three merchants.
    fn new() -> Self {
        let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::new(START)));
        let mut desk = Self { store, clock, random: Arc::default(), prologue: 0 };
        let modes = [merchant::Mode::Test, merchant::Mode::Test, merchant::Mode::Active];
        desk.submit(modes.map(|mode| desk.envelope(None, register(mode))).into());
        desk.prologue = desk.store.head().unwrap().position;
        desk
    }

    fn envelope(&self, realm: Option<Realm>, command: Command) -> Envelope {
        let mut id = [0; 16];
        self.random.fill(&mut id);
        // The lowest bits tell a command's events apart.
        id[15] = 0;
        Envelope::new(Provenance::new(Uuid::from_bytes(id), Actor::Operator, realm), command)
    }

    /// A writer whose tables are those of the last checkpoint with the tail folded in, and its queue.
    fn writer(&self) -> (Writer, Sender) {
        let rows: Arc<dyn TableRows> = self.store.clone();
        let mut state = State::load(&rows).unwrap();
        let head = self.store.head().unwrap();
        let mut walk = Walk::new(&*self.store, self.store.checkpoint().unwrap().head, head.position);
        while let Some(frame) = walk.next_commit().unwrap() {
            for recorded in frame.records().unwrap() {
                state.fold(recorded.position, &recorded.header, &recorded.event);
            }
        }
        let committed_at = self.frames().last().map_or_else(Timestamp::default, Frame::recorded_at);
        let tools = Tools {
            log: self.store.clone(),
            tables: self.store.clone(),
            vault: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            witness: None,
            checkpoints: Checkpoints { events: 50_000, rows: usize::MAX },
        };
        let queue = Queue::new();
        let sender = queue.sender();
        let (publish, _) = watch::channel(head);
        (Writer::new(tools, state, committed_at, queue, publish).unwrap(), sender)
    }

    /// Queues all submissions and the word to stop, and runs a writer to its end.
    fn run(&self, submissions: Vec<Vec<Envelope>>) -> Ran {
        let (writer, queue) = self.writer();
        let mut replies = Vec::new();
        for envelopes in submissions {
            let (reply, answer) = oneshot::channel();
            let places = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
            assert!(
                queue
                    .send(Message::Submit(Submission {
                        envelopes,
                        looked_up: LookedUp::default(),
                        reply,
                        places
                    }))
                    .is_ok()
            );
            replies.push(answer);
        }
        assert!(queue.send(Message::Stop).is_ok());
        let ended = writer.run();
        Ran {
            answers: replies.into_iter().map(|mut reply| Some(reply.try_recv().ok()?.outcomes)).collect(),
            ended,
        }
    }

    /// The outcomes of one submission that gets its answer.
    fn submit(&self, envelopes: Vec<Envelope>) -> Vec<Outcome> {
        let ran = self.run(vec![envelopes]);
        ran.ended.unwrap();
        ran.answers.into_iter().next().flatten().expect("whoever waits is answered")
    }

    /// The events of one command that is accepted in `realm`.
    fn accepted(&self, realm: Realm, command: Command) -> Vec<Recorded> {
        match self.submit(vec![self.envelope(Some(realm), command)]).pop() {
            Some(Outcome::Accepted(placed)) => self.recorded(placed),
            other => panic!("{other:?}"),
        }
    }

    /// The events of one command, as they are in the log.
    fn recorded(&self, Placed { first, count }: Placed) -> Vec<Recorded> {
        let frames = self.frames();
        frames.iter().flat_map(|frame| frame.records_at(first, count.into()).unwrap()).collect()
    }

    fn frames(&self) -> Vec<Frame> {
        self.store.read(1, usize::MAX).unwrap()
    }

    /// Every row of every table as saved.
    fn tables(&self) -> Vec<Vec<(Vec<u8>, Vec<u8>)>> {
        State::table_ids().map(|id| TableRows::scan(&*self.store, id).unwrap()).collect()
    }

    /// The commits since the test began, as text: when they were made, and of each event where it stands,
    /// what it is, and when it happened.
    fn log(&self) -> String {
        let mut text = String::new();
        for frame in self.frames().iter().filter(|frame| frame.first() > self.prologue) {
            text += &format!("commit of {}\n", frame.recorded_at());
            for record in frame.records().unwrap() {
                let kind = record.kind.name();
                let stream = record.header.stream.to_string().replace("P00000000000000000000000", "P");
                text += &format!("  {} {kind} {stream} at {}\n", record.position, record.header.effective_at);
            }
        }
        text
    }
}

fn register(mode: merchant::Mode) -> Command {
    Command::Merchant(samples::register(mode))
}

fn id(number: u32) -> PaymentId {
    samples::payment_id(number.into())
}

fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}

fn create(number: u32, merchant: MerchantId) -> Command {
    Command::Payment(payment::Command::Create(samples::create(number.into(), merchant, usd(100_00))))
}

fn pay(number: u32) -> Command {
    let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
    Command::Payment(payment::Command::Receive { payment: id(number), means, amount: usd(100_00) })
}

fn cancel(number: u32) -> Command {
    Command::Payment(payment::Command::Cancel { payment: id(number) })
}

fn refund(number: u32, minor: i128) -> Command {
    Command::Payment(payment::Command::Refund { payment: id(number), amount: Some(usd(minor)) })
}

fn advance(by: Span) -> Command {
    Command::Realm(realm::Command::AdvanceClock { by })
}
