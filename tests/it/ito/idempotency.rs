//! `Idempotency-Key`: one key, one payment, one answer, for ever.

use std::collections::HashSet;

use reqwest::RequestBuilder;
use tokio::task::JoinSet;

use super::{
    refusals::Gatekeeper,
    request::{Draft, Encoding},
};
use crate::harness::{Answered, Merchant, Server};

fn keyed(
    server: &Server,
    merchant: &Merchant,
    key: &str,
    draft: &Draft,
    encoding: Encoding,
) -> RequestBuilder {
    draft.send_in(server.process(merchant), encoding).header("idempotency-key", key)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_sent_50_times_at_once_makes_one_payment_and_50_equal_answers() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let mut asked = JoinSet::new();
    for _ in 0..50 {
        let request = keyed(&server, &merchant, "order-1", &Draft::sample(), Encoding::Form);
        asked.spawn(request.text_answer());
    }
    let answers: HashSet<(u16, String)> = asked.join_all().await.into_iter().collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    assert_eq!(server.events_of("payment.created").len(), 1);
    server.audit_full();
}

#[tokio::test]
async fn the_answer_outlives_the_server() {
    let mut server = Server::start_with(&["--public-url", "https://pay.example.com"]);
    let merchant = server.merchant().await;
    let ask = async |server: &Server| {
        keyed(server, &merchant, "order-1", &Draft::sample(), Encoding::Json).text_answer().await
    };
    let first = ask(&server).await;
    assert_eq!(first.0, 200, "{}", first.1);
    server.kill();
    server.restart();
    assert_eq!(ask(&server).await, first, "after SIGKILL");
    server.terminate();
    server.restart();
    assert_eq!(ask(&server).await, first, "after SIGTERM");
    assert_eq!(server.events_of("payment.created").len(), 1);
}

#[tokio::test]
async fn the_meaning_counts_and_not_its_encoding() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let mut answers = HashSet::new();
    for (amount, encoding) in [
        ("280.00", Encoding::Json),
        ("280", Encoding::Json),
        (r#""280.0""#, Encoding::Json),
        ("280.00", Encoding::Form),
        ("280", Encoding::Multipart),
    ] {
        let draft = Draft::with(&[("amount", amount)]);
        answers.insert(keyed(&server, &merchant, "order-1", &draft, encoding).text_answer().await);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(server.events_of("payment.created").len(), 1);
}

#[tokio::test]
async fn another_request_with_the_same_key_is_a_conflict() {
    let gatekeeper = Gatekeeper::start().await;
    let (server, merchant) = (&gatekeeper.server, &gatekeeper.merchant);
    let (status, first) = keyed(server, merchant, "order-1", &Draft::sample(), Encoding::Json).answer().await;
    assert_eq!(status, 200, "{first}");
    for change in [
        ("amount", "280.01"),
        ("currency_code", r#""JPY""#),
        ("custom", r#""DFU80XZIKT""#),
        ("details", ""),
        ("web_hook", r#""https://yoursite.com/other""#),
        ("customer_email", r#""another@example.com""#),
    ] {
        let change = if change.0 == "currency_code" { vec![change, ("amount", "280")] } else { vec![change] };
        let request = keyed(server, merchant, "order-1", &Draft::with(&change), Encoding::Json);
        gatekeeper.refuses(&format!("{change:?}"), request, 409, "").await;
    }
    let again = keyed(server, merchant, "order-1", &Draft::sample(), Encoding::Json).answer().await;
    assert_eq!(again, (200, first), "the conflicts changed nothing");
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let gatekeeper = Gatekeeper::start().await;
    let (server, merchant) = (&gatekeeper.server, &gatekeeper.merchant);
    let bad = keyed(server, merchant, "order-1", &Draft::with(&[("amount", "0")]), Encoding::Json);
    gatekeeper.refuses("nothing to pay", bad, 422, "amount").await;
    let (status, answer) =
        keyed(server, merchant, "order-1", &Draft::sample(), Encoding::Json).answer().await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn keys_belong_to_one_merchant() {
    let server = Server::start();
    let mut payments = HashSet::new();
    for merchant in [server.merchant().await, server.merchant().await] {
        let (_, answer) =
            keyed(&server, &merchant, "order-1", &Draft::sample(), Encoding::Json).answer().await;
        payments.insert(answer["payment_id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(payments.len(), 2);
}

#[tokio::test]
async fn without_a_key_every_request_is_a_payment() {
    let server = Server::start();
    let merchant = server.merchant().await;
    for _ in 0..2 {
        Draft::sample().send_in(server.process(&merchant), Encoding::Form).answer().await;
    }
    assert_eq!(server.events_of("payment.created").len(), 2);
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let gatekeeper = Gatekeeper::start().await;
    let send = || Draft::sample().send_in(gatekeeper.process(), Encoding::Json);
    let long = "k".repeat(256);
    for key in ["", "two words", &long] {
        gatekeeper.refuses(&format!("{key:?}"), send().header("idempotency-key", key), 400, "").await;
    }
    let twice = send().header("idempotency-key", "a").header("idempotency-key", "b");
    gatekeeper.refuses("two keys", twice, 400, "").await;
}
