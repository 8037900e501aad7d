//! Asking a running server's operator port.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;

use crate::operator;

/// Where the server is, and what opens it.
#[derive(clap::Args)]
pub struct Where {
    /// The server's operator port
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    operator: String,
    /// The server's data folder, for the token unless CHOAI_OPERATOR_TOKEN is set
    #[arg(long, default_value = "./data")]
    data: PathBuf,
}

/// A server's operator port, with its token.
pub struct Operator {
    client: Client,
    url: String,
    token: String,
}

impl Where {
    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The operator port of the server that runs there.
    ///
    /// # Errors
    /// If there is no token.
    pub fn operator(&self) -> anyhow::Result<Operator> {
        let url = self.operator.trim_end_matches('/');
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let client = Client::builder().no_proxy().build()?;
        Ok(Operator { client, url, token: operator::client_token(&self.data)? })
    }
}

impl Operator {
    /// A `GET`.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// A `POST`, of nothing unless a body is added.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// What comes back.
    ///
    /// # Errors
    /// When no server answers, or it refuses.
    pub async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> anyhow::Result<T> {
        let answer = request.send().await.with_context(|| format!("no server answers at {}", self.url))?;
        let status = answer.status();
        if !status.is_success() {
            bail!("the server answered {status}: {}", answer.text().await.unwrap_or_default());
        }
        Ok(answer.json().await?)
    }
}
