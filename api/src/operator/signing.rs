//! Checkpoints for whoever keeps them, and the keys that sign them.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use choai_engine::{
    Receipt, SubmitError,
    domain::{Command, Event, Rejection, signer},
    log::Actor,
    proof::Keys,
};

use super::{
    errors::{Error, ErrorBody, Unread, Unwritten},
    handlers::{find, keyed, read_or_default, submit},
    wire::{Nothing, SigningKeySeen, SigningKeys},
};
use crate::{app::App, http::idempotency::Scope, signing};

/// The ledger as it is now, signed
///
/// A C2SP checkpoint: the ledger's name, how many events it has, and the root of the tree over them. Keep it: what is
/// proved against it later cannot have been changed since. The first request makes the first signing key.
#[utoipa::path(
    get,
    path = "/operator/checkpoint",
    tag = "proofs",
    security(("operator_token" = [])),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 401, body = ErrorBody),
        Unread,
    ),
)]
pub async fn checkpoint(State(app): State<App>) -> Result<Response, Error> {
    let keys = match keys(&app).await? {
        Some(keys) => keys,
        None => first(&app).await?,
    };
    let models = app.current_models().await?;
    let tree = models.proofs().tree()?;
    let signed = signing::sign(&tree, tree.size(), &keys, app.engine().vault())?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], signed.to_string()).into_response())
}

/// Every signing key
///
/// Hand them on by another way than the proofs they are to check.
#[utoipa::path(
    get,
    path = "/operator/signing-keys",
    tag = "proofs",
    security(("operator_token" = [])),
    responses((status = 200, body = SigningKeys), (status = 401, body = ErrorBody), Unread),
)]
pub async fn list_signing_keys(State(app): State<App>) -> Result<Json<SigningKeys>, Error> {
    let Some(known) = keys(&app).await? else {
        return Ok(Json(SigningKeys { origin: None, keys: Vec::new() }));
    };
    let seen = |(number, key)| SigningKeySeen { number, verifier_key: known.verifier(key).to_string() };
    Ok(Json(SigningKeys {
        origin: Some(known.origin().to_string()),
        keys: known.numbered().map(seen).collect(),
    }))
}

/// Sign with a new key from now on
///
/// The key before vouches for it, so whoever trusts that one can go on. Without any, this makes the first.
#[utoipa::path(
    post,
    path = "/operator/signing-keys",
    tag = "proofs",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key makes one signing key.")),
    request_body = Nothing,
    responses(
        (status = 200, body = SigningKeySeen),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 409, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn rotate_signing_key(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<SigningKeySeen>, Error> {
    let Nothing {} = read_or_default(&body)?;
    let (command, rows) = signing::new_key(keys(&app).await?.as_ref(), app.engine().vault())?;
    let mut envelope = app.envelope(Actor::Operator, None, Command::Signer(command));
    envelope.vault = rows;
    let scope = Scope { realm: None, tenant: None, endpoint: "POST /operator/signing-keys" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let adopted = adopted(&receipt)?;
    let known = keys(&app).await?.ok_or(Error::Unavailable("the key is made, but not yet to be seen"))?;
    let verifier_key = known.verifier(&adopted.key).to_string();
    Ok(Json(SigningKeySeen { number: adopted.number, verifier_key }))
}

fn adopted(receipt: &Receipt) -> Result<signer::KeyAdopted, Error> {
    find(receipt, |event| match event {
        Event::Signer(signer::Event::KeyAdopted(adopted)) => Some(adopted.clone()),
        _ => None,
    })
}

/// Makes the first key, unless another request was faster.
async fn first(app: &App) -> Result<Keys, Error> {
    let (command, rows) = signing::new_key(None, app.engine().vault())?;
    let mut envelope = app.envelope(Actor::Operator, None, Command::Signer(command));
    envelope.vault = rows;
    // Not through the gate for those outside: whoever checks the ledger writes this once, and then never again.
    match app.engine().submit(envelope).await {
        Ok(_) | Err(SubmitError::Rejected(Rejection::Signer(signer::Rejection::NotTheNext { .. }))) => {}
        Err(error) => return Err(error.into()),
    }
    keys(app).await?.ok_or(Error::Unavailable("the first key is made, but not yet to be seen"))
}

/// Every key so far.
async fn keys(app: &App) -> Result<Option<Keys>, Error> {
    let models = app.current_models().await?.clone();
    let engine = app.engine().clone();
    // Read from disk, whole commits at least.
    let read = tokio::task::spawn_blocking(move || signing::keys(&models, &**engine.log())).await;
    Ok(read.expect("reading keys does not panic")?)
}
