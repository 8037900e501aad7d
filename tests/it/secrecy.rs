//! What is planted as private or secret is found nowhere in the clear: in no file, no row, no export, no trace.

mod places;

use std::{path::Path, time::SystemTime};

use reqwest::multipart;
use serde_json::{Value, json};

use self::places::{files, rows};
use crate::{
    harness::{Answer, Answered, Merchant, OPERATOR_TOKEN, Receiver, Server, Setup, eventually},
    oauth::app::{PASSWORD, Shop, agree, exchange, log_in},
};

/// Everything is traced to the last word, as far as it can be asked for. A directive for a part of a library once
/// outdid what kept the library quiet.
const LOUD: &str = "trace,hyper=trace,hyper_util=trace,hyper_util::client=trace,reqwest=trace,reqwest::connect=trace,\
                    rustls=trace,axum=trace,tokio=trace,mio=trace,choai_api=trace,tower_http=trace";
/// The business name is no secret and is stored as it is: what finds it would find the others.
const NAME: &str = "Findable Teahouse";

// Each is a word that JSON, forms and URLs all leave as it is.
const EMAIL: &str = "plantedemail7Qx";
const CUSTOM: &str = "plantedcustom8Rk";
const DETAILS: &str = "planteddetails9Wz";
const HOOK: &str = "plantedhook3Jp";
const SUCCESS: &str = "plantedsuccess5Lt";
const CANCEL: &str = "plantedcancel6Vb";
const HOLDER: &str = "PLANTEDHOLDER4YH";
const PERSON: &str = "plantedperson2Hv";
const PERSONS_EMAIL: &str = "plantedaddress6Tc";
const ANSWER: &str = "plantedanswer3Gd";
const DOCUMENT: &str = "planteddocument7Yb";
const REASON: &str = "plantedreason5Ux";
const WRONG_KEY: &str = "plantedwrongkey2Df";
const IDEMPOTENCY_KEY: &str = "plantedidempotency1Ms";
const CARD: &str = "4111111111111111";
const CARD_TYPED: &str = "4111-1111-1111-1111";
const DECLINING_CARD: &str = "4123111111111000";
const PREPAID_NUMBER: &str = "e111111111111114";
/// The security code as it is typed, and as it is understood: four digits, which turn up in ids and times too.
const CODE_TYPED: &str = "7-3-9-1";
const CODE: &str = "7391";

#[tokio::test]
async fn nothing_private_or_secret_is_found_in_the_clear() {
    let shop = Receiver::scripted([Answer::Status(500), Answer::Status(200)]).await;
    let mut server = Server::start_as(Setup { log: LOUD, ..Setup::default() });
    let mut planted = Planted::by_hand();
    let merchant = planted.merchant(&server).await;
    // By name, as shops are.
    let at = shop.url().replace("127.0.0.1", "localhost");
    let payments = begin(&server, &merchant, &at, &mut planted).await;
    pay(&server, &merchant, &payments).await;
    misuse(&server, &merchant, &payments[0]).await;
    let_in(&server, &mut planted).await;

    // As it runs, with rows in memory and in WALs; closed; and opened again, which writes table files.
    planted.search_files(&server);
    assert!(is_in_a_file(&server, NAME), "what is stored in the clear is found");
    server.terminate();
    planted.search_files(&server);
    server.restart();
    planted.search_files(&server);
    planted.search_rows(&server.data(), merchant.id);
    let export = server.events().iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    assert!(export.contains(NAME), "the export is read");
    let trace = server.log();
    assert!(trace.contains("DEBUG"), "the trace is loud");
    for (place, text) in [("the export", export), ("the trace", trace)] {
        planted.search(place, text.as_bytes());
        assert!(!says_code(&text), "the security code is in {place}");
    }
    let trace = server.log();
    let shops_port = shop.url().replace("http://127.0.0.1", "");
    for (name, word) in [("the shop's name", "localhost"), ("the shop's port", shops_port.as_str())] {
        assert!(!trace.contains(word), "{name} ({word}) is in the trace");
    }
    for payment in payments {
        assert!(
            !trace.contains(&payment),
            "{payment}, which is all it takes to see the payment, is in the trace"
        );
    }
}

