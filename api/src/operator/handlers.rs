//! What the handlers of every subject do: read the request, key it, submit, find the event that answers.

use std::fmt::Display;

use axum::http::HeaderMap;
use choai_engine::{
    Envelope, Receipt,
    books::{Label, Realm},
    domain::{Event, MerchantId, StreamId},
    log::Recorded,
    money::{Currency, Money},
};
use serde::de::DeserializeOwned;

use super::{errors::Error, merchants::mode, wire::ModeName};
use crate::{
    app::App,
    http::idempotency::{self, Scope},
};

/// What was asked for, in a currency known already.
pub(super) fn amount(text: &str, currency: Currency) -> Result<Money, Error> {
    Money::parse(text, currency).map_err(|error| Error::Unreadable(format!("amount {error}")))
}

/// The currency of a code.
pub(super) fn currency(code: &str) -> Result<Currency, Error> {
    Currency::from_code(code).ok_or_else(|| Error::Unreadable(format!("{code} is no currency here")))
}

/// The label in the field `name`.
pub(super) fn label(name: &str, text: &str) -> Result<Label, Error> {
    text.parse().map_err(|error| Error::Unreadable(format!("{name}: {error}")))
}

/// A merchant's realm in the service mode that was named, else in the one that is selected; once the models have
/// seen everything so far.
pub(super) async fn realm_of(
    app: &App,
    merchant: MerchantId,
    named: Option<ModeName>,
) -> Result<Realm, Error> {
    let known = app.current_models().await?.merchants().get(merchant)?;
    let known = known.ok_or_else(|| Error::NotFound(format!("no merchant has the number {merchant}")))?;
    Ok(named.map_or(known.mode, mode).realm(merchant))
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

/// How a stream began: what no read model has, the log says there. `None` where there is no such stream.
pub(super) async fn beginning(app: &App, stream: StreamId) -> Result<Option<Event>, Error> {
    Ok(first(app, stream).await?.map(|recorded| recorded.event))
}

/// A stream's first event, as it is in the log.
pub(super) async fn first(app: &App, stream: StreamId) -> Result<Option<Recorded>, Error> {
    let positions = app.current_models().await?.streams().read(stream, 0, 1)?;
    let Some(&position) = positions.first() else { return Ok(None) };
    let engine = app.engine().clone();
    // Read from disk, a whole commit at least.
    let read = tokio::task::spawn_blocking(move || engine.events(position, 1));
    let recorded = read.await.expect("reading an event does not panic")?;
    Ok(recorded.into_iter().next())
}

pub(super) fn other_kind() -> Error {
    Error::Unreadable("this key was used for another kind of request".into())
}

/// Reads a JSON object, whatever its content type says.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let wrong = |what: &dyn Display| Error::Unreadable(format!("the body is not what this takes: {what}"));
    // A list of values would be taken for those of the fields in their order, and an empty one for leaving all out.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(wrong(&"it must be an object"));
    }
    serde_json::from_slice(body).map_err(|error| wrong(&error))
}

/// As [`read`], and of no body what a body that says nothing says.
pub(super) fn read_or_default<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Error> {
    if body.is_empty() { Ok(T::default()) } else { read(body) }
}
