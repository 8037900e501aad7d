//! Merchants: made once per key, shown their secrets once, listed without them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answered, NOBODY, OPERATOR_TOKEN, Server, payment_of};

const PATH: &str = "/operator/merchants";

#[tokio::test]
async fn a_merchant_is_made_with_everything_it_needs() {
    let server = Server::start();
    let body = json!({ "name": " 茶舗 Sample " });
    let (status, made) = server.operator_post(PATH, &body).answer().await;
    assert_eq!(status, 200, "{made}");
    let names: Vec<&str> = made.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected = [
        "merchant_id",
        "name",
        "access_key",
        "secret_key",
        "client_id",
        "client_secret",
        "mode",
        "signature_required",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        (&made["merchant_id"], &made["name"], &made["mode"]),
        (&json!(1), &json!("茶舗 Sample"), &json!("test"))
    );
    let dashes = |text: &str| text.bytes().filter(|byte| *byte == b'-').count();
    let access_key = made["access_key"].as_str().expect("a key");
    assert_eq!((access_key.len(), dashes(access_key)), (36, 4), "a UUID");
    assert_eq!(made["secret_key"].as_str().map(str::len), Some(64), "256 bits in hex");

    let (_, listed) = server.operator_get(PATH).answer().await;
    let seen = json!([{
        "merchant_id": 1,
        "name": "茶舗 Sample",
        "client_id": made["client_id"],
        "mode": "test",
        "signature_required": false,
    }]);
    assert_eq!(listed, seen, "no secret is shown again");
    server.audit_full();
}

