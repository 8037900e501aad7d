//! A small ledger for tests: an engine in memory, a clock that stands still, and the models that follow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use choai_engine::{
    Engine, Envelope, ManualClock, Options, Provenance, Receipt, SubmitError,
    books::{Label, Realm},
    domain::{
        Command, DeliveryId, Digest, Event, MerchantId, PaymentId, SecretId, Span, Timestamp,
        merchant::{self, Mode},
        payment::{self, DeclineReason, Instruction, InstructionKind, Means, Method, Origin},
        rail, realm,
        webhook::{self, Answer, Verdict},
    },
    log::{Actor, Frame, FrameDraft, Head, MemoryStore, RecordHeader, Recorded},
    money::{Currency, Money},
    vault::{MasterKey, Random},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Follower, Models};

/// When every scene begins: 2027-01-15T08:00:00Z.
pub(crate) const BEGINNING: Timestamp = Timestamp(1_800_000_000_000_000);

/// Random bytes that are the same in every run, and so is what is made of them.
#[derive(Default)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, digit)| *byte = *digit);
    }
}

pub(crate) struct Scene {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) engine: Engine,
    pub(crate) folder: TempDir,
    pub(crate) models: Models,
    pub(crate) follower: Option<Follower>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new(BEGINNING));
        let options = Options { clock: clock.clone(), random: Arc::new(Counting::default()) };
        let master = MasterKey::from_bytes([7; 32]);
        let engine = Engine::over(Arc::new(MemoryStore::new()), master, options).unwrap();
        let folder = TempDir::new().unwrap();
        let models = Models::open(&folder.path().join("models")).unwrap();
        let follower = Some(models.follow(&engine));
        Self { clock, engine, folder, models, follower }
    }

    /// The test realm of the first merchant.
    pub(crate) fn realm(&self) -> Realm {
        Realm::Test(MerchantId(1))
    }

    pub(crate) async fn try_submit(
        &self,
        realm: Option<Realm>,
        command: Command,
    ) -> Result<Receipt, SubmitError> {
        let provenance = Provenance::new(self.engine.new_id(), Actor::Operator, realm);
        self.engine.submit(Envelope::new(provenance, command)).await
    }

    pub(crate) async fn submit(&self, realm: Option<Realm>, command: Command) -> Receipt {
        self.try_submit(realm, command).await.unwrap()
    }

    /// Submits in the first merchant's test realm.
    pub(crate) async fn pay(&self, command: payment::Command) -> Receipt {
        self.submit(Some(self.realm()), Command::Payment(command)).await
    }

    pub(crate) async fn register(&self, name: &str) -> MerchantId {
        let command = merchant::Command::Register {
            name: name.into(),
            access_key: access_key(name),
            client_id: format!("client of {name}"),
            client_secret: Digest([0; 32]),
            secret: SecretId([1; 16]),
            signature_required: false,
            mode: Mode::Test,
        };
        let receipt = self.submit(None, Command::Merchant(command)).await;
        match &receipt.events[0].event {
            choai_engine::domain::Event::Merchant(merchant::Event::Registered(event)) => event.merchant,
            other => panic!("a registration registers: {other:?}"),
        }
    }

    pub(crate) async fn advance(&self, realm: Realm, by: Span) {
        self.submit(Some(realm), Command::Realm(realm::Command::AdvanceClock { by })).await;
    }

    pub(crate) async fn attempt(&self, delivery: DeliveryId, number: u32, verdict: Verdict) {
        let command = webhook::Command::RecordAttempt {
            delivery,
            number,
            started_at: self.engine.now(),
            duration_ms: 7,
            answer: Answer::Status(if verdict == Verdict::Delivered { 200 } else { 500 }),
            verdict,
        };
        self.submit(Some(self.realm()), Command::Webhook(command)).await;
    }

    /// Waits until the models have seen everything so far.
    pub(crate) async fn seen(&self) {
        self.models.wait_for(self.engine.head().position, Duration::from_secs(30)).await.unwrap();
    }

    pub(crate) fn events(&self) -> Vec<Recorded> {
        self.engine.events(1, self.engine.head().position).unwrap()
    }
}

/// Commits of so many events each, no two events alike, and the same bytes in every run.
pub(crate) fn commits(counts: impl IntoIterator<Item = u64>) -> Vec<Frame> {
    let (mut head, mut frames) = (Head::default(), Vec::new());
    for count in counts {
        let mut draft = FrameDraft::new(head.position + 1, BEGINNING);
        for _ in 0..count {
            let realm = Realm::Test(MerchantId(1));
            let advanced = realm::ClockAdvanced { realm, by: Span::MICRO, ahead: Span::MICRO };
            let event: Event = realm::Event::ClockAdvanced(advanced).into();
            let id = Uuid::from_u128(draft.next_position().into());
            let header = RecordHeader {
                stream: event.stream(),
                revision: draft.next_position(),
                id,
                realm: Some(realm),
                effective_at: BEGINNING,
                causation: id,
                correlation: id,
                actor: Actor::Ledger,
                idempotency: None,
            };
            draft.push(&header, &event);
        }
        let frame = draft.seal(head);
        head = frame.head();
        frames.push(frame);
    }
    frames
}

/// The access key of the merchant with this name.
pub(crate) fn access_key(name: &str) -> Digest {
    let mut digest = [0; 32];
    digest[..name.len()].copy_from_slice(name.as_bytes());
    Digest(digest)
}

pub(crate) fn id(number: u32) -> PaymentId {
    format!("payment{number:018}").parse().unwrap()
}

pub(crate) fn yen(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

pub(crate) fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}

pub(crate) fn by(method: Method) -> Means {
    Means { method, rail: Label::SANDBOX, card: None }
}

