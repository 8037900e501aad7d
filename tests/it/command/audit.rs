//! `choai audit`: one consistent view, whatever the server does meanwhile.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use serde_json::Value;
use tokio::task::JoinSet;

use super::outcome::{outcome, refusal};
use crate::harness::{Answered, Server, payment_of};

/// A shop that takes no notifications.
const NOBODY: &str = "http://127.0.0.1:1";
const CLIENTS: usize = 8;
const AUDITS: usize = 8;

fn audit(server: &Server, args: &[&str]) -> Value {
    let outcome =
        outcome(server.choai().args(["audit", "--json"]).args(args).arg("--data").arg(server.data()));
    let report: Value = serde_json::from_str(&outcome.out).unwrap_or_default();
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{report:#}");
    assert_eq!(report["ok"], true, "{report:#}");
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_server_under_load_every_view_is_in_order() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (stop, answered) = (stop.clone(), answered.clone());
        let request = server.process(&merchant).json(&payment_of(NOBODY));
        clients.spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let (status, answer) = request.try_clone().expect("it is not a stream").answer().await;
                assert_eq!(status, 200, "{answer}");
                answered.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let mut seen = Vec::new();
    for _ in 0..AUDITS {
        // What was answered before the audit began, it must see.
        let least = answered.load(Ordering::SeqCst);
        let report = audit(&server, &["--full"]);
        let log = |name: &str| report["log"][name].as_u64().expect("a count");
        assert_eq!(log("events"), log("position"), "positions are dense from 1");
        assert!(log("events") > least, "{} events, {least} payments answered", log("events"));
        seen.push(log("position"));
    }
    stop.store(true, Ordering::SeqCst);
    clients.join_all().await;
    assert!(seen.is_sorted() && seen.first() < seen.last(), "there was load all the while: {seen:?}");
    let position = server.position().await;
    server.terminate();
    assert_eq!(audit(&server, &["--full"])["log"]["position"].as_u64(), Some(position));
    assert_eq!(audit(&server, &[])["log"]["position"].as_u64(), Some(position));
}

#[tokio::test]
async fn people_are_told_the_same() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let payment = server.initiate(&merchant, &payment_of(NOBODY)).await;
    server.pay(&payment).await;
    server.terminate();
    let told = outcome(server.choai().args(["audit", "--full", "--data"]).arg(server.data()));
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{}", told.out);
    let report = audit(&server, &["--full"]);
    let checks = report["checks"].as_array().expect("a list");
    let lines = told.out.lines().filter(|line| line.starts_with("ok      ")).count();
    assert_eq!(lines, checks.len(), "{}", told.out);
    assert!(told.out.contains(report["log"]["head"].as_str().expect("text")), "{}", told.out);
    assert!(told.out.ends_with("The books are in order.\n"), "{}", told.out);
}

/// A path that does not exist was once taken for a witness that has seen nothing.
#[tokio::test]
async fn a_witness_that_is_not_there_bears_out_nothing() {
    const SEEN: &str = "the log holds everything the witness saw";
    let mut server = Server::start();
    server.merchant().await;
    server.terminate();
    let is_said = |report: &Value, what: &str| {
        let checks = report["checks"].as_array().expect("a list");
        checks.iter().any(|check| check["check"].as_str().is_some_and(|check| check.starts_with(what)))
    };
    let (there, moved) = (server.data().join("witness"), server.data().join("moved"));
    let moved = moved.to_str().expect("text").to_owned();
    let report = audit(&server, &[]);
    assert!(is_said(&report, SEEN), "{report:#}");
    let mut elsewhere = server.choai();
    elsewhere.args(["audit", "--witness", &moved, "--data"]).arg(server.data());
    assert_eq!(refusal(&mut elsewhere), format!("there is no witness at {moved}"));
    fs::rename(&there, &moved).expect("it can be moved");
    let report = audit(&server, &["--witness", &moved]);
    assert!(is_said(&report, SEEN), "{report:#}");
    let report = audit(&server, &[]);
    assert!(is_said(&report, "there is no witness") && !is_said(&report, SEEN), "{report:#}");
}

/// The document's sample, paid: what the merchant has, and when.
#[tokio::test]
async fn an_accounts_history_is_printed_like_a_ledger_page() {
    let server = Server::start();
    let merchant = server.merchant().await;
    for _ in 0..2 {
        let payment = server.initiate(&merchant, &payment_of(NOBODY)).await;
        let path = format!("/operator/sandbox/payments/{payment}/paid");
        assert_eq!(server.operator_post(&path, &serde_json::json!({})).answer().await.0, 200);
    }
    let page = |args: &[&str]| {
        let outcome = outcome(server.choai().args(["audit", "--data"]).arg(server.data()).args(args));
        assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{}", outcome.out);
        outcome.out
    };
    let account = format!("test-{}/merchant-pending:{}/USD", merchant.id, merchant.id);
    let text = page(&["--account", &account]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("{account} (liability)"));
    assert_eq!((lines.len(), lines[4]), (5, "Balance 532.00 USD"), "{text}");
    // Columns are aligned: every amount ends where its heading ends.
    let ends = |line: &str| line.trim_end().len();
    assert!(ends(lines[1]) == ends(lines[2]) && ends(lines[2]) == ends(lines[3]), "{text}");

    let whole: Value = serde_json::from_str(&page(&["--account", &account, "--json"])).expect("JSON");
    let first = whole["lines"][0]["position"].as_u64().expect("a position");
    assert_eq!(whole["lines"][1]["balance"], "532.00");
    let earlier = page(&["--account", &account, "--at", &first.to_string()]);
    assert!(earlier.ends_with("Balance 266.00 USD\n"), "{earlier}");
    let instant = whole["lines"][0]["effective_at"].as_str().expect("an instant");
    assert!(page(&["--account", &account, "--at", instant]).ends_with("Balance 266.00 USD\n"));
    let nothing = page(&["--account", "live/merchant-pending:1/USD", "--at", "1970-01-01T00:00:00Z"]);
    assert!(nothing.contains("Nothing was posted to it."), "{nothing}");
    for wrong in ["merchant-pending:1", "live/wallet:5/USD"] {
        let refused = outcome(server.choai().args(["audit", "--account", wrong]));
        assert_eq!(refused.code, Some(2), "a mistake in the command");
        assert!(refused.err.contains("names no account"), "{}", refused.err);
    }
}
