//! `POST /oauth/token`: three ways to an access token.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    clients::Client,
    errors::{Error, ErrorBody},
    pkce,
    request::Asked,
    rows::Tokens,
};
use crate::app::App;

/// The fields of `POST /oauth/token`, for the API description.
#[derive(ToSchema)]
#[schema(as = OAuthTokenRequest)]
#[expect(dead_code, reason = "describes bodies that are read field by field")]
pub struct TokenRequest {
    /// `client_credentials`, `authorization_code` or `refresh_token`.
    #[schema(example = "client_credentials")]
    grant_type: String,
    /// The app; may come in an `Authorization: Basic` header instead, as may its secret.
    client_id: Option<String>,
    /// Of apps that keep one.
    client_secret: Option<String>,
    /// There are no scopes: empty or absent.
    scope: Option<String>,
    /// With `authorization_code`.
    code: Option<String>,
    /// With `authorization_code`: where the code was sent.
    redirect_uri: Option<String>,
    /// With `authorization_code`: what the challenge was made of.
    code_verifier: Option<String>,
    /// With `refresh_token`.
    refresh_token: Option<String>,
}

/// Tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthTokenAnswer)]
pub struct TokenAnswer {
    /// `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds that the access token lives.
    #[schema(example = 3600)]
    pub expires_in: i64,
    /// Presented with every request.
    pub access_token: String,
    /// Exchanged for the next pair; absent with `client_credentials`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// Get an access token
///
/// By client credentials, by a code and its verifier, or by a refresh token, which is replaced with every use. Forms
/// and JSON are taken.
#[utoipa::path(
    post,
    path = "/oauth/token",
    tag = "ITO-Japan OAuth",
    request_body(content(
        (TokenRequest = "application/x-www-form-urlencoded"),
        (TokenRequest = "application/json"),
        (TokenRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = TokenAnswer, headers(
            ("X-RateLimit-Limit" = u32, description = "Requests a minute."),
            ("X-RateLimit-Remaining" = u32, description = "How many are left of them."),
        )),
        (status = 400, description = "`invalid_request`, `invalid_grant`, `invalid_scope` or `unsupported_grant_type`.", body = ErrorBody),
        (status = 401, description = "`invalid_client`.", body = ErrorBody),
        (status = 429, description = "Too many requests; `Retry-After` says when to come back.", body = ErrorBody),
        (status = 503, description = "Not now; nothing was given out.", body = ErrorBody),
    ),
)]
pub async fn token(State(app): State<App>, request: Request) -> Response {
    match answer(&app, request).await {
        Ok(answer) => {
            let mut response = Json(answer).into_response();
            let headers = response.headers_mut();
            let set = [
                (header::CONTENT_TYPE, "application/json; charset=UTF-8"),
                (header::CACHE_CONTROL, "no-store"),
                (header::PRAGMA, "no-cache"),
            ];
            for (name, value) in set {
                headers.insert(name, HeaderValue::from_static(value));
            }
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn answer(app: &App, request: Request) -> Result<TokenAnswer, Error> {
    let asked = Asked::read(request).await?;
    let tokens = match asked.optional("grant_type")? {
        Some("client_credentials") => by_credentials(app, &asked).await?,
        Some("authorization_code") => by_code(app, &asked).await?,
        Some("refresh_token") => by_refresh_token(app, &asked).await?,
        Some(_) | None => return Err(Error::UnsupportedGrantType),
    };
    let Tokens { access, expires_in_s, refresh } = tokens;
    Ok(TokenAnswer {
        token_type: "Bearer",
        expires_in: expires_in_s,
        access_token: access,
        refresh_token: refresh,
    })
}

async fn by_credentials(app: &App, asked: &Asked) -> Result<Tokens, Error> {
    let client = asked.client(app).await?;
    if !client.is_confidential() {
        return Err(Error::InvalidClient(asked.is_by_header()));
    }
    asked.check_scope()?;
    let Client { id, tenant, .. } = client;
    Ok(app.oauth().blocking(app, move |rows| rows.issue_to_client(&id, tenant)).await?)
}

async fn by_code(app: &App, asked: &Asked) -> Result<Tokens, Error> {
    let client = asked.client(app).await?;
    let redirect_uri = asked.optional("redirect_uri")?.map(str::to_owned);
    if redirect_uri.as_ref().is_some_and(|uri| !client.redirect_uris().contains(uri)) {
        return Err(Error::InvalidClient(asked.is_by_header()));
    }
    let code = asked.required("code")?.to_owned();
    let verifier = asked.optional("code_verifier")?.map(str::to_owned);
    let redeemed = app.oauth().blocking(app, move |rows| {
        let known = rows.read_code(&code, &client.id).map_err(Error::of_code)?;
        if redirect_uri.ok_or_else(|| Error::parameter("redirect_uri"))? != known.redirect_uri {
            return Err(Error::InvalidRequest("Invalid redirect URI".into()));
        }
        pkce::check(verifier.as_deref(), &known.challenge)?;
        rows.redeem_code(&code, &client.id).map_err(Error::of_code)
    });
    redeemed.await
}

async fn by_refresh_token(app: &App, asked: &Asked) -> Result<Tokens, Error> {
    let client = asked.client(app).await?;
    let token = asked.required("refresh_token")?.to_owned();
    asked.check_scope()?;
    let refreshed = app
        .oauth()
        .blocking(app, move |rows| rows.refresh(&token, &client.id).map_err(Error::of_refresh_token));
    refreshed.await
}
