//! A merchant: its keys, and what it asks of the server.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Answered, Server};

/// A merchant with the keys shown when it was made.
#[derive(Clone, Debug)]
pub struct Merchant {
    pub id: u64,
    pub access_key: String,
    pub secret_key: String,
}

impl Server {
    /// A merchant in test mode.
    pub async fn merchant(&self) -> Merchant {
        self.merchant_as(&json!({ "name": "Sample Shop" })).await
    }

    /// A merchant made with this body.
    pub async fn merchant_as(&self, body: &Value) -> Merchant {
        let (status, made) = self.operator_post("/operator/merchants", body).answer().await;
        assert_eq!(status, 200, "{made}");
        let text = |name: &str| made[name].as_str().expect("shown this once").to_owned();
        Merchant {
            id: made["merchant_id"].as_u64().expect("a number"),
            access_key: text("access_key"),
            secret_key: text("secret_key"),
        }
    }

    /// `POST /payment/process` as this merchant; a body is to be added.
    pub fn process(&self, merchant: &Merchant) -> RequestBuilder {
        self.post("/payment/process").bearer_auth(&merchant.access_key)
    }

    /// Initiates a payment with these JSON fields, and says its id.
    pub async fn initiate(&self, merchant: &Merchant, fields: &Value) -> String {
        let (status, answer) = self.process(merchant).json(fields).answer().await;
        assert_eq!(status, 200, "{answer}");
        answer["payment_id"].as_str().expect("an id").to_owned()
    }

    /// Lets all the money of a payment arrive on the sandbox rail.
    pub async fn pay(&self, payment_id: &str) {
        let path = format!("/operator/sandbox/payments/{payment_id}/paid");
        let (status, stands) = self.operator_post(&path, &json!({})).answer().await;
        assert_eq!(status, 200, "{stands}");
        assert_eq!(stands["stage"], "captured", "{stands}");
    }
}

impl Merchant {
    /// The lower-case hex HMAC-SHA-256 of `timestamp.body` under its secret key.
    pub fn sign(&self, timestamp: &str, body: &[u8]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.secret_key.as_bytes()).expect("keys have any length");
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A shop for payments whose notification is not looked at: nobody listens there, and no name is looked up.
pub const NOBODY: &str = "https://127.0.0.1:9";

/// The document's payment; every test that needs another overwrites a field or two.
///
/// The three URLs lie under `shop`.
pub fn payment_of(shop: &str) -> Value {
    json!({
        "custom": "DFU80XZIKS",
        "currency_code": "USD",
        "amount": 280.00,
        "details": "Digital Product",
        "web_hook": format!("{shop}/web_hook.php"),
        "cancel_url": format!("{shop}/cancel_url.php"),
        "success_url": format!("{shop}/success_url.php"),
        "customer_email": "buyer@example.com",
    })
}