/// A user with a profile, answers and a document, who lets an app in; tried with a wrong password and a wrong token too.
async fn let_in(server: &Server, planted: &mut Planted) {
    let shop = Shop::open(server).await;
    let own = shop.token(server).await;
    let email = format!("{PERSONS_EMAIL}@example.com");
    let fields = json!({ "name": PERSON, "email": email, "password": PASSWORD });
    let users = "/api/oauth/merchant/users";
    let (status, made) = server.post(users).bearer_auth(&own).json(&fields).answer().await;
    assert_eq!(status, 201, "{made}");
    let user = made["data"]["id"].as_u64().expect("a number");
    let url = server.url(&format!("{users}/{user}/kyc"));
    let document = [b"%PDF-", DOCUMENT.as_bytes()].concat();
    let answers = multipart::Form::new()
        .text("family_name", ANSWER)
        .part("document_front", multipart::Part::bytes(document).file_name("passport.pdf"));
    assert_eq!(server.http.patch(&url).bearer_auth(&own).multipart(answers).answer().await.0, 200);
    let all = json!({
        "family_name": ANSWER, "given_name": ANSWER, "birth_date": "1990-02-28", "nationality": "JP",
        "phone": "03-1234-5678", "country": "JP", "postal_code": "1", "prefecture": ANSWER, "city": ANSWER,
        "street": ANSWER, "occupation": "student", "purpose": "travel", "document_type": "passport",
    });
    assert_eq!(server.http.put(&url).bearer_auth(&own).json(&all).answer().await.0, 200);
    assert_eq!(server.http.post(format!("{url}/submit")).bearer_auth(&own).answer().await.0, 200);
    let decision = json!({ "decision": "reject", "reason": REASON });
    let decided = server.operator_post(&format!("/operator/kyc/{user}/decision"), &decision);
    assert_eq!(decided.answer().await.0, 200);
    let seen = server.operator_get(&format!("/operator/subjects/user-{user}")).answer().await.1;
    assert!(seen.to_string().contains(ANSWER) && seen.to_string().contains(PERSON), "{seen}");

    let app = shop.app(server).await;
    let cookie = log_in(server, &app, &email).await;
    let code = agree(server, &app, &cookie).await;
    let (_, tokens) = server.post("/oauth/token").form(&exchange(&app, &code)).answer().await;
    let token = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    let me = |token: &str| server.get("/api/oauth/user/me").bearer_auth(token);
    assert_eq!(me(&token("access_token")).answer().await.0, 200);
    assert_eq!(me(&token("refresh_token")).answer().await.0, 401, "a refresh token lets nobody in");
    assert_eq!(server.post("/oauth/token").form(&exchange(&app, &code)).answer().await.0, 400, "used again");
    planted.add("a client secret", shop.client_secret);
    planted.add("an app's own token", own);
    planted.add("a session", cookie.split_once('=').expect("a cookie").1.to_owned());
    planted.add("a code", code);
    planted.add("an access token", token("access_token"));
    planted.add("a refresh token", token("refresh_token"));
}

/// Begins payments in every encoding, one of them signed, one of them twice.
async fn begin(server: &Server, merchant: &Merchant, shop: &str, planted: &mut Planted) -> Vec<String> {
    let fields = private_fields(shop);
    let json: Value = fields.iter().cloned().collect();
    let as_parts =
        fields.iter().cloned().fold(multipart::Form::new(), |form, (name, value)| form.text(name, value));
    let body = json.to_string();
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("it is later than 1970").as_secs().to_string();
    let signature = merchant.sign(&now, body.as_bytes());
    let signed = server.process(merchant).header("content-type", "application/json").body(body);
    let signed = signed.header("x-timestamp", now).header("x-signature", &signature);
    planted.add("a signature", signature);
    let keyed = || server.process(merchant).header("idempotency-key", IDEMPOTENCY_KEY).json(&json);
    let (form, parts) =
        (server.process(merchant).form(&fields), server.process(merchant).multipart(as_parts));
    let mut payments = Vec::new();
    for request in [keyed(), keyed(), form, parts, signed] {
        let (status, answer) = request.answer().await;
        assert_eq!(status, 200, "{answer}");
        payments.push(answer["payment_id"].as_str().expect("an id").to_owned());
    }
    payments.dedup();
    assert_eq!(payments.len(), 4, "the repeated one is one");
    payments
}

