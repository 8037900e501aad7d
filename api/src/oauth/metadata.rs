//! `GET /.well-known/oauth-authorization-server`: where everything is (RFC 8414).

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// Where the server is and what it can do.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthMetadata)]
pub struct Metadata {
    /// This server.
    issuer: String,
    /// Where users agree.
    authorization_endpoint: String,
    /// Where apps get tokens.
    token_endpoint: String,
    /// Where they give them back.
    revocation_endpoint: String,
    /// None.
    scopes_supported: [&'static str; 0],
    /// Codes only.
    response_types_supported: [&'static str; 1],
    /// In the query of the redirect URI.
    response_modes_supported: [&'static str; 1],
    /// All three.
    grant_types_supported: [&'static str; 3],
    /// How apps prove themselves at the token endpoint; those without a secret do not.
    token_endpoint_auth_methods_supported: [&'static str; 3],
    /// The same where tokens are revoked.
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    /// SHA-256 only.
    code_challenge_methods_supported: [&'static str; 1],
    /// Redirects say who sent them (RFC 9207).
    authorization_response_iss_parameter_supported: bool,
}

/// Where the OAuth server's endpoints are
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    tag = "ITO-Japan OAuth",
    responses((status = 200, body = Metadata)),
)]
pub async fn metadata(State(app): State<App>) -> Json<Metadata> {
    let at = |path: &str| format!("{}{path}", app.public_url());
    let methods = ["client_secret_basic", "client_secret_post", "none"];
    Json(Metadata {
        issuer: app.public_url().to_owned(),
        authorization_endpoint: at("/oauth/authorize"),
        token_endpoint: at("/oauth/token"),
        revocation_endpoint: at("/oauth/revoke"),
        scopes_supported: [],
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["client_credentials", "authorization_code", "refresh_token"],
        token_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_methods_supported: methods,
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
    })
}
