//! A payment as its merchant and its customer see it: over HTTP.

use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc};

use super::{
    server::{STEP_MAX, TemporaryServer},
    step,
};
use crate::{operator::MerchantMade, surfaces::ito::signature};

type Notification = (HeaderMap, Bytes);

/// A merchant initiates a payment, a customer pays it at the second attempt, and the merchant is told.
///
/// # Errors
/// With the step that failed.
pub(super) async fn demonstrate(server: &TemporaryServer) -> anyhow::Result<()> {
    let (shop, mut notified) = open_shop().await?;
    let (public, operator) =
        (format!("http://{}", server.ready.listen), format!("http://{}", server.ready.operator_listen));
    step("A fresh server", &format!("public {public}, operator {operator}"))?;
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;

    let new = serde_json::json!({ "name": "茶舗 Demo" });
    let made: MerchantMade = http
        .post(format!("{operator}/operator/merchants"))
        .bearer_auth(&server.token)
        .json(&new)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let (access_key, secret_key) = (made.access_key.unwrap_or_default(), made.secret_key.unwrap_or_default());
    step(
        "A merchant in test mode",
        &format!("number {}, with an access key and a secret key", made.merchant_id),
    )?;

    let fields = [
        ("custom", "ORDER-1"),
        ("currency_code", "USD"),
        ("amount", "280.00"),
        ("details", "Digital Product"),
        ("web_hook", &format!("{shop}/hook")),
        ("cancel_url", &format!("{shop}/cancelled")),
        ("success_url", &format!("{shop}/thanks")),
        ("customer_email", "buyer@example.com"),
    ];
    let initiated =
        http.post(format!("{public}/payment/process")).bearer_auth(&access_key).form(&fields).send();
    let initiated: Value = initiated.await?.error_for_status()?.json().await?;
    let payment = initiated["payment_id"].as_str().context("a payment id")?.to_owned();
    let page = initiated["url"].as_str().context("a checkout page")?.to_owned();
    step("The merchant initiates a payment of 280.00 USD", &format!("{payment}\ncheckout at {page}"))?;

    let page =
        http.get(page).header("accept-language", "en").send().await?.error_for_status()?.text().await?;
    ensure!(page.contains("$280.00"), "the checkout page does not show the amount");
    let card = |number| {
        [
            ("payment_id", payment.as_str()),
            ("action", "pay"),
            ("method", "credit_card"),
            ("number", number),
            ("month", "12"),
            ("year", "2030"),
            ("verification_value", "123"),
            ("name", "A CUSTOMER"),
        ]
    };
    let declined =
        http.post(format!("{public}/process-checkout")).form(&card("4123111111111000")).send().await?;
    step(
        "The customer pays with a card that has no funds",
        &format!("declined: HTTP {}", declined.status()),
    )?;
    let paid = http.post(format!("{public}/process-checkout")).form(&card("4111111111111111")).send().await?;
    let back = paid.headers().get("location").context("the way back to the shop")?.to_str()?.to_owned();
    step("The customer pays with 4111111111111111", &format!("sent back to {back}"))?;

    let (headers, body) = tokio::time::timeout(STEP_MAX, notified.recv()).await?.context("the webhook")?;
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = signature::sign(secret_key.as_bytes(), header("x-timestamp"), &body);
    ensure!(header("x-signature") == format!("sha256={signed}"), "the webhook's signature does not hold");
    step("The webhook arrives, its signature holds", &String::from_utf8_lossy(&body))?;

    let validity = http.post(format!("{public}/payment/check-validity")).bearer_auth(&access_key);
    let validity =
        validity.form(&[("payment_id", &payment)]).send().await?.error_for_status()?.text().await?;
    step("The merchant verifies the payment", &validity)?;
    Ok(())
}

/// A merchant's server, which takes notifications.
async fn open_shop() -> anyhow::Result<(String, mpsc::UnboundedReceiver<Notification>)> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let shop = format!("http://{}", listener.local_addr()?);
    let take = async |State(sender): State<Arc<Mutex<mpsc::UnboundedSender<Notification>>>>,
                      headers: HeaderMap,
                      body: Bytes| {
        if let Ok(sender) = sender.lock() {
            // Nobody listening any more is the end of the demonstration.
            let _ = sender.send((headers, body));
        }
    };
    let router = Router::new().route("/hook", post(take)).with_state(Arc::new(Mutex::new(sender)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((shop, receiver))
}
