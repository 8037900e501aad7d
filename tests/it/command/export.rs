//! `choai export events`: every event, in order, as JSON that other tools read.

use std::collections::HashMap;

use serde_json::Value;
use tokio::task::JoinSet;

use super::outcome::outcome;
use crate::harness::{Answered, Server, payment_of};

fn export(server: &Server, from: Option<u64>) -> Vec<Value> {
    let mut export = server.choai();
    export.arg("export").arg("--data").arg(server.data()).args(["events", "--format", "jsonl"]);
    if let Some(from) = from {
        export.args(["--from", &from.to_string()]);
    }
    let outcome = outcome(&mut export);
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""));
    assert!(outcome.out.is_empty() || outcome.out.ends_with('\n'), "the last line is whole");
    outcome.out.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

#[tokio::test]
async fn positions_and_revisions_are_dense_and_entries_balance() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    for number in 0..5 {
        let payment = server.initiate(&merchant, &payment_of("http://127.0.0.1:1")).await;
        if number % 2 == 0 {
            server.pay(&payment).await;
        }
    }
    server.terminate();
    let events = export(&server, None);
    let positions: Vec<u64> =
        events.iter().map(|event| event["position"].as_u64().expect("a number")).collect();
    assert!(positions.len() >= 9, "a merchant, five payments, three captures: {positions:?}");
    assert_eq!(positions, (1..=positions.len() as u64).collect::<Vec<_>>());
    let mut revisions: HashMap<&str, u64> = HashMap::new();
    for event in &events {
        let next = revisions.entry(event["stream"].as_str().expect("text")).or_default();
        assert_eq!(event["revision"].as_u64(), Some(*next), "{event}");
        *next += 1;
    }
    let captured: Vec<_> = events.iter().filter(|event| event["kind"] == "payment.captured").collect();
    assert_eq!(captured.len(), 3);
    for event in captured {
        let lines = event["entry"].as_array().expect("postings");
        let side = |side: &str| {
            let amounts = lines.iter().filter(|line| line["side"] == side);
            amounts.map(|line| cents(line["amount"].as_str().expect("a decimal string"))).sum::<u64>()
        };
        assert_eq!((side("debit"), side("credit")), (280_00, 280_00), "{event}");
    }
    for from in [1, 2, positions.len() as u64, positions.len() as u64 + 1, u64::MAX] {
        let expected: Vec<_> =
            events.iter().filter(|event| event["position"].as_u64() >= Some(from)).collect();
        assert_eq!(export(&server, Some(from)).iter().collect::<Vec<_>>(), expected, "from {from}");
    }
    server.restart();
    let first = export(&server, None).into_iter().take(events.len()).collect::<Vec<_>>();
    assert_eq!(first, events, "beside a running server it is the same");
}

/// The server replaces files while they are being opened, which is tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_server_under_load_every_export_is_whole() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        let request = server.process(&merchant).json(&payment_of("http://127.0.0.1:1"));
        clients.spawn(async move {
            for _ in 0..100 {
                let (status, answer) = request.try_clone().expect("it is not a stream").answer().await;
                assert_eq!(status, 200, "{answer}");
            }
        });
    }
    let mut seen = Vec::new();
    while !clients.is_empty() {
        let events = server.events();
        assert!(events.iter().zip(1_u64..).all(|(event, position)| event["position"] == position));
        seen.push(events.len());
        while let Some(ended) = clients.try_join_next() {
            ended.expect("every payment is taken");
        }
    }
    assert!(seen.is_sorted() && seen.first() < seen.last(), "there was load all the while: {seen:?}");
}

fn cents(amount: &str) -> u64 {
    let (whole, hundredths) = amount.split_once('.').expect("dollars and cents");
    assert_eq!(hundredths.len(), 2, "{amount}");
    format!("{whole}{hundredths}").parse().expect("digits")
}
