//! Random requests to every route of both ports: no answer is a 500, no connection breaks, no book is left unbalanced.

use std::time::{Duration, Instant};

use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use reqwest::{
    Client, Method, RequestBuilder,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
};

use crate::harness::{Answered, Merchant, OPERATOR_TOKEN, Server, payment_of};

/// How long each of the two tests throws things.
const ENOUGH: Duration = Duration::from_secs(8);
/// Cases between two looks at the clock.
const CASES: u32 = 50;

/// One request; what only a running server knows is filled in when it is sent.
#[derive(Clone, Debug)]
struct Thrown {
    route: prop::sample::Index,
    method: Option<&'static str>,
    parameter: Option<String>,
    query: Option<Text>,
    key: Key,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Body,
}

#[derive(Clone, Copy, Debug)]
enum Key {
    Right,
    Wrong,
    Absent,
}

/// Random text, or the names and values the routes know.
#[derive(Clone, Debug)]
enum Text {
    Bytes(Vec<u8>),
    Fields(Vec<(&'static str, String)>),
}

#[derive(Clone, Debug)]
enum Body {
    Plain(Text),
    /// A good request with some bytes changed: `(where, what)`.
    Damaged(Vec<(prop::sample::Index, u8)>),
    Json(Vec<(&'static str, Value)>),
    Multipart(Vec<u8>),
}

const NAMES: &[&str] = &[
    "payment_id",
    "custom",
    "currency_code",
    "amount",
    "details",
    "web_hook",
    "cancel_url",
    "success_url",
    "customer_email",
    "action",
    "method",
    "number",
    "month",
    "year",
    "verification_value",
    "name",
    "store",
    "prepaid_number",
    "language",
    "merchant_id",
    "seconds",
    "overlap_seconds",
    "mode",
    "signature_required",
    "a[b][]",
];
const VALUES: &[&str] = &[
    "",
    "{payment}",
    "1",
    "-1",
    "1e400",
    "280.00",
    "99999999999999999999999999999999",
    "0.001",
    "JPY",
    "USD",
    "SGP-USD",
    "pay",
    "pay_now",
    "cancel",
    "credit_card",
    "konbini",
    "web_money",
    "bank_transfer",
    "4111111111111111",
    "4123111111111000",
    "1111111111111111",
    "lawson",
    "12",
    "39",
    "123",
    "test",
    "active",
    "true",
    "ja",
    "https://yoursite.com/x",
    "http://127.0.0.1:1/",
    "buyer@example.com",
    "\u{0}",
    "茶",
    "\u{202e}",
    "' OR 1=1",
    "../..",
];
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"];
const HEADERS: &[&str] =
    &["content-type", "idempotency-key", "x-timestamp", "x-signature", "accept-language", "authorization"];
const HEADER_VALUES: &[&str] = &[
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "application/problem+json; charset=utf-16",
    "1700000000",
    "sha256=00",
    "ja,en;q=0.5",
    "Bearer x",
    "one",
    "0",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(VALUES).prop_map(str::to_owned), 1 => any::<String>(), 1 => "[ -~]{0,400}"]
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2_000).prop_map(Text::Bytes),
        "[a-z_%&=\\[\\]{}\":,0-9.+-]{0,200}".prop_map(|text| Text::Bytes(text.into_bytes())),
        prop::collection::vec((select(NAMES), value()), 0..12).prop_map(Text::Fields),
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => value().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((value(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        text().prop_map(Body::Plain),
        prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..4).prop_map(Body::Damaged),
        prop::collection::vec((select(NAMES), json_value()), 0..10).prop_map(Body::Json),
        prop::collection::vec(any::<u8>(), 0..500).prop_map(Body::Multipart),
    ]
}

fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let known = select(HEADER_VALUES).prop_map(|text| text.as_bytes().to_vec());
    (select(HEADERS), prop_oneof![known, prop::collection::vec(any::<u8>(), 0..80)])
}

fn thrown() -> impl Strategy<Value = Thrown> {
    let method = prop::option::weighted(0.2, select(METHODS));
    let key = prop_oneof![6 => Just(Key::Right), 1 => Just(Key::Wrong), 1 => Just(Key::Absent)];
    let headers = prop::collection::vec(header(), 0..3);
    let route = any::<prop::sample::Index>();
    let parameter = prop::option::of(value());
    (route, method, parameter, prop::option::of(text()), key, headers, body()).prop_map(
        |(route, method, parameter, query, key, headers, body)| Thrown {
            route,
            method,
            parameter,
            query,
            key,
            headers,
            body,
        },
    )
}

/// A server to throw at: its routes, and what a good request would need.
struct Target {
    server: Server,
    runtime: Runtime,
    http: Client,
    merchant: Merchant,
    payment: String,
    public: Vec<(String, String)>,
    operator: Vec<(String, String)>,
}

impl Target {
    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let server = Server::start();
        let http = crate::harness::client();
        let (merchant, payment, mut public, operator) = runtime.block_on(async {
            let merchant = server.merchant().await;
            let payment = server.initiate(&merchant, &payment_of("https://yoursite.com")).await;
            let public = routes(&server, server.url("/openapi.json")).await;
            let operator = routes(&server, server.operator_url("/openapi.json")).await;
            (merchant, payment, public, operator)
        });
        let undocumented = [
            ("GET", "/process-checkout"),
            ("POST", "/process-checkout"),
            ("GET", "/{id}"),
            ("GET", "/docs/{id}"),
        ];
        public.extend(undocumented.map(|(method, path)| (method.to_owned(), path.to_owned())));
        let checkout = ["GET", "POST"].map(|method| (method.to_owned(), "/process-checkout".to_owned()));
        assert!(checkout.iter().all(|route| public.contains(route)), "{public:?}");
        assert!(operator.len() >= 7, "{operator:?}");
        Self { server, runtime, http, merchant, payment, public, operator }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{payment}", &self.payment)
    }

    fn bytes(&self, text: &Text) -> Vec<u8> {
        match text {
            Text::Bytes(bytes) => bytes.clone(),
            Text::Fields(fields) => {
                let pair = |(name, value): &(&str, String)| {
                    format!("{}={}", escaped(name.as_bytes()), escaped(self.fill(value).as_bytes()))
                };
                fields.iter().map(pair).collect::<Vec<_>>().join("&").into_bytes()
            }
        }
    }

    fn body(&self, body: &Body) -> Vec<u8> {
        match body {
            Body::Plain(text) => self.bytes(text),
            Body::Damaged(changes) => {
                let mut good = payment_of("https://yoursite.com").to_string().into_bytes();
                for (place, byte) in changes {
                    let place = place.index(good.len());
                    good[place] = *byte;
                }
                good
            }
            Body::Json(members) => {
                let object: serde_json::Map<_, _> =
                    members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
                self.fill(&Value::Object(object).to_string()).into_bytes()
            }
            Body::Multipart(bytes) => {
                let head = b"--x\r\nContent-Disposition: form-data; name=\"payment_id\"\r\n\r\n";
                [&head[..], bytes, b"\r\n--x--\r\n"].concat()
            }
        }
    }

    fn request(&self, thrown: &Thrown, is_operator: bool) -> (Method, RequestBuilder) {
        let routes = if is_operator { &self.operator } else { &self.public };
        let (method, path) = thrown.route.get(routes);
        let method = Method::from_bytes(thrown.method.unwrap_or(method).as_bytes()).expect("a method");
        let parameter =
            thrown.parameter.as_ref().map_or("1".to_owned(), |text| escaped(self.fill(text).as_bytes()));
        let mut path = path.replace("{id}", &parameter).replace("{payment_id}", &parameter);
        if let Some(query) = &thrown.query {
            // Long queries are cut: a URL has no room for them.
            path = format!(
                "{path}?{}",
                &escaped_query(&self.bytes(query))[..].chars().take(2_000).collect::<String>()
            );
        }
        let (url, right) = match is_operator {
            true => (self.server.operator_url(&path), OPERATOR_TOKEN),
            false => (self.server.url(&path), self.merchant.access_key.as_str()),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &thrown.headers {
            // What is no header value cannot be sent by this client; the raw test below sends it.
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        if let Body::Damaged(_) | Body::Json(_) = thrown.body {
            headers.entry("content-type").or_insert(HeaderValue::from_static("application/json"));
        }
        if let Body::Multipart(_) = thrown.body {
            headers
                .entry("content-type")
                .or_insert(HeaderValue::from_static("multipart/form-data; boundary=x"));
        }
        let mut request =
            self.http.request(method.clone(), url).headers(headers).body(self.body(&thrown.body));
        match thrown.key {
            Key::Right => request = request.bearer_auth(right),
            Key::Wrong => request = request.bearer_auth("51a4bd18-5bc1-4eaa-97b0-c09323398883"),
            Key::Absent => {}
        }
        (method, request)
    }

    /// Sends it, and checks what can be said of any answer.
    fn check(&self, thrown: &Thrown, is_operator: bool) -> Result<(), TestCaseError> {
        let (method, request) = self.request(thrown, is_operator);
        let (status, content_type, body) = self.runtime.block_on(async {
            let response = request.send().await.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
            let status = response.status().as_u16();
            let content_type = response.headers().get("content-type").map(|value| value.as_bytes().to_vec());
            let body = response.bytes().await.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
            Ok::<_, TestCaseError>((status, content_type.unwrap_or_default(), body))
        })?;
        let text = String::from_utf8_lossy(&body);
        prop_assert!(status < 500, "{status}: {text}");
        if status < 400 || method == Method::HEAD {
            return Ok(());
        }
        if content_type.starts_with(b"text/html") {
            prop_assert!(text.starts_with("<!doctype html>"), "{status}: {text}");
            return Ok(());
        }
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        prop_assert_eq!(
            (&answer["code"], &answer["status"]),
            (&json!(status), &json!("error")),
            "{}: {}",
            status,
            text
        );
        Ok(())
    }

    fn throw(self, is_operator: bool) {
        let started = Instant::now();
        let mut requests = 0;
        while started.elapsed() < ENOUGH {
            let config = Config {
                cases: CASES,
                failure_persistence: None,
                max_shrink_iters: 2_000,
                ..Config::default()
            };
            let outcome = TestRunner::new(config).run(&thrown(), |thrown| self.check(&thrown, is_operator));
            outcome.unwrap_or_else(|error| panic!("{error}"));
            requests += CASES;
        }
        println!("{requests} requests");
        self.must_still_serve();
    }

    fn must_still_serve(mut self) {
        self.runtime.block_on(async {
            let merchant = self.server.merchant().await;
            let payment = self.server.initiate(&merchant, &payment_of("https://yoursite.com")).await;
            self.server.pay(&payment).await;
        });
        let log = self.server.log();
        assert!(!log.contains("panicked"), "{log}");
        self.server.audit_full();
        self.server.terminate();
        self.server.audit_full();
    }
}

/// Every method and path a description lists.
async fn routes(server: &Server, description: String) -> Vec<(String, String)> {
    let (_, api) = server.http.get(description).answer().await;
    let paths = api["paths"].as_object().expect("paths").iter();
    let routes = paths.flat_map(|(path, methods)| {
        methods.as_object().expect("methods").keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    routes.collect()
}

fn escaped(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() { char::from(*byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect()
}

/// Escapes only what no URL may hold, so that `&`, `=` and `%` keep what meaning they have.
fn escaped_query(bytes: &[u8]) -> String {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"#\"<>".contains(&byte);
    bytes
        .iter()
        .map(|byte| if is_plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[test]
fn nothing_thrown_at_the_public_port_is_a_500() {
    Target::start().throw(false);
}

#[test]
fn nothing_thrown_at_the_operators_port_is_a_500() {
    Target::start().throw(true);
}

/// What no client library would send: each is answered with a 4xx or hung up on, and the next one is served.
#[tokio::test]
async fn what_is_hardly_http_harms_nobody() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let before = server.position().await;
    let good = "POST /payment/process HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\n"
        .replace("KEY", &merchant.access_key);
    let long = "x".repeat(1024 * 1024);
    for (what, request) in [
        ("nothing", String::new()),
        ("noise", "\u{0}\u{1}\u{2}\r\n\r\n".to_owned()),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}".to_owned()),
        ("another version", "GET /livez HTTP/9.9\r\n\r\n".to_owned()),
        ("half a line", "POST /payment/pro".to_owned()),
        ("a bad length", format!("{good}Content-Length: -1\r\n\r\n")),
        ("two lengths", format!("{good}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab")),
        (
            "a length and chunks",
            format!("{good}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        ("a broken chunk", format!("{good}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n")),
        (
            "a body cut short",
            format!("{good}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{{\"a\":1"),
        ),
        ("a huge header", format!("{good}X-Long: {long}\r\n\r\n")),
        ("a huge path", format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n")),
        ("many headers", format!("{good}{}\r\n", "a: b\r\n".repeat(5_000))),
        ("a control character", format!("{good}X: a\u{0}b\r\n\r\n")),
        (
            "a key beyond ASCII",
            "POST /payment/process HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \u{ff}\r\n\r\n".to_owned(),
        ),
    ] {
        let mut connection =
            TcpStream::connect(server.url("").trim_start_matches("http://")).await.expect("it listens");
        // It may hang up while we are still talking.
        let _ = connection.write_all(request.as_bytes()).await;
        let _ = connection.shutdown().await;
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4"),
            "{what}: {answer}"
        );
        assert_eq!(server.get("/livez").text_answer().await.0, 200, "after {what}");
    }
    assert_eq!(server.position().await, before);
    server.audit_full();
}
