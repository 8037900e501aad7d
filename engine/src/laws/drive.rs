//! One history put through a real engine over a store in memory, and what was answered on the way.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use proptest::sample::Index;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::wishes::{Turn, What, Wish};
use crate::{
    Engine, Envelope, ManualClock, Options, Provenance, Receipt, SubmitError,
    books::{Label, Realm},
    domain::{
        Command, DeliveryId, Digest, MerchantId, PaymentId, Rejection, SecretId, Span, Timestamp, merchant, payment,
        rail, realm, webhook,
    },
    log::{Actor, Head, Log, MemoryStore, Recorded, TableStore, prove},
    money::{Currency, Money, Percent},
    state::{IdempotencyKey, State, TABLES_VERSION, TableRows},
    vault::{MasterKey, Random},
};

/// 2026-01-05T03:00:00Z
const START: Timestamp = Timestamp(1_767_582_000_000_000);
/// The first two begin in test mode, the third in live.
const MERCHANTS: [MerchantId; 3] = [MerchantId(1), MerchantId(2), MerchantId(3)];
/// How a wish can end.
pub(super) const WORDS: [&str; 5] = ["accepted", "unchanged", "repeated", "refused", "conflict"];

type Answer = Result<Receipt, SubmitError>;

#[derive(Default)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, digit)| *byte = *digit);
    }
}

pub(super) struct Driver {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    random: Arc<Counting>,
    engine: Engine,
    modes: [merchant::Mode; 3],
    payments: Vec<(PaymentId, Realm, Money)>,
    sent: Vec<(Envelope, Answer)>,
    /// What each key that has an answer was asked, and its answer.
    answered: HashMap<[u8; 16], ([u8; 16], Vec<Recorded>)>,
}

