//! Money put into wallets of several tenants over the operator's port while the server is killed: each key once, whatever its caller heard.

use std::collections::BTreeSet;

use reqwest::Client;
use serde_json::{Value, json};

use super::answered;
use crate::harness::{OPERATOR_TOKEN, Server};

/// A request for it, and the answer if one came.
pub(super) struct Credit {
    user: u64,
    key: String,
    answer: Option<String>,
}

/// What a caller needs to ask the server as it runs now.
#[derive(Clone)]
pub(super) struct Till {
    http: Client,
    users: String,
}

impl Till {
    pub(super) fn of(server: &Server) -> Self {
        Self { http: server.http.clone(), users: server.operator_url("/operator/users") }
    }

    pub(super) async fn credit_until_it_breaks(self, user: u64, caller: String) -> Vec<Credit> {
        let mut credits = Vec::new();
        loop {
            let key = format!("{caller}-{}", credits.len());
            let answer = self.ask(user, &key).await;
            let is_broken = answer.is_none();
            credits.push(Credit { user, key, answer });
            if is_broken {
                return credits;
            }
        }
    }

    /// Asks everything again: what was answered has the same answer, and what was not has one now.
    pub(super) async fn settle_all(self, credits: Vec<Credit>) -> Vec<Credit> {
        let mut settled = Vec::with_capacity(credits.len());
        for Credit { user, key, answer: before } in credits {
            let answer = self.ask(user, &key).await;
            assert!(answer.is_some(), "{key} is answered");
            assert!(
                before.is_none() || before == answer,
                "{key} was answered {before:?}, and then {answer:?}"
            );
            settled.push(Credit { user, key, answer });
        }
        settled
    }

    async fn ask(&self, user: u64, key: &str) -> Option<String> {
        let body = json!({ "currency_code": "JPY", "amount": "1" });
        let asked =
            self.http.post(format!("{}/{user}/credit", self.users)).bearer_auth(OPERATOR_TOKEN).json(&body);
        answered(asked.header("idempotency-key", key), 200).await
    }
}

/// One key, one credit, one answer.
pub(super) fn assert_each_once(server: &Server, credits: &[Credit]) {
    let told = credits.iter().map(|Credit { key, answer, .. }| {
        let answer: Value = serde_json::from_str(answer.as_deref().unwrap_or_default()).expect("JSON");
        answer["position"].as_u64().unwrap_or_else(|| panic!("{key} has no position: {answer}"))
    });
    let told: BTreeSet<u64> = told.collect();
    assert_eq!(told.len(), credits.len(), "every key has a credit of its own");
    let credited = server.events_of("wallet.credited");
    let credited: BTreeSet<u64> =
        credited.iter().map(|event| event["position"].as_u64().expect("a position")).collect();
    assert_eq!(credited, told, "no credit that nobody asked for, and none twice");
}
