//! Every way the surface says no, in the document's shape: `{"code", "status": "error", "message"}`.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use choai_engine::{
    SubmitError,
    domain::{Rejection, payment},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::ReadError,
    http::{body::BodyError, bounded::Unread, idempotency::BadKey},
};

/// An error as the document prints it; `errors` only where single fields failed.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoError)]
pub struct ErrorBody {
    /// The HTTP status again.
    #[schema(example = 401)]
    pub code: u16,
    /// `error`.
    #[schema(example = "error")]
    pub status: &'static str,
    /// What was wrong.
    #[schema(example = "Invalid API credentials.")]
    pub message: String,
    /// What was wrong, field by field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<&'static str, Vec<String>>,
}

/// Why a request was not served.
#[derive(Debug)]
pub enum Error {
    /// No access key, or one that is nobody's.
    Credentials,
    /// A signature that does not hold.
    Signature(String),
    /// A body or key that cannot be read.
    Unreadable(String),
    /// Longer than any body may be.
    TooLong(String),
    /// Of a type nobody can read.
    MediaType(String),
    /// Fields that fail, each with what is wrong.
    Fields(BTreeMap<&'static str, Vec<String>>),
    /// No such payment of this merchant, or not a paid one.
    NotFound,
    /// The same key was used for something else.
    Conflict(String),
    /// Too many at once.
    Busy,
    /// Not now; the message says what to do.
    Unavailable(String),
}

impl Error {
    /// One failing field.
    pub fn field(name: &'static str, what: impl Into<String>) -> Self {
        Self::Fields(BTreeMap::from([(name, vec![what.into()])]))
    }

    fn parts(self) -> (StatusCode, String, BTreeMap<&'static str, Vec<String>>) {
        let plain = |status, message: String| (status, message, BTreeMap::new());
        match self {
            Self::Credentials => plain(StatusCode::UNAUTHORIZED, "Invalid API credentials.".into()),
            Self::Signature(what) => plain(StatusCode::UNAUTHORIZED, what),
            Self::Unreadable(what) => plain(StatusCode::BAD_REQUEST, what),
            Self::TooLong(what) => plain(StatusCode::PAYLOAD_TOO_LARGE, what),
            Self::MediaType(what) => plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, what),
            Self::NotFound => plain(StatusCode::NOT_FOUND, "Transaction not found".into()),
            Self::Conflict(what) => plain(StatusCode::CONFLICT, what),
            Self::Busy => {
                plain(StatusCode::TOO_MANY_REQUESTS, "Too many requests are waiting. Try again.".into())
            }
            Self::Unavailable(what) => plain(StatusCode::SERVICE_UNAVAILABLE, what),
            Self::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, summary(&errors), errors),
        }
    }
}

/// The first thing wrong, and how many more there are.
fn summary(errors: &BTreeMap<&'static str, Vec<String>>) -> String {
    let mut all = errors.values().flatten();
    let first = all.next().map_or("The given data was invalid.", String::as_str);
    match all.count() {
        0 => first.to_owned(),
        1 => format!("{first} (and 1 more error)"),
        more => format!("{first} (and {more} more errors)"),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, message, errors) = self.parts();
        let body = ErrorBody { code: status.as_u16(), status: "error", message, errors };
        (status, Json(body)).into_response()
    }
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLong { .. } => Self::TooLong(sentence(&unread)),
            Unread::TooMany => Self::Busy,
            Unread::Broken => Self::Unreadable(sentence(&unread)),
        }
    }
}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::UnsupportedContentType => Self::MediaType(sentence(&error)),
            BodyError::NotUtf8
            | BodyError::MalformedJson(_)
            | BodyError::NotAnObject
            | BodyError::RepeatedKey(_)
            | BodyError::TooDeep
            | BodyError::TooManyFields
            | BodyError::MalformedMultipart => Self::Unreadable(sentence(&error)),
        }
    }
}

impl From<BadKey> for Error {
    fn from(error: BadKey) -> Self {
        Self::Unreadable(sentence(&error))
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "a read failed");
        Self::Unavailable("The service is catching up. Try again.".into())
    }
}

impl From<choai_projections::Behind> for Error {
    fn from(error: choai_projections::Behind) -> Self {
        ReadError::from(error).into()
    }
}

impl From<choai_engine::Fault> for Error {
    fn from(error: choai_engine::Fault) -> Self {
        ReadError::from(error).into()
    }
}

impl From<SubmitError> for Error {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => rejection.into(),
            SubmitError::Busy => Self::Busy,
            SubmitError::NoRoom => Self::Unavailable(
                "The service cannot take anything at the moment. Nothing changed. Try again later.".into(),
            ),
            SubmitError::OutcomeUnknown | SubmitError::Stopped | SubmitError::Fault(_) => {
                tracing::error!(%error, "a command got no answer");
                Self::Unavailable("The outcome is unknown. Retry with the same Idempotency-Key.".into())
            }
        }
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::IdempotencyConflict => Self::Conflict(sentence(&rejection)),
            Rejection::SignatureReused => Self::Signature(sentence(&rejection)),
            Rejection::Payment(rejection) => rejection.into(),
            // This surface sends payments' commands only, and asks for no revision.
            Rejection::WrongRevision { .. }
            | Rejection::InARealm
            | Rejection::Kyc(_)
            | Rejection::Listing(_)
            | Rejection::Card(_)
            | Rejection::Chain(_)
            | Rejection::Deposit(_)
            | Rejection::Merchant(_)
            | Rejection::Order(_)
            | Rejection::Payout(_)
            | Rejection::Points(_)
            | Rejection::Rail(_)
            | Rejection::Realm(_)
            | Rejection::Settlement(_)
            | Rejection::Signer(_)
            | Rejection::Subject(_)
            | Rejection::Subscription(_)
            | Rejection::Token(_)
            | Rejection::User(_)
            | Rejection::Wallet(_)
            | Rejection::Webhook(_)
            | Rejection::Withdrawal(_) => Self::Conflict(sentence(&rejection)),
        }
    }
}

impl From<payment::Rejection> for Error {
    fn from(rejection: payment::Rejection) -> Self {
        use payment::Rejection as Refused;
        let text = sentence(&rejection);
        match rejection {
            Refused::UnknownMerchant(_) => Self::Credentials,
            Refused::RealmNotSelected | Refused::Exists(_) => Self::Conflict(text),
            Refused::Unknown(_) => Self::NotFound,
            Refused::WrongCurrency(_) => Self::field("currency_code", text),
            Refused::NotPositive
            | Refused::TooLarge
            | Refused::Money(_)
            | Refused::CaptureOutOfRange { .. }
            | Refused::MoreThanRefundable { .. } => Self::field("amount", text),
            // No user pays on this surface.
            Refused::Party(_)
            | Refused::ThroughOrder(_)
            | Refused::NotTheBuyer(_)
            | Refused::PointsWithOrder(_)
            | Refused::OtherTenant(_)
            | Refused::PointsOnly
            | Refused::NotForPoints(_)
            | Refused::TopUp
            | Refused::Invoice(_)
            | Refused::OnlySales
            | Refused::UnknownToken(_)
            | Refused::NoRailBrings(_)
            | Refused::TooFewPoints { .. }
            | Refused::TooManyLots
            | Refused::NotByRail
            | Refused::SandboxInLive
            | Refused::NotAllowed { .. }
            | Refused::Method { .. }
            | Refused::BeyondCeiling { .. }
            | Refused::NoExcess
            | Refused::Short(_) => Self::Conflict(text),
        }
    }
}

/// An error's text as a sentence: the engine writes them without capital and stop.
fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
