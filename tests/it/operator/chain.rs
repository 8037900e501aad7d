//! Coins on chains, as the operator lets them arrive.

use serde_json::{Value, json};

use crate::harness::{Answered, Server};

const ETHEREUM: &str = "/operator/sandbox/chain/ethereum/deposits";
const ADDRESSES: &str = "/operator/chain/ethereum/addresses";
const ADDRESS: &str = "0x07fd8aba0000000000000000000000000000abcd";

async fn post(server: &Server, path: &str, body: Value) -> (u16, Value) {
    server.operator_post(path, &body).answer().await
}

/// A merchant in test mode with a user.
async fn begin() -> (Server, u64) {
    let server = Server::start();
    let merchant = server.merchant().await.id;
    post(&server, "/operator/users", json!({ "merchant_id": merchant })).await;
    (server, merchant)
}

fn arriving(merchant: u64, address: &str, amount: &str) -> Value {
    json!({ "merchant_id": merchant, "address": address, "currency_code": "USDT", "amount": amount })
}

#[tokio::test]
async fn usdt_that_arrives_buys_points() {
    let (server, merchant) = begin().await;
    let asked = json!({ "user_id": 1, "kept": "points", "address": ADDRESS, "currency_code": "USDT" });
    let (status, assigned) = post(&server, ADDRESSES, asked).await;
    let expected = json!({
        "address_id": 1, "realm": "test-1", "network": "ethereum", "address": ADDRESS,
        "currency_code": "USDT", "owner": "user-1", "kept": "points",
    });
    assert_eq!((status, assigned), (200, expected));

    let (status, arrived) = post(&server, ETHEREUM, arriving(merchant, ADDRESS, "10.50")).await;
    let told = ["status", "points", "fee", "lot", "amount"].map(|name| arrived[name].clone());
    let expected = [json!("granted"), json!("10.39"), json!("0.110000"), json!(1), json!("10.500000")];
    assert_eq!((status, told), (200, expected), "{arrived}");
    assert_eq!(arrived["tx_hash"].as_str().map(str::len), Some(64), "drawn at random");
    let (_, points) = server.operator_get("/operator/users/1/points").answer().await;
    assert_eq!(points["live"], "10.39", "{points}");
    assert_eq!(server.events_of("deposit.granted").len(), 1);
    server.audit_full();
}

#[tokio::test]
async fn coins_arrive_once_by_one_key_and_once_by_one_hash() {
    let (server, merchant) = begin().await;
    let mut asked = arriving(merchant, ADDRESS, "1.00");
    asked["tx_hash"] = json!("ab".repeat(32));
    let arrive = async |asked: &Value| {
        server.operator_post(ETHEREUM, asked).header("idempotency-key", "one").answer().await
    };
    let (status, first) = arrive(&asked).await;
    assert_eq!((status, &first["status"]), (200, &json!("unowned")), "{first}");
    assert_eq!(arrive(&asked).await, (200, first));
    let (status, again) = post(&server, ETHEREUM, asked.clone()).await;
    assert_eq!((status, &again["message"]), (409, &json!("this was reported before, as deposit 1")));
    asked["index"] = json!(1);
    assert_eq!(arrive(&asked).await.0, 409, "the key was used for something else");
    assert_eq!(post(&server, ETHEREUM, asked).await.0, 200, "another output of the same transaction");
    assert_eq!(server.events_of("deposit.confirmed").len(), 2);
    server.audit_full();
}

#[tokio::test]
async fn a_merchants_processor_and_wallet_have_addresses_too() {
    let (server, merchant) = begin().await;
    for (kept, number) in [("processor", 1), ("wallet", 2)] {
        let address = format!("UQ{number}");
        let asked = json!({
            "merchant_id": merchant, "kept": kept, "address": address, "currency_code": "TON",
        });
        let (status, assigned) = post(&server, "/operator/chain/ton/addresses", asked).await;
        assert_eq!((status, &assigned["owner"]), (200, &json!("merchant-1")), "{assigned}");
        let arriving = json!({
            "merchant_id": merchant, "address": address, "currency_code": "TON", "amount": "2.5",
        });
        let (status, arrived) = post(&server, "/operator/sandbox/chain/ton/deposits", arriving).await;
        assert_eq!((status, &arrived["status"]), (200, &json!("confirmed")), "{arrived}");
    }
    let confirmed = server.events_of("deposit.confirmed");
    assert_eq!(confirmed.len(), 2);
    let entries = confirmed.iter().map(|event| event["entry"].to_string()).collect::<String>();
    assert!(entries.contains("processor:1") && entries.contains("wallet:merchant-1"), "{entries}");
    server.audit_full();
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let (server, merchant) = begin().await;
    let taken = json!({ "user_id": 1, "address": ADDRESS, "currency_code": "USDT" });
    assert_eq!(post(&server, ADDRESSES, taken.clone()).await.0, 200);
    let address = |what: Value| {
        let mut asked = json!({ "address": "0xab", "currency_code": "USDT" });
        asked.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        asked
    };
    let coins = |what: Value| {
        let mut asked = arriving(merchant, ADDRESS, "1.00");
        asked.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        asked
    };
    for (path, body, expected) in [
        (ADDRESSES, taken, 409),
        (ADDRESSES, address(json!({})), 400),
        (ADDRESSES, address(json!({ "user_id": 1, "merchant_id": merchant })), 400),
        (ADDRESSES, address(json!({ "user_id": 9 })), 404),
        (ADDRESSES, address(json!({ "merchant_id": 9 })), 404),
        (ADDRESSES, address(json!({ "merchant_id": merchant, "kept": "points" })), 400),
        (ADDRESSES, address(json!({ "user_id": 1, "kept": "processor" })), 400),
        (ADDRESSES, address(json!({ "user_id": 1, "kept": "vault" })), 400),
        (ADDRESSES, address(json!({ "user_id": 1, "address": "" })), 400),
        (ADDRESSES, address(json!({ "user_id": 1, "address": "two words" })), 400),
        (ADDRESSES, address(json!({ "user_id": 1, "currency_code": "TON" })), 422),
        (ADDRESSES, address(json!({ "user_id": 1, "currency_code": "XYZ" })), 400),
        ("/operator/chain/Ether%20eum/addresses", address(json!({ "user_id": 1 })), 404),
        ("/operator/chain/dogecoin/addresses", address(json!({ "user_id": 1 })), 422),
        (ETHEREUM, coins(json!({ "merchant_id": 9 })), 404),
        (ETHEREUM, coins(json!({ "amount": "0.00" })), 422),
        (ETHEREUM, coins(json!({ "amount": "-1" })), 400),
        (ETHEREUM, coins(json!({ "amount": "0.0000001" })), 400),
        (ETHEREUM, coins(json!({ "amount": 1.5 })), 400),
        (ETHEREUM, coins(json!({ "currency_code": "TON" })), 422),
        (ETHEREUM, coins(json!({ "currency_code": "SGP-USD" })), 422),
        (ETHEREUM, coins(json!({ "tx_hash": "abcd" })), 400),
        (ETHEREUM, coins(json!({ "index": -1 })), 400),
        (ETHEREUM, coins(json!({ "address": "" })), 400),
    ] {
        let (status, answer) = post(&server, path, body.clone()).await;
        assert_eq!(status, expected, "{path} {body}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    }
    assert_eq!(server.events_of("deposit.reported").len(), 0);
    assert_eq!(server.events().len(), 3, "a merchant, a user and an address, and nothing else");
}
