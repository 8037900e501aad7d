//! Issued cards, as the operator plays scheme with them.

use serde_json::{Value, json};

use crate::harness::{Answered, Merchant, Server};

async fn post(server: &Server, path: &str, body: Value) -> (u16, Value) {
    server.operator_post(path, &body).answer().await
}

/// User 1 has 1,000 yen and a card that spends them.
async fn begun() -> (Server, Merchant, Value) {
    let server = Server::start();
    let merchant = server.merchant().await;
    post(&server, "/operator/users", json!({ "merchant_id": merchant.id })).await;
    let money = json!({ "currency_code": "JPY", "amount": "1000" });
    assert_eq!(post(&server, "/operator/users/1/credit", money).await.0, 200);
    let (status, card) =
        post(&server, "/operator/cards", json!({ "user_id": 1, "currency_code": "JPY" })).await;
    assert_eq!(status, 200, "{card}");
    (server, merchant, card)
}

#[tokio::test]
async fn a_purchase_is_authorised_raised_reversed_and_cleared_for_more_than_is_held() {
    let (server, _, card) = begun().await;
    assert_eq!(
        (&card["card_id"], &card["realm"], &card["brand"]),
        (&json!(1), &json!("test-1"), &json!("visa"))
    );
    let last_four = card["last_four"].as_str().expect("digits");
    assert!(last_four.len() == 4 && last_four.bytes().all(|digit| digit.is_ascii_digit()), "{card}");
    let at = |path: &str| format!("/operator/sandbox/cards/1/{path}");
    for (path, body, amount, excess, held) in [
        ("authorizations", json!({ "amount": "600" }), "600", "0", "600"),
        ("authorizations", json!({ "amount": "100", "authorization_id": 1 }), "100", "0", "700"),
        ("reverse", json!({ "amount": "200", "authorization_id": 1 }), "200", "0", "500"),
        ("clear", json!({ "amount": "100", "authorization_id": 1 }), "100", "0", "400"),
        ("clear", json!({ "amount": "1500", "authorization_id": 1 }), "1500", "1100", "0"),
        ("clear", json!({ "amount": "1", "authorization_id": 1 }), "1", "1", "0"),
    ] {
        let (status, answer) = post(&server, &at(path), body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        let told = ["amount", "excess", "held"].map(|name| answer[name].as_str().unwrap_or_default());
        assert_eq!(told, [amount, excess, held], "{path}: {answer}");
        assert_eq!((&answer["card_id"], &answer["authorization_id"]), (&json!(1), &json!(1)), "{answer}");
    }
    let (status, answer) = post(&server, &at("authorizations"), json!({ "amount": "1" })).await;
    assert_eq!(status, 409, "nothing is left: {answer}");
    let (status, answer) = post(&server, &at("reverse"), json!({ "authorization_id": 1 })).await;
    assert_eq!(status, 409, "{answer}");
    server.audit_full();
}

/// An integrator watches seven days pass in a second.
#[tokio::test]
async fn what_nobody_clears_is_given_back_after_seven_days() {
    let (server, merchant, _) = begun().await;
    let authorize = async |amount: &str| {
        post(&server, "/operator/sandbox/cards/1/authorizations", json!({ "amount": amount })).await.0
    };
    assert_eq!(authorize("1000").await, 200);
    assert_eq!(authorize("1").await, 409);
    let week = json!({ "merchant_id": merchant.id, "seconds": 7 * 86_400 });
    assert_eq!(post(&server, "/operator/clock/advance", week).await.0, 200);
    assert_eq!(authorize("1000").await, 200);
    assert_eq!(server.events_of("card.authorization_expired").len(), 1);
    server.audit_full();
}

#[tokio::test]
async fn one_key_issues_authorises_clears_and_reverses_once() {
    let (server, ..) = begun().await;
    for (path, body, other) in [
        (
            "/operator/cards",
            json!({ "user_id": 1, "currency_code": "USD", "last_four": "0042", "brand": "jcb" }),
            json!({ "user_id": 1, "currency_code": "JPY" }),
        ),
        ("/operator/sandbox/cards/1/authorizations", json!({ "amount": "100" }), json!({ "amount": "101" })),
        (
            "/operator/sandbox/cards/1/clear",
            json!({ "amount": "10", "authorization_id": 1 }),
            json!({ "amount": "11", "authorization_id": 1 }),
        ),
        (
            "/operator/sandbox/cards/1/reverse",
            json!({ "authorization_id": 1 }),
            json!({ "authorization_id": 1, "amount": "1" }),
        ),
    ] {
        let send = async |body: &Value| {
            server.operator_post(path, body).header("idempotency-key", "once").answer().await
        };
        let (status, first) = send(&body).await;
        assert_eq!(status, 200, "{path}: {first}");
        assert_eq!(send(&body).await, (200, first), "{path}");
        assert_eq!(send(&other).await.0, 409, "{path}");
    }
    for (kind, count) in
        [("card.issued", 2), ("card.authorized", 1), ("card.cleared", 1), ("card.reversed", 1)]
    {
        assert_eq!(server.events_of(kind).len(), count, "{kind}");
    }
    let issued = server.events_of("card.issued");
    assert_eq!(issued[1]["body"]["summary"]["last_four"], 42, "{}", issued[1]);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let (server, ..) = begun().await;
    let before = server.position().await;
    let card = |fields: Value| {
        let mut body = json!({ "user_id": 1, "currency_code": "JPY" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    };
    let at = |card: &str, path: &str| format!("/operator/sandbox/cards/{card}/{path}");
    let one = json!({ "authorization_id": 1, "amount": "1" });
    for (path, body, expected) in [
        ("/operator/cards".to_owned(), json!({}), 400),
        ("/operator/cards".into(), card(json!({ "user_id": 9 })), 404),
        ("/operator/cards".into(), card(json!({ "currency_code": "EUR" })), 422),
        ("/operator/cards".into(), card(json!({ "currency_code": "XYZ" })), 400),
        ("/operator/cards".into(), card(json!({ "brand": "diners" })), 400),
        ("/operator/cards".into(), card(json!({ "last_four": "042" })), 400),
        ("/operator/cards".into(), card(json!({ "last_four": "００42" })), 400),
        ("/operator/cards".into(), card(json!({ "expiry_month": 13 })), 422),
        ("/operator/cards".into(), card(json!({ "expiry_year": 2020 })), 409),
        ("/operator/cards".into(), card(json!({ "cvv": "123" })), 400),
        (at("1", "authorizations"), json!({ "amount": "0" }), 422),
        (at("1", "authorizations"), json!({ "amount": "-1" }), 400),
        (at("1", "authorizations"), json!({ "amount": 1 }), 400),
        (at("1", "authorizations"), json!({ "amount": "1001" }), 409),
        (at("1", "authorizations"), one.clone(), 404),
        (at("1", "clear"), one.clone(), 404),
        (at("1", "clear"), json!({ "authorization_id": 1 }), 400),
        (at("1", "reverse"), one.clone(), 404),
        (at("2", "clear"), one.clone(), 404),
        (at("01", "clear"), one.clone(), 404),
    ] {
        let (status, answer) = post(&server, &path, body.clone()).await;
        assert_eq!(status, expected, "{path} {body}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    }
    assert_eq!(server.position().await, before, "nothing happened");
}

/// In no field, and in no answer, file or trace either.
#[tokio::test]
async fn a_card_number_is_refused_and_never_repeated() {
    let (mut server, ..) = begun().await;
    let before = server.position().await;
    for number in
        ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1112", "４１１１１１１１１１１１１１１１"]
    {
        for (path, field) in [
            ("/operator/cards", "last_four"),
            ("/operator/cards", "user_id"),
            ("/operator/cards", "card_number"),
            ("/operator/sandbox/cards/1/authorizations", "amount"),
            ("/operator/sandbox/cards/1/clear", "authorization_id"),
            ("/operator/sandbox/cards/1/reverse", "amount"),
        ] {
            let (status, answer) = post(&server, path, json!({ field: number })).await;
            assert_eq!(status, 400, "{path} {field}: {answer}");
            assert!(!answer.to_string().contains("1111"), "{path} {field}: {answer}");
        }
    }
    let (status, answer) = post(
        &server,
        "/operator/sandbox/cards/4111111111111111/clear",
        json!({ "authorization_id": 1, "amount": "1" }),
    )
    .await;
    assert_eq!((status, &answer["message"]), (404, &json!("there is no such card")));
    assert_eq!(server.position().await, before);
    server.terminate();
    assert!(!server.log().contains("1111"), "{}", server.log());
}
