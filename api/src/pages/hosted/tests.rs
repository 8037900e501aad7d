//! The hosted page over an engine in memory: what it says when something breaks at the worst moment.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::body::Body;
use choai_engine::{
    Engine, Fault, ManualClock, Options,
    books::Realm,
    domain::{
        Command, Digest, MerchantId, SecretId, Span,
        merchant::{self, Mode},
        payment,
    },
    log::{Actor, Frame, Head, Log, MemoryStore},
    money::{Currency, Money},
    state::{Checkpoint, KeyValue, Row, TableId, TableRows, TableStore},
    vault::{MasterKey, OsRandom, VaultFamily, VaultRows, VaultWrite},
};
use choai_projections::{Follower, Models};
use http_body_util::BodyExt;
use tempfile::TempDir;

use super::*;
use crate::{gate::Gate, webhooks::guard::Guard};

const REALM: Realm = Realm::Test(MerchantId(1));

/// A store whose log can be made unreadable, for whoever follows it.
#[derive(Default)]
struct Store {
    kept: MemoryStore,
    is_unreadable: AtomicBool,
}

impl Log for Store {
    fn head(&self) -> Result<Head, Fault> {
        Log::head(&self.kept)
    }

    fn append(&self, expected: Head, frame: &Frame, vault: &[VaultWrite]) -> Result<(), Fault> {
        self.kept.append(expected, frame, vault)
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, Fault> {
        if self.is_unreadable.load(Ordering::SeqCst) {
            return Err(Fault::Store("the disk failed, as the test asked".into()));
        }
        self.kept.read(from, bytes_max)
    }
}

impl TableRows for Store {
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        TableRows::get(&self.kept, table, key)
    }

    fn scan(&self, table: TableId) -> Result<Vec<KeyValue>, Fault> {
        TableRows::scan(&self.kept, table)
    }
}

impl TableStore for Store {
    fn checkpoint(&self) -> Result<Checkpoint, Fault> {
        self.kept.checkpoint()
    }

    fn save(&self, checkpoint: Checkpoint, rows: Vec<Row>) -> Result<(), Fault> {
        self.kept.save(checkpoint, rows)
    }

    fn clear(&self) -> Result<(), Fault> {
        self.kept.clear()
    }
}

impl VaultRows for Store {
    fn get(&self, family: VaultFamily, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        VaultRows::get(&self.kept, family, key)
    }

    fn scan_from(&self, family: VaultFamily, key: &[u8], most: usize) -> Result<Vec<KeyValue>, Fault> {
        VaultRows::scan_from(&self.kept, family, key, most)
    }

    fn write(&self, writes: &[VaultWrite]) -> Result<(), Fault> {
        self.kept.write(writes)
    }

    fn forget(&self, family: VaultFamily, keys: &[Vec<u8>]) -> Result<(), Fault> {
        self.kept.forget(family, keys)
    }
}

/// A payment of 1,000 yen and its page.
struct Till {
    app: App,
    clock: Arc<ManualClock>,
    payment: PaymentId,
    store: Arc<Store>,
    follower: Option<Follower>,
    _folder: TempDir,
}

impl Till {
    async fn open() -> Self {
        let store = Arc::new(Store::default());
        // 2026-01-05T00:00:00Z
        let clock = Arc::new(ManualClock::new(Timestamp(1_767_571_200_000_000)));
        let options = Options { clock: clock.clone(), random: Arc::new(OsRandom) };
        let engine = Engine::over(store.clone(), MasterKey::from_bytes([7; 32]), options).unwrap();
        let folder = TempDir::new().unwrap();
        let models = Models::open(&folder.path().join("models")).unwrap();
        let follower = Some(models.follow(&engine));
        let guard = Guard::new(true, Vec::new());
        let app = App::new(
            engine,
            models,
            "http://pay.example".into(),
            guard,
            Gate::DEFAULT,
            crate::oauth::Desk::new(crate::oauth::Lifetimes::DEFAULT),
        );
        let payment = app.new_payment_id();
        app.submit(app.envelope(Actor::Operator, None, register())).await.unwrap();
        let till = Self { app, clock, payment, store, follower, _folder: folder };
        till.submit(create(payment)).await;
        till
    }

    async fn submit(&self, command: Command) {
        self.app.submit(self.app.envelope(Actor::Operator, Some(REALM), command)).await.unwrap();
    }

    /// The read models know everything up to now, and will see nothing of what comes after it.
    async fn stop_the_models(&mut self) {
        self.app.current_models().await.unwrap();
        self.follower.take().unwrap().stop().unwrap();
        // One more that meets a fault at once: whoever waits for the models is told so without delay.
        self.store.is_unreadable.store(true, Ordering::SeqCst);
        self.app.models().follow(self.app.engine()).stop().unwrap_err();
    }

