//! What every refusal of the surface has in common: the document's error shape, and a log that did not move.

use reqwest::RequestBuilder;
use serde_json::Value;

use crate::harness::{Answered, Merchant, Server, Setup};

/// A server with a merchant, to be refused by.
pub struct Gatekeeper {
    pub server: Server,
    pub merchant: Merchant,
}

impl Gatekeeper {
    pub async fn start() -> Self {
        Self::at(Server::start()).await
    }

    pub async fn start_without_private_webhooks() -> Self {
        Self::at(Server::start_as(Setup { allow_private_webhooks: false, ..Setup::default() })).await
    }

    async fn at(server: Server) -> Self {
        let merchant = server.merchant().await;
        Self { server, merchant }
    }

    /// `POST /payment/process` with the right key; a body is to be added.
    pub fn process(&self) -> RequestBuilder {
        self.server.process(&self.merchant)
    }

    /// Sends `request`, which must be refused with `status`, naming `fields` (with blanks between) as failing.
    pub async fn refuses(&self, what: &str, request: RequestBuilder, status: u16, fields: &str) -> String {
        let before = self.server.position().await;
        let (answered, answer) = request.answer().await;
        assert_eq!(answered, status, "{what}: {answer}");
        assert_eq!(self.server.position().await, before, "{what}: the log moved");
        let message = check_shape(what, &answer, status, fields);
        assert!(!answer.to_string().contains(&self.merchant.access_key), "{what}: {answer}");
        message
    }
}

/// Checks keys, their order and types; gives the message.
pub fn check_shape(what: &str, answer: &Value, status: u16, fields: &str) -> String {
    let members = answer.as_object().unwrap_or_else(|| panic!("{what}: {answer} is no object"));
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    let expected: &[&str] = match fields {
        "" => &["code", "status", "message"],
        _ => &["code", "status", "message", "errors"],
    };
    assert_eq!(names, expected, "{what}: {answer}");
    assert_eq!((&answer["code"], &answer["status"]), (&status.into(), &"error".into()), "{what}");
    let failing = answer["errors"].as_object().into_iter().flatten();
    let failing = failing.map(|(name, errors)| {
        let named = errors.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(Value::is_string));
        assert!(named, "{what}: {name} fails with {errors}");
        name.as_str()
    });
    assert_eq!(failing.collect::<Vec<_>>().join(" "), fields, "{what}: {answer}");
    let message = answer["message"].as_str().unwrap_or_else(|| panic!("{what}: no message in {answer}"));
    assert!(!message.is_empty(), "{what}");
    message.to_owned()
}