#[tokio::test]
async fn a_repeated_key_makes_one_merchant_and_shows_no_secret_again() {
    let mut server = Server::start();
    let body = json!({ "name": "Sample Shop" });
    let make = async |server: &Server, body: &Value| {
        server.operator_post(PATH, body).header("idempotency-key", "first").answer().await
    };
    let (status, first) = make(&server, &body).await;
    assert_eq!(status, 200, "{first}");
    let mut repeated = first.clone();
    for secret in ["access_key", "secret_key", "client_secret"] {
        assert!(first[secret].is_string(), "{first}");
        repeated[secret] = Value::Null;
    }
    assert_eq!(make(&server, &body).await, (200, repeated.clone()));
    assert_eq!(make(&server, &json!({ "name": "Another Shop" })).await.0, 409);
    server.kill();
    server.restart();
    assert_eq!(make(&server, &body).await, (200, repeated), "after a restart");
    let (_, listed) = server.operator_get(PATH).answer().await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_is_no_merchant_is_refused() {
    let server = Server::start();
    let before = server.position().await;
    for (body, status) in [
        (json!({}), 400),
        (json!({ "name": 7 }), 400),
        (json!({ "name": "x", "admin": true }), 400),
        (json!({ "name": "x", "mode": "live" }), 400),
        (json!([]), 400),
        (json!({ "name": "" }), 422),
        (json!({ "name": "   " }), 422),
        (json!({ "name": "x".repeat(101) }), 422),
        (json!({ "name": "x".repeat(2 * 1024 * 1024) }), 413),
    ] {
        let (answered, answer) = server.operator_post(PATH, &body).answer().await;
        assert_eq!(answered, status, "{body:.80}: {answer}");
        assert_eq!(
            (&answer["code"], &answer["status"]),
            (&json!(status), &json!("error")),
            "{body:.80}: {answer}"
        );
    }
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn a_mode_selects_the_realm() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let path = format!("{PATH}/{}/mode", merchant.id);
    for (mode, realm) in [("active", "live"), ("test", "test-1"), ("test", "test-1")] {
        let answer = server.operator_post(&path, &json!({ "mode": mode })).answer().await;
        assert_eq!(answer, (200, json!({ "merchant_id": 1, "mode": mode })));
        server.initiate(&merchant, &payment_of(NOBODY)).await;
        let created = server.events_of("payment.created");
        assert_eq!(created.last().expect("just created")["realm"], realm);
    }
    for (path, body, status) in [
        (format!("{PATH}/2/mode"), json!({ "mode": "test" }), 404),
        (format!("{PATH}/x/mode"), json!({ "mode": "test" }), 404),
        (format!("{PATH}/%ff/mode"), json!({ "mode": "test" }), 400),
        (path, json!({ "mode": "off" }), 400),
    ] {
        let (answered, answer) = server.operator_post(&path, &body).answer().await;
        assert_eq!((answered, &answer["code"]), (status, &json!(status)), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_repeated_key_selects_a_mode_once() {
    let server = Server::start();
    let (merchant, other) = (server.merchant().await, server.merchant().await);
    let set = async |id: u64, mode: &str, key: &str| {
        let request = server.operator_post(&format!("{PATH}/{id}/mode"), &json!({ "mode": mode }));
        request.header("idempotency-key", key).answer().await
    };
    let active = (200, json!({ "merchant_id": merchant.id, "mode": "active" }));
    assert_eq!(set(merchant.id, "active", "one").await, active);
    assert_eq!(set(merchant.id, "test", "two").await.0, 200);
    assert_eq!(set(merchant.id, "active", "one").await, active, "the answer it had");
    let (_, listed) = server.operator_get(PATH).answer().await;
    assert_eq!(listed[0]["mode"], "test", "a late repeat changes nothing");
    assert_eq!(set(merchant.id, "test", "one").await.0, 409);
    assert_eq!(set(other.id, "active", "one").await.0, 200, "another merchant's key is another");
    let before = server.position().await;
    for key in ["", "two words", &"k".repeat(256)] {
        assert_eq!(set(merchant.id, "active", key).await.0, 400, "{key:?}");
    }
    assert_eq!(server.position().await, before);
}

/// A mode that was selected already left no event, so its key was forgotten.
#[tokio::test]
async fn a_key_that_came_with_the_mode_there_was_is_kept_too() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let set = async |mode: &str, key: &str| {
        let request = server.operator_post(&format!("{PATH}/{}/mode", merchant.id), &json!({ "mode": mode }));
        request.header("idempotency-key", key).answer().await
    };
    let test = (200, json!({ "merchant_id": merchant.id, "mode": "test" }));
    assert_eq!(set("test", "one").await, test);
    assert_eq!(set("active", "two").await.0, 200);
    assert_eq!(set("test", "one").await, test, "the answer it had");
    let (_, listed) = server.operator_get(PATH).answer().await;
    assert_eq!(listed[0]["mode"], "active", "a late repeat changes nothing");
    server.audit_full();
}

#[tokio::test]
async fn nobody_gets_in_without_the_token() {
    let server = Server::start();
    server.merchant().await;
    let before = server.position().await;
    let (_, api) = server.http.get(server.operator_url("/openapi.json")).answer().await;
    let mut routes = 0;
    let paths = api["paths"].as_object().expect("paths");
    for (path, methods) in paths.iter().filter(|(path, _)| path.starts_with("/operator")) {
        for method in methods.as_object().expect("methods").keys() {
            routes += 1;
            let url = server.operator_url(&path.replace("{id}", "1").replace("{payment_id}", "x"));
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let request = || server.http.request(method.clone(), &url).json(&json!({}));
            for request in [
                request(),
                request().header("authorization", OPERATOR_TOKEN),
                request().header("authorization", format!("Basic {OPERATOR_TOKEN}")),
                request().bearer_auth(""),
                request().bearer_auth(&OPERATOR_TOKEN[1..]),
                request().bearer_auth(format!("{OPERATOR_TOKEN}x")),
            ] {
                let message = "The operator token is missing or wrong.";
                let refused = json!({ "code": 401, "status": "error", "message": message });
                assert_eq!(request.answer().await, (401, refused), "{method} {path}");
            }
        }
    }
    assert!(routes >= 7, "{api}");
    assert_eq!(server.position().await, before);
}

/// `choai merchant create` is the same through the command.
#[tokio::test]
async fn the_command_makes_merchants_too() {
    let server = Server::start();
    let operator = server.operator_url("");
    let output =
        server.run(&["merchant", "create", "--name", "Sample Shop", "--json", "--operator", &operator]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(made["merchant_id"], 1, "{made}");
    let key = made["access_key"].as_str().expect("a key");
    let request = server.post("/payment/process").bearer_auth(key).json(&payment_of(NOBODY));
    assert_eq!(request.answer().await.0, 200);
}
