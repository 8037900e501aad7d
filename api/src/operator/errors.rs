//! Every way an operator endpoint says no.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use choai_engine::{SubmitError, domain::Rejection};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

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

/// What every endpoint that writes may answer, whatever was asked.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the descriptions are made of it")]
pub enum Unwritten {
    /// The body is longer than 1 MiB.
    #[response(status = 413)]
    TooLong(ErrorBody),
    /// Too many commands are waiting, or the read models are too far behind; nothing changed.
    #[response(status = 429, headers(("Retry-After" = u32, description = "Seconds.")))]
    Busy(ErrorBody),
    /// A fault; the message says whether the outcome is known. Retry with the same Idempotency-Key.
    #[response(status = 503, headers(("Retry-After" = u32, description = "Seconds.")))]
    Unavailable(ErrorBody),
}

/// What every endpoint that reads may answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the descriptions are made of it")]
pub enum Unread {
    /// The read models are behind, or a fault.
    #[response(status = 503, headers(("Retry-After" = u32, description = "Seconds.")))]
    Unavailable(ErrorBody),
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
    /// It clashes with what is being done.
    Conflict(String),
    /// Refused by the rules.
    Rejected(Rejection),
    /// Too many at once.
    Busy,
    /// Not now; the message says what to do. What happened is traced, not answered: it may name files.
    Unavailable(&'static str),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Token => (StatusCode::UNAUTHORIZED, "The operator token is missing or wrong.".to_owned()),
            Self::Unreadable(what) => (StatusCode::BAD_REQUEST, what),
            Self::NotFound(what) => (StatusCode::NOT_FOUND, what),
            Self::Conflict(what) => (StatusCode::CONFLICT, what),
            Self::Rejected(rejection) => (rejected(&rejection), rejection.to_string()),
            Self::Busy => {
                (StatusCode::TOO_MANY_REQUESTS, "too many commands are waiting; try again".to_owned())
            }
            Self::Unavailable(what) => (StatusCode::SERVICE_UNAVAILABLE, what.to_owned()),
        };
        let body = ErrorBody { code: status.as_u16(), status: "error", message };
        (status, Json(body)).into_response()
    }
}

