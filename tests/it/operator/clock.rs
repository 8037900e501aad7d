//! Test clocks: they move forward for one tenant alone, and what was due meanwhile happens by itself.

use serde_json::{Value, json};

use crate::harness::{Answered, NOBODY, Server, payment_of};

const PATH: &str = "/operator/clock/advance";

async fn title(server: &Server, payment: &str) -> String {
    let page = server.get(&format!("/process-checkout?payment_id={payment}")).header("accept-language", "en");
    let (status, page) = page.text_answer().await;
    assert_eq!(status, 200, "{page}");
    let (_, after) = page.split_once("<title>").expect("a title");
    after.split_once("</title>").expect("its end").0.to_owned()
}

async fn advance(server: &Server, merchant: u64, seconds: i64) -> (u16, Value) {
    server.operator_post(PATH, &json!({ "merchant_id": merchant, "seconds": seconds })).answer().await
}

#[tokio::test]
async fn a_payment_expires_by_itself_after_24_hours() {
    let mut server = Server::start();
    let (merchant, other) = (server.merchant().await, server.merchant().await);
    let fields = payment_of(NOBODY);
    let payment = server.initiate(&merchant, &fields).await;
    let paid = server.initiate(&merchant, &fields).await;
    server.pay(&paid).await;
    let others = server.initiate(&other, &fields).await;

    // A minute before and a minute after: the tests take their own time between the two.
    let (status, moved) = advance(&server, merchant.id, 86_340).await;
    assert_eq!((status, &moved["ahead_seconds"]), (200, &json!(86_340)), "{moved}");
    assert_eq!(title(&server, &payment).await, "Checkout | Sample Shop");
    assert_eq!(server.events_of("payment.expired").len(), 0);

    let (status, moved) = advance(&server, merchant.id, 120).await;
    assert_eq!((status, &moved["ahead_seconds"]), (200, &json!(86_460)), "{moved}");
    assert_eq!(title(&server, &payment).await, "This payment has expired");
    assert_eq!(title(&server, &paid).await, "Payment complete");
    assert_eq!(title(&server, &others).await, "Checkout | Sample Shop", "another's clock stands");
    let expired = server.events_of("payment.expired");
    assert_eq!(expired.len(), 1);
    assert_eq!((&expired[0]["body"]["payment"], &expired[0]["realm"]), (&json!(payment), &json!("test-1")));

    let late = format!("/operator/sandbox/payments/{payment}/paid");
    let (status, stands) = server.operator_post(&late, &json!({})).answer().await;
    assert_eq!((status, &stands["stage"]), (200, &json!("expired")), "late money pays for nothing: {stands}");
    server.audit_full();
    server.kill();
    server.restart();
    assert_eq!(title(&server, &payment).await, "This payment has expired");
    let (_, moved) = advance(&server, merchant.id, 1).await;
    assert_eq!(moved["ahead_seconds"], 86_461, "the clock is still ahead");
}

#[tokio::test]
async fn a_repeated_key_moves_the_clock_once() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let body = json!({ "merchant_id": merchant.id, "seconds": 60 });
    let ask =
        async |body: &Value| server.operator_post(PATH, body).header("idempotency-key", "one").answer().await;
    let first = ask(&body).await;
    assert_eq!(first.0, 200, "{}", first.1);
    assert_eq!(ask(&body).await, first);
    assert_eq!(ask(&json!({ "merchant_id": merchant.id, "seconds": 61 })).await.0, 409);
    assert_eq!(server.events_of("realm.clock_advanced").len(), 1);
}

#[tokio::test]
async fn a_clock_moves_forward_and_not_too_far() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let before = server.position().await;
    let ten_years = 3_653 * 86_400;
    for (merchant, seconds, status) in [
        (merchant.id, 0, 422),
        (merchant.id, -1, 422),
        (merchant.id, ten_years + 86_400, 422),
        (merchant.id, i64::MAX, 422),
        (merchant.id, i64::MIN, 422),
        (merchant.id + 1, 60, 404),
    ] {
        let (answered, answer) = advance(&server, merchant, seconds).await;
        assert_eq!((answered, &answer["code"]), (status, &json!(status)), "{seconds}: {answer}");
    }
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn the_clock_stops_at_the_end_of_time() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let mut refused = None;
    for _ in 0..1_000 {
        let (status, answer) = advance(&server, merchant.id, 3_650 * 86_400).await;
        if status != 200 {
            refused = Some((status, answer));
            break;
        }
    }
    let (status, answer) = refused.expect("time has an end");
    assert_eq!(status, 422, "{answer}");
    let (status, answer) = server.process(&merchant).json(&payment_of(NOBODY)).answer().await;
    assert!(status < 500, "{answer}");
    server.audit_full();
}
