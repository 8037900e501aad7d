//! Users, their wallets and their points, as the operator makes and sees them.

use serde_json::{Value, json};

use crate::harness::{Answered, Server};

async fn post(server: &Server, path: &str, body: Value) -> (u16, Value) {
    server.operator_post(path, &body).answer().await
}

async fn points(server: &Server, user: u64) -> Value {
    let (status, seen) = server.operator_get(&format!("/operator/users/{user}/points")).answer().await;
    assert_eq!(status, 200, "{seen}");
    seen
}

/// An integrator watches 180 days of points lapse in a second.
#[tokio::test]
async fn points_lapse_180_days_after_they_were_given() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let (status, made) = post(&server, "/operator/users", json!({ "merchant_id": merchant.id })).await;
    assert_eq!((status, &made), (200, &json!({ "user_id": 1, "merchant_id": merchant.id })));

    let (status, granted) =
        post(&server, "/operator/points", json!({ "user_id": 1, "amount": "15.00" })).await;
    assert_eq!((status, &granted["lot"], &granted["amount"]), (200, &json!(1), &json!("15.00")), "{granted}");
    let seen = points(&server, 1).await;
    assert_eq!((&seen["live"], &seen["lapsing_within_30_days"]), (&json!("15.00"), &json!("0.00")), "{seen}");
    assert_eq!(seen["lots"][0]["expires_at"], granted["expires_at"]);

    let advance = |days: i64| json!({ "merchant_id": merchant.id, "seconds": days * 86_400 });
    assert_eq!(post(&server, "/operator/clock/advance", advance(170)).await.0, 200);
    assert_eq!(points(&server, 1).await["lapsing_within_30_days"], "15.00");
    assert_eq!(post(&server, "/operator/clock/advance", advance(10)).await.0, 200);
    let seen = points(&server, 1).await;
    assert_eq!((&seen["live"], &seen["lots"]), (&json!("0.00"), &json!([])), "{seen}");
    let lapsed = server.events_of("points.lapsed");
    assert_eq!(lapsed.len(), 1);
    assert_eq!(lapsed[0]["effective_at"], granted["expires_at"], "to the microsecond");
    server.audit_full();
}

#[tokio::test]
async fn a_wallet_is_credited_once_by_one_key_and_in_test_only() {
    let server = Server::start();
    let merchant = server.merchant().await;
    post(&server, "/operator/users", json!({ "merchant_id": merchant.id })).await;
    let credit = |key: &'static str, amount: &str| {
        let body = json!({ "currency_code": "JPY", "amount": amount });
        server.operator_post("/operator/users/1/credit", &body).header("idempotency-key", key)
    };
    let (status, first) = credit("one", "1000").answer().await;
    assert_eq!(
        (status, &first["amount"], &first["realm"]),
        (200, &json!("1000"), &json!("test-1")),
        "{first}"
    );
    assert_eq!(credit("one", "1000").answer().await, (200, first));
    assert_eq!(credit("one", "1001").answer().await.0, 409);
    assert_eq!(server.events_of("wallet.credited").len(), 1);
    server.audit_full();
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let server = Server::start();
    let merchant = server.merchant().await;
    post(&server, "/operator/users", json!({ "merchant_id": merchant.id })).await;
    for (path, body, expected) in [
        ("/operator/users", json!({ "merchant_id": 9 }), 404),
        ("/operator/users", json!({ "merchant_id": -1 }), 400),
        ("/operator/users", json!({}), 400),
        ("/operator/points", json!({ "user_id": 9, "amount": "1.00" }), 404),
        ("/operator/points", json!({ "user_id": 0, "amount": "1.00" }), 404),
        ("/operator/points", json!({ "user_id": 1, "amount": "0.00" }), 422),
        ("/operator/points", json!({ "user_id": 1, "amount": "-1.00" }), 400),
        ("/operator/points", json!({ "user_id": 1, "amount": "1.001" }), 400),
        ("/operator/points", json!({ "user_id": 1, "amount": 1.5 }), 400),
        ("/operator/points", json!({ "user_id": 1, "amount": "1.00", "kind": "paid" }), 400),
        ("/operator/users/9/credit", json!({ "currency_code": "USD", "amount": "1.00" }), 404),
        ("/operator/users/01/credit", json!({ "currency_code": "USD", "amount": "1.00" }), 404),
        ("/operator/users/1/credit", json!({ "currency_code": "XYZ", "amount": "1.00" }), 400),
        ("/operator/users/1/credit", json!({ "currency_code": "SGP-USD", "amount": "1.00" }), 422),
        ("/operator/users/1/credit", json!({ "currency_code": "JPY", "amount": "0.5" }), 400),
    ] {
        let (status, answer) = post(&server, path, body.clone()).await;
        assert_eq!(status, expected, "{path} {body}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    }
    assert_eq!(server.operator_get("/operator/users/9/points").answer().await.0, 404);
    assert_eq!(server.events().len(), 2, "a merchant and a user, and nothing else");
}

/// The key was once kept per realm, and a retry after going live gave real points.
#[tokio::test]
async fn points_are_given_once_by_one_key_whatever_the_mode_is_by_then() {
    let server = Server::start();
    let merchant = server.merchant().await;
    post(&server, "/operator/users", json!({ "merchant_id": merchant.id })).await;
    let grant = async || {
        let body = json!({ "user_id": 1, "amount": "5.00" });
        server.operator_post("/operator/points", &body).header("idempotency-key", "once").answer().await
    };
    let (status, first) = grant().await;
    assert_eq!((status, &first["realm"]), (200, &json!("test-1")), "{first}");
    let active = json!({ "mode": "active" });
    assert_eq!(post(&server, &format!("/operator/merchants/{}/mode", merchant.id), active).await.0, 200);
    assert_eq!(grant().await, (200, first));
    assert_eq!(server.events_of("points.issued").len(), 1);
}