impl Driver {
    pub(super) async fn begin() -> Self {
        let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::new(START)));
        let random = Arc::new(Counting::default());
        let engine = open(&store, &clock, &random);
        let modes = [merchant::Mode::Test, merchant::Mode::Test, merchant::Mode::Active];
        let (payments, sent, answered) = (Vec::new(), Vec::new(), HashMap::new());
        let mut driver = Self { store, clock, random, engine, modes, payments, sent, answered };
        for mode in modes {
            let envelope = driver.envelope(None, register(mode));
            driver.send(vec![envelope]).await;
        }
        driver
    }

    pub(super) async fn take(&mut self, turn: Turn) {
        match turn {
            Turn::One(wish) => {
                let envelope = self.word(&wish);
                self.send(vec![envelope]).await;
            }
            Turn::Together(wishes) => {
                let envelopes = wishes.iter().map(|wish| self.word(wish)).collect();
                self.send(envelopes).await;
            }
            Turn::Flood(wish) => {
                let envelope = self.word(&wish);
                let copies = (0..50).map(|_| self.again(&envelope)).collect();
                self.send(copies).await;
            }
            Turn::Again(index) => {
                let envelope = self.again(&self.earlier(index));
                self.send(vec![envelope]).await;
            }
            Turn::Clash(index) => {
                let mut envelope = self.again(&self.earlier(index));
                envelope.provenance.idempotency.iter_mut().for_each(|key| key.request[0] ^= 0xFF);
                self.send(vec![envelope]).await;
            }
            Turn::Tick(by) => {
                self.clock.advance(by);
                self.engine.wake();
            }
            Turn::Restart => {
                self.engine.close().await.unwrap();
                self.engine = open(&self.store, &self.clock, &self.random);
            }
        }
    }

    pub(super) async fn finish(&mut self) {
        self.engine.close().await.unwrap();
    }

    /// Everything in the log, whose chain is proved on the way.
    pub(super) fn log(&self) -> Vec<Recorded> {
        let head = self.store.head().unwrap();
        assert_eq!(prove(&*self.store, Head::default()).unwrap(), head);
        let frames = self.store.read(1, usize::MAX).unwrap();
        frames.iter().flat_map(|frame| frame.records().unwrap()).collect()
    }

    /// How often wishes ended in which way.
    pub(super) fn tally(&self) -> HashMap<&'static str, u32> {
        let mut tally = HashMap::new();
        for (_, answer) in &self.sent {
            let word = match answer {
                Ok(receipt) if receipt.repeated => "repeated",
                Ok(receipt) if receipt.events.is_empty() => "unchanged",
                Ok(_) => "accepted",
                Err(SubmitError::Rejected(Rejection::IdempotencyConflict)) => "conflict",
                Err(_) => "refused",
            };
            *tally.entry(word).or_default() += 1;
        }
        tally
    }

    /// One key, one effect, one answer; and what was refused left no trace.
    pub(super) fn check_answers(&self, log: &[Recorded]) {
        let mut by_command = HashMap::<Uuid, Vec<&Recorded>>::new();
        let mut by_key = HashMap::<[u8; 16], Vec<&Recorded>>::new();
        for event in log {
            by_command.entry(event.header.causation).or_default().push(event);
            if let Some(idempotency) = event.header.idempotency {
                by_key.entry(idempotency.key).or_default().push(event);
            }
        }
        for (envelope, answer) in &self.sent {
            let led_to = by_command.remove(&envelope.provenance.id).unwrap_or_default();
            match answer {
                Ok(receipt) if receipt.repeated => {
                    assert!(led_to.is_empty(), "a repeated request changes nothing");
                    let key = envelope.provenance.idempotency.expect("only what has a key is repeated");
                    let effect = &by_key[&key.key];
                    assert!(effect.iter().copied().eq(&receipt.events), "one key, one effect, one answer");
                    assert!(effect.iter().all(|event| event.header.idempotency == Some(key)));
                }
                Ok(receipt) => assert!(led_to.into_iter().eq(&receipt.events), "what is answered is in the log"),
                Err(_) => assert!(led_to.is_empty(), "what was refused left {led_to:?}"),
            }
        }
        let alone = by_command.into_values().flatten();
        assert!(alone.into_iter().all(|event| event.header.actor == Actor::Ledger), "events nobody asked for");
    }

    /// Tables folded anew from the log are those that were saved, in however many parts.
    pub(super) fn check_replay(&self) {
        let fresh = Arc::new(MemoryStore::new());
        let rows: Arc<dyn TableRows> = fresh.clone();
        let mut state = State::load(&rows).unwrap();
        for event in self.log() {
            state.fold(event.position, &event.header, &event.event);
        }
        let checkpoint = self.store.checkpoint().unwrap();
        assert_eq!((checkpoint.head, checkpoint.version), (self.store.head().unwrap(), TABLES_VERSION));
        fresh.save(checkpoint, state.drain_dirty()).unwrap();
        for table in State::table_ids() {
            let [replayed, live] = [&fresh, &self.store].map(|store| TableRows::scan(&**store, table).unwrap());
            assert_eq!(replayed, live, "{}", State::table_name(table));
        }
    }

    /// Sends all at once, and notes what is answered.
    async fn send(&mut self, envelopes: Vec<Envelope>) {
        let mut answers = JoinSet::new();
        for envelope in envelopes {
            let engine = self.engine.clone();
            answers.spawn(async move { (envelope.clone(), engine.submit(envelope).await) });
        }
        let answers = answers.join_all().await;
        for (envelope, answer) in &answers {
            self.check_key(envelope, answer);
        }
        for (envelope, answer) in answers {
            if let (Ok(receipt), Some(key)) = (&answer, envelope.provenance.idempotency)
                && !receipt.events.is_empty()
            {
                self.answered.insert(key.key, (key.request, receipt.events.clone()));
            }
            self.learn(&envelope, &answer);
            self.sent.push((envelope, answer));
        }
    }

    /// A key that was answered before is answered the same way, or it is a conflict.
    fn check_key(&self, envelope: &Envelope, answer: &Answer) {
        let known = envelope.provenance.idempotency.and_then(|key| Some((key, self.answered.get(&key.key)?)));
        match (known, answer) {
            (_, Err(error)) if !matches!(error, SubmitError::Rejected(_)) => panic!("{error}"),
            (Some((key, (request, events))), Ok(receipt)) => {
                assert!(key.request == *request && receipt.repeated && receipt.events == *events);
            }
            (Some((key, (request, _))), Err(SubmitError::Rejected(rejection))) => {
                assert!(key.request != *request && *rejection == Rejection::IdempotencyConflict, "{rejection}");
            }
            (None, _) | (_, Err(_)) => {}
        }
    }

    /// What later wishes have to know.
    fn learn(&mut self, envelope: &Envelope, answer: &Answer) {
        let Ok(receipt) = answer else { return };
        if receipt.repeated {
            return;
        }
        match &envelope.command {
            Command::Payment(payment::Command::Create { payment, amount, tax, method_fee, .. }) => {
                let total = Money::new(amount.minor + tax.minor + method_fee.minor, amount.currency);
                self.payments.push((*payment, envelope.provenance.realm.unwrap(), total));
            }
            Command::Merchant(merchant::Command::SetMode { merchant, mode }) => {
                self.modes[merchant.0 as usize - 1] = *mode;
            }
            _ => {}
        }
    }

    fn earlier(&self, index: Index) -> Envelope {
        index.get(&self.sent).0.clone()
    }

    /// The same request as another command.
    fn again(&self, envelope: &Envelope) -> Envelope {
        let mut again = envelope.clone();
        again.provenance.id = self.new_id();
        again
    }

    fn envelope(&self, realm: Option<Realm>, command: Command) -> Envelope {
        let id = self.new_id();
        let mut envelope = Envelope::new(Provenance::new(id, Actor::Operator, realm), command);
        envelope.provenance.idempotency = Some(IdempotencyKey { key: *id.as_bytes(), request: [1; 16] });
        envelope
    }

    fn new_id(&self) -> Uuid {
        let mut id = [0; 16];
        self.random.fill(&mut id);
        // The lowest bits tell a command's events apart.
        id[15] = 0;
        Uuid::from_bytes(id)
    }

    /// A wish as a command that can be sent.
    fn word(&self, wish: &Wish) -> Envelope {
        let merchant = MERCHANTS[wish.merchant];
        let selected = self.modes[wish.merchant].realm(merchant);
        let picked = (!self.payments.is_empty()).then(|| *wish.payment.get(&self.payments));
        let (payment, realm, total) = picked.unwrap_or((self.payment_id(), selected, yen(1_000)));
        let (realm, command) = match &wish.what {
            What::Create { currency, amount, tax, fee } => {
                (Some(selected), self.creation(merchant, *currency, [*amount, *tax, *fee]))
            }
            What::Settle { net, fee } => {
                let [net, fee] = [*net, *fee].map(|minor| Money::new(minor, total.currency));
                let rail = if realm.is_test() { Label::SANDBOX } else { acquirer() };
                (Some(realm), Command::Rail(rail::Command::Settle { rail, bank: Label::MAIN, net, fee }))
            }
            What::Advance(by) => (Some(selected), Command::Realm(realm::Command::AdvanceClock { by: *by })),
            What::Attempt { .. } | What::Requeue => (Some(realm), Command::Webhook(about_delivery(wish, payment))),
            What::SetMode(_) | What::SetTerms { .. } | What::RotateSecret => {
                (None, Command::Merchant(about_merchant(wish, merchant)))
            }
            _ => (Some(realm), Command::Payment(about_payment(wish, payment, realm, total))),
        };
        let mut envelope = self.envelope(realm, command);
        if wish.astray {
            // Of payment and tenant one is surely somebody else's.
            envelope.tenant = Some(MerchantId(9));
        }
        envelope
    }

    fn creation(&self, merchant: MerchantId, currency: Currency, parts: [i128; 3]) -> Command {
        let [amount, tax, method_fee] = parts.map(|minor| Money::new(minor, currency));
        let origin = payment::Origin::ItoPayment;
        let payment = self.payment_id();
        Command::Payment(payment::Command::Create { payment, merchant, amount, tax, method_fee, origin, private: None })
    }

    fn payment_id(&self) -> PaymentId {
        format!("P{:024}", self.random.0.fetch_add(1, Ordering::Relaxed)).parse().unwrap()
    }
}

