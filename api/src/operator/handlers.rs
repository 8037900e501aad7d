//! What the handlers of every subject do: read the request, key it, submit, find the event that answers.

use axum::http::HeaderMap;
use choai_engine::{
    Envelope, Receipt,
    domain::Event,
    money::{Currency, Money},
};
use serde::de::DeserializeOwned;

use super::errors::Error;
use crate::{
    app::App,
    http::idempotency::{self, Scope},
};

/// What was asked for, in a currency known already.
pub(super) fn amount(text: &str, currency: Currency) -> Result<Money, Error> {
    Money::parse(text, currency).map_err(|error| Error::Unreadable(format!("amount {error}")))
}

/// The envelope with the request's idempotency key, if it has one.
pub(super) fn keyed(
    app: &App,
    mut envelope: Envelope,
    scope: Scope<'_>,
    headers: &HeaderMap,
    request: &[u8],
) -> Result<Envelope, Error> {
    let key = idempotency::key(headers)?;
    envelope.provenance.idempotency = key.map(|key| scope.hash(app.engine().vault(), key, request));
    Ok(envelope)
}

/// Submits, and waits until the read models show it: the next request may come from anywhere. Models that are
/// late do not make it fail: what was done is done, and secrets are shown only in this answer.
pub(super) async fn submit(app: &App, envelope: Envelope) -> Result<Receipt, Error> {
    let receipt = app.submit(envelope).await?;
    if let Err(error) = app.current_models().await {
        tracing::warn!(%error, "an operator's command is done, but not yet to be seen");
    }
    Ok(receipt)
}

/// The one event that answers; another kind means the key belongs to another endpoint's past.
pub(super) fn find<T>(receipt: &Receipt, pick: impl Fn(&Event) -> Option<T>) -> Result<T, Error> {
    receipt.events.iter().find_map(|recorded| pick(&recorded.event)).ok_or_else(other_kind)
}

pub(super) fn other_kind() -> Error {
    Error::Unreadable("this key was used for another kind of request".into())
}

/// Reads a JSON body, whatever its content type says.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|error| Error::Unreadable(format!("the body is not what this takes: {error}")))
}
