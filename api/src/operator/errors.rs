//! Every way an operator endpoint says no.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use choai_engine::{SubmitError, domain::Rejection};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::ReadError;

/// An error.
#[derive(Serialize, ToSchema)]
#[schema(as = OperatorError)]
pub struct ErrorBody {
    /// The HTTP status again.
    #[schema(example = 404)]
    pub code: u16,
    /// `error`.
    #[schema(example = "error")]
    pub status: &'static str,
    /// What was wrong.
    pub message: String,
}

/// Why a request was not served.
#[derive(Debug)]
pub enum Error {
    /// No token, or the wrong one.
    Token,
    /// A body or parameter that cannot be read.
    Unreadable(String),
    /// Something that is not there.
    NotFound(String),
    /// Refused by the rules.
    Rejected(Rejection),
    /// Too many at once.
    Busy,
    /// Not now.
    Unavailable(String),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Token => (StatusCode::UNAUTHORIZED, "The operator token is missing or wrong.".to_owned()),
            Self::Unreadable(what) => (StatusCode::BAD_REQUEST, what),
            Self::NotFound(what) => (StatusCode::NOT_FOUND, what),
            Self::Rejected(rejection) => (rejected(&rejection), rejection.to_string()),
            Self::Busy => {
                (StatusCode::TOO_MANY_REQUESTS, "too many commands are waiting; try again".to_owned())
            }
            Self::Unavailable(what) => (StatusCode::SERVICE_UNAVAILABLE, what),
        };
        (status, Json(ErrorBody { code: status.as_u16(), status: "error", message })).into_response()
    }
}

/// The status of a rejection: missing things are 404, bad values 422, everything else clashes with what is.
fn rejected(rejection: &Rejection) -> StatusCode {
    use choai_engine::domain::{merchant, payment, rail, realm, webhook};
    match rejection {
        Rejection::IdempotencyConflict | Rejection::SignatureReused | Rejection::WrongRevision { .. } => {
            StatusCode::CONFLICT
        }
        Rejection::Merchant(merchant::Rejection::Unknown(_))
        | Rejection::Payment(payment::Rejection::Unknown(_) | payment::Rejection::UnknownMerchant(_))
        | Rejection::Webhook(webhook::Rejection::Unknown(_)) => StatusCode::NOT_FOUND,
        Rejection::Merchant(
            merchant::Rejection::Name
            | merchant::Rejection::NotChargeable(_)
            | merchant::Rejection::NegativeCharge
            | merchant::Rejection::Overlap,
        )
        | Rejection::Realm(realm::Rejection::Step | realm::Rejection::EndOfTime)
        | Rejection::Rail(rail::Rejection::Amount | rail::Rejection::NoRealm | rail::Rejection::Money(_))
        | Rejection::Payment(
            payment::Rejection::NotPositive
            | payment::Rejection::TooLarge
            | payment::Rejection::Currency(_)
            | payment::Rejection::WrongCurrency(_)
            | payment::Rejection::Money(_)
            | payment::Rejection::CaptureOutOfRange { .. }
            | payment::Rejection::MoreThanRefundable { .. }
            | payment::Rejection::Method { .. },
        ) => StatusCode::UNPROCESSABLE_ENTITY,
        Rejection::Realm(realm::Rejection::NotTest)
        | Rejection::Rail(rail::Rejection::SandboxInLive)
        | Rejection::Payment(
            payment::Rejection::RealmNotSelected
            | payment::Rejection::Exists(_)
            | payment::Rejection::SandboxInLive
            | payment::Rejection::NotAllowed { .. }
            | payment::Rejection::BeyondCeiling { .. }
            | payment::Rejection::NoExcess
            | payment::Rejection::Short(_),
        )
        | Rejection::Webhook(
            webhook::Rejection::Over
            | webhook::Rejection::NotTheNextAttempt { .. }
            | webhook::Rejection::StillTrying,
        ) => StatusCode::CONFLICT,
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<choai_projections::Behind> for Error {
    fn from(error: choai_projections::Behind) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<choai_engine::Fault> for Error {
    fn from(error: choai_engine::Fault) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<crate::http::idempotency::BadKey> for Error {
    fn from(error: crate::http::idempotency::BadKey) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<SubmitError> for Error {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => Self::Rejected(rejection),
            SubmitError::Busy => Self::Busy,
            SubmitError::OutcomeUnknown | SubmitError::Stopped | SubmitError::Fault(_) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}
