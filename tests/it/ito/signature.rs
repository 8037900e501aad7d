//! `X-Timestamp` and `X-Signature`: who may sign, what may be signed, and that nothing signed works twice.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::RequestBuilder;
use serde_json::json;

use super::{
    refusals::Gatekeeper,
    request::{Draft, Encoding},
};
use crate::harness::{Answered, Merchant, Server};

/// The sample as PHP's `json_encode` writes it: what its signature covers, whatever is sent.
const SIGNED_BY_PHP: &str = r#"{"custom":"DFU80XZIKS","currency_code":"USD","amount":280,"details":"Digital Product","web_hook":"https:\/\/yoursite.com\/web_hook.php","cancel_url":"https:\/\/yoursite.com\/cancel_url.php","success_url":"https:\/\/yoursite.com\/success_url.php","customer_email":"buyer@example.com"}"#;

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    since.as_secs().try_into().expect("and before the end of time")
}

fn signed(request: RequestBuilder, timestamp: &str, signature: &str) -> RequestBuilder {
    request.header("x-timestamp", timestamp).header("x-signature", signature)
}

#[tokio::test]
async fn the_raw_body_and_phps_json_of_the_fields_may_be_signed_with_or_without_prefix() {
    let gatekeeper = Gatekeeper::start().await;
    let draft = Draft::with(&[("amount", "280")]);
    let as_text = SIGNED_BY_PHP.replace("280,", r#""280","#);
    // Each a second earlier than the last, because what is signed alike is taken once.
    let mut timestamp = now_s();
    for prefix in ["", "sha256="] {
        for (encoding, text) in [
            (Encoding::Json, draft.json().as_str()),
            (Encoding::Json, SIGNED_BY_PHP),
            (Encoding::Form, SIGNED_BY_PHP),
            (Encoding::Form, &as_text),
            (Encoding::Multipart, SIGNED_BY_PHP),
        ] {
            timestamp -= 1;
            let signature = gatekeeper.merchant.sign(&timestamp.to_string(), text.as_bytes());
            let request = draft.send_in(gatekeeper.process(), encoding);
            let request = signed(request, &timestamp.to_string(), &format!("{prefix}{signature}"));
            let (status, answer) = request.answer().await;
            assert_eq!(status, 200, "{prefix}{text} as {encoding:?}: {answer}");
        }
    }
}

/// The document's own e-mail is a placeholder that no rule for addresses lets pass: the signature is accepted,
/// and only then the field is refused.
#[tokio::test]
async fn the_samples_placeholder_verifies_before_it_fails() {
    let gatekeeper = Gatekeeper::start().await;
    let draft = Draft::with(&[("amount", "280"), ("customer_email", r#""[email\u00a0protected]""#)]);
    let text = SIGNED_BY_PHP.replace("buyer@example.com", r"[email\u00a0protected]");
    for (text, status, fields) in [(text.as_str(), 422, "customer_email"), (SIGNED_BY_PHP, 401, "")] {
        let timestamp = now_s().to_string();
        let signature = gatekeeper.merchant.sign(&timestamp, text.as_bytes());
        let request = signed(draft.send_in(gatekeeper.process(), Encoding::Form), &timestamp, &signature);
        gatekeeper.refuses(text, request, status, fields).await;
    }
}

#[tokio::test]
async fn what_does_not_hold_is_refused_and_changes_nothing() {
    let gatekeeper = Gatekeeper::start().await;
    let other = gatekeeper.server.merchant().await;
    let body = Draft::sample().json();
    let send = || Draft::sample().send_in(gatekeeper.process(), Encoding::Json);
    let by = |merchant: &Merchant, timestamp: &str| merchant.sign(timestamp, body.as_bytes());
    let now = now_s().to_string();
    let good = by(&gatekeeper.merchant, &now);
    for (what, timestamp, signature) in [
        ("another's secret", now.clone(), by(&other, &now)),
        ("another body", now.clone(), gatekeeper.merchant.sign(&now, b"{}")),
        ("another time", (now_s() - 1).to_string(), good.clone()),
        ("a flipped bit", now.clone(), flipped(&good)),
        ("half of it", now.clone(), good[..32].to_owned()),
        ("none", now.clone(), String::new()),
        ("no hex", now.clone(), "g".repeat(64)),
        ("another prefix", now.clone(), format!("sha1={good}")),
        ("no time", String::new(), gatekeeper.merchant.sign("", body.as_bytes())),
        ("a time in words", "now".to_owned(), by(&gatekeeper.merchant, "now")),
        ("a time below zero", format!("-{now}"), by(&gatekeeper.merchant, &format!("-{now}"))),
    ] {
        gatekeeper.refuses(what, signed(send(), &timestamp, &signature), 401, "").await;
    }
    for seconds in [-1_000_000, -310, 310, 1_000_000] {
        let at = (now_s() + seconds).to_string();
        let request = signed(send(), &at, &by(&gatekeeper.merchant, &at));
        gatekeeper.refuses(&format!("{seconds} seconds off"), request, 401, "").await;
    }
    for (name, value) in [("x-timestamp", &now), ("x-signature", &good)] {
        gatekeeper.refuses(&format!("{name} alone"), send().header(name, value), 401, "").await;
    }
    for seconds in [-290, 0, 290] {
        let at = (now_s() + seconds).to_string();
        let (status, answer) = signed(send(), &at, &by(&gatekeeper.merchant, &at)).answer().await;
        assert_eq!(status, 200, "{seconds} seconds off: {answer}");
    }
}

fn flipped(hex: &str) -> String {
    let last = if hex.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &hex[..hex.len() - 1])
}

#[tokio::test]
async fn a_replayed_request_gets_its_answer_again_and_makes_nothing() {
    let mut server = Server::start_with(&["--public-url", "https://pay.example.com"]);
    let merchant = server.merchant().await;
    let (body, timestamp) = (Draft::sample().json(), now_s().to_string());
    let signature = merchant.sign(&timestamp, body.as_bytes());
    let send = |server: &Server| {
        signed(Draft::sample().send_in(server.process(&merchant), Encoding::Json), &timestamp, &signature)
    };
    let first = send(&server).text_answer().await;
    assert_eq!(first.0, 200, "{}", first.1);
    let position = server.position().await;
    for _ in 0..3 {
        assert_eq!(send(&server).text_answer().await, first);
    }
    assert_eq!(server.position().await, position);

    server.kill();
    server.restart();
    assert_eq!(send(&server).text_answer().await, first, "after a restart");
    assert_eq!(server.events_of("payment.created").len(), 1);
    server.audit_full();
}

#[tokio::test]
async fn a_signature_used_for_anything_else_is_refused() {
    let gatekeeper = Gatekeeper::start().await;
    let draft = Draft::with(&[("amount", "280")]);
    let timestamp = now_s().to_string();
    let signature = gatekeeper.merchant.sign(&timestamp, SIGNED_BY_PHP.as_bytes());
    let send = |encoding| signed(draft.send_in(gatekeeper.process(), encoding), &timestamp, &signature);
    let (status, first) = send(Encoding::Form).header("idempotency-key", "one").answer().await;
    assert_eq!(status, 200, "{first}");
    let again = send(Encoding::Form).header("idempotency-key", "one").answer().await;
    assert_eq!(again, (200, first));
    // The same fields in another encoding bear the same signature, but are another body.
    for (what, request) in [
        ("another key", send(Encoding::Form).header("idempotency-key", "two")),
        ("no key", send(Encoding::Form)),
        ("another body", send(Encoding::Json).header("idempotency-key", "one")),
        ("another spelling", {
            let body = draft.json();
            let spelled = format!("sha256={}", signature.to_uppercase());
            let request = gatekeeper.process().header("content-type", "application/json").body(body);
            signed(request, &timestamp, &spelled)
        }),
    ] {
        gatekeeper.refuses(what, request, 401, "").await;
    }
    // Another endpoint, which reads other fields and changes nothing, is another request all the same.
    let check =
        || gatekeeper.server.post("/payment/check-validity").bearer_auth(&gatekeeper.merchant.access_key);
    for encoding in Encoding::ALL {
        let request = signed(draft.send_in(check(), encoding), &timestamp, &signature);
        let message = gatekeeper.refuses(&format!("another path as {encoding:?}"), request, 401, "").await;
        assert_eq!(message, "This signature was used for a different request.");
    }
}

/// The fields were read first, by the rules of the mode that had been selected meanwhile.
#[tokio::test]
async fn a_replayed_request_gets_its_answer_whatever_mode_is_selected_by_then() {
    let gatekeeper = Gatekeeper::start().await;
    let draft = Draft::with(&[("success_url", r#""http://yoursite.com/thanks""#)]);
    let timestamp = now_s().to_string();
    let signature = gatekeeper.merchant.sign(&timestamp, draft.json().as_bytes());
    let send = || signed(draft.send_in(gatekeeper.process(), Encoding::Json), &timestamp, &signature);
    let (status, first) = send().answer().await;
    assert_eq!(status, 200, "{first}");
    let mode = format!("/operator/merchants/{}/mode", gatekeeper.merchant.id);
    for selected in ["active", "test"] {
        gatekeeper.server.operator_post(&mode, &json!({ "mode": selected })).answer().await;
        let unsigned = draft.send_in(gatekeeper.process(), Encoding::Json).answer().await;
        assert_eq!(unsigned.0, if selected == "active" { 422 } else { 200 }, "{}", unsigned.1);
        assert_eq!(send().answer().await, (200, first.clone()), "{selected}");
    }
    assert_eq!(gatekeeper.server.events_of("payment.created").len(), 2);
}

/// What a GET asks stands in its query, which no signature covers: what is signed is the body, and there is none.
#[tokio::test]
async fn a_get_signs_its_empty_body_and_not_its_query() {
    let gatekeeper = Gatekeeper::start().await;
    let id = "AIYmQIOAz0GlmsjfhgiOeu304";
    let path = format!("/payment/check-validity?payment_id={id}");
    let by_php = format!(r#"{{"payment_id":"{id}"}}"#);
    for (text, status) in [("", 404), (by_php.as_str(), 401), (&path, 401)] {
        let timestamp = now_s().to_string();
        let signature = gatekeeper.merchant.sign(&timestamp, text.as_bytes());
        let request = gatekeeper.server.get(&path).bearer_auth(&gatekeeper.merchant.access_key);
        gatekeeper.refuses(text, signed(request, &timestamp, &signature), status, "").await;
    }
}

#[tokio::test]
async fn a_retry_may_be_signed_anew() {
    let gatekeeper = Gatekeeper::start().await;
    let body = Draft::sample().json();
    let mut answers = Vec::new();
    for seconds in [0, 1] {
        let timestamp = (now_s() - seconds).to_string();
        let signature = gatekeeper.merchant.sign(&timestamp, body.as_bytes());
        let request = Draft::sample().send_in(gatekeeper.process(), Encoding::Json);
        answers.push(signed(request, &timestamp, &signature).header("idempotency-key", "one").answer().await);
    }
    assert_eq!(answers[0].0, 200, "{:?}", answers[0]);
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_merchant_can_make_signatures_mandatory() {
    let server = Server::start();
    let merchant = server.merchant_as(&json!({ "name": "Careful Shop", "signature_required": true })).await;
    let gatekeeper = Gatekeeper { server, merchant };
    let body = Draft::sample().json();
    let send = || Draft::sample().send_in(gatekeeper.process(), Encoding::Json);
    gatekeeper.refuses("unsigned", send(), 401, "").await;
    gatekeeper.refuses("a time alone", send().header("x-timestamp", now_s()), 401, "").await;
    let path = "/payment/check-validity?payment_id=AIYmQIOAz0GlmsjfhgiOeu304";
    let check = || gatekeeper.server.get(path).bearer_auth(&gatekeeper.merchant.access_key);
    gatekeeper.refuses("an unsigned check", check(), 401, "").await;

    let timestamp = now_s().to_string();
    let signature = gatekeeper.merchant.sign(&timestamp, body.as_bytes());
    let (status, answer) = signed(send(), &timestamp, &signature).answer().await;
    assert_eq!(status, 200, "{answer}");
    let signature = gatekeeper.merchant.sign(&timestamp, b"");
    gatekeeper.refuses("a signed check", signed(check(), &timestamp, &signature), 404, "").await;
}
