//! Custom tokens: a currency of a merchant's own, held by its users and nobody else's.

use serde_json::{Value, json};

use crate::harness::{Answered, Server};

const TOKENS: &str = "/operator/custom-tokens";

async fn post(server: &Server, path: &str, body: Value) -> (u16, Value) {
    server.operator_post(path, &body).answer().await
}

/// Two merchants with a user each; the first has a token with 18 decimals.
async fn begun() -> Server {
    let server = Server::start();
    for _ in 0..2 {
        let merchant = server.merchant().await;
        post(&server, "/operator/users", json!({ "merchant_id": merchant.id })).await;
    }
    let body = json!({ "merchant_id": 1, "digits": 18, "is_transferable": true });
    let (status, made) = post(&server, TOKENS, body).await;
    let expected = json!({ "token": "TOKEN-1.18", "merchant_id": 1, "digits": 18, "is_transferable": true, "network": null });
    assert_eq!((status, made), (200, expected));
    server
}

#[tokio::test]
async fn a_token_is_issued_to_its_merchants_users_once_by_one_key() {
    let server = begun().await;
    let issue = async |key: &str, amount: &str| {
        let body = json!({ "user_id": 1, "amount": amount });
        let request = server.operator_post("/operator/custom-tokens/TOKEN-1.18/issue", &body);
        request.header("idempotency-key", key).answer().await
    };
    let (status, first) = issue("one", "2.000000000000000001").await;
    assert_eq!(status, 200, "{first}");
    let shown = ["realm", "currency_code", "amount"].map(|name| &first[name]);
    assert_eq!(shown, ["test-1", "TOKEN-1.18", "2.000000000000000001"], "{first}");
    assert_eq!(post(&server, "/operator/merchants/1/mode", json!({ "mode": "active" })).await.0, 200);
    assert_eq!(issue("one", "2.000000000000000001").await, (200, first), "whatever the mode is by then");
    assert_eq!(issue("one", "2").await.0, 409);
    let (status, live) = issue("two", "3").await;
    assert_eq!((status, &live["realm"]), (200, &json!("live")), "{live}");
    assert_eq!(server.events_of("wallet.issued").len(), 2);
    server.audit_full();
}

#[tokio::test]
async fn one_key_registers_one_token() {
    let server = begun().await;
    let register = async |digits: u8| {
        let body = json!({ "merchant_id": 2, "digits": digits, "is_transferable": false });
        server.operator_post(TOKENS, &body).header("idempotency-key", "one").answer().await
    };
    let first = register(0).await;
    assert_eq!((first.0, &first.1["token"]), (200, &json!("TOKEN-2.0")), "{}", first.1);
    assert_eq!(register(0).await, first);
    assert_eq!(register(1).await.0, 409);
    assert_eq!(server.events_of("token.registered").len(), 2);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let server = begun().await;
    let before = server.position().await;
    let token = |digits: Value| json!({ "merchant_id": 1, "digits": digits, "is_transferable": true });
    let issue = |user: u32, amount: Value| json!({ "user_id": user, "amount": amount });
    for (path, body, expected) in [
        ("", json!({}), 400),
        ("", token(json!(19)), 422),
        ("", token(json!(256)), 400),
        ("", token(json!(-1)), 400),
        ("", json!({ "merchant_id": 9, "digits": 2, "is_transferable": true }), 404),
        ("", json!({ "merchant_id": 1, "digits": 2, "is_transferable": true, "name": "x" }), 400),
        ("/TOKEN-1.18/issue", json!({}), 400),
        ("/TOKEN-1.18/issue", issue(9, json!("1")), 404),
        ("/TOKEN-1.18/issue", issue(2, json!("1")), 404),
        ("/TOKEN-1.18/issue", issue(1, json!("0")), 422),
        ("/TOKEN-1.18/issue", issue(1, json!("-1")), 400),
        ("/TOKEN-1.18/issue", issue(1, json!("0.0000000000000000001")), 400),
        ("/TOKEN-1.18/issue", issue(1, json!("1000001")), 422),
        ("/TOKEN-1.18/issue", issue(1, json!(1)), 400),
        ("/TOKEN-2.18/issue", issue(1, json!("1")), 404),
        ("/TOKEN-1.2/issue", issue(1, json!("1")), 404),
        ("/TOKEN-01.18/issue", issue(1, json!("1")), 404),
        ("/USD/issue", issue(1, json!("1")), 404),
        ("/SGP-USD/issue", issue(1, json!("1")), 404),
        ("/%ff/issue", issue(1, json!("1")), 400),
    ] {
        let (status, answer) = post(&server, &format!("{TOKENS}{path}"), body.clone()).await;
        assert_eq!(status, expected, "{path} {body}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    }
    assert_eq!(server.position().await, before, "nothing changed");
}
