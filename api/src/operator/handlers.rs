//! The operator's endpoints: parse, submit or ask, render.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    Envelope, Receipt,
    books::Realm,
    domain::{
        Command, Digest, Event, MerchantId, PaymentId, SecretId, Span,
        merchant::{self, Mode},
        payment::{self, Method, Stage},
        realm,
    },
    hex,
    log::Actor,
    money::{Currency, Money},
};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::{
    errors::{Error, ErrorBody, Unread, Unwritten},
    wire::{
        AdvanceClock, ClockAnswer, MerchantMade, MerchantSeen, ModeAnswer, ModeName, NewMerchant,
        PaymentStands, RotateSecret, SandboxPaid, SecretAnswer, SetMode, TrialBalance, TrialLine,
    },
};
use crate::{
    app::App,
    http::idempotency::{self, Scope},
    rails::sandbox,
};

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
    let new: NewMerchant = read(&body)?;
    let key = idempotency::key(&headers)?;
    register(&app, new, key.map(|key| (key, &body[..]))).await.map(Json)
}

/// Registers a merchant with new keys; `key` is the idempotency key with the request it came with.
///
/// # Errors
/// [`Error`] when it is refused.
pub async fn register(
    app: &App,
    new: NewMerchant,
    key: Option<(&str, &[u8])>,
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
    let vault = app.engine().vault();
    let mut envelope = app.envelope(Actor::Operator, None, Command::Merchant(command));
    let scope = Scope { realm: None, tenant: None, endpoint: "POST /operator/merchants" };
    envelope.provenance.idempotency = key.map(|(key, request)| scope.hash(vault, key, request));
    envelope.vault.push(vault.seal_secret(secret, secret_key.as_bytes()));
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

/// Let money arrive on the sandbox rail
///
/// What a konbini, a bank or a card network would report; test realms only.
#[utoipa::path(
    post,
    path = "/operator/sandbox/payments/{payment_id}/paid",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(
        ("payment_id" = String, Path, description = "25 letters and digits."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key lets money arrive once."),
    ),
    request_body = Option<SandboxPaid>,
    responses(
        (status = 200, body = PaymentStands),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn sandbox_paid(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PaymentStands>, Error> {
    let unknown = || Error::NotFound(format!("no payment has the id {id}"));
    let payment: PaymentId = id.parse().map_err(|_| unknown())?;
    let asked = if body.is_empty() { SandboxPaid::default() } else { read(&body)? };
    let view = app.current_models().await?.payments().get(&payment)?.ok_or_else(unknown)?;
    let amount = match &asked.amount {
        Some(text) => amount(text, view.total.currency)?,
        None if view.stage.is_open() => view.total.minus(view.paid).unwrap_or(view.total),
        None => view.total,
    };
    let means = view.means.unwrap_or(sandbox::means(Method::CreditCard));
    let command = payment::Command::Receive { payment, means, amount };
    let envelope = app.envelope(Actor::Operator, Some(view.realm), Command::Payment(command));
    let scope = Scope {
        realm: Some(view.realm),
        tenant: None,
        endpoint: "POST /operator/sandbox/payments/{payment_id}/paid",
    };
    // As it was asked: what is due changes between a request and its repetition.
    let request = format!("{payment} {:?}", asked.amount);
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, request.as_bytes())?).await?;
    let stage = match stage_after(&receipt) {
        Some(stage) => stage,
        // Money that was not due leaves the payment as it was.
        None => app.models().payments().get(&payment)?.ok_or_else(unknown)?.stage,
    };
    let position = receipt.events.iter().filter(|recorded| matches!(recorded.event, Event::Payment(_)));
    let position = position.map(|recorded| recorded.position).max().ok_or_else(other_kind)?;
    Ok(Json(PaymentStands { payment_id: payment.to_string(), stage: stage.word().to_owned(), position }))
}

/// The stage that money led to, if it led anywhere. Told by the events themselves: the read models may be late, and
/// at a repeat they tell of another time.
fn stage_after(receipt: &Receipt) -> Option<Stage> {
    use payment::Event as Happened;
    receipt.events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::Payment(Happened::Captured(_)) => Some(Stage::Captured),
        Event::Payment(Happened::PartReceived(_)) => Some(Stage::Pending),
        // What was not due, and what does not follow from money that comes in.
        Event::Payment(
            Happened::ExcessReceived(_)
            | Happened::ExcessReturned(_)
            | Happened::Created(_)
            | Happened::AwaitingCustomer(_)
            | Happened::Authorized(_)
            | Happened::Declined(_)
            | Happened::Cancelled(_)
            | Happened::Expired(_)
            | Happened::Failed(_)
            | Happened::Refunded(_)
            | Happened::ChargedBack(_)
            | Happened::ChargebackWon(_),
        )
        | Event::Chain(_)
        | Event::Deposit(_)
        | Event::Merchant(_)
        | Event::Payout(_)
        | Event::Points(_)
        | Event::Rail(_)
        | Event::Realm(_)
        | Event::Settlement(_)
        | Event::Token(_)
        | Event::User(_)
        | Event::Wallet(_)
        | Event::Webhook(_)
        | Event::Withdrawal(_) => None,
    })
}

