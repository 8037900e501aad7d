//! Merchants as the operator makes and sees them: registered, switched between modes, given another secret.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    domain::{
        Command, Digest, Event, MerchantId, SecretId, Span,
        merchant::{self, Mode},
    },
    hex,
    log::Actor,
};
use sha2::{Digest as _, Sha256};

use super::{
    errors::{Error, ErrorBody, Unread, Unwritten},
    handlers::{find, keyed, read, submit},
    wire::{
        MerchantMade, MerchantSeen, ModeAnswer, ModeName, NewMerchant, RotateSecret, SecretAnswer, SetMode,
    },
};
use crate::{app::App, http::idempotency::Scope};

/// How long earlier secrets are accepted unless the operator says otherwise.
const OVERLAP_SECONDS: u32 = 24 * 3_600;

/// Make a merchant
///
/// Secrets are shown this once; the ledger keeps hashes and sealed copies.
#[utoipa::path(
    post,
    path = "/operator/merchants",
    tag = "merchants",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key makes one merchant.")),
    request_body = NewMerchant,
    responses(
        (status = 200, body = MerchantMade),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn create_merchant(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<MerchantMade>, Error> {
    register(&app, read(&body)?, &headers, &body).await.map(Json)
}

/// Registers a merchant with new keys; headers and body are those of the request, empty where there is none.
///
/// # Errors
/// [`Error`] when it is refused.
pub async fn register(
    app: &App,
    new: NewMerchant,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<MerchantMade, Error> {
    let access_key = uuid::Builder::from_random_bytes(app.engine().random()).into_uuid().to_string();
    let (secret_key, client_secret) = (new_secret(app), new_secret(app));
    let secret = SecretId(app.engine().random());
    let client_id = app.engine().new_id().to_string();
    let command = merchant::Command::Register {
        name: new.name.trim().to_owned(),
        access_key: digest(&access_key),
        client_id,
        client_secret: digest(&client_secret),
        secret,
        signature_required: new.signature_required,
        mode: mode(new.mode.unwrap_or(ModeName::Test)),
    };
    let envelope = app.envelope(Actor::Operator, None, Command::Merchant(command));
    let scope = Scope { realm: None, tenant: None, endpoint: "POST /operator/merchants" };
    let mut envelope = keyed(app, envelope, scope, headers, body)?;
    envelope.vault.push(app.engine().vault().seal_secret(secret, secret_key.as_bytes()));
    let receipt = submit(app, envelope).await?;
    let made = find(&receipt, |event| match event {
        Event::Merchant(merchant::Event::Registered(made)) => Some(made.clone()),
        _ => None,
    })?;
    let shown = |secret: String| (!receipt.repeated).then_some(secret);
    Ok(MerchantMade {
        merchant_id: made.merchant.0,
        name: made.name,
        access_key: shown(access_key),
        secret_key: shown(secret_key),
        client_id: made.client_id,
        client_secret: shown(client_secret),
        mode: mode_name(made.mode),
        signature_required: made.signature_required,
    })
}

/// List merchants
#[utoipa::path(
    get,
    path = "/operator/merchants",
    tag = "merchants",
    security(("operator_token" = [])),
    responses((status = 200, body = [MerchantSeen]), (status = 401, body = ErrorBody), Unread),
)]
pub async fn list_merchants(State(app): State<App>) -> Result<Json<Vec<MerchantSeen>>, Error> {
    let all = app.current_models().await?.merchants().all()?;
    let seen = all.into_iter().map(|merchant| MerchantSeen {
        merchant_id: merchant.merchant.0,
        name: merchant.name,
        client_id: merchant.client_id,
        mode: mode_name(merchant.mode),
        signature_required: merchant.signature_required,
    });
    Ok(Json(seen.collect()))
}

/// Select the service mode
#[utoipa::path(
    post,
    path = "/operator/merchants/{id}/mode",
    tag = "merchants",
    security(("operator_token" = [])),
    params(
        ("id" = u32, Path, description = "The merchant's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key selects once."),
    ),
    request_body = SetMode,
    responses(
        (status = 200, body = ModeAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn set_mode(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ModeAnswer>, Error> {
    let (merchant, asked) = (merchant_id(&id)?, read::<SetMode>(&body)?);
    let command = merchant::Command::SetMode { merchant, mode: mode(asked.mode) };
    let envelope = app.envelope(Actor::Operator, None, Command::Merchant(command));
    let scope = Scope { realm: None, tenant: Some(merchant), endpoint: "POST /operator/merchants/{id}/mode" };
    submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    Ok(Json(ModeAnswer { merchant_id: merchant.0, mode: asked.mode }))
}

/// Issue another secret key
///
/// Earlier ones are accepted for the overlap; our webhooks are signed with the new one at once.
#[utoipa::path(
    post,
    path = "/operator/merchants/{id}/secret",
    tag = "merchants",
    security(("operator_token" = [])),
    params(
        ("id" = u32, Path, description = "The merchant's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key issues one secret."),
    ),
    request_body = RotateSecret,
    responses(
        (status = 200, body = SecretAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn rotate_secret(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<SecretAnswer>, Error> {
    let (merchant, asked) = (merchant_id(&id)?, read::<RotateSecret>(&body)?);
    let (secret, secret_key) = (SecretId(app.engine().random()), new_secret(&app));
    let overlap = Span::seconds(asked.overlap_seconds.unwrap_or(OVERLAP_SECONDS).into());
    let command = merchant::Command::RotateSecret { merchant, secret, overlap };
    let envelope = app.envelope(Actor::Operator, None, Command::Merchant(command));
    let scope =
        Scope { realm: None, tenant: Some(merchant), endpoint: "POST /operator/merchants/{id}/secret" };
    let mut envelope = keyed(&app, envelope, scope, &headers, &body)?;
    envelope.vault.push(app.engine().vault().seal_secret(secret, secret_key.as_bytes()));
    let receipt = submit(&app, envelope).await?;
    let number = find(&receipt, |event| match event {
        Event::Merchant(merchant::Event::SecretIssued(issued)) => Some(issued.number),
        _ => None,
    })?;
    let secret_key = (!receipt.repeated).then_some(secret_key);
    Ok(Json(SecretAnswer { merchant_id: merchant.0, number, secret_key }))
}

fn merchant_id(text: &str) -> Result<MerchantId, Error> {
    text.parse().map_err(|_| Error::NotFound(format!("no merchant has the number {text}")))
}

/// 256 random bits as hex.
fn new_secret(app: &App) -> String {
    hex(&app.engine().random::<32>())
}

fn digest(secret: &str) -> Digest {
    Digest(Sha256::digest(secret.as_bytes()).into())
}

pub(super) const fn mode(name: ModeName) -> Mode {
    match name {
        ModeName::Test => Mode::Test,
        ModeName::Active => Mode::Active,
    }
}

const fn mode_name(mode: Mode) -> ModeName {
    match mode {
        Mode::Test => ModeName::Test,
        Mode::Active => ModeName::Active,
    }
}
