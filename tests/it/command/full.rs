//! A full disk: whoever wants to write is told to come back, in the words of what was asked; reading goes on.

use serde_json::json;

use crate::{
    harness::{Answered, NOBODY, Server, payment_of},
    ito::page::card,
};

/// More than any disk has.
const EVERYTHING: &[&str] = &["--reserve-mib", "99999999999999"];

#[tokio::test]
async fn without_room_every_surface_says_so_and_nothing_changes() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let payment = server.initiate(&merchant, &payment_of(NOBODY)).await;
    let ask = |server: &Server| {
        server.process(&merchant).header("idempotency-key", "kept").json(&payment_of(NOBODY))
    };
    let (status, kept) = ask(&server).answer().await;
    assert_eq!(status, 200, "{kept}");
    let position = server.position().await;
    server.terminate();
    server.restart_with(EVERYTHING);

    let form: Vec<_> =
        card("4111111111111111").into_iter().chain([("payment_id", payment.as_str())]).collect();
    let paid = format!("/operator/sandbox/payments/{payment}/paid");
    for (what, request, says) in [
        ("ito", ask(&server), "\"message\":\"The service cannot take anything at the moment."),
        (
            "operator",
            server.operator_post(&paid, &json!({})),
            "the ledger's disk is full, and nothing changed",
        ),
        ("checkout", server.post("/process-checkout").form(&form), "<html"),
    ] {
        let response = request.send().await.expect("it answers");
        assert_eq!(response.status().as_u16(), 503, "{what}");
        assert!(response.headers().contains_key("retry-after"), "{what}");
        let text = response.text().await.expect("it has an end");
        assert!(text.contains(says), "{what}: {text}");
    }
    for (what, request, expected) in [
        ("ready", server.http.get(server.operator_url("/readyz")), 200),
        (
            "unpaid",
            server
                .post("/payment/check-validity")
                .bearer_auth(&merchant.access_key)
                .form(&[("payment_id", &payment)]),
            404,
        ),
        ("page", server.get(&format!("/process-checkout?payment_id={payment}")), 200),
    ] {
        let (status, text) = request.text_answer().await;
        assert_eq!(status, expected, "{what}: {text}");
    }
    assert_eq!(server.position().await, position, "nothing was written");
    assert!(server.log().contains("less than --reserve-mib is free"), "{}", server.log());

    server.terminate();
    server.restart_with(&[]);
    let (status, again) = ask(&server).answer().await;
    assert_eq!(
        (status, &again["payment_id"]),
        (200, &kept["payment_id"]),
        "the same key has the same payment"
    );
    server.pay(&payment).await;
    server.audit_full();
}