pub(crate) fn create(number: u32, merchant: u32, amount: Money) -> payment::Command {
    payment::Command::Create(payment::Create {
        payment: id(number),
        merchant: MerchantId(merchant),
        purpose: payment::Purpose::Sale,
        amount,
        tax: Money::zero(amount.currency),
        method_fee: Money::zero(amount.currency),
        origin: Origin::ItoPayment,
        private: None,
    })
}

pub(crate) fn receive(number: u32, method: Method, amount: Money) -> payment::Command {
    payment::Command::Receive { payment: id(number), means: by(method), amount }
}

pub(crate) fn await_at_konbini(number: u32) -> payment::Command {
    let receipt = Instruction { kind: InstructionKind::Receipt, value: "4711".into() };
    payment::Command::Await { payment: id(number), means: by(Method::Konbini), instructions: vec![receipt] }
}

pub(crate) fn decline(number: u32) -> payment::Command {
    let reason = DeclineReason::InsufficientFunds;
    payment::Command::Decline { payment: id(number), method: Method::CreditCard, reason }
}

/// A ledger in which a bit of everything has happened, seen by the models: three realms, captures, refunds, a
/// lost and won chargeback, prepaid parts given back, excess, an expiry at its due time, and deliveries of
/// every state. What it leads to is pinned: it is added to at its end only.
pub(crate) async fn busy() -> Scene {
    let scene = Scene::new();
    scene.register("Fruit").await;
    scene.register("Tea").await;
    cards(&scene).await;
    prepaid(&scene).await;
    scene.clock.advance(Span::seconds(30));
    konbini(&scene).await;
    elsewhere(&scene).await;
    scene
        .attempt(DeliveryId { payment: id(1), number: 1 }, 1, Verdict::RetryAt(BEGINNING + Span::hours(1)))
        .await;
    scene.attempt(DeliveryId { payment: id(3), number: 1 }, 1, Verdict::Delivered).await;
    scene.attempt(DeliveryId { payment: id(5), number: 1 }, 1, Verdict::GaveUp).await;
    scene.seen().await;
    scene
}

async fn cards(scene: &Scene) {
    scene.pay(create(1, 1, usd(100_00))).await;
    scene.pay(receive(1, Method::CreditCard, usd(100_00))).await;
    scene.pay(payment::Command::Refund { payment: id(1), amount: Some(usd(30_00)) }).await;
    scene
        .pay(payment::Command::ChargeBack {
            payment: id(1),
            amount: usd(100_00),
            fee: usd(15_00),
            rail: choai_engine::books::Label::SANDBOX,
        })
        .await;
    scene.pay(payment::Command::WinChargeback { payment: id(1) }).await;
    scene.pay(create(2, 1, usd(1_00))).await;
    for _ in 0..payment::DECLINES_MAX {
        scene.pay(decline(2)).await;
    }
}

async fn prepaid(scene: &Scene) {
    scene.pay(create(3, 1, yen(5_000))).await;
    scene.pay(receive(3, Method::WebMoney, yen(2_000))).await;
    scene.pay(receive(3, Method::BitCash, yen(2_000))).await;
    scene.pay(receive(3, Method::WebMoney, yen(2_000))).await; // A thousand too much.
    scene.pay(create(4, 1, yen(9_000))).await;
    scene.pay(receive(4, Method::WebMoney, yen(2_000))).await;
    let means = Means { rail: "prepaid".parse().unwrap(), ..by(Method::NetCash) };
    scene.pay(payment::Command::Receive { payment: id(4), means, amount: yen(500) }).await;
    scene.pay(receive(4, Method::WebMoney, yen(1_000))).await;
    scene.pay(payment::Command::Cancel { payment: id(4) }).await; // All parts go back, in one event.
}

async fn konbini(scene: &Scene) {
    scene.pay(create(5, 1, yen(1_200))).await;
    scene.pay(await_at_konbini(5)).await;
    scene.pay(receive(5, Method::Konbini, yen(1_200))).await;
    scene.pay(receive(5, Method::Konbini, yen(1_200))).await; // The slip is paid twice.
    scene.pay(create(6, 1, yen(1_300))).await;
    scene.pay(await_at_konbini(6)).await;
    scene.advance(scene.realm(), Span::days(5)).await;
    scene.pay(create(7, 1, yen(1_400))).await; // What is due comes first: the sixth expires.
    scene.pay(payment::Command::ReturnExcess { payment: id(5) }).await;
    let (net, fee, rail, bank) = (yen(900), yen(100), Label::SANDBOX, Label::MAIN);
    scene.submit(Some(scene.realm()), Command::Rail(rail::Command::Settle { rail, bank, net, fee })).await;
}

/// The second merchant's test realm, then live.
async fn elsewhere(scene: &Scene) {
    let (merchant, rail) = (MerchantId(2), "acquirer".parse().unwrap());
    let test = Some(Realm::Test(merchant));
    scene.submit(test, Command::Payment(create(8, 2, usd(50_00)))).await;
    scene.submit(test, Command::Payment(receive(8, Method::CreditCard, usd(50_00)))).await;
    let go_live = merchant::Command::SetMode { merchant, mode: Mode::Active };
    scene.submit(None, Command::Merchant(go_live)).await;
    let live = Some(Realm::Live);
    scene.submit(live, Command::Payment(create(9, 2, usd(70_00)))).await;
    let means = Means { rail, ..by(Method::CreditCard) };
    let authorize = payment::Command::Authorize { payment: id(9), means, amount: usd(70_00) };
    scene.submit(live, Command::Payment(authorize)).await;
    let capture = payment::Command::Capture { payment: id(9), amount: Some(usd(60_00)) };
    scene.submit(live, Command::Payment(capture)).await;
}
