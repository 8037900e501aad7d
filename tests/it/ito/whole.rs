//! The whole way of one payment: initiated, paid on the hosted page, announced, verified, in the books, audited.

use serde_json::json;

use super::page::{Visit, card};
use crate::harness::{Answered, Receiver, Server, payment_of};

#[tokio::test]
async fn a_payment_goes_through() {
    let mut server = Server::start();
    let mut shop = Receiver::start().await;
    let merchant = server.merchant().await;

    let payment = server.initiate(&merchant, &payment_of(&shop.url())).await;
    let visit = Visit::to(&server, &payment);
    let paid = visit.post(&card("4111111111111111")).await;
    let back = format!("{}/success_url.php?payment_id={payment}&custom=DFU80XZIKS", shop.url());
    assert_eq!((paid.status, paid.location()), (303, back.as_str()));

    let announced = shop.next_with("POST").await;
    let signed = merchant.sign(announced.header("x-timestamp"), &announced.body);
    assert_eq!(announced.target, "/web_hook.php");
    assert_eq!(announced.header("x-signature"), format!("sha256={signed}"));

    let verified = server.post("/payment/check-validity").bearer_auth(&merchant.access_key);
    let verified = verified.form(&[("payment_id", &payment)]).answer().await;
    assert_eq!(verified, (200, json!({ "code": 200, "status": "ok", "message": "Transaction is valid" })));

    let (_, books) = server.operator_get("/operator/trial-balance").answer().await;
    assert_eq!(books["balanced"], true, "{books}");
    let line = |class, debit, credit| json!({ "realm": "test-1", "currency": "USD", "class": class, "debit": debit, "credit": credit });
    let owed = [
        line("asset", "280.00", "0.00"),
        line("liability", "0.00", "266.00"),
        line("income", "0.00", "14.00"),
    ];
    assert_eq!(books["lines"], json!(owed));

    server.audit_full();
    server.terminate();
    server.audit_full();
}
