//! Random requests to every route of both ports: no answer is a 500, no connection breaks, no book is left unbalanced.

mod hardly_http;
mod thrown;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::{Duration, Instant},
};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use reqwest::{
    Method, RequestBuilder,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use self::thrown::{Body, Key, PAYMENT, Text, Thrown, thrown};
use crate::{
    harness::{Answered, Merchant, NOBODY, OPERATOR_TOKEN, Server, payment_of},
    oauth::app::{PASSWORD, Shop, access_token, agree, exchange, log_in, wish},
};

/// How long things are thrown at each port.
const ENOUGH: Duration = Duration::from_secs(8);
/// Cases between two looks at the clock.
const CASES: u32 = 50;
/// Characters of a query; longer ones are cut, as a URL has no room for them.
const QUERY_MAX: usize = 2_000;

#[test]
fn nothing_thrown_at_the_public_port_is_a_500() {
    Target::start(Port::Public).throw();
}

#[test]
fn nothing_thrown_at_the_operators_port_is_a_500() {
    Target::start(Port::Operator).throw();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Port {
    Public,
    Operator,
}

/// A server to throw at: its routes, and what a good request needs.
struct Target {
    server: Server,
    runtime: Runtime,
    merchant: Merchant,
    /// The payment initiated last.
    payment: Mutex<String>,
    apps: Apps,
    port: Port,
    routes: Vec<(String, String)>,
    /// The statuses that the description promises, by method and path.
    promised: BTreeMap<(String, String), BTreeSet<String>>,
}

/// A merchant's OAuth client and an app of its, with a token each, and the user who let the app in.
struct Apps {
    shop: Shop,
    app: String,
    user: u64,
    own_token: String,
    users_token: String,
}

impl Apps {
    async fn start(server: &Server) -> Self {
        let shop = Shop::open(server).await;
        let own_token = shop.token(server).await;
        let email = "hanako@example.com";
        let user = shop.user(server, &own_token, email).await;
        let app = shop.app(server).await;
        let code = agree(server, &app, &log_in(server, &app, email).await).await;
        let users_token = access_token(server.post("/oauth/token").form(&exchange(&app, &code))).await;
        Self { shop, app, user, own_token, users_token }
    }
}

impl Target {
    fn start(port: Port) -> Self {
        let (runtime, server) = (Runtime::new().expect("a runtime"), Server::start());
        let merchant = runtime.block_on(server.merchant());
        let apps = runtime.block_on(Apps::start(&server));
        let description = match port {
            Port::Public => server.url("/openapi.json"),
            Port::Operator => server.operator_url("/openapi.json"),
        };
        let (_, api) = runtime.block_on(server.http.get(description).answer());
        let promised: BTreeMap<_, _> =
            api["paths"].as_object().expect("paths").iter().flat_map(of_path).collect();
        let mut routes: Vec<(String, String)> = promised.keys().cloned().collect();
        let expected = match port {
            Port::Public => &[
                "/payment/process",
                "/payment/check-validity",
                "/process-checkout",
                "/oauth/token",
                "/api/oauth/merchant/users/{user}/kyc",
                "/api/oauth/user/me",
            ][..],
            Port::Operator => &["/operator/merchants", "/operator/clock/advance"],
        };
        for path in expected {
            assert!(routes.iter().any(|(_, known)| known == path), "{path} is not among {routes:?}");
        }
        routes.extend(["/{id}", "/docs/{id}"].map(|path| ("GET".to_owned(), path.to_owned())));
        Self { server, runtime, merchant, payment: Mutex::default(), apps, port, routes, promised }
    }

    fn throw(self) {
        let (started, mut requests) = (Instant::now(), 0);
        while started.elapsed() < ENOUGH {
            let fields = payment_of(NOBODY);
            *self.payment.lock().unwrap() =
                self.runtime.block_on(self.server.initiate(&self.merchant, &fields));
            let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
            let outcome = TestRunner::new(config).run(&thrown(), |thrown| self.check(&thrown));
            outcome.unwrap_or_else(|error| panic!("{error}"));
            requests += CASES;
        }
        println!("{requests} requests");
        self.must_still_serve();
    }

    fn must_still_serve(mut self) {
        self.runtime.block_on(async {
            let merchant = self.server.merchant().await;
            let payment = self.server.initiate(&merchant, &payment_of(NOBODY)).await;
            self.server.pay(&payment).await;
        });
        let log = self.server.log();
        assert!(!log.contains("panicked"), "{log}");
        self.server.audit_full();
        self.server.terminate();
        self.server.audit_full();
    }

    /// Sends it, and checks what can be said of any answer.
    fn check(&self, thrown: &Thrown) -> Result<(), TestCaseError> {
        let (method, request) = self.request(thrown);
        let broken = |error: reqwest::Error| TestCaseError::fail(format!("{error:?}"));
        let (status, content_type, body) = self.runtime.block_on(async {
            let response = request.send().await.map_err(broken)?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok::<_, TestCaseError>((
                status,
                headers.get("content-type").cloned(),
                response.bytes().await.map_err(broken)?,
            ))
        })?;
        let text = String::from_utf8_lossy(&body);
        prop_assert!(status < 500, "{status}: {text}");
        self.must_be_promised(thrown, &method, status)?;
        let is_page =
            content_type.is_some_and(|content_type| content_type.as_bytes().starts_with(b"text/html"));
        match () {
            () if status < 400 || method == Method::HEAD => {}
            () if is_page => prop_assert!(text.starts_with("<!doctype html>"), "{status}: {text}"),
            () => {
                let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
                let has_common_shape = answer["code"] == json!(status) && answer["status"] == "error";
                let (_, path) = thrown.route.get(&self.routes);
                // What is no route's, such as another method, has the common one everywhere.
                let has_own_shape = match path {
                    path if path.starts_with("/oauth/") => answer["error"].is_string(),
                    path if path.starts_with("/api/oauth/") => answer["message"].is_string(),
                    _ => false,
                };
                prop_assert!(has_common_shape || has_own_shape, "{}: {}", status, text);
            }
        }
        Ok(())
    }

    /// Whoever reads the public port's description knows every status a route of it can answer.
    fn must_be_promised(&self, thrown: &Thrown, method: &Method, status: u16) -> Result<(), TestCaseError> {
        let (_, path) = thrown.route.get(&self.routes);
        let asked = if method == Method::HEAD { "GET" } else { method.as_str() };
        let promised = self.promised.get(&(asked.to_owned(), path.clone()));
        // The operator's port is for one reader; and what has no such method is answered for by no route.
        if let (Port::Public, Some(promised)) = (self.port, promised) {
            prop_assert!(
                promised.contains(&status.to_string()),
                "{} {} does not promise {}",
                asked,
                path,
                status
            );
        }
        Ok(())
    }

    fn request(&self, thrown: &Thrown) -> (Method, RequestBuilder) {
        let (method, route) = thrown.route.get(&self.routes);
        let method = Method::from_bytes(thrown.method.unwrap_or(method).as_bytes()).expect("a method");
        let (payment, parameter) =
            (self.payment(), thrown.parameter.as_ref().map(|text| escaped(self.fill(text).as_bytes())));
        let parameter = |good: &str| parameter.clone().unwrap_or_else(|| good.to_owned());
        let mut path = route.replace("{payment_id}", &parameter(&payment));
        let user = self.apps.user.to_string();
        for (name, good) in [
            ("{id}", "1"),
            ("{user_id}", "1"),
            ("{user}", user.as_str()),
            ("{token}", "TOKEN-1.18"),
            ("{document}", "00000000000000000000000000000000"),
        ] {
            path = path.replace(name, &parameter(good));
        }
        if let Some(query) = &thrown.query {
            let query: String = escaped_query(&self.text(query)).chars().take(QUERY_MAX).collect();
            path = format!("{path}?{query}");
        } else if method == Method::GET {
            path = format!("{path}?payment_id={payment}");
        }
        let (url, right) = match self.port {
            Port::Public => (self.server.url(&path), self.key_to(route)),
            Port::Operator => (self.server.operator_url(&path), OPERATOR_TOKEN),
        };
        let (content_type, body) = self.body(route, &thrown.body);
        let mut headers = HeaderMap::new();
        for (name, value) in &thrown.headers {
            // What is no header value cannot be sent by this client; `hardly_http` sends such things.
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        headers.entry("content-type").or_insert(HeaderValue::from_static(content_type));
        let request = self.server.http.request(method.clone(), url).headers(headers).body(body);
        let request = match thrown.key {
            Key::Right => request.bearer_auth(right),
            Key::Wrong => request.bearer_auth("51a4bd18-5bc1-4eaa-97b0-c09323398883"),
            Key::Absent => request,
        };
        (method, request)
    }

    fn key_to(&self, route: &str) -> &str {
        match route {
            route if route.starts_with("/api/oauth/merchant/") => &self.apps.own_token,
            route if route.starts_with("/api/oauth/user/") => &self.apps.users_token,
            _ => &self.merchant.access_key,
        }
    }

    fn body(&self, route: &str, body: &Body) -> (&'static str, Vec<u8>) {
        const JSON: &str = "application/json";
        const FORM: &str = "application/x-www-form-urlencoded";
        match body {
            Body::Plain(text) => (FORM, self.text(text)),
            Body::Changed { members, as_form } => {
                let mut good = self.good(route);
                for (place, value) in members.iter().filter(|_| !good.is_empty()).cloned().collect::<Vec<_>>()
                {
                    let name = place.get(&good.keys().cloned().collect::<Vec<_>>()).clone();
                    match value {
                        Some(value) => good.insert(name, value),
                        None if good.len() > 1 => good.remove(&name),
                        None => None,
                    };
                }
                if *as_form { (FORM, self.form(&good)) } else { (JSON, self.json(good)) }
            }
            Body::Damaged(bytes) => {
                let mut good = self.json(self.good(route));
                for (place, byte) in bytes {
                    let place = place.index(good.len());
                    good[place] = *byte;
                }
                (JSON, good)
            }
            Body::Members(members) => (
                JSON,
                self.json(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()),
            ),
            Body::Multipart(bytes) => {
                let head = b"--x\r\nContent-Disposition: form-data; name=\"payment_id\"\r\n\r\n";
                ("multipart/form-data; boundary=x", [&head[..], bytes, b"\r\n--x--\r\n"].concat())
            }
        }
    }

    /// What the route would take.
    fn good(&self, route: &str) -> Map<String, Value> {
        let good = match route {
            "/payment/process" => payment_of(NOBODY),
            "/process-checkout" => json!({
                "payment_id": PAYMENT, "action": "pay", "method": "credit_card", "number": "4111111111111111",
                "month": "12", "year": "39", "verification_value": "123", "name": "A CUSTOMER", "store": "lawson",
                "prepaid_number": "1111111111111111", "language": "en",
            }),
            "/oauth/token" => self.apps.shop.credentials().into_iter().collect(),
            "/oauth/revoke" => {
                let (id, secret) = (&self.apps.shop.client_id, &self.apps.shop.client_secret);
                json!({ "client_id": id, "client_secret": secret, "token": "at_nobody" })
            }
            "/oauth/authorize" => {
                let typed = [("action", "log_in"), ("email", "hanako@example.com"), ("password", PASSWORD)];
                let typed = typed.map(|(name, value)| (name, value.to_owned()));
                wish(&self.apps.app).into_iter().chain(typed).collect()
            }
            "/account/password" => json!({ "token": "sp_nobody", "password": PASSWORD }),
            "/api/oauth/merchant/users" => json!({
                "name": "山田 花子", "email": "hanako@example.com", "phone": "+81 3-1234-5678", "password": PASSWORD,
            }),
            "/api/oauth/merchant/users/{user}/profile" => json!({ "name": "山田 花子", "phone": null }),
            "/api/oauth/merchant/users/{user}/kyc" | "/api/oauth/user/kyc" => {
                json!({ "family_name": "山田", "birth_date": "1990-02-28", "occupation": "student", "country": "JP" })
            }
            "/api/oauth/user/cards/issue" => json!({ "currency_code": "JPY" }),
            "/api/oauth/user/cards/sensitive" => json!({ "card_id": 1 }),
            "/operator/oauth/clients" => json!({
                "merchant_id": 1, "name": "App", "redirect_uris": ["https://app.example.com/callback"],
            }),
            "/operator/merchants/{id}/kyc-form" => json!({ "sections": [{
                "key": "all", "label": { "ja": "すべて", "en": "All" },
                "fields": [{ "key": "city", "label": { "ja": "市", "en": "City" }, "type": "text", "required": true }],
            }] }),
            "/operator/kyc/{user}/decision" => json!({ "decision": "reject", "reason": "unreadable" }),
            "/operator/merchants" => json!({ "name": "Sample Shop" }),
            "/operator/merchants/{id}/mode" => json!({ "mode": "test" }),
            "/operator/merchants/{id}/secret" => json!({ "overlap_seconds": 60 }),
            "/operator/clock/advance" => json!({ "merchant_id": 1, "seconds": 60 }),
            "/operator/sandbox/payments/{payment_id}/paid" => json!({ "amount": "280.00" }),
            "/operator/payments/{payment_id}/refund" => json!({ "amount": "1.00" }),
            "/operator/payments/{payment_id}/chargeback" => json!({ "fee": "1.00", "rail": "sandbox" }),
            "/operator/settlements" => {
                json!({ "merchant_id": 1, "currency_code": "USD", "through": "2026-01-05" })
            }
            "/operator/payouts" => json!({ "merchant_id": 1, "currency_code": "USD", "amount": "1.00" }),
            "/operator/custom-tokens" => json!({ "merchant_id": 1, "digits": 18, "is_transferable": true }),
            "/operator/custom-tokens/{token}/issue" => json!({ "user_id": 1, "amount": "1.5" }),
            "/operator/users" => json!({ "merchant_id": 1 }),
            "/operator/users/{user_id}/credit" => json!({ "currency_code": "USD", "amount": "280.00" }),
            "/operator/points" => json!({ "user_id": 1, "amount": "15.00" }),
            _ => json!({ "payment_id": PAYMENT }),
        };
        good.as_object().expect("an object").clone()
    }

    fn payment(&self) -> String {
        self.payment.lock().unwrap().clone()
    }

    fn fill(&self, text: &str) -> String {
        text.replace(PAYMENT, &self.payment())
    }

    fn json(&self, members: Map<String, Value>) -> Vec<u8> {
        self.fill(&Value::Object(members).to_string()).into_bytes()
    }

    fn form(&self, members: &Map<String, Value>) -> Vec<u8> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.pairs(members.iter().map(|(name, value)| (name.as_str(), text(value))))
    }

    fn text(&self, text: &Text) -> Vec<u8> {
        match text {
            Text::Noise(bytes) => bytes.clone(),
            Text::Fields(fields) => self.pairs(fields.iter().map(|(name, value)| (*name, value.clone()))),
        }
    }

    fn pairs<'a>(&self, fields: impl Iterator<Item = (&'a str, String)>) -> Vec<u8> {
        let pair = |(name, value): (&str, String)| {
            format!("{}={}", escaped(name.as_bytes()), escaped(self.fill(&value).as_bytes()))
        };
        fields.map(pair).collect::<Vec<_>>().join("&").into_bytes()
    }
}

/// Every method of a path in a description, with the statuses it promises.
fn of_path((path, methods): (&String, &Value)) -> Vec<((String, String), BTreeSet<String>)> {
    let statuses =
        |operation: &Value| operation["responses"].as_object().expect("answers").keys().cloned().collect();
    let methods = methods.as_object().expect("methods").iter();
    methods.map(|(method, operation)| ((method.to_uppercase(), path.clone()), statuses(operation))).collect()
}

fn escaped(bytes: &[u8]) -> String {
    escaped_unless(bytes, |byte| byte.is_ascii_alphanumeric())
}

/// Escapes only what no URL may hold, so that `&`, `=` and `%` keep what meaning they have.
fn escaped_query(bytes: &[u8]) -> String {
    escaped_unless(bytes, |byte| byte.is_ascii_graphic() && !b"#\"<>".contains(&byte))
}

fn escaped_unless(bytes: &[u8], plain: impl Fn(u8) -> bool) -> String {
    let escape =
        |byte: &u8| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    bytes.iter().map(escape).collect()
}
