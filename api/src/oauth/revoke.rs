//! `POST /oauth/revoke`: a token that is no longer wanted (RFC 7009).

use axum::{
    extract::{Request, State},
    http::StatusCode,
};
use utoipa::ToSchema;

use super::{
    errors::{Error, ErrorBody},
    request::Asked,
};
use crate::app::App;

/// The fields of `POST /oauth/revoke`, for the API description.
#[derive(ToSchema)]
#[schema(as = OAuthRevokeRequest)]
#[expect(dead_code, reason = "describes bodies that are read field by field")]
pub struct RevokeRequest {
    /// An access or a refresh token. Both of the pair end, and all that could follow from them.
    token: String,
    /// Looked at by nobody: a token says itself what it is.
    token_type_hint: Option<String>,
    /// The app; may come in an `Authorization: Basic` header instead, as may its secret.
    client_id: Option<String>,
    /// Of apps that keep one.
    client_secret: Option<String>,
}

/// Revoke a token
///
/// Of the app's own. What is no token, or none of its, is no error: it does not hold, which is what was asked for.
#[utoipa::path(
    post,
    path = "/oauth/revoke",
    tag = "ITO-Japan OAuth",
    request_body(content(
        (RevokeRequest = "application/x-www-form-urlencoded"),
        (RevokeRequest = "application/json"),
        (RevokeRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "It does not hold."),
        (status = 400, description = "`invalid_request`.", body = ErrorBody),
        (status = 401, description = "`invalid_client`.", body = ErrorBody),
        (status = 503, description = "Not now; nothing changed.", body = ErrorBody),
    ),
)]
pub async fn revoke(State(app): State<App>, request: Request) -> Result<StatusCode, Error> {
    let asked = Asked::read(request).await?;
    let client = asked.client(&app).await?;
    let token = asked.required("token")?.to_owned();
    app.oauth().blocking(&app, move |rows| rows.revoke(&token, &client.id)).await?;
    Ok(StatusCode::OK)
}