/// The status of a rejection: missing things are 404, bad values 422, everything else clashes with what is.
fn rejected(rejection: &Rejection) -> StatusCode {
    use chain::PlatformRejection;
    use choai_engine::domain::{
        PartyRejection, card, chain, deposit, kyc, listing, merchant, order, payment, payout, points, rail,
        realm, settlement, signer, subject,
        subscription::{self, InvoiceRejection},
        token, user, wallet, webhook, withdrawal,
    };
    match rejection {
        Rejection::IdempotencyConflict | Rejection::SignatureReused | Rejection::WrongRevision { .. } => {
            StatusCode::CONFLICT
        }
        // A payment refuses an order's wish as it would refuse one of its own.
        Rejection::Order(order::Rejection::Payment(refused)) => {
            rejected(&Rejection::Payment(refused.clone()))
        }
        Rejection::Card(
            card::Rejection::Unknown(_)
            | card::Rejection::UnknownAuthorization(_)
            | card::Rejection::Party(PartyRejection::Unknown(_)),
        )
        | Rejection::Chain(
            chain::Rejection::Party(PartyRejection::Unknown(_))
            | chain::Rejection::Platform(PlatformRejection::Unknown(_))
            | chain::Rejection::UnknownAddress { .. },
        )
        | Rejection::Deposit(
            deposit::Rejection::Platform(PlatformRejection::Unknown(_))
            | deposit::Rejection::Unknown(_)
            | deposit::Rejection::Party(PartyRejection::Unknown(_))
            | deposit::Rejection::UnknownToken(_),
        )
        | Rejection::Withdrawal(
            withdrawal::Rejection::Party(PartyRejection::Unknown(_))
            | withdrawal::Rejection::UnknownToken(_)
            | withdrawal::Rejection::Platform(PlatformRejection::Unknown(_))
            | withdrawal::Rejection::Unknown(_),
        )
        | Rejection::Kyc(kyc::Rejection::User(
            user::Rejection::UnknownMerchant(_) | user::Rejection::Unknown(_),
        ))
        | Rejection::Merchant(merchant::Rejection::Unknown(_))
        | Rejection::Rail(rail::Rejection::Unknown(_))
        | Rejection::Realm(realm::Rejection::Unknown(_))
        | Rejection::Listing(
            listing::Rejection::Party(PartyRejection::Unknown(_))
            | listing::Rejection::Unknown(_)
            | listing::Rejection::UnknownToken(_),
        )
        | Rejection::Order(
            order::Rejection::Party(PartyRejection::Unknown(_))
            | order::Rejection::Unknown(_)
            | order::Rejection::UnknownListing(_),
        )
        | Rejection::Payment(
            payment::Rejection::Unknown(_)
            | payment::Rejection::UnknownMerchant(_)
            | payment::Rejection::UnknownToken(_)
            | payment::Rejection::Party(PartyRejection::Unknown(_))
            | payment::Rejection::Invoice(InvoiceRejection::Unknown(_)),
        )
        | Rejection::Payout(
            payout::Rejection::Party(PartyRejection::Unknown(_)) | payout::Rejection::Unknown(_),
        )
        | Rejection::Points(points::Rejection::Party(PartyRejection::Unknown(_)))
        | Rejection::Settlement(settlement::Rejection::Party(PartyRejection::Unknown(_)))
        | Rejection::Subscription(
            subscription::Rejection::Party(PartyRejection::Unknown(_))
            | subscription::Rejection::Invoice(InvoiceRejection::Unknown(_)),
        )
        | Rejection::Subject(subject::Rejection::Unknown(_))
        | Rejection::Token(token::Rejection::UnknownMerchant(_))
        | Rejection::User(user::Rejection::UnknownMerchant(_) | user::Rejection::Unknown(_))
        | Rejection::Wallet(
            wallet::Rejection::Party(PartyRejection::Unknown(_)) | wallet::Rejection::UnknownToken(_),
        )
        | Rejection::Webhook(webhook::Rejection::Unknown(_)) => StatusCode::NOT_FOUND,
        Rejection::Chain(
            chain::Rejection::Party(PartyRejection::NoRealm)
            | chain::Rejection::Platform(PlatformRejection::NoRealm)
            | chain::Rejection::NoSuchMove { .. }
            | chain::Rejection::Amount(_)
            | chain::Rejection::NotOn { .. }
            | chain::Rejection::BuysNothing(_),
        )
        | Rejection::Deposit(
            deposit::Rejection::Platform(PlatformRejection::NoRealm)
            | deposit::Rejection::Amount(_)
            | deposit::Rejection::NotOn { .. }
            | deposit::Rejection::Party(PartyRejection::NoRealm)
            | deposit::Rejection::Money(_),
        )
        | Rejection::Withdrawal(
            withdrawal::Rejection::Party(PartyRejection::NoRealm)
            | withdrawal::Rejection::Amount(_)
            | withdrawal::Rejection::PointsNotRedeemableForCash
            | withdrawal::Rejection::NoChain(_)
            | withdrawal::Rejection::NotCashedOut(_)
            | withdrawal::Rejection::NotOn { .. }
            | withdrawal::Rejection::Platform(PlatformRejection::NoRealm)
            | withdrawal::Rejection::Expiry { .. }
            | withdrawal::Rejection::Fee(_)
            | withdrawal::Rejection::Money(_),
        )
        | Rejection::Card(
            card::Rejection::Party(PartyRejection::NoRealm)
            | card::Rejection::NotSpent(_)
            | card::Rejection::NoSuchCard
            | card::Rejection::Amount(_)
            | card::Rejection::WrongCurrency(_)
            | card::Rejection::MoreThanHeld { .. }
            | card::Rejection::Money(_),
        )
        | Rejection::Merchant(
            merchant::Rejection::Name
            | merchant::Rejection::RedirectUris
            | merchant::Rejection::KycForm(_)
            | merchant::Rejection::NotChargeable(_)
            | merchant::Rejection::NegativeCharge
            | merchant::Rejection::Deadline
            | merchant::Rejection::Overlap
            | merchant::Rejection::NotBillable(_)
            | merchant::Rejection::Amount(_),
        )
        | Rejection::Listing(
            listing::Rejection::Party(PartyRejection::NoRealm)
            | listing::Rejection::Amount(_)
            | listing::Rejection::Stock { .. },
        )
        | Rejection::Order(
            order::Rejection::Party(PartyRejection::NoRealm)
            | order::Rejection::NoQuantity
            | order::Rejection::Amount(_)
            | order::Rejection::NotForPoints(_)
            | order::Rejection::Points { .. }
            | order::Rejection::PointsOnly
            | order::Rejection::Shipment
            | order::Rejection::WrongCurrency(_)
            | order::Rejection::OutOfRange { .. }
            | order::Rejection::Money(_),
        )
        | Rejection::Payout(
            payout::Rejection::Party(PartyRejection::NoRealm)
            | payout::Rejection::Amount(_)
            | payout::Rejection::NotPaidOut(_)
            | payout::Rejection::Money(_),
        )
        | Rejection::Points(
            points::Rejection::Party(PartyRejection::NoRealm)
            | points::Rejection::Amount(_)
            | points::Rejection::Currency { .. },
        )
        | Rejection::Settlement(
            settlement::Rejection::Party(PartyRejection::NoRealm)
            | settlement::Rejection::NotOwed(_)
            | settlement::Rejection::Money(_),
        )
        | Rejection::Subscription(
            subscription::Rejection::Party(PartyRejection::NoRealm)
            | subscription::Rejection::Invoice(
                InvoiceRejection::NotThePrice { .. }
                | InvoiceRejection::NotWhole(_)
                | InvoiceRejection::NotOnARail,
            )
            | subscription::Rejection::NotForPoints(_)
            | subscription::Rejection::Money(_),
        )
        | Rejection::Token(token::Rejection::NoSuchToken)
        | Rejection::Wallet(
            wallet::Rejection::Party(PartyRejection::NoRealm)
            | wallet::Rejection::Same(_)
            | wallet::Rejection::Amount(_)
            | wallet::Rejection::PointsNotTransferable
            | wallet::Rejection::NotTransferable(_)
            | wallet::Rejection::NotIssued(_)
            | wallet::Rejection::Money(_),
        )
        | Rejection::Realm(realm::Rejection::Step | realm::Rejection::EndOfTime)
        | Rejection::InARealm
        | Rejection::Rail(rail::Rejection::Amount | rail::Rejection::NoRealm | rail::Rejection::Money(_))
        | Rejection::Payment(
            payment::Rejection::Party(PartyRejection::NoRealm)
            | payment::Rejection::Invoice(
                InvoiceRejection::NotThePrice { .. }
                | InvoiceRejection::NotWhole(_)
                | InvoiceRejection::NotOnARail,
            )
            | payment::Rejection::PointsOnly
            | payment::Rejection::NotForPoints(_)
            | payment::Rejection::TopUp
            | payment::Rejection::OnlySales
            | payment::Rejection::NoRailBrings(_)
            | payment::Rejection::NotPositive
            | payment::Rejection::TooLarge
            | payment::Rejection::WrongCurrency(_)
            | payment::Rejection::Money(_)
            | payment::Rejection::CaptureOutOfRange { .. }
            | payment::Rejection::MoreThanRefundable { .. }
            | payment::Rejection::Method { .. },
        ) => StatusCode::UNPROCESSABLE_ENTITY,
        Rejection::Chain(
            chain::Rejection::Party(PartyRejection::Closed(_))
            | chain::Rejection::Platform(PlatformRejection::Tenant)
            | chain::Rejection::Taken(_)
            | chain::Rejection::Known(_)
            | chain::Rejection::KnownFee(_)
            | chain::Rejection::Short(_),
        )
        | Rejection::Deposit(
            deposit::Rejection::Platform(PlatformRejection::Tenant)
            | deposit::Rejection::Known(_)
            | deposit::Rejection::Ours(_)
            | deposit::Rejection::NotAllowed { .. }
            | deposit::Rejection::Party(PartyRejection::Closed(_)),
        )
        | Rejection::Withdrawal(
            withdrawal::Rejection::Party(PartyRejection::Closed(_))
            | withdrawal::Rejection::QueryUsed(_)
            | withdrawal::Rejection::Short(_)
            | withdrawal::Rejection::Platform(PlatformRejection::Tenant)
            | withdrawal::Rejection::Known(_)
            | withdrawal::Rejection::KnownFee(_)
            | withdrawal::Rejection::NotAllowed { .. }
            | withdrawal::Rejection::OtherMessage,
        )
        | Rejection::Rail(rail::Rejection::Tenant)
        | Rejection::Realm(realm::Rejection::NotTest)
        | Rejection::Listing(
            listing::Rejection::Party(PartyRejection::Closed(_)) | listing::Rejection::Closed(_),
        )
        | Rejection::Order(
            order::Rejection::Party(PartyRejection::Closed(_))
            | order::Rejection::Exists(_)
            | order::Rejection::ListingClosed(_)
            | order::Rejection::OutOfStock { .. }
            | order::Rejection::PriceChanged { .. }
            | order::Rejection::TooFewPoints { .. }
            | order::Rejection::TooManyLots
            | order::Rejection::PaymentExists(_)
            | order::Rejection::OperatorOnly
            | order::Rejection::NotAllowed { .. }
            | order::Rejection::NothingToShip
            | order::Rejection::NotShipped
            | order::Rejection::BeyondCeiling { .. }
            | order::Rejection::Short(_),
        )
        | Rejection::Card(
            card::Rejection::RailOnly
            | card::Rejection::Party(PartyRejection::Closed(_))
            | card::Rejection::KycNotApproved(_)
            | card::Rejection::MonthNotPaid(_)
            | card::Rejection::SandboxInLive
            | card::Rejection::NotAllowed { .. }
            | card::Rejection::Expired { .. }
            | card::Rejection::TokenTaken(_)
            | card::Rejection::AuthorizationNotAllowed { .. }
            | card::Rejection::Short(_),
        )
        | Rejection::Payout(
            payout::Rejection::Party(PartyRejection::Closed(_))
            | payout::Rejection::Short(_)
            | payout::Rejection::NotAllowed { .. },
        )
        | Rejection::Points(
            points::Rejection::Party(PartyRejection::Closed(_))
            | points::Rejection::TooManyLots
            | points::Rejection::Short(_),
        )
        | Rejection::Subject(
            subject::Rejection::Erased(_)
            | subject::Rejection::NotClosed(_)
            | subject::Rejection::Balance { .. }
            | subject::Rejection::Undertakings { .. }
            | subject::Rejection::Open(_)
            | subject::Rejection::Order(_)
            | subject::Rejection::Excess
            | subject::Rejection::Notification,
        )
        | Rejection::User(
            user::Rejection::Taken(_) | user::Rejection::Closed(_) | user::Rejection::NotItsOwn(_),
        )
        | Rejection::Kyc(
            kyc::Rejection::OperatorOnly
            | kyc::Rejection::User(
                user::Rejection::Taken(_) | user::Rejection::Closed(_) | user::Rejection::NotItsOwn(_),
            )
            | kyc::Rejection::NotAllowed { .. }
            | kyc::Rejection::OtherForm { .. }
            | kyc::Rejection::TooManyDocuments(_),
        )
        | Rejection::Settlement(
            settlement::Rejection::Party(PartyRejection::Closed(_))
            | settlement::Rejection::NotOver { .. }
            | settlement::Rejection::AlreadySettled(_)
            | settlement::Rejection::Unreconciled { .. }
            | settlement::Rejection::Nothing(_),
        )
        | Rejection::Subscription(
            subscription::Rejection::Party(PartyRejection::Closed(_))
            | subscription::Rejection::Subscribed
            | subscription::Rejection::NotSubscribed
            | subscription::Rejection::Invoice(
                InvoiceRejection::AlreadyPaid { .. } | InvoiceRejection::NotAllowed { .. },
            )
            | subscription::Rejection::TooFewPoints { .. }
            | subscription::Rejection::TooManyLots
            | subscription::Rejection::Short(_),
        )
        | Rejection::Wallet(
            wallet::Rejection::Party(PartyRejection::Closed(_))
            | wallet::Rejection::OtherTenant(_)
            | wallet::Rejection::NotTest
            | wallet::Rejection::Short(_),
        )
        | Rejection::Rail(rail::Rejection::SandboxInLive)
        | Rejection::Payment(
            payment::Rejection::Party(PartyRejection::Closed(_))
            | payment::Rejection::Invoice(
                InvoiceRejection::AlreadyPaid { .. } | InvoiceRejection::NotAllowed { .. },
            )
            | payment::Rejection::OtherTenant(_)
            | payment::Rejection::ThroughOrder(_)
            | payment::Rejection::NotTheBuyer(_)
            | payment::Rejection::PointsWithOrder(_)
            | payment::Rejection::TooFewPoints { .. }
            | payment::Rejection::TooManyLots
            | payment::Rejection::NotByRail
            | payment::Rejection::RealmNotSelected
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
        )
        | Rejection::Signer(
            signer::Rejection::Tenant | signer::Rejection::NotTheNext { .. } | signer::Rejection::NotEndorsed,
        ) => StatusCode::CONFLICT,
        // A month that a payment has paid is refunded by that payment's own rules.
        Rejection::Subscription(subscription::Rejection::Payment(payment)) => {
            rejected(&Rejection::Payment(payment.clone()))
        }
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "a read failed");
        Self::Unavailable("this cannot be read at the moment; try again")
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

impl From<crate::http::idempotency::BadKey> for Error {
    fn from(error: crate::http::idempotency::BadKey) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<SubmitError> for Error {
    fn from(error: SubmitError) -> Self {
        let answer = match error {
            SubmitError::Rejected(rejection) => return Self::Rejected(rejection),
            SubmitError::Busy => return Self::Busy,
            // Told once, by whoever watches the disk.
            SubmitError::NoRoom => {
                return Self::Unavailable("the ledger's disk is full, and nothing changed; try again later");
            }
            SubmitError::OutcomeUnknown => "the outcome is unknown; retry with the same Idempotency-Key",
            SubmitError::Stopped => "the ledger has stopped, and nothing changed; try again",
            SubmitError::Fault(_) => {
                "this was done before, but its answer cannot be read; retry with the same Idempotency-Key"
            }
        };
        tracing::error!(%error, "a command got no answer");
        Self::Unavailable(answer)
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::Fault;

    use super::*;

    async fn shown(error: impl Into<Error>) -> String {
        let response = error.into().into_response();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        format!("{} {}", parts.status.as_u16(), String::from_utf8(body.into()).unwrap())
    }

    /// A fault names the files it met; they were answered as they were.
    #[tokio::test]
    async fn whoever_may_come_back_is_never_told_why() {
        let fault = || Fault::Store("IO error: /srv/data/ledger/000004.sst".into());
        let refused = [
            shown(fault()).await,
            shown(ReadError::from(fault())).await,
            shown(SubmitError::Fault(fault())).await,
            shown(SubmitError::OutcomeUnknown).await,
            shown(SubmitError::Stopped).await,
            shown(SubmitError::Busy).await,
            shown(SubmitError::NoRoom).await,
        ];
        for answer in refused {
            let (again, why) = (["429", "503"].contains(&&answer[..3]), answer.contains("/srv"));
            assert!(again && !why, "{answer}");
        }
    }
}
