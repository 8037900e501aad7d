//! One payment from end to end, the shortest way.

use crate::harness::{Receiver, Server, payment_of};

#[tokio::test]
async fn a_payment_is_initiated_paid_announced_and_audited() {
    let mut server = Server::start();
    let mut shop = Receiver::start().await;
    let merchant = server.merchant().await;
    let payment = server.initiate(&merchant, &payment_of(&shop.url())).await;
    server.pay(&payment).await;
    let announced = shop.next_with("POST").await;
    assert!(announced.text().contains(&payment), "{}", announced.text());
    server.audit_full();
    server.terminate();
    server.audit_full();
}
