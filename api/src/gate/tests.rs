//! The gate by itself, and in front of both ports over models that stand still for as long as the test wants.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use choai_engine::{
    Engine, ManualClock, Options,
    domain::{
        Command, Digest, SecretId, Span, Timestamp,
        merchant::{self, Mode},
    },
    log::{Actor, MemoryStore},
    vault::{MasterKey, OsRandom},
};
use choai_projections::{Follower, Models};
use http_body_util::BodyExt;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;
use crate::{
    app::App,
    operator::{OperatorToken, TOKEN_FILE},
    server,
    webhooks::guard::Guard,
};

#[test]
fn the_gate_is_open_up_to_its_bounds_and_closed_beyond_either() {
    let gate = Gate { events_max: 100, bytes_max: 1_000 };
    for (events, bytes, is_open) in [
        (0, 0, true),
        (100, 0, true),
        (101, 0, false),
        (1, 1_000, true),
        (1, 1_001, false),
        (100, 1_000, true),
        (101, 1_001, false),
    ] {
        let lag = Lag { events, bytes, time: Duration::ZERO };
        assert_eq!(gate.is_open(lag), is_open, "{lag:?}");
    }
}

#[test]
fn whoever_is_refused_comes_back_after_1_to_30_whole_seconds() {
    for (millis, seconds) in
        [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (29_000, 29), (29_001, 30), (30_001, 30), (u64::MAX, 30)]
    {
        let lag = Lag { time: Duration::from_millis(millis), ..Lag::default() };
        assert_eq!(retry_after_s(lag), seconds, "{millis} ms behind");
    }
}

/// Both ports, and models that may be two events behind.
struct Shop {
    app: App,
    clock: Arc<ManualClock>,
    public: Router,
    operator: Router,
    token: String,
    follower: Option<Follower>,
    _folder: TempDir,
}

const ACCESS_KEY: &str = "the-access-key";
const FORM: &str = "custom=ORDER-1&currency_code=JPY&amount=1000&web_hook=https://shop.example.com/hook\
    &cancel_url=https://shop.example.com/no&success_url=https://shop.example.com/yes&customer_email=b@example.com";

impl Shop {
    async fn open() -> Self {
        // 2026-01-05T00:00:00Z
        let clock = Arc::new(ManualClock::new(Timestamp(1_767_571_200_000_000)));
        let options = Options { clock: clock.clone(), random: Arc::new(OsRandom) };
        let engine =
            Engine::over(Arc::new(MemoryStore::new()), MasterKey::from_bytes([7; 32]), options).unwrap();
        let folder = TempDir::new().unwrap();
        let models = Models::open(&folder.path().join("models")).unwrap();
        let token = OperatorToken::create(folder.path()).unwrap();
        let gate = Gate { events_max: 2, ..Gate::DEFAULT };
        let guard = Guard::new(true, Vec::new());
        let app = App::new(
            engine,
            models,
            "http://pay.example".into(),
            guard,
            gate,
            crate::oauth::Desk::new(crate::oauth::Lifetimes::DEFAULT),
        );
        let mut shop = Self {
            public: server::public(app.clone()),
            operator: server::operator(app.clone(), token),
            token: std::fs::read_to_string(folder.path().join(TOKEN_FILE)).unwrap(),
            app,
            clock,
            follower: None,
            _folder: folder,
        };
        shop.app.submit(shop.app.envelope(Actor::Operator, None, register())).await.unwrap();
        shop.catch_up().await;
        shop
    }

    /// The models see everything up to now, and nothing of what comes after it.
    async fn catch_up(&mut self) {
        self.follower = Some(self.app.models().follow(self.app.engine()));
        self.app.current_models().await.unwrap();
        self.follower.take().unwrap().stop().unwrap();
    }

    /// Begins a payment.
    async fn process(&self, key: &str) -> Told {
        let request = Request::post("/payment/process")
            .header("authorization", format!("Bearer {ACCESS_KEY}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("idempotency-key", key);
        told(&self.public, request.body(FORM.into()).unwrap()).await
    }

    async fn ask_operator(&self, request: axum::http::request::Builder, body: &'static str) -> Told {
        let request = request.header("authorization", format!("Bearer {}", self.token.trim()));
        told(&self.operator, request.body(body.into()).unwrap()).await
    }

    fn position(&self) -> u64 {
        self.app.engine().head().position
    }
}

/// The status, when to come back, and the answer.
type Told = (u16, Option<u64>, String);

async fn told(router: &Router, request: Request<Body>) -> Told {
    let answer = router.clone().oneshot(request).await.unwrap();
    let again = answer.headers().get("retry-after").map(|after| after.to_str().unwrap().parse().unwrap());
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, again, String::from_utf8(body.into()).unwrap())
}

fn register() -> Command {
    Command::Merchant(merchant::Command::Register {
        name: "Sample Shop".into(),
        access_key: Digest(Sha256::digest(ACCESS_KEY).into()),
        client_id: "client".into(),
        client_secret: Digest([2; 32]),
        secret: SecretId([3; 16]),
        signature_required: false,
        mode: Mode::Test,
    })
}

#[tokio::test]
async fn beyond_the_limit_commands_are_refused_until_the_models_have_caught_up() {
    let mut shop = Shop::open().await;
    // Nothing, one and two events behind: the last is the limit.
    for key in ["a", "b", "c"] {
        assert_eq!(shop.process(key).await.0, 200, "{key}");
    }
    let before = shop.position();
    let (status, again, body) = shop.process("d").await;
    let expected = r#"{"code":429,"status":"error","message":"Too many requests are waiting. Try again."}"#;
    assert_eq!((status, body.as_str()), (429, expected));
    assert!(again.is_some_and(|again| (1..=30).contains(&again)), "{again:?}");
    assert_eq!(shop.position(), before, "nothing changed");

    shop.catch_up().await;
    let (status, again, first) = shop.process("d").await;
    assert_eq!((status, again), (200, None));
    let (_, _, repeated) = shop.process("d").await;
    assert_eq!(first, repeated);
    assert_eq!(shop.position(), before + 1, "a refused request that came again made one payment");
}

/// What must not wait goes on: reads, the operator's own checks, and what happens by itself.
#[tokio::test]
async fn behind_the_gate_reads_and_due_times_go_on() {
    let shop = Shop::open().await;
    for key in ["a", "b", "c"] {
        assert_eq!(shop.process(key).await.0, 200, "{key}");
    }
    let refused = shop.ask_operator(Request::post("/operator/merchants"), r#"{"name":"Another"}"#).await;
    let expected = r#"{"code":429,"status":"error","message":"too many commands are waiting; try again"}"#;
    assert_eq!((refused.0, refused.2.as_str()), (429, expected));
    let (status, _, ready) = shop.ask_operator(Request::get("/readyz"), "").await;
    assert!(status == 503 && ready.contains(r#""models_behind":3"#), "{ready}");
    let (status, _, backups) = shop.ask_operator(Request::get("/operator/backups"), "").await;
    assert_eq!(status, 200, "{backups}");

    let (mut head, before) = (shop.app.engine().watch_head(), shop.position());
    shop.clock.advance(Span::hours(24));
    shop.app.engine().wake();
    head.wait_for(|head| head.position == before + 3).await.unwrap();
}
