//! A fault while it runs: the server says so, saves what is sound, and opens the ledger again; where that is no help, it
//! ends with 1 for whoever restarts it.

use std::{fs, path::Path};

use serde_json::Value;

use crate::harness::{Answered, Merchant, NOBODY, Server, Setup, eventually, payment_of};

/// It once left by the first way out, with its writer at work and the tables unsaved.
#[tokio::test]
async fn read_models_that_cannot_follow_do_not_take_the_writer_with_them() {
    let mut server = lives_through_faults();
    let merchant = server.merchant().await;
    for number in 0..40 {
        initiate(&server, &merchant, &format!("before-{number}")).await.expect("it answers");
        // Followed one by one, they make the models' WAL the longer one.
        server.operator_get("/operator/trial-balance").answer().await;
    }
    let [ledger, models] = ["ledger", "models"].map(|store| wal_bytes(&server.data().join(store)));
    assert!(ledger + 4_096 < models, "the ledger has room where the models have not: {ledger}, {models}");
    server.limit_files(Some(models));
    let answer = initiate(&server, &merchant, "during").await;
    assert!(answer.is_some(), "what was done is done");
    let again = async || server.log().contains("opening it again").then_some(());
    eventually("the ledger is opened again", again).await;
    server.limit_files(None);
    let log = server.log();
    assert!(log.contains("the ledger stopped: the read models: "), "{log}");
    let after = eventually("it serves again", async || initiate(&server, &merchant, "during").await).await;
    assert_eq!(Some(after), answer);
    server.kill();

    let audit = server.run(&["audit", "--full", "--json"]);
    let report: Value = serde_json::from_slice(&audit.stdout).expect("JSON");
    let saved = format!("the writer's tables equal their rebuild at position {}", report["log"]["position"]);
    let checks = report["checks"].as_array().expect("a list");
    assert!(checks.iter().any(|check| check["check"] == saved && check["ok"] == true), "{report:#}");
    server.restart();
    server.audit_full();
}

/// A server that can be made to fail by limiting how long its files may be.
fn lives_through_faults() -> Server {
    Server::start_as(Setup { survives_long_files: true, log: "error", ..Setup::default() })
}

/// Asks for the payment of this key; `None` while nobody can say what became of it.
async fn initiate(server: &Server, merchant: &Merchant, key: &str) -> Option<Value> {
    let asked = server.process(merchant).header("idempotency-key", key).json(&payment_of(NOBODY));
    let response = asked.send().await.ok()?;
    let status = response.status().as_u16();
    let answer = response.json().await.ok()?;
    assert!([200, 503].contains(&status), "{status}: {answer}");
    (status == 200).then_some(answer)
}

/// How long the WAL is that a store writes to.
fn wal_bytes(store: &Path) -> u64 {
    let files = fs::read_dir(store).expect("there").map(|entry| entry.expect("one").path());
    let wals = files.filter(|path| path.extension().is_some_and(|end| end == "log"));
    wals.map(|wal| fs::metadata(wal).expect("there").len()).max().expect("a WAL")
}

/// The system refuses to make the ledger's WAL any longer, in the middle of a commit: a write that fails, and is short.
#[tokio::test]
async fn after_a_failed_write_the_ledger_is_opened_again_and_nothing_is_missing() {
    let mut server = lives_through_faults();
    let merchant = server.merchant().await;
    let mut acknowledged = Vec::new();
    for fault in 0..4 {
        for number in 0..20 {
            let key = format!("before-{fault}-{number}");
            let answer = initiate(&server, &merchant, &key).await.expect("it answers");
            acknowledged.push((key, answer));
        }
        // A few bytes more than there are: what is written next is cut off.
        server.limit_files(Some(wal_bytes(&server.data().join("ledger")) + 100));
        let key = format!("during-{fault}");
        assert_eq!(initiate(&server, &merchant, &key).await, None, "nobody can say what became of it");
        if fault == 3 {
            break;
        }
        server.limit_files(None);
        let answer = eventually("it serves again", async || initiate(&server, &merchant, &key).await).await;
        acknowledged.push((key, answer));
        for (key, answer) in &acknowledged {
            assert_eq!(initiate(&server, &merchant, key).await.as_ref(), Some(answer), "{key}");
        }
    }
    assert_eq!(server.wait_for_end(), Some(1), "so many at once are nothing to live with");
    assert!(server.log().matches("opening it again").count() == 3, "{}", server.log());
    server.restart();
    assert_eq!(
        server.events_of("payment.created").len(),
        acknowledged.len(),
        "nothing that nobody asked for"
    );
    server.audit_full();
}
