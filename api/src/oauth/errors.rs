//! What OAuth endpoints answer instead of a token, in the shapes of Laravel Passport.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use choai_engine::Fault;
use serde::Serialize;
use utoipa::ToSchema;

use super::rows::Refused;
use crate::{
    app::ReadError,
    http::{body::BodyError, bounded::Unread},
};

/// An error as RFC 6749 has it, with what Passport adds.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub struct ErrorBody {
    /// The word that programs go by.
    #[schema(example = "invalid_grant")]
    pub error: &'static str,
    /// What it means.
    pub error_description: &'static str,
    /// What to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The description again, as earlier versions had it.
    pub message: &'static str,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// None of the three grants.
    UnsupportedGrantType,
    /// A parameter is missing or is not what it has to be; which, or what about it.
    InvalidRequest(String),
    /// No such app, or it did not prove to be that one. True if it tried by an `Authorization` header.
    InvalidClient(bool),
    /// There are no scopes, and one was asked for.
    InvalidScope(String),
    /// The code is not one that leads to tokens.
    InvalidGrant(&'static str),
    /// Nor is the refresh token.
    InvalidRefreshToken(&'static str),
    /// The body is longer than any has to be.
    TooLong,
    /// Too many at once.
    Busy,
    /// The server failed; nothing was given out.
    Unavailable,
}

impl Error {
    /// A parameter that is missing, or is there and unreadable.
    pub fn parameter(name: &str) -> Self {
        Self::InvalidRequest(format!("Check the `{name}` parameter"))
    }

    /// Status, word, description and hint.
    pub fn parts(&self) -> (StatusCode, &'static str, &'static str, Option<String>) {
        match self {
            Self::UnsupportedGrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
                Some("Check that all required parameters have been provided".into()),
            ),
            Self::InvalidRequest(hint) => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The request is missing a required parameter, includes an invalid parameter value, includes a parameter \
                 more than once, or is otherwise malformed.",
                Some(hint.clone()),
            ),
            Self::InvalidClient(_) => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed", None)
            }
            Self::InvalidScope(scope) => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "The requested scope is invalid, unknown, or malformed",
                Some(format!("Check the `{scope}` scope")),
            ),
            Self::InvalidGrant(hint) => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token \
                 is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or \
                 was issued to another client.",
                Some((*hint).into()),
            ),
            Self::InvalidRefreshToken(hint) => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "The refresh token is invalid.",
                Some((*hint).into()),
            ),
            Self::TooLong => {
                (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "The request body is too long.", None)
            }
            Self::Busy => {
                (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", "Too Many Attempts.", None)
            }
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "The service cannot answer at the moment. Try again later.",
                None,
            ),
        }
    }

    /// What becomes of a code.
    pub fn of_code(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => Self::InvalidGrant("Cannot validate the provided authorization code"),
            Refused::OtherClient => {
                Self::InvalidRequest("Authorization code was not issued to this client".into())
            }
            Refused::Expired => Self::InvalidGrant("Authorization code has expired"),
            Refused::Revoked => Self::InvalidGrant("Authorization code has been revoked"),
            Refused::Fault(fault) => fault.into(),
        }
    }

    /// What becomes of a refresh token.
    pub fn of_refresh_token(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => Self::InvalidRefreshToken("Cannot decrypt the refresh token"),
            Refused::OtherClient => Self::InvalidRefreshToken("Token is not linked to client"),
            Refused::Expired => Self::InvalidRefreshToken("Token has expired"),
            Refused::Revoked => Self::InvalidRefreshToken("Token has been revoked"),
            Refused::Fault(fault) => fault.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, error, message, hint) = self.parts();
        let body = ErrorBody { error, error_description: message, hint, message };
        let mut response = (status, Json(body)).into_response();
        if self == Self::InvalidClient(true) {
            let basic = HeaderValue::from_static("Basic realm=\"OAuth\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLong { .. } => Self::TooLong,
            Unread::TooMany => Self::Busy,
            Unread::Broken => Self::InvalidRequest("The body broke off".into()),
        }
    }
}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        Self::InvalidRequest(error.to_string())
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "a token could not be given out");
        Self::Unavailable
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        ReadError::from(fault).into()
    }
}
