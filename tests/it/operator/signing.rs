//! Checkpoints and the keys that sign them, over the operator's port.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Answered, Server};

const KEYS: &str = "/operator/signing-keys";

async fn keys(server: &Server) -> Value {
    let (status, keys) = server.operator_get(KEYS).answer().await;
    assert_eq!(status, 200, "{keys}");
    keys
}

/// Of requests that come at once one makes the key, and all sign with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_checkpoint_makes_the_first_key_once() {
    let server = Server::start();
    assert_eq!(keys(&server).await, json!({ "origin": null, "keys": [] }));
    let mut asked = JoinSet::new();
    for _ in 0..8 {
        let request = server.operator_get("/operator/checkpoint");
        asked.spawn(async move { request.text_answer().await });
    }
    let known = server.operator_get(KEYS);
    for (status, note) in asked.join_all().await {
        assert_eq!(status, 200, "{note}");
        let lines: Vec<&str> = note.lines().collect();
        assert_eq!((lines.len(), lines[1]), (5, "1"), "the key's own event, and nothing else: {note}");
        assert!(lines[4].starts_with(&format!("\u{2014} {} ", lines[0])), "{note}");
    }
    let (_, known) = known.answer().await;
    assert_eq!(known["keys"].as_array().map(Vec::len), Some(1), "{known}");
    assert_eq!(server.position().await, 1);
}

#[tokio::test]
async fn one_idempotency_key_makes_one_signing_key() {
    let server = Server::start();
    let rotate = async |key: &str| {
        server.operator_post(KEYS, &json!({})).header("idempotency-key", key).answer().await
    };
    let first = rotate("one").await;
    assert_eq!((first.0, &first.1["number"]), (200, &json!(1)), "{}", first.1);
    assert_eq!(rotate("two").await.1["number"], 2);
    assert_eq!(rotate("one").await, first);
    let known = keys(&server).await;
    assert_eq!(known["keys"].as_array().map(Vec::len), Some(2), "{known}");
    assert_eq!(known["keys"][0], first.1);
    assert_eq!(server.operator_post(KEYS, &json!({ "number": 9 })).answer().await.0, 400);
    assert_eq!(server.http.get(server.operator_url("/operator/checkpoint")).answer().await.0, 401);
    server.audit_full();
}
