//! Every way these endpoints say no, in Laravel's shapes: `{"message"}`, and `errors` where fields fail.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use choai_engine::{
    Fault, SubmitError,
    domain::{Rejection, card, kyc, user},
};
use choai_projections::Behind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::{kyc::KycError, users::UserError},
    app::ReadError,
    http::{body::BodyError, bounded::Unread, idempotency::BadKey},
    oauth::Unauthenticated,
};

/// An error as Laravel answers it.
#[derive(Serialize, ToSchema)]
#[schema(as = LaravelError)]
pub struct ErrorBody {
    /// What was wrong.
    #[schema(example = "The email field is required. (and 1 more error)")]
    pub message: String,
    /// What was wrong, field by field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, Vec<String>>,
}

/// Why a request was not served.
#[derive(Debug)]
pub enum Error {
    /// No token, or one that does not hold, or not of this kind.
    Unauthenticated,
    /// A body or key that cannot be read.
    Unreadable(String),
    /// Longer than any body may be.
    TooLong(String),
    /// Of a type nobody can read.
    MediaType(String),
    /// Fields that fail, each with what is wrong.
    Fields(BTreeMap<String, Vec<String>>),
    /// Nothing of this app's.
    NotFound,
    /// Not as things are.
    Conflict(String),
    /// Too many at once.
    Busy,
    /// Not now; the message says what to do.
    Unavailable(String),
}

impl Error {
    /// One failing field.
    pub fn field(name: &str, what: impl Into<String>) -> Self {
        Self::Fields(BTreeMap::from([(name.to_owned(), vec![what.into()])]))
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, message, errors) = match self {
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "Unauthenticated.".into(), BTreeMap::new()),
            Self::Unreadable(what) => (StatusCode::BAD_REQUEST, what, BTreeMap::new()),
            Self::TooLong(what) => (StatusCode::PAYLOAD_TOO_LARGE, what, BTreeMap::new()),
            Self::MediaType(what) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, what, BTreeMap::new()),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found.".into(), BTreeMap::new()),
            Self::Conflict(what) => (StatusCode::CONFLICT, what, BTreeMap::new()),
            Self::Busy => (StatusCode::TOO_MANY_REQUESTS, "Too Many Attempts.".into(), BTreeMap::new()),
            Self::Unavailable(what) => (StatusCode::SERVICE_UNAVAILABLE, what, BTreeMap::new()),
            Self::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, summary(&errors), errors),
        };
        (status, Json(ErrorBody { message, errors })).into_response()
    }
}

/// The first thing wrong, and how many more there are.
fn summary(errors: &BTreeMap<String, Vec<String>>) -> String {
    let mut all = errors.values().flatten();
    let first = all.next().map_or("The given data was invalid.", String::as_str);
    match all.count() {
        0 => first.to_owned(),
        1 => format!("{first} (and 1 more error)"),
        more => format!("{first} (and {more} more errors)"),
    }
}

impl From<Unauthenticated> for Error {
    fn from(error: Unauthenticated) -> Self {
        match error {
            Unauthenticated::Token => Self::Unauthenticated,
            Unauthenticated::Fault(fault) => fault.into(),
        }
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

impl From<Behind> for Error {
    fn from(error: Behind) -> Self {
        ReadError::from(error).into()
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        ReadError::from(fault).into()
    }
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        match error {
            UserError::EmailTaken => Self::field("email", "The email has already been taken."),
            UserError::Erased => Self::Conflict("The user was erased.".into()),
            UserError::Contended | UserError::Busy(_) => Self::Busy,
            UserError::Submit(error) => error.into(),
            UserError::Fault(fault) => fault.into(),
        }
    }
}

impl From<KycError> for Error {
    fn from(error: KycError) -> Self {
        match error {
            KycError::Fields(failed) => Self::Fields(failed),
            KycError::Refused(rejection) => rejection.into(),
            KycError::User(error) => error.into(),
        }
    }
}

impl From<kyc::Rejection> for Error {
    fn from(rejection: kyc::Rejection) -> Self {
        match rejection {
            kyc::Rejection::User(rejection) => rejection.into(),
            kyc::Rejection::OperatorOnly
            | kyc::Rejection::NotAllowed { .. }
            | kyc::Rejection::OtherForm { .. }
            | kyc::Rejection::TooManyDocuments(_) => Self::Conflict(sentence(&rejection)),
        }
    }
}

impl From<user::Rejection> for Error {
    fn from(rejection: user::Rejection) -> Self {
        match rejection {
            user::Rejection::UnknownMerchant(_) | user::Rejection::Unknown(_) => Self::NotFound,
            user::Rejection::Taken(_) | user::Rejection::Closed(_) | user::Rejection::NotItsOwn(_) => {
                Self::Conflict(sentence(&rejection))
            }
        }
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
            Rejection::User(rejection) => rejection.into(),
            Rejection::Kyc(rejection) => rejection.into(),
            Rejection::Card(card::Rejection::Unknown(_)) => Self::NotFound,
            Rejection::IdempotencyConflict
            | Rejection::SignatureReused
            | Rejection::WrongRevision { .. }
            | Rejection::InARealm
            | Rejection::Listing(_)
            | Rejection::Card(_)
            | Rejection::Chain(_)
            | Rejection::Deposit(_)
            | Rejection::Merchant(_)
            | Rejection::Order(_)
            | Rejection::Payment(_)
            | Rejection::Payout(_)
            | Rejection::Points(_)
            | Rejection::Rail(_)
            | Rejection::Realm(_)
            | Rejection::Settlement(_)
            | Rejection::Signer(_)
            | Rejection::Subject(_)
            | Rejection::Subscription(_)
            | Rejection::Token(_)
            | Rejection::Wallet(_)
            | Rejection::Webhook(_)
            | Rejection::Withdrawal(_) => Self::Conflict(sentence(&rejection)),
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
