//! Settlements and payouts: what is earned is closed day by day, and goes to the bank.

use serde_json::{Value, json};

use crate::harness::{Answered, Merchant, NOBODY, Server, payment_of};

async fn post(server: &Server, path: &str, body: Value) -> (u16, Value) {
    server.operator_post(path, &body).answer().await
}

/// A payment of this many yen, paid by card.
async fn earn(server: &Server, merchant: &Merchant, yen: u32) {
    let mut fields = payment_of(NOBODY);
    fields["currency_code"] = json!("JPY");
    fields["amount"] = json!(yen);
    let payment = server.initiate(merchant, &fields).await;
    server.pay(&payment).await;
}

async fn next_day(server: &Server, merchant: &Merchant) {
    let body = json!({ "merchant_id": merchant.id, "seconds": 86_400 });
    assert_eq!(post(server, "/operator/clock/advance", body).await.0, 200);
}

async fn settle(server: &Server, merchant: &Merchant) -> (u16, Value) {
    let body = json!({ "merchant_id": merchant.id, "currency_code": "JPY" });
    post(server, "/operator/settlements", body).await
}

async fn send(server: &Server, merchant: &Merchant, yen: &str) -> (u16, Value) {
    let body = json!({ "merchant_id": merchant.id, "currency_code": "JPY", "amount": yen });
    post(server, "/operator/payouts", body).await
}

#[tokio::test]
async fn what_is_earned_is_settled_when_the_day_is_over_and_paid_out() {
    let server = Server::start();
    let merchant = server.merchant().await;
    earn(&server, &merchant, 1_000).await;
    earn(&server, &merchant, 3_000).await;
    assert_eq!(settle(&server, &merchant).await.0, 409, "yesterday nothing was earned");
    assert_eq!(send(&server, &merchant, "1").await.0, 409, "and nothing is ready");

    next_day(&server, &merchant).await;
    let (status, settled) = settle(&server, &merchant).await;
    assert_eq!(status, 200, "{settled}");
    let shown = ["gross", "charges", "refunds"].map(|name| &settled["figures"][name]);
    assert_eq!(shown, ["4000", "200", "0"], "{settled}");
    let shown = ["realm", "net", "carried_in", "moved", "carried_out"].map(|name| &settled[name]);
    assert_eq!(shown, ["test-1", "3800", "0", "3800", "0"], "{settled}");
    assert_eq!((settled["settlement_id"].as_u64(), settle(&server, &merchant).await.0), (Some(1), 409));

    let (status, first) = send(&server, &merchant, "3000").await;
    assert_eq!((status, &first["payout_id"], &first["stage"]), (200, &json!(1), &json!("sent")), "{first}");
    assert_eq!((&first["bank"], &first["realm"]), (&json!("main"), &json!("test-1")), "{first}");
    assert_eq!(send(&server, &merchant, "801").await.0, 409, "800 are left");
    let (status, confirmed) = post(&server, "/operator/payouts/1/confirm", json!({})).await;
    assert_eq!((status, &confirmed["stage"]), (200, &json!("confirmed")), "{confirmed}");
    assert_eq!((&confirmed["amount"], &confirmed["bank"]), (&json!("3000"), &json!("main")));
    for end in ["confirm", "return"] {
        assert_eq!(post(&server, &format!("/operator/payouts/1/{end}"), json!({})).await.0, 409, "{end}");
    }
    assert_eq!(send(&server, &merchant, "800").await.0, 200);
    let (status, returned) = post(&server, "/operator/payouts/2/return", json!({})).await;
    assert_eq!((status, &returned["stage"]), (200, &json!("returned")), "{returned}");
    assert_eq!(send(&server, &merchant, "800").await.0, 200, "what came back can go out again");
    server.audit_full();
}

#[tokio::test]
async fn one_key_settles_once_pays_once_and_ends_once() {
    let server = Server::start();
    let merchant = server.merchant().await;
    earn(&server, &merchant, 1_000).await;
    next_day(&server, &merchant).await;
    let keyed = async |path: &str, body: &Value| {
        server.operator_post(path, body).header("idempotency-key", "one").answer().await
    };
    let settle = json!({ "merchant_id": merchant.id, "currency_code": "JPY" });
    let send = json!({ "merchant_id": merchant.id, "currency_code": "JPY", "amount": "400" });
    for (path, body) in [
        ("/operator/settlements", &settle),
        ("/operator/payouts", &send),
        ("/operator/payouts/1/confirm", &json!({})),
    ] {
        let first = keyed(path, body).await;
        assert_eq!(first.0, 200, "{path}: {}", first.1);
        // A day later there is another yesterday; the repeat is about the one of then.
        next_day(&server, &merchant).await;
        assert_eq!(keyed(path, body).await, first, "{path}");
    }
    // What the mode selects by now is not what the key was about.
    let active = json!({ "mode": "active" });
    assert_eq!(post(&server, &format!("/operator/merchants/{}/mode", merchant.id), active).await.0, 200);
    assert_eq!(keyed("/operator/payouts", &send).await.1["realm"], "test-1");
    let other = json!({ "merchant_id": merchant.id, "currency_code": "JPY", "amount": "401" });
    assert_eq!(keyed("/operator/payouts", &other).await.0, 409);
    for kind in ["settlement.closed", "payout.sent", "payout.confirmed"] {
        assert_eq!(server.events_of(kind).len(), 1, "{kind}");
    }
    server.audit_full();
}

