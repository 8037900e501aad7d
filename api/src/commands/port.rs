//! A running server's operator port, as commands reach it.

use std::path::PathBuf;

use anyhow::{Context, bail};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

use crate::operator;

/// Where the port is, and where the token for it.
#[derive(clap::Args)]
pub struct Port {
    /// The server's operator port
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    operator: String,
    /// The server's data folder, for the token unless CHOAI_OPERATOR_TOKEN is set
    #[arg(long, default_value = "./data")]
    data: PathBuf,
}

impl Port {
    /// Sends one request, with a body or without, and reads the answer.
    ///
    /// # Errors
    /// When there is no server, or it refuses.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> anyhow::Result<T> {
        let operator = self.operator.trim_end_matches('/');
        let operator =
            if operator.contains("://") { operator.to_owned() } else { format!("http://{operator}") };
        let request =
            reqwest::Client::builder().no_proxy().build()?.request(method, format!("{operator}{path}"));
        let request = request.bearer_auth(operator::client_token(&self.data)?);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = request.send().await.with_context(|| format!("no server answers at {operator}"))?;
        let status = answer.status();
        if !status.is_success() {
            bail!("the server answered {status}: {}", answer.text().await.unwrap_or_default());
        }
        Ok(answer.json().await?)
    }
}
