//! The user's table: what an app does for a user who let it in.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use choai_engine::log::Actor;

use super::{
    auth, balance, cards, convert,
    errors::{Error, ErrorBody},
    wire::{Balance, Card, Data, IssueRequest, Kyc, KycRequest, Sensitive, SensitiveRequest, User},
};
use crate::{
    accounts::{
        kyc::{self, Asked, Others},
        users,
    },
    app::App,
    http::{bounded::BODY_BYTES_MAX, idempotency::Scope},
};

/// The current user
///
/// Who let the app in.
#[utoipa::path(
    get,
    path = "/api/oauth/user/me",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    responses(
        (status = 200, body = Data<User>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn me(State(app): State<App>, headers: HeaderMap) -> Result<Json<Data<User>>, Error> {
    let view = auth::user(&app, &headers).await?;
    let profile = users::profile(&app, &view)?;
    Ok(Json(Data { data: User::of(&view, profile) }))
}

/// The user's balance
///
/// In the realm that the merchant's service mode selects.
#[utoipa::path(
    get,
    path = "/api/oauth/user/balance",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    responses(
        (status = 200, body = Data<Balance>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn balance(State(app): State<App>, headers: HeaderMap) -> Result<Json<Data<Balance>>, Error> {
    let view = auth::user(&app, &headers).await?;
    Ok(Json(Data { data: balance::of(&app, &view)? }))
}

/// The user's cards
///
/// In the order they were issued.
#[utoipa::path(
    get,
    path = "/api/oauth/user/cards",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    responses(
        (status = 200, body = Data<Vec<Card>>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn cards(State(app): State<App>, headers: HeaderMap) -> Result<Json<Data<Vec<Card>>>, Error> {
    let view = auth::user(&app, &headers).await?;
    Ok(Json(Data { data: cards::list(&app, &view)? }))
}

/// Issue a card
///
/// To a user whose KYC is approved and whose subscription of the month is paid. It spends from the user's wallet.
#[utoipa::path(
    post,
    path = "/api/oauth/user/cards/issue",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key does it once, for ever."),
    ),
    request_body(content(
        (IssueRequest = "application/json"),
        (IssueRequest = "application/x-www-form-urlencoded"),
        (IssueRequest = "multipart/form-data"),
    )),
    responses(
        (status = 201, body = Data<Card>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn issue_card(
    State(app): State<App>,
    request: Request,
) -> Result<(StatusCode, Json<Data<Card>>), Error> {
    let view = auth::user(&app, request.headers()).await?;
    let sent = convert::sent(request, BODY_BYTES_MAX).await?;
    let scope =
        Scope { realm: None, tenant: Some(view.tenant), endpoint: "POST /api/oauth/user/cards/issue" };
    // Of this user, whoever of them has the same key.
    let asked = format!("{} {:?}", view.user, sent.fields.get("currency_code"));
    let key = sent
        .key
        .as_ref()
        .map(|key| scope.hash(app.engine().vault(), &format!("{} {key}", view.user), asked.as_bytes()));
    let card = cards::issue(&app, &view, &sent.fields, key).await?;
    Ok((StatusCode::CREATED, Json(Data { data: card })))
}

/// What may be told of a card
///
/// The last four digits: nobody here knows more.
#[utoipa::path(
    post,
    path = "/api/oauth/user/cards/sensitive",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    request_body(content(
        (SensitiveRequest = "application/json"),
        (SensitiveRequest = "application/x-www-form-urlencoded"),
        (SensitiveRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = Data<Sensitive>),
        (status = 404, description = "No such card of this user.", body = ErrorBody),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn sensitive(State(app): State<App>, request: Request) -> Result<Json<Data<Sensitive>>, Error> {
    let view = auth::user(&app, request.headers()).await?;
    let sent = convert::sent(request, BODY_BYTES_MAX).await?;
    Ok(Json(Data { data: cards::sensitive(&app, &view, &sent.fields)? }))
}

/// The user's KYC
///
/// The form, and what was answered so far.
#[utoipa::path(
    get,
    path = "/api/oauth/user/kyc",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    responses(
        (status = 200, body = Data<Kyc>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn kyc(State(app): State<App>, headers: HeaderMap) -> Result<Json<Data<Kyc>>, Error> {
    let view = auth::user(&app, &headers).await?;
    Ok(Json(Data { data: Kyc::of(Asked::of(&app, view.user).await?) }))
}

/// Save a draft of the user's KYC
///
/// What is sent is checked by its type; what is not stays as it is.
#[utoipa::path(
    patch,
    path = "/api/oauth/user/kyc",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    request_body(content(
        (KycRequest = "application/json"),
        (KycRequest = "application/x-www-form-urlencoded"),
        (KycRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = Data<Kyc>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn draft_kyc(State(app): State<App>, request: Request) -> Result<Json<Data<Kyc>>, Error> {
    let view = auth::user(&app, request.headers()).await?;
    let sent = convert::sent(request, convert::UPLOAD_BYTES_MAX).await?;
    kyc::save(&app, Actor::Merchant(view.tenant), view.user, &sent.fields, Others::Stay).await?;
    Ok(Json(Data { data: Kyc::of(Asked::of(&app, view.user).await?) }))
}

/// Save the whole of the user's KYC
///
/// Every required field has to be there; documents stay that were uploaded before.
#[utoipa::path(
    put,
    path = "/api/oauth/user/kyc",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    request_body(content(
        (KycRequest = "application/json"),
        (KycRequest = "application/x-www-form-urlencoded"),
        (KycRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = Data<Kyc>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn save_kyc(State(app): State<App>, request: Request) -> Result<Json<Data<Kyc>>, Error> {
    let view = auth::user(&app, request.headers()).await?;
    let sent = convert::sent(request, convert::UPLOAD_BYTES_MAX).await?;
    kyc::save(&app, Actor::Merchant(view.tenant), view.user, &sent.fields, Others::Go).await?;
    Ok(Json(Data { data: Kyc::of(Asked::of(&app, view.user).await?) }))
}

/// Submit the user's KYC
///
/// From then on the answers are locked, unless they are rejected.
#[utoipa::path(
    post,
    path = "/api/oauth/user/kyc/submit",
    tag = "ITO-Japan user OAuth",
    security(("oauth_user" = [])),
    responses(
        (status = 200, body = Data<Kyc>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn submit_kyc(State(app): State<App>, headers: HeaderMap) -> Result<Json<Data<Kyc>>, Error> {
    let view = auth::user(&app, &headers).await?;
    kyc::submit(&app, Actor::Merchant(view.tenant), view.user).await?;
    Ok(Json(Data { data: Kyc::of(Asked::of(&app, view.user).await?) }))
}