/// Declined and invalid attempts, then payments: one whose announcement fails, one whose is taken.
async fn pay(server: &Server, merchant: &Merchant, payments: &[String]) {
    for (payment, form, expected) in [
        (&payments[0], card(DECLINING_CARD, CODE_TYPED), 402),
        (&payments[0], card("4111111111111112", CODE_TYPED), 422),
        (&payments[0], card(CARD, "CODE"), 422),
        (&payments[0], prepaid(PREPAID_NUMBER), 402),
        (&payments[0], card(CARD_TYPED, CODE_TYPED), 303),
        (&payments[1], card(CARD, CODE), 303),
    ] {
        let form = [form, vec![("payment_id", payment)]].concat();
        let (status, page) = server.post("/process-checkout").form(&form).text_answer().await;
        assert_eq!(status, expected, "{form:?}: {page}");
    }
    eventually("both announcements are attempted", async || {
        (server.events_of("webhook.attempted").len() == 2).then_some(())
    })
    .await;
    let check = server.post("/payment/check-validity").bearer_auth(&merchant.access_key);
    assert_eq!(check.form(&[("payment_id", &payments[0])]).answer().await.0, 200);
}

/// What goes wrong is traced more than what goes well.
async fn misuse(server: &Server, merchant: &Merchant, payment: &str) {
    let (custom, email) = (CUSTOM.repeat(20), format!("{EMAIL}@nowhere"));
    let fields =
        [("custom", custom.as_str()), ("customer_email", &email), ("web_hook", HOOK), ("amount", DETAILS)];
    let query =
        format!("?customer_email={EMAIL}%40example.com&custom={CUSTOM}&access_key={}", merchant.access_key);
    let page = format!("/process-checkout?payment_id={payment}&number={CARD}&verification_value={CODE}");
    let broken =
        format!(r#"{{"customer_email": "{EMAIL}@example.com", "custom": "{CUSTOM}", "details": {DETAILS}"#);
    let wrong = server.post("/payment/process").bearer_auth(WRONG_KEY);
    let forged = server.process(merchant).header("x-timestamp", "1").header("x-signature", WRONG_KEY);
    let operator = server.http.get(server.operator_url("/operator/merchants"));
    for (request, expected) in [
        (server.process(merchant).form(&fields), 422),
        (server.process(merchant).header("content-type", "application/json").body(broken), 400),
        (server.process(merchant).header("content-type", format!("text/{CUSTOM}")).body(EMAIL), 415),
        (server.process(merchant).header("idempotency-key", IDEMPOTENCY_KEY).form(&fields), 422),
        (wrong.form(&fields), 401),
        (forged.form(&fields), 401),
        (operator.bearer_auth(WRONG_KEY), 401),
        (server.get(&format!("/nowhere/{CUSTOM}{query}")), 404),
        (server.get(&format!("/payment/process{query}")), 405),
        (server.get(&page), 200),
    ] {
        let (status, answer) = request.text_answer().await;
        assert_eq!(status, expected, "{answer}");
    }
}

fn private_fields(shop: &str) -> Vec<(String, String)> {
    let fields = [
        ("custom", CUSTOM.to_owned()),
        ("currency_code", "JPY".to_owned()),
        ("amount", "5000".to_owned()),
        ("details", format!("{DETAILS} 緑茶")),
        ("web_hook", format!("{shop}/{HOOK}")),
        ("cancel_url", format!("{shop}/{CANCEL}")),
        ("success_url", format!("{shop}/{SUCCESS}")),
        ("customer_email", format!("{EMAIL}@example.com")),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).into()
}

fn card<'a>(number: &'a str, code: &'a str) -> Vec<(&'a str, &'a str)> {
    let (action, method) = (("action", "pay"), ("method", "credit_card"));
    let expiry = [("month", "12"), ("year", "39")];
    let rest = [("number", number), ("verification_value", code), ("name", HOLDER)];
    [action, method].into_iter().chain(expiry).chain(rest).collect()
}

fn prepaid(number: &str) -> Vec<(&str, &str)> {
    vec![("action", "pay"), ("method", "web_money"), ("prepaid_number", number)]
}

