//! Refunds and chargebacks, as the operator tells of them.

use serde_json::{Value, json};

use crate::harness::{Answered, Merchant, NOBODY, Server, payment_of};

/// A payment of 280.00 USD, paid by card.
async fn paid(server: &Server, merchant: &Merchant) -> String {
    let payment = server.initiate(merchant, &payment_of(NOBODY)).await;
    server.pay(&payment).await;
    payment
}

async fn post(server: &Server, payment: &str, what: &str, body: &Value) -> (u16, Value) {
    server.operator_post(&format!("/operator/payments/{payment}/{what}"), body).answer().await
}

#[tokio::test]
async fn a_payment_is_refunded_in_part_and_then_the_rest() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let payment = paid(&server, &merchant).await;
    // What a shop has ready covers a refund; beyond it the ceiling does.
    paid(&server, &merchant).await;
    let (status, refunded) = post(&server, &payment, "refund", &json!({ "amount": "30.00" })).await;
    assert_eq!(status, 200, "{refunded}");
    let expected = json!({
        "payment_id": payment,
        "currency_code": "USD",
        "amount": "30.00",
        "charge_returned": "0.00",
        "position": refunded["position"],
    });
    assert_eq!(refunded, expected);
    assert_eq!(post(&server, &payment, "refund", &json!({ "amount": "250.01" })).await.0, 422);
    let path = format!("/operator/payments/{payment}/refund");
    let rest = server.http.post(server.operator_url(&path)).bearer_auth(crate::harness::OPERATOR_TOKEN);
    let (status, refunded) = rest.answer().await;
    assert_eq!((status, &refunded["amount"]), (200, &json!("250.00")), "without a body: {refunded}");
    assert_eq!(post(&server, &payment, "refund", &json!({})).await.0, 409, "nothing is left");
    server.audit_full();
}

#[tokio::test]
async fn a_payment_is_charged_back_and_won_back() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let payment = paid(&server, &merchant).await;
    assert_eq!(post(&server, &payment, "chargeback/won", &json!({})).await.0, 409, "there is no dispute");
    let (status, taken) = post(&server, &payment, "chargeback", &json!({ "fee": "15.00" })).await;
    assert_eq!(status, 200, "{taken}");
    let shown = ["amount", "fee", "rail", "merchant_bears"].map(|name| &taken[name]);
    assert_eq!(shown, ["280.00", "15.00", "sandbox", "280.00"], "{taken}");
    assert_eq!(post(&server, &payment, "chargeback", &json!({})).await.0, 409, "there is one already");
    let (status, won) = post(&server, &payment, "chargeback/won", &json!({})).await;
    assert_eq!((status, &won["payment_id"]), (200, &json!(payment)), "{won}");
    let lost = json!({ "amount": "100.00", "rail": "acquirer" });
    let (status, taken) = post(&server, &payment, "chargeback", &lost).await;
    assert_eq!((status, &taken["amount"], &taken["rail"]), (200, &json!("100.00"), &json!("acquirer")));
    server.audit_full();
}

#[tokio::test]
async fn one_key_has_one_effect() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let (payment, other) = (paid(&server, &merchant).await, paid(&server, &merchant).await);
    let keyed = async |payment: &str, what: &str, body: &Value| {
        let path = format!("/operator/payments/{payment}/{what}");
        server.operator_post(&path, body).header("idempotency-key", "one").answer().await
    };
    let half = json!({ "amount": "140.00" });
    for (what, body) in [("refund", &half), ("chargeback", &json!({})), ("chargeback/won", &json!({}))] {
        let first = keyed(&payment, what, body).await;
        assert_eq!(first.0, 200, "{what}: {}", first.1);
        assert_eq!(keyed(&payment, what, body).await, first, "{what}");
    }
    assert_eq!(keyed(&payment, "refund", &json!({ "amount": "140.01" })).await.0, 409);
    assert_eq!(keyed(&other, "refund", &half).await.0, 409, "another payment is another request");
    for kind in ["payment.refunded", "payment.charged_back", "payment.chargeback_won"] {
        assert_eq!(server.events_of(kind).len(), 1, "{kind}");
    }
    server.audit_full();
}

#[tokio::test]
async fn what_cannot_be_given_back_is_refused() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let payment = paid(&server, &merchant).await;
    let unpaid = server.initiate(&merchant, &payment_of(NOBODY)).await;
    for (payment, what, body, expected) in [
        ("AIYmQIOAz0GlmsjfhgiOeu304", "refund", json!({}), 404),
        ("x", "chargeback", json!({}), 404),
        ("x", "chargeback/won", json!({}), 404),
        ("%ff", "refund", json!({}), 400),
        (&unpaid, "refund", json!({}), 409),
        (&unpaid, "chargeback", json!({}), 409),
        (&payment, "refund", json!({ "amount": "0.00" }), 422),
        (&payment, "refund", json!({ "amount": "-1.00" }), 400),
        (&payment, "refund", json!({ "amount": "1.001" }), 400),
        (&payment, "refund", json!({ "amount": 1 }), 400),
        (&payment, "refund", json!({ "amount": "280.01" }), 422),
        (&payment, "refund", json!({ "sum": "1.00" }), 400),
        (&payment, "refund", json!([]), 400),
        (&payment, "refund", json!(["1.00"]), 400),
        (&payment, "refund", json!(null), 400),
        (&payment, "chargeback/won", json!({ "amount": "1.00" }), 400),
        (&payment, "chargeback", json!({ "amount": "0.00" }), 422),
        (&payment, "chargeback", json!({ "amount": "9".repeat(28) }), 422),
        (&payment, "chargeback", json!({ "fee": "1.001" }), 400),
        (&payment, "chargeback", json!({ "rail": "" }), 400),
        (&payment, "chargeback", json!({ "rail": "The Bank" }), 400),
    ] {
        let (status, answer) = post(&server, payment, what, &body).await;
        assert_eq!(status, expected, "{payment} {what} {body}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    }
    for kind in ["payment.refunded", "payment.charged_back", "payment.chargeback_won"] {
        assert_eq!(server.events_of(kind).len(), 0, "{kind}");
    }
}
