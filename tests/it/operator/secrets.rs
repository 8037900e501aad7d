//! Secret keys: rotated with an overlap, in which both sign for the merchant and we sign with the new one.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::harness::{Answered, Merchant, NOBODY, Receiver, Server, payment_of};

/// Status of a request signed now with this merchant's secret.
async fn signed_by(server: &Server, merchant: &Merchant) -> u16 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs().to_string();
    let body = payment_of(NOBODY).to_string();
    let request =
        server.process(merchant).header("content-type", "application/json").header("x-timestamp", &now);
    let request = request.header("x-signature", merchant.sign(&now, body.as_bytes()));
    // Two requests of one second are signed alike; keys tell them apart, and so they must not be used twice.
    request.body(body).answer().await.0
}

async fn rotate(server: &Server, merchant: &Merchant, body: &Value) -> Merchant {
    let path = format!("/operator/merchants/{}/secret", merchant.id);
    let (status, answer) = server.operator_post(&path, body).answer().await;
    assert_eq!(status, 200, "{answer}");
    Merchant {
        secret_key: answer["secret_key"].as_str().expect("shown this once").to_owned(),
        ..merchant.clone()
    }
}

#[tokio::test]
async fn in_the_overlap_both_secrets_sign_and_we_sign_with_the_new_one() {
    let server = Server::start();
    let mut shop = Receiver::start().await;
    let first = server.merchant().await;
    let second = rotate(&server, &first, &json!({ "overlap_seconds": 3600 })).await;
    assert_ne!(first.secret_key, second.secret_key);
    assert_eq!(signed_by(&server, &first).await, 200, "the old one is still good");
    assert_eq!(signed_by(&server, &second).await, 200);

    let payment = server.initiate(&second, &payment_of(&shop.url())).await;
    server.pay(&payment).await;
    let announced = shop.next().await;
    let signature = second.sign(announced.header("x-timestamp"), &announced.body);
    assert_eq!(announced.header("x-signature"), format!("sha256={signature}"));
}

#[tokio::test]
async fn without_an_overlap_the_old_secret_is_over_at_once() {
    let mut server = Server::start();
    let first = server.merchant().await;
    let second = rotate(&server, &first, &json!({ "overlap_seconds": 0 })).await;
    for moment in ["at once", "after a restart"] {
        assert_eq!(signed_by(&server, &first).await, 401, "{moment}");
        assert_eq!(signed_by(&server, &second).await, 200, "{moment}");
        server.kill();
        server.restart();
    }
    server.audit_full();
}

#[tokio::test]
async fn a_repeated_key_issues_one_secret_and_does_not_show_it_again() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let path = format!("/operator/merchants/{}/secret", merchant.id);
    let ask = async |body: &Value| {
        server.operator_post(&path, body).header("idempotency-key", "one").answer().await
    };
    let (status, first) = ask(&json!({})).await;
    assert_eq!(status, 200, "{first}");
    assert!(first["secret_key"].is_string(), "{first}");
    let mut repeated = first.clone();
    repeated["secret_key"] = Value::Null;
    assert_eq!(ask(&json!({})).await, (200, repeated));
    assert_eq!(ask(&json!({ "overlap_seconds": 1 })).await.0, 409);
    assert_eq!(server.events_of("merchant.secret_issued").len(), 1);
}

#[tokio::test]
async fn what_cannot_be_rotated_is_refused() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let before = server.position().await;
    for (id, body, status) in [
        ("2", json!({}), 404),
        ("x", json!({}), 404),
        ("1", json!({ "overlap_seconds": -1 }), 400),
        ("1", json!({ "overlap_seconds": "long" }), 400),
        ("1", json!({ "overlap_seconds": 30 * 86_400 + 1 }), 422),
    ] {
        let (answered, answer) =
            server.operator_post(&format!("/operator/merchants/{id}/secret"), &body).answer().await;
        assert_eq!((answered, &answer["code"]), (status, &json!(status)), "{id} {body}: {answer}");
    }
    assert_eq!(server.position().await, before);
    assert_eq!(signed_by(&server, &merchant).await, 200);
}