    /// Posts a form about the payment.
    async fn post(&self, form: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::post("/process-checkout")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("payment_id={}&language=en&{form}", self.payment)))
            .unwrap();
        read(act(State(self.app.clone()), request).await).await
    }

    async fn get(&self) -> (StatusCode, HeaderMap, String) {
        let query = format!("payment_id={}&language=en", self.payment);
        read(show_page(State(self.app.clone()), RawQuery(Some(query)), HeaderMap::new()).await).await
    }
}

async fn read(answer: Answer) -> (StatusCode, HeaderMap, String) {
    let (parts, body) = answer.into_response().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8(bytes.into()).unwrap())
}

fn register() -> Command {
    Command::Merchant(merchant::Command::Register {
        name: "Sample Shop".into(),
        access_key: Digest([1; 32]),
        client_id: "client".into(),
        client_secret: Digest([2; 32]),
        secret: SecretId([3; 16]),
        signature_required: false,
        mode: Mode::Test,
    })
}

fn create(payment: PaymentId) -> Command {
    let nothing = Money::zero(Currency::Jpy);
    Command::Payment(payment::Command::Create(payment::Create {
        payment,
        merchant: MerchantId(1),
        purpose: payment::Purpose::Sale,
        amount: Money::new(1_000, Currency::Jpy),
        tax: nothing,
        method_fee: nothing,
        origin: payment::Origin::ItoPayment,
        private: None,
    }))
}

/// The payment was in the log, the page could not be read again for want of current models, and the customer
/// was told: "Nothing has been paid. Please try again."
#[tokio::test]
async fn a_payment_that_was_recorded_is_never_said_to_have_failed() {
    for form in [
        "action=pay&method=credit_card&number=4111111111111111&month=12&year=39&verification_value=123&name=A",
        "action=pay&method=credit_card&number=4123111111111000&month=12&year=39&verification_value=123&name=A",
        "action=pay&method=pay_easy",
        "action=pay&method=web_money&prepaid_number=1111111111111111",
        "action=cancel",
    ] {
        let mut till = Till::open().await;
        till.stop_the_models().await;
        let before = till.app.engine().head().position;
        let (status, _, page) = till.post(form).await;
        assert!(till.app.engine().head().position > before, "{form} is in the log");
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{form}: {page}");
        assert!(page.contains("It may have gone through."), "{form}: {page}");
        assert!(page.contains(&format!("/process-checkout?payment_id={}", till.payment)), "{form}: {page}");

        let (status, _, page) = till.get().await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!page.contains("Nothing has been paid"), "looking again: {page}");
    }
}

/// The server tells those with 429 and 503 when to come back.
#[tokio::test]
async fn whoever_may_come_back_can_be_told_by_the_status() {
    for (kind, expected) in [
        (ProblemKind::TooManyRequests, StatusCode::TOO_MANY_REQUESTS),
        (ProblemKind::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
        (ProblemKind::OutcomeUnknown, StatusCode::SERVICE_UNAVAILABLE),
        (ProblemKind::NotFound, StatusCode::NOT_FOUND),
        (ProblemKind::Unreadable, StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(read(problem_page(kind, Language::English, None)).await.0, expected, "{kind:?}");
    }
}

/// No form of ours leads here, but a rail may report less than a BitCash card was asked for.
#[tokio::test]
async fn a_part_paid_by_a_brand_that_cannot_go_on_takes_no_other() {
    let till = Till::open().await;
    let (payment, amount) = (till.payment, Money::new(400, Currency::Jpy));
    let means = crate::rails::sandbox::means(Method::BitCash);
    till.submit(Command::Payment(payment::Command::Receive { payment, means, amount })).await;
    let before = till.app.engine().head();
    for method in ["bit_cash", "web_money"] {
        let form = format!("action=pay&method={method}&prepaid_number=1111111111111111");
        for (status, _, page) in [till.get().await, till.post(&form).await] {
            assert_eq!(status, StatusCode::OK);
            assert!(page.contains("We have received ¥400."), "{page}");
            assert!(page.contains("The rest cannot be paid with another number."), "{page}");
            assert!(!page.contains("prepaid_number"), "{page}");
        }
    }
    assert_eq!(till.app.engine().head(), before);
}

/// In a test realm that nobody sends anything to, the writer may record an expiry late; what is read is not.
#[tokio::test]
async fn a_deadline_that_has_come_shows_whether_or_not_it_was_recorded() {
    let till = Till::open().await;
    till.clock.advance(Span(Span::days(1).0 - 1));
    assert!(till.get().await.2.contains("name=\"number\""), "a microsecond before it can be paid");
    // The writer sleeps by the real clock, so it has not noticed.
    till.clock.advance(Span::MICRO);
    let (status, _, page) = till.get().await;
    assert!(status == StatusCode::OK && page.contains("This payment has expired"), "{page}");
    assert!(!page.contains("name=\"number\""), "it offers nothing any more");
}
