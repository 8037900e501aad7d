//! The merchant's table: what its backend does about users that it has made.

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
};
use choai_engine::{domain::UserId, log::Actor, state::IdempotencyKey};

use super::{
    auth, balance, cards,
    convert::{self, NewUser, ProfileChange, Sent},
    errors::{Error, ErrorBody},
    wire::{Balance, Card, Data, Kyc, KycRequest, NewUserRequest, ProfileRequest, User},
};
use crate::{
    accounts::{
        kyc::{self, Asked, Others},
        users,
    },
    app::App,
    http::{bounded::BODY_BYTES_MAX, idempotency::Scope},
    oauth::Bearer,
};

/// Create a user
///
/// It belongs to the client that makes it. Without a password, the answer has a link on which the user sets one.
#[utoipa::path(
    post,
    path = "/api/oauth/merchant/users",
    tag = "ITO-Japan merchant OAuth",
    security(("oauth_client" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key does it once, for ever."),
    ),
    request_body(content(
        (NewUserRequest = "application/json"),
        (NewUserRequest = "application/x-www-form-urlencoded"),
        (NewUserRequest = "multipart/form-data"),
    )),
    responses(
        (status = 201, body = Data<User>),
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
pub async fn create(
    State(app): State<App>,
    request: Request,
) -> Result<(StatusCode, Json<Data<User>>), Error> {
    let bearer = auth::merchant(&app, request.headers())?;
    let sent = convert::sent(request, BODY_BYTES_MAX).await?;
    let new = NewUser::read(&sent.fields)?;
    let key = key(&app, &bearer, &sent, "POST /api/oauth/merchant/users", &new.fingerprint());
    let new = users::NewUser {
        tenant: bearer.tenant,
        client: Some(bearer.client_id),
        profile: new.profile,
        password: new.password,
    };
    let made = users::enrol(&app, Actor::Merchant(bearer.tenant), new, key).await?;
    let mut user = shown(&app, made.user).await?;
    user.set_password_url =
        made.invitation.map(|token| format!("{}/account/password?token={token}", app.public_url()));
    Ok((StatusCode::CREATED, Json(Data { data: user })))
}

/// Change a user's profile
///
/// What is absent stays.
#[utoipa::path(
    patch,
    path = "/api/oauth/merchant/users/{user}/profile",
    tag = "ITO-Japan merchant OAuth",
    security(("oauth_client" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key does it once, for ever."),
    ),
    request_body(content(
        (ProfileRequest = "application/json"),
        (ProfileRequest = "application/x-www-form-urlencoded"),
        (ProfileRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = Data<User>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 404, description = "No user of this number that this client has made.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn update_profile(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Data<User>>, Error> {
    let bearer = auth::merchant(&app, request.headers())?;
    let sent = convert::sent(request, BODY_BYTES_MAX).await?;
    let user = auth::own(&app, &bearer, &id).await?.user;
    let change = ProfileChange::read(&sent.fields)?;
    let request = [id.as_bytes(), b" ", &change.fingerprint()].concat();
    let key = key(&app, &bearer, &sent, "PATCH /api/oauth/merchant/users/{user}/profile", &request);
    let actor = Actor::Merchant(bearer.tenant);
    users::change_profile(&app, actor, user, key, |profile| change.apply(profile)).await?;
    Ok(Json(Data { data: shown(&app, user).await? }))
}

/// A user's balance
///
/// In the realm that the merchant's service mode selects.
#[utoipa::path(
    get,
    path = "/api/oauth/merchant/users/{user}/balance",
    tag = "ITO-Japan merchant OAuth",
    security(("oauth_client" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
    ),
    responses(
        (status = 200, body = Data<Balance>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 404, description = "No user of this number that this client has made.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn balance(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Data<Balance>>, Error> {
    let bearer = auth::merchant(&app, &headers)?;
    let view = auth::own(&app, &bearer, &id).await?;
    Ok(Json(Data { data: balance::of(&app, &view)? }))
}

/// A user's cards
///
/// In the order they were issued.
#[utoipa::path(
    get,
    path = "/api/oauth/merchant/users/{user}/cards",
    tag = "ITO-Japan merchant OAuth",
    security(("oauth_client" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
    ),
    responses(
        (status = 200, body = Data<Vec<Card>>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 404, description = "No user of this number that this client has made.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn cards(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Data<Vec<Card>>>, Error> {
    let bearer = auth::merchant(&app, &headers)?;
    let view = auth::own(&app, &bearer, &id).await?;
    Ok(Json(Data { data: cards::list(&app, &view)? }))
}

/// A user's KYC
///
/// The form, and what was answered so far.
#[utoipa::path(
    get,
    path = "/api/oauth/merchant/users/{user}/kyc",
    tag = "ITO-Japan merchant OAuth",
    security(("oauth_client" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
    ),
    responses(
        (status = 200, body = Data<Kyc>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 404, description = "No user of this number that this client has made.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn kyc(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Data<Kyc>>, Error> {
    let bearer = auth::merchant(&app, &headers)?;
    let view = auth::own(&app, &bearer, &id).await?;
    Ok(Json(Data { data: Kyc::of(Asked::of(&app, view.user).await?) }))
}

/// Save a draft of a user's KYC
///
/// What is sent is checked by its type; what is not stays as it is.
#[utoipa::path(
    patch,
    path = "/api/oauth/merchant/users/{user}/kyc",
    tag = "ITO-Japan merchant OAuth",
    security(("oauth_client" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
    ),
    request_body(content(
        (KycRequest = "application/json"),
        (KycRequest = "application/x-www-form-urlencoded"),
        (KycRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = Data<Kyc>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 404, description = "No user of this number that this client has made.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn draft_kyc(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Data<Kyc>>, Error> {
    let bearer = auth::merchant(&app, request.headers())?;
    let view = auth::own(&app, &bearer, &id).await?;
    let sent = convert::sent(request, convert::UPLOAD_BYTES_MAX).await?;
    let actor = Actor::Merchant(bearer.tenant);
    kyc::save(&app, actor, view.user, &sent.fields, Others::Stay).await?;
    Ok(Json(Data { data: Kyc::of(Asked::of(&app, view.user).await?) }))
}

/// Save the whole of a user's KYC
///
/// Every required field has to be there; documents stay that were uploaded before.
#[utoipa::path(
    put,
    path = "/api/oauth/merchant/users/{user}/kyc",
    tag = "ITO-Japan merchant OAuth",
    security(("oauth_client" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
    ),
    request_body(content(
        (KycRequest = "application/json"),
        (KycRequest = "application/x-www-form-urlencoded"),
        (KycRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = Data<Kyc>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 404, description = "No user of this number that this client has made.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn save_kyc(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Data<Kyc>>, Error> {
    let bearer = auth::merchant(&app, request.headers())?;
    let view = auth::own(&app, &bearer, &id).await?;
    let sent = convert::sent(request, convert::UPLOAD_BYTES_MAX).await?;
    let actor = Actor::Merchant(bearer.tenant);
    kyc::save(&app, actor, view.user, &sent.fields, Others::Go).await?;
    Ok(Json(Data { data: Kyc::of(Asked::of(&app, view.user).await?) }))
}

/// Submit a user's KYC
///
/// From then on the answers are locked, unless they are rejected.
#[utoipa::path(
    post,
    path = "/api/oauth/merchant/users/{user}/kyc/submit",
    tag = "ITO-Japan merchant OAuth",
    security(("oauth_client" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
    ),
    responses(
        (status = 200, body = Data<Kyc>),
        (status = 401, description = "No token, or one that does not hold.", body = ErrorBody),
        (status = 404, description = "No user of this number that this client has made.", body = ErrorBody),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 409, description = "Not as things are: the message says why.", body = ErrorBody),
        (status = 413, description = "The body is too long.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which.", body = ErrorBody),
    ),
)]
pub async fn submit_kyc(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Data<Kyc>>, Error> {
    let bearer = auth::merchant(&app, &headers)?;
    let view = auth::own(&app, &bearer, &id).await?;
    kyc::submit(&app, Actor::Merchant(bearer.tenant), view.user).await?;
    Ok(Json(Data { data: Kyc::of(Asked::of(&app, view.user).await?) }))
}

fn key(app: &App, bearer: &Bearer, sent: &Sent, endpoint: &str, request: &[u8]) -> Option<IdempotencyKey> {
    let scope = Scope { realm: None, tenant: Some(bearer.tenant), endpoint };
    sent.key.as_ref().map(|key| scope.hash(app.engine().vault(), key, request))
}

async fn shown(app: &App, user: UserId) -> Result<User, Error> {
    let view = app.current_models().await?.users().get(user)?.ok_or(Error::NotFound)?;
    let profile = users::profile(app, &view)?;
    Ok(User::of(&view, profile))
}
