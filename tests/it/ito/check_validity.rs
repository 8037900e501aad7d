//! `/payment/check-validity`: valid means paid, and only a merchant's own payments exist for it.

use reqwest::RequestBuilder;
use serde_json::json;

use super::{
    refusals::{Gatekeeper, check_shape},
    request::multipart_of,
};
use crate::harness::{Answered, Merchant, NOBODY, Server, payment_of};

const PATH: &str = "/payment/check-validity";

/// The question in every way a client may ask it.
fn questions(server: &Server, merchant: &Merchant, payment: &str) -> Vec<(&'static str, RequestBuilder)> {
    let fields = [("payment_id".to_owned(), payment.to_owned())];
    let by_query = format!("{PATH}?payment_id={payment}");
    let asked = [
        ("JSON", server.post(PATH).json(&json!({ "payment_id": payment }))),
        ("a form", server.post(PATH).form(&fields)),
        ("multipart", server.post(PATH).multipart(multipart_of(fields))),
        ("a query", server.get(&by_query)),
    ];
    asked.map(|(how, request)| (how, request.bearer_auth(&merchant.access_key))).into()
}

#[tokio::test]
async fn a_payment_is_valid_once_it_is_paid() {
    let gatekeeper = Gatekeeper::start().await;
    let (server, merchant) = (&gatekeeper.server, &gatekeeper.merchant);
    let payment = server.initiate(merchant, &payment_of(NOBODY)).await;
    for (how, request) in questions(server, merchant, &payment) {
        let message = gatekeeper.refuses(&format!("unpaid, {how}"), request, 404, "").await;
        assert_eq!(message, "Transaction not found");
    }
    server.pay(&payment).await;
    let position = server.position().await;
    for (how, request) in questions(server, merchant, &payment) {
        let answer = request.text_answer().await;
        let printed = r#"{"code":200,"status":"ok","message":"Transaction is valid"}"#;
        assert_eq!(answer, (200, printed.to_owned()), "{how}");
    }
    // The webhook's attempts may be recorded meanwhile; asking records nothing of a payment.
    let since = server.events().into_iter().filter(|event| event["position"].as_u64() > Some(position));
    assert!(since.into_iter().all(|event| event["kind"] == "webhook.attempted"));
}

/// Routed to the GET, it was then taken for a POST, whose query is not read: 422.
#[tokio::test]
async fn a_head_is_answered_as_the_get_would_be() {
    let gatekeeper = Gatekeeper::start().await;
    let (server, merchant) = (&gatekeeper.server, &gatekeeper.merchant);
    let payment = server.initiate(merchant, &payment_of(NOBODY)).await;
    let head = server
        .http
        .head(server.url(&format!("{PATH}?payment_id={payment}")))
        .bearer_auth(&merchant.access_key);
    for status in [404, 200] {
        let answer = head.try_clone().expect("there is no body").text_answer().await;
        assert_eq!(answer, (status, String::new()));
        server.pay(&payment).await;
    }
}

#[tokio::test]
async fn a_payment_that_ended_otherwise_is_not_valid() {
    let gatekeeper = Gatekeeper::start().await;
    let (server, merchant) = (&gatekeeper.server, &gatekeeper.merchant);
    let cancelled = server.initiate(merchant, &payment_of(NOBODY)).await;
    let form = [("payment_id", cancelled.as_str()), ("action", "cancel")];
    assert_eq!(server.post("/process-checkout").form(&form).text_answer().await.0, 303);
    for (how, request) in questions(server, merchant, &cancelled) {
        gatekeeper.refuses(&format!("cancelled, {how}"), request, 404, "").await;
    }
}

#[tokio::test]
async fn anothers_payment_does_not_exist() {
    let gatekeeper = Gatekeeper::start().await;
    let server = &gatekeeper.server;
    let other = server.merchant().await;
    let paid = server.initiate(&other, &payment_of(NOBODY)).await;
    server.pay(&paid).await;
    let nobodys = "AIYmQIOAz0GlmsjfhgiOeu304";
    for payment in [&paid, nobodys, "x", "1", "../../etc/passwd", &"A".repeat(255)] {
        for (how, request) in questions(server, &gatekeeper.merchant, payment) {
            let (status, answer) = request.answer().await;
            assert_eq!(status, 404, "{payment} by {how}: {answer}");
            assert_eq!(check_shape(how, &answer, 404, ""), "Transaction not found");
        }
    }
}

/// Test payments live in a realm of their own; in active mode a merchant sees only live ones.
#[tokio::test]
async fn a_test_payment_is_unknown_in_active_mode() {
    let gatekeeper = Gatekeeper::start().await;
    let (server, merchant) = (&gatekeeper.server, &gatekeeper.merchant);
    let paid = server.initiate(merchant, &payment_of(NOBODY)).await;
    server.pay(&paid).await;
    for (mode, status) in [("active", 404), ("test", 200)] {
        let path = format!("/operator/merchants/{}/mode", merchant.id);
        server.operator_post(&path, &json!({ "mode": mode })).answer().await;
        for (how, request) in questions(server, merchant, &paid) {
            assert_eq!(request.answer().await.0, status, "{mode}, {how}");
        }
    }
}

#[tokio::test]
async fn without_a_key_or_an_id_there_is_no_answer() {
    let gatekeeper = Gatekeeper::start().await;
    let server = &gatekeeper.server;
    let key = &gatekeeper.merchant.access_key;
    for request in [server.get(PATH), server.post(PATH)] {
        let again = request.try_clone().expect("there is no body");
        let message = gatekeeper.refuses("no key", again, 401, "").await;
        assert_eq!(message, "Invalid API credentials.");
        let again = request.try_clone().expect("there is no body");
        gatekeeper
            .refuses("another key", again.bearer_auth("51a4bd18-5bc1-4eaa-97b0-c09323398883"), 401, "")
            .await;
        gatekeeper.refuses("no id", request.bearer_auth(key), 422, "payment_id").await;
    }
    for (body, status, fields) in [
        (r#"{"payment_id":7}"#, 422, "payment_id"),
        (r#"{"payment_id":["a"]}"#, 422, "payment_id"),
        ("{", 400, ""),
    ] {
        let request =
            server.post(PATH).bearer_auth(key).header("content-type", "application/json").body(body);
        gatekeeper.refuses(body, request, status, fields).await;
    }
    // Signatures cover bodies, so a POST says everything in its body.
    let by_query = server.post(&format!("{PATH}?payment_id=AIYmQIOAz0GlmsjfhgiOeu304")).bearer_auth(key);
    gatekeeper.refuses("a POST with a query", by_query, 422, "payment_id").await;
    let long = server.get(&format!("{PATH}?payment_id={}", "A".repeat(256))).bearer_auth(key);
    gatekeeper.refuses("far too long", long, 422, "payment_id").await;
    let no_text = server.get(&format!("{PATH}?payment_id=%ff")).bearer_auth(key);
    gatekeeper.refuses("no UTF-8", no_text, 400, "").await;
}
