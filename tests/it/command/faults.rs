//! A fault while it runs: the server says so, saves what is sound, and ends with 1 for whoever restarts it.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Answered, NOBODY, Server, payment_of};

/// It once left by the first way out, with its writer at work and the tables unsaved.
#[tokio::test]
async fn read_models_that_cannot_follow_do_not_take_the_writer_with_them() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    server.initiate(&merchant, &payment_of(NOBODY)).await;
    for _ in 0..2 {
        // Opening moves what is in the WAL into table files, which are read only when they are needed.
        server.terminate();
        server.restart();
    }
    server.terminate();
    let files =
        fs::read_dir(server.data().join("models")).expect("there").map(|entry| entry.expect("one").path());
    let mut spoilt = 0;
    for path in files.filter(|path| path.extension().is_some_and(|end| end == "sst")) {
        let mut bytes = fs::read(&path).expect("there");
        let names = |name: &[u8]| bytes.windows(name.len()).any(|found| found == name);
        // Whatever names two models says where all stand, and is read when they are opened.
        if names(b"payments") && !names(b"merchants") {
            bytes[..16].fill(0xFF);
            fs::write(&path, bytes).expect("it can be written");
            spoilt += 1;
        }
    }
    assert!(spoilt > 0, "no file of the payments was found");
    server.restart();

    // The payment expires, which the read models cannot fold in.
    let step = json!({ "merchant_id": merchant.id, "seconds": 2 * 86_400 });
    let advanced = server.operator_post("/operator/clock/advance", &step).answer().await;
    assert_eq!(advanced.0, 200, "what was done is done: {}", advanced.1);
    assert_eq!(server.wait_for_end(), Some(1));
    let log = server.log();
    assert!(log.contains("choai: the ledger stopped: the read models: "), "{log}");
    assert!(!server.ready_file().exists());

    fs::remove_dir_all(server.data().join("models")).expect("there");
    let audit = server.run(&["audit", "--full", "--json"]);
    let report: Value = serde_json::from_slice(&audit.stdout).expect("JSON");
    let saved = format!("the writer's tables equal their rebuild at position {}", report["log"]["position"]);
    let checks = report["checks"].as_array().expect("a list");
    assert!(checks.iter().any(|check| check["check"] == saved && check["ok"] == true), "{report:#}");
    server.restart();
    server.audit_full();
}