fn open(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, random: &Arc<Counting>) -> Engine {
    let options = Options { clock: clock.clone(), random: random.clone() };
    Engine::over(store.clone(), MasterKey::from_bytes([7; 32]), options).unwrap()
}

fn register(mode: merchant::Mode) -> Command {
    Command::Merchant(merchant::Command::Register {
        name: "Shop".into(),
        access_key: Digest([1; 32]),
        client_id: "client".into(),
        client_secret: Digest([2; 32]),
        secret: SecretId([3; 16]),
        signature_required: false,
        mode,
    })
}

fn yen(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

/// A rail that is not the sandbox.
fn acquirer() -> Label {
    "acquirer".parse().unwrap()
}

fn about_payment(wish: &Wish, payment: PaymentId, realm: Realm, total: Money) -> payment::Command {
    use payment::Command as C;
    let part = |part: super::wishes::Part| Money::new(part.of(total.minor), total.currency);
    let rail = |other: bool| if other || !realm.is_test() { acquirer() } else { Label::SANDBOX };
    let means = |method, other| payment::Means { method, rail: rail(other), card: None };
    match wish.what {
        What::Await(method) => C::Await { payment, means: means(method, false), instructions: Vec::new() },
        What::Authorize => {
            C::Authorize { payment, means: means(payment::Method::CreditCard, false), amount: total }
        }
        What::Capture(amount) => C::Capture { payment, amount: amount.map(part) },
        What::Receive { method, rail, part: amount } => {
            C::Receive { payment, means: means(method, rail), amount: part(amount) }
        }
        What::Decline => C::Decline {
            payment,
            method: payment::Method::CreditCard,
            reason: payment::DeclineReason::InsufficientFunds,
        },
        What::Cancel => C::Cancel { payment },
        What::Fail => C::Fail { payment, reason: payment::FailReason::Rail },
        What::Refund(amount) => C::Refund { payment, amount: amount.map(part) },
        What::ChargeBack { part: amount, fee } => {
            C::ChargeBack { payment, amount: part(amount), fee: Money::new(fee, total.currency) }
        }
        What::WinChargeback => C::WinChargeback { payment },
        What::ReturnExcess => C::ReturnExcess { payment },
        ref other => unreachable!("{other:?} is not about a payment"),
    }
}

fn about_delivery(wish: &Wish, payment: PaymentId) -> webhook::Command {
    let delivery = DeliveryId { payment, number: 1 };
    match wish.what {
        What::Attempt { number, delivered } => webhook::Command::RecordAttempt {
            delivery,
            number,
            started_at: START,
            duration_ms: 5,
            answer: webhook::Answer::Status(if delivered { 200 } else { 500 }),
            verdict: match delivered {
                true => webhook::Verdict::Delivered,
                false => webhook::Verdict::RetryAt(START + Span::hours(1)),
            },
        },
        _ => webhook::Command::Requeue { delivery },
    }
}

fn about_merchant(wish: &Wish, merchant: MerchantId) -> merchant::Command {
    match wish.what {
        What::SetMode(active) => {
            let mode = if active { merchant::Mode::Active } else { merchant::Mode::Test };
            merchant::Command::SetMode { merchant, mode }
        }
        What::SetTerms { percent, fixed, returns_charge } => {
            let rule = |rail| merchant::ChargeRule { rail, percent: Percent::whole(percent / 3), fixed: yen(fixed) };
            let terms = merchant::Terms {
                percent: Percent::whole(percent),
                rules: vec![rule(acquirer())],
                refund_returns_charge: returns_charge,
                ..merchant::Terms::default()
            };
            merchant::Command::SetTerms { merchant, terms }
        }
        _ => merchant::Command::RotateSecret { merchant, secret: SecretId([4; 16]), overlap: Span::hours(1) },
    }
}