/// What must not be found, each with its name.
struct Planted(Vec<(&'static str, String)>);

impl Planted {
    fn by_hand() -> Self {
        let words = [
            ("the e-mail", EMAIL),
            ("custom", CUSTOM),
            ("details", DETAILS),
            ("details in Japanese", "緑茶"),
            ("the webhook's address", HOOK),
            ("the way back", SUCCESS),
            ("the way back after cancelling", CANCEL),
            ("the card's holder", HOLDER),
            ("the card number", CARD),
            ("the card number as typed", CARD_TYPED),
            ("the declined card number", DECLINING_CARD),
            ("the prepaid number", PREPAID_NUMBER),
            ("the security code as typed", CODE_TYPED),
            ("a user's name", PERSON),
            ("a user's address", PERSONS_EMAIL),
            ("what a user answered", ANSWER),
            ("a user's document", DOCUMENT),
            ("a user's password", PASSWORD),
            ("why answers were sent back", REASON),
            ("a wrong key", WRONG_KEY),
            ("an idempotency key", IDEMPOTENCY_KEY),
            ("the operator's token", OPERATOR_TOKEN),
        ];
        Self(words.map(|(name, word)| (name, word.to_owned())).into())
    }

    fn add(&mut self, name: &'static str, word: String) {
        assert!(word.len() >= 16, "{name} could turn up by chance");
        self.0.push((name, word));
    }

    /// A merchant all of whose secrets are planted, a rotated one among them.
    async fn merchant(&mut self, server: &Server) -> Merchant {
        let (status, made) =
            server.operator_post("/operator/merchants", &json!({ "name": NAME })).answer().await;
        assert_eq!(status, 200, "{made}");
        let id = made["merchant_id"].as_u64().expect("a number");
        let path = format!("/operator/merchants/{id}/secret");
        let (status, rotated) = server.operator_post(&path, &json!({})).answer().await;
        assert_eq!(status, 200, "{rotated}");
        let shown = |answer: &Value, name: &str| answer[name].as_str().expect("shown this once").to_owned();
        self.add("the access key", shown(&made, "access_key"));
        self.add("the client secret", shown(&made, "client_secret"));
        self.add("the first secret key", shown(&made, "secret_key"));
        self.add("the secret key", shown(&rotated, "secret_key"));
        let (access_key, secret_key) = (shown(&made, "access_key"), shown(&rotated, "secret_key"));
        Merchant { id, access_key, secret_key }
    }

    /// In capitals or not.
    fn search(&self, place: &str, bytes: &[u8]) {
        let bytes = bytes.to_ascii_lowercase();
        for (name, word) in &self.0 {
            assert!(!holds(&bytes, &word.to_ascii_lowercase()), "{name} ({word}) is in the clear in {place}");
        }
    }

    /// Everything the server writes: ledger, read models, witness, log, ready file, and the master key beside them.
    fn search_files(&self, server: &Server) {
        for (path, bytes) in files(server) {
            self.search(&path, &bytes);
        }
    }

    /// Every row as it is before RocksDB compresses it.
    fn search_rows(&self, data: &Path, merchant: u64) {
        let rows = rows(data, merchant);
        let sources =
            ["log", "table 5", "table 6", "vault SubjectKey", "vault Secret", "merchants", "payments"];
        for source in sources {
            assert!(rows.iter().any(|(place, _)| place == source), "nothing was read of {source}");
        }
        for source in ["log", "merchants"] {
            let found = rows.iter().any(|(place, row)| place == source && holds(row, NAME));
            assert!(found, "what is stored in the clear is found in {source}");
        }
        for (place, row) in rows {
            self.search(&place, &row);
        }
    }
}

fn is_in_a_file(server: &Server, word: &str) -> bool {
    files(server).iter().any(|(_, bytes)| holds(bytes, word))
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// Whether the security code stands in `text` by itself, and not within a longer number, an id, a time or an address.
fn says_code(text: &str) -> bool {
    let touches = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_alphanumeric() || "-.:".contains(letter))
    };
    let found = |(at, code): (usize, &str)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + code.len()..].chars().next());
        !touches(before) && !touches(after)
    };
    text.match_indices(CODE).any(found)
}

#[test]
fn the_search_knows_the_code_when_it_stands_alone() {
    for (text, found) in [
        ("verification_value=7391&name=A", true),
        (r#"{"code": "7391"}"#, true),
        ("17391 or 73910", false),
        ("018f2f70-7391-7000", false),
        ("127.0.0.1:7391", false),
    ] {
        assert_eq!(says_code(text), found, "{text}");
    }
}