/// The mode selects the realm, unless one is named: what was earned live is settled also while a shop is being tested.
#[tokio::test]
async fn a_mode_that_is_named_goes_before_the_one_selected() {
    let server = Server::start();
    let merchant = server.merchant().await;
    earn(&server, &merchant, 1_000).await;
    next_day(&server, &merchant).await;
    let settle = |mode: &str| {
        let body = json!({ "merchant_id": merchant.id, "currency_code": "JPY", "mode": mode });
        post(&server, "/operator/settlements", body)
    };
    let (status, refused) = settle("active").await;
    assert_eq!(status, 409, "nothing was earned live: {refused}");
    let active = json!({ "mode": "active" });
    assert_eq!(post(&server, &format!("/operator/merchants/{}/mode", merchant.id), active).await.0, 200);
    let (status, settled) = settle("test").await;
    assert_eq!((status, &settled["realm"], &settled["moved"]), (200, &json!("test-1"), &json!("950")));
    let send = json!({ "merchant_id": merchant.id, "currency_code": "JPY", "amount": "950", "mode": "test" });
    assert_eq!(post(&server, "/operator/payouts", send).await.1["realm"], "test-1");
    server.audit_full();
}

#[tokio::test]
async fn what_cannot_be_settled_or_paid_out_is_refused() {
    const SETTLE: &str = "/operator/settlements";
    const SEND: &str = "/operator/payouts";
    let server = Server::start();
    let merchant = server.merchant().await;
    let before = server.position().await;
    let with = |field: &str, value: Value| {
        let mut body = json!({ "merchant_id": merchant.id, "currency_code": "JPY" });
        body[field] = value;
        body
    };
    let amount = |currency: &str, amount: Value| json!({ "merchant_id": merchant.id, "currency_code": currency, "amount": amount });
    let mut elsewhere = amount("JPY", json!("1"));
    elsewhere["bank"] = json!("My Bank");
    for (path, body, expected) in [
        (SETTLE, json!({}), 400),
        (SETTLE, with("merchant_id", json!(9)), 404),
        (SETTLE, with("merchant_id", json!(-1)), 400),
        (SETTLE, with("currency_code", json!("XYZ")), 400),
        (SETTLE, with("currency_code", json!("SGP-USD")), 422),
        (SETTLE, with("through", json!("yesterday")), 400),
        (SETTLE, with("through", json!("2026-1-5")), 400),
        (SETTLE, with("through", json!("2026-02-30")), 400),
        (SETTLE, with("through", json!(20_000)), 400),
        (SETTLE, with("through", json!("2999-01-01")), 409),
        (SETTLE, with("through", json!("2026-01-05")), 409),
        (SETTLE, with("mode", json!("live")), 400),
        (SETTLE, with("until", json!("2026-01-05")), 400),
        (SEND, json!({}), 400),
        (SEND, amount("JPY", json!("1")), 409),
        (SEND, amount("JPY", json!("0")), 422),
        (SEND, amount("JPY", json!("-1")), 400),
        (SEND, amount("JPY", json!("0.5")), 400),
        (SEND, amount("JPY", json!("9".repeat(31))), 400),
        (SEND, amount("JPY", json!("9".repeat(30))), 422),
        (SEND, amount("JPY", json!(1)), 400),
        (SEND, amount("SGP-USD", json!("1.00")), 422),
        (SEND, amount("TOKEN-1.18", json!("1")), 422),
        (SEND, amount("XYZ", json!("1")), 400),
        (SEND, elsewhere, 400),
        (SEND, json!({ "merchant_id": 9, "currency_code": "JPY", "amount": "1" }), 404),
        ("/operator/payouts/1/confirm", json!({}), 404),
        ("/operator/payouts/1/return", json!({}), 404),
        ("/operator/payouts/01/confirm", json!({}), 404),
        ("/operator/payouts/x/return", json!({}), 404),
        ("/operator/payouts/%ff/return", json!({}), 400),
        ("/operator/payouts/1/confirm", json!({ "amount": "1" }), 400),
    ] {
        let (status, answer) = post(&server, path, body.clone()).await;
        assert_eq!(status, expected, "{path} {body}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    }
    assert_eq!(server.position().await, before, "nothing changed");
}
