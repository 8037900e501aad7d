//! The sandbox rail and the trial balance: money arrives, and every realm's books balance.

use serde_json::{Value, json};

use crate::harness::{Answered, Merchant, NOBODY, Server, payment_of};

async fn yen(server: &Server, merchant: &Merchant, amount: u32) -> String {
    let mut fields = payment_of(NOBODY);
    fields["currency_code"] = json!("JPY");
    fields["amount"] = json!(amount);
    server.initiate(merchant, &fields).await
}

async fn arrives(server: &Server, payment: &str, body: &Value) -> (u16, Value) {
    server.operator_post(&format!("/operator/sandbox/payments/{payment}/paid"), body).answer().await
}

/// The trial balance as lines of text.
async fn books(server: &Server) -> Vec<String> {
    let (status, books) = server.operator_get("/operator/trial-balance").answer().await;
    assert_eq!(status, 200, "{books}");
    assert_eq!(books["balanced"], true, "{books}");
    let text = |line: &Value, name: &str| line[name].as_str().expect("text").to_owned();
    let names = ["realm", "currency", "class", "debit", "credit"];
    let line = |line: &Value| names.map(|name| text(line, name)).join(" ");
    books["lines"].as_array().expect("lines").iter().map(line).collect()
}

#[tokio::test]
async fn the_trial_balance_shows_every_realm_and_currency() {
    let server = Server::start();
    assert_eq!(books(&server).await, [""; 0]);
    let (first, second) = (server.merchant().await, server.merchant().await);
    for (merchant, amount) in [(&first, 1_000), (&first, 3_000), (&second, 500)] {
        let payment = yen(&server, merchant, amount).await;
        assert_eq!(arrives(&server, &payment, &json!({})).await.0, 200);
    }
    let dollars = server.initiate(&second, &payment_of(NOBODY)).await;
    server.pay(&dollars).await;
    let expected = [
        "test-1 JPY asset 4000 0",
        "test-1 JPY liability 0 3800",
        "test-1 JPY income 0 200",
        "test-2 USD asset 280.00 0.00",
        "test-2 USD liability 0.00 266.00",
        "test-2 USD income 0.00 14.00",
        "test-2 JPY asset 500 0",
        "test-2 JPY liability 0 475",
        "test-2 JPY income 0 25",
    ];
    assert_eq!(books(&server).await, expected);
}

#[tokio::test]
async fn money_that_is_not_due_is_kept_apart_or_goes_back() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let payment = yen(&server, &merchant, 1_000).await;
    // By card, unless the customer chose otherwise: what is too little or too much goes straight back.
    for (amount, stage) in [
        (json!({ "amount": "400" }), "created"),
        (json!({ "amount": "1500" }), "captured"),
        (json!({}), "captured"),
    ] {
        let (status, stands) = arrives(&server, &payment, &amount).await;
        assert_eq!((status, &stands["stage"]), (200, &json!(stage)), "{stands}");
    }
    let kept = ["test-1 JPY asset 1000 0", "test-1 JPY liability 0 950", "test-1 JPY income 0 50"];
    assert_eq!(books(&server).await, kept);
    assert_eq!(server.events_of("payment.excess_returned").len(), 3);
    server.audit_full();
}

#[tokio::test]
async fn money_arrives_once_per_key() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let payment = yen(&server, &merchant, 1_000).await;
    let path = format!("/operator/sandbox/payments/{payment}/paid");
    let ask = async |body: &Value| {
        server.operator_post(&path, body).header("idempotency-key", "one").answer().await
    };
    for _ in 0..3 {
        let (status, stands) = ask(&json!({ "amount": "1000" })).await;
        assert_eq!((status, &stands["stage"]), (200, &json!("captured")), "{stands}");
    }
    assert_eq!(ask(&json!({ "amount": "1001" })).await.0, 409);
    assert_eq!(server.events_of("payment.captured").len(), 1);
    assert_eq!(server.events_of("payment.excess_received").len(), 0);
}

/// The answer was once read from the present, which a repeat is not about, and which may be late.
#[tokio::test]
async fn a_repeat_is_answered_as_the_first_time() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let payment = yen(&server, &merchant, 1_000).await;
    let path = format!("/operator/sandbox/payments/{payment}/paid");
    let ask = async |key: &str| {
        let body = json!({ "amount": "1000" });
        server.operator_post(&path, &body).header("idempotency-key", key).answer().await
    };
    let first = ask("one").await;
    assert_eq!((first.0, &first.1["stage"], &first.1["position"]), (200, &json!("captured"), &json!(3)));
    let second = ask("two").await;
    assert_eq!((second.0, &second.1["stage"]), (200, &json!("captured")), "put aside: {}", second.1);
    assert!(second.1["position"].as_u64() > first.1["position"].as_u64(), "{}", second.1);
    assert_eq!([ask("one").await, ask("two").await], [first, second]);
}

#[tokio::test]
async fn what_cannot_arrive_is_refused() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let payment = yen(&server, &merchant, 1_000).await;
    let live = server.merchant_as(&json!({ "name": "Live Shop", "mode": "active" })).await;
    let live = server.initiate(&live, &payment_of(NOBODY)).await;
    let before = server.position().await;
    for (payment, body, status) in [
        ("AIYmQIOAz0GlmsjfhgiOeu304", json!({}), 404),
        ("x", json!({}), 404),
        ("%ff", json!({}), 400),
        (&payment, json!({ "amount": "-1" }), 400),
        (&payment, json!({ "amount": "0" }), 422),
        (&payment, json!({ "amount": "10.5" }), 400),
        (&payment, json!({ "amount": "1e400" }), 400),
        (&payment, json!({ "amount": 1000 }), 400),
        (&payment, json!({ "sum": "1000" }), 400),
        (&live, json!({}), 409),
    ] {
        let (answered, answer) = arrives(&server, payment, &body).await;
        assert_eq!((answered, &answer["code"]), (status, &json!(status)), "{payment} {body}: {answer}");
    }
    assert_eq!(server.position().await, before);
}
