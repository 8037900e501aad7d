//! The operator's token: from the environment, or made on first start and kept beside the data, mode 0600.

use std::{io::ErrorKind, path::Path, sync::Arc};

use anyhow::{Context, ensure};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use choai_engine::{
    private_file,
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
    /// The token of the environment, else of the file in `data`, which is made if it is not there.
    ///
    /// # Errors
    /// If the token is too short, or the file cannot be read or made.
    pub fn load(data: &Path) -> anyhow::Result<Self> {
        let token = match std::env::var(TOKEN_VARIABLE) {
            Ok(token) => token,
            Err(_) => match read(data)? {
                Some(token) => token,
                None => create(data)?,
            },
        };
        ensure!(
            token.len() >= TOKEN_CHARS_MIN,
            "the operator token needs at least {TOKEN_CHARS_MIN} characters"
        );
        Ok(Self(Arc::new(hash(&token))))
    }
}

/// The token a client on this machine sends: the environment's, else the file's in `data`.
///
/// # Errors
/// If there is neither.
pub fn client_token(data: &Path) -> anyhow::Result<String> {
    if let Ok(token) = std::env::var(TOKEN_VARIABLE) {
        return Ok(token);
    }
    let missing = || format!("no {TOKEN_VARIABLE}, and no {TOKEN_FILE} in {}", data.display());
    read(data)?.with_context(missing)
}

fn read(data: &Path) -> anyhow::Result<Option<String>> {
    let path = data.join(TOKEN_FILE);
    match std::fs::read_to_string(&path) {
        Ok(token) => Ok(Some(token.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn create(data: &Path) -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    OsRandom.fill(&mut bytes);
    let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = data.join(TOKEN_FILE);
    private_file::create(&path, &token).with_context(|| path.display().to_string())?;
    Ok(token)
}

/// Lets a request pass that carries the token.
pub async fn authenticate(State(token): State<OperatorToken>, request: Request, next: Next) -> Response {
    let sent = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let sent = sent
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let matches = sent.is_some_and(|(_, sent)| bool::from(hash(sent.trim()).ct_eq(&*token.0)));
    if matches { next.run(request).await } else { Error::Token.into_response() }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
