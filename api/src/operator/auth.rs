//! The operator's token: from the environment, or made on first start and kept beside the data, mode 0600.

use std::{env::VarError, io::ErrorKind, path::Path, sync::Arc};

use anyhow::{Context, bail, ensure};
use axum::{
    extract::{Request, State},
    http::HeaderValue,
    middleware::Next,
    response::{IntoResponse, Response},
};
use choai_engine::{
    hex, private_file,
    vault::{OsRandom, Random},
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::errors::Error;

/// The name of the variable that sets the token.
pub const TOKEN_VARIABLE: &str = "CHOAI_OPERATOR_TOKEN";
/// The file that keeps it otherwise.
pub const TOKEN_FILE: &str = "operator-token";
/// Shorter ones could be guessed.
const TOKEN_CHARS_MIN: usize = 16;

/// The token, as its hash.
#[derive(Clone)]
pub struct OperatorToken(Arc<[u8; 32]>);

impl OperatorToken {
    /// The token of the environment, else of the file in `data`, if that is there.
    ///
    /// # Errors
    /// If the token is too short or no text, or the file cannot be read.
    pub fn find(data: &Path) -> anyhow::Result<Option<Self>> {
        let Some(token) = known(data)? else { return Ok(None) };
        ensure!(
            token.len() >= TOKEN_CHARS_MIN,
            "the operator token needs at least {TOKEN_CHARS_MIN} characters"
        );
        Ok(Some(Self::of(&token)))
    }

    /// Makes one, and keeps it in `data`.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn create(data: &Path) -> anyhow::Result<Self> {
        let mut bytes = [0; 32];
        OsRandom.fill(&mut bytes);
        let token = hex(&bytes);
        let path = data.join(TOKEN_FILE);
        private_file::create(&path, &token).with_context(|| path.display().to_string())?;
        Ok(Self::of(&token))
    }

    fn of(token: &str) -> Self {
        Self(Arc::new(hash(token.as_bytes())))
    }
}

/// The token a client on this machine sends: the environment's, else the file's in `data`.
///
/// # Errors
/// If there is neither.
pub fn client_token(data: &Path) -> anyhow::Result<String> {
    known(data)?.with_context(|| format!("no {TOKEN_VARIABLE}, and no {TOKEN_FILE} in {}", data.display()))
}

/// Without blanks around it: a header carries none.
fn known(data: &Path) -> anyhow::Result<Option<String>> {
    match std::env::var(TOKEN_VARIABLE) {
        Ok(token) => Ok(Some(token.trim().to_owned())),
        Err(VarError::NotPresent) => read(data),
        Err(VarError::NotUnicode(_)) => bail!("{TOKEN_VARIABLE} is not UTF-8"),
    }
}

fn read(data: &Path) -> anyhow::Result<Option<String>> {
    let path = data.join(TOKEN_FILE);
    match std::fs::read_to_string(&path) {
        Ok(token) => Ok(Some(token.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Lets a request pass that carries the token.
pub async fn authenticate(State(token): State<OperatorToken>, request: Request, next: Next) -> Response {
    let sent = request.headers().get("authorization").map(HeaderValue::as_bytes).and_then(bearer);
    let matches = sent.is_some_and(|sent| bool::from(hash(sent).ct_eq(&*token.0)));
    if matches { next.run(request).await } else { Error::Token.into_response() }
}

/// What follows the scheme. In bytes, because a token may be in any script.
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let blank = header.iter().position(|byte| *byte == b' ')?;
    let (scheme, sent) = header.split_at(blank);
    scheme.eq_ignore_ascii_case(b"bearer").then(|| sent.trim_ascii())
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}