/// Move a tenant's test clock forward
#[utoipa::path(
    post,
    path = "/operator/clock/advance",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key moves the clock once.")),
    request_body = AdvanceClock,
    responses(
        (status = 200, body = ClockAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn advance_clock(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ClockAnswer>, Error> {
    let asked: AdvanceClock = read(&body)?;
    let merchant = MerchantId(asked.merchant_id);
    let known = app.current_models().await?.merchants().get(merchant)?;
    known.ok_or_else(|| Error::NotFound(format!("no merchant has the number {merchant}")))?;
    let by = asked.seconds.checked_mul(1_000_000).map(Span);
    let by = by.ok_or(Error::Rejected(realm::Rejection::Step.into()))?;
    let test = Realm::Test(merchant);
    let command = Command::Realm(realm::Command::AdvanceClock { by });
    let envelope = app.envelope(Actor::Operator, Some(test), command);
    let scope = Scope { realm: Some(test), tenant: None, endpoint: "POST /operator/clock/advance" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let (ahead, before) = receipt
        .events
        .iter()
        .find_map(|recorded| match &recorded.event {
            Event::Realm(realm::Event::ClockAdvanced(moved)) => {
                Some((moved.ahead, recorded.header.effective_at))
            }
            _ => None,
        })
        .ok_or_else(other_kind)?;
    let now = (before + by).to_string();
    Ok(Json(ClockAnswer { merchant_id: merchant.0, now, ahead_seconds: ahead.0 / 1_000_000 }))
}

/// The trial balance of every realm and currency
#[utoipa::path(
    get,
    path = "/operator/trial-balance",
    tag = "books",
    security(("operator_token" = [])),
    responses((status = 200, body = TrialBalance), (status = 401, body = ErrorBody), Unread),
)]
pub async fn trial_balance(State(app): State<App>) -> Result<Json<TrialBalance>, Error> {
    let models = app.current_models().await?;
    let choai_projections::TrialBalance { position, lines } = models.balances().trial_balance()?;
    let mut sums = std::collections::BTreeMap::<_, i128>::new();
    for line in &lines {
        *sums.entry((line.realm, line.currency)).or_default() += line.debit_minor;
    }
    let balanced = sums.values().all(|sum| *sum == 0);
    let lines = lines.into_iter().map(|line| {
        let side = |minor: i128| Money::new(minor.max(0), line.currency).to_decimal();
        TrialLine {
            realm: line.realm.to_string(),
            currency: line.currency.to_string(),
            class: line.class.name().to_owned(),
            debit: side(line.debit_minor),
            credit: side(-line.debit_minor),
        }
    });
    Ok(Json(TrialBalance { position, balanced, lines: lines.collect() }))
}

/// What was asked for, in a currency known already.
pub(super) fn amount(text: &str, currency: Currency) -> Result<Money, Error> {
    Money::parse(text, currency).map_err(|error| Error::Unreadable(format!("amount {error}")))
}

/// The currency of a code.
pub(super) fn currency(code: &str) -> Result<Currency, Error> {
    Currency::from_code(code).ok_or_else(|| Error::Unreadable(format!("{code} is no currency here")))
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

fn other_kind() -> Error {
    Error::Unreadable("this key was used for another kind of request".into())
}

/// Reads a JSON body, whatever its content type says.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|error| Error::Unreadable(format!("the body is not what this takes: {error}")))
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

const fn mode(name: ModeName) -> Mode {
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
