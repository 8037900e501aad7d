//! What only test realms have: money that arrives when the operator says so, and a clock that can be moved.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    Receipt,
    books::Realm,
    domain::{
        Command, Event, MerchantId, PaymentId, Span,
        payment::{self, Method, Stage},
        realm,
    },
    log::Actor,
};

use super::{
    errors::{Error, ErrorBody, Unwritten},
    handlers::{amount, keyed, other_kind, read, read_or_default, submit},
    wire::{AdvanceClock, ClockAnswer, PaymentStands, SandboxPaid},
};
use crate::{app::App, http::idempotency::Scope, rails::sandbox};

/// Let money arrive on the sandbox rail
///
/// What a konbini, a bank or a card network would report; test realms only.
#[utoipa::path(
    post,
    path = "/operator/sandbox/payments/{payment_id}/paid",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(
        ("payment_id" = String, Path, description = "25 letters and digits."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key lets money arrive once."),
    ),
    request_body = Option<SandboxPaid>,
    responses(
        (status = 200, body = PaymentStands),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn sandbox_paid(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PaymentStands>, Error> {
    let unknown = || Error::NotFound(format!("no payment has the id {id}"));
    let payment: PaymentId = id.parse().map_err(|_| unknown())?;
    let asked: SandboxPaid = read_or_default(&body)?;
    let view = app.current_models().await?.payments().get(&payment)?.ok_or_else(unknown)?;
    let amount = match &asked.amount {
        Some(text) => amount(text, view.total.currency)?,
        None if view.stage.is_open() => view.total.minus(view.paid).unwrap_or(view.total),
        None => view.total,
    };
    let means = view.means.unwrap_or(sandbox::means(Method::CreditCard));
    let command = payment::Command::Receive { payment, means, amount };
    let envelope = app.envelope(Actor::Operator, Some(view.realm), Command::Payment(command));
    let scope = Scope {
        realm: Some(view.realm),
        tenant: None,
        endpoint: "POST /operator/sandbox/payments/{payment_id}/paid",
    };
    // As it was asked: what is due changes between a request and its repetition.
    let request = format!("{payment} {:?}", asked.amount);
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, request.as_bytes())?).await?;
    let stage = match stage_after(&receipt) {
        Some(stage) => stage,
        // Money that was not due leaves the payment as it was.
        None => app.models().payments().get(&payment)?.ok_or_else(unknown)?.stage,
    };
    let position = receipt.events.iter().filter(|recorded| matches!(recorded.event, Event::Payment(_)));
    let position = position.map(|recorded| recorded.position).max().ok_or_else(other_kind)?;
    Ok(Json(PaymentStands { payment_id: payment.to_string(), stage: stage.word().to_owned(), position }))
}

/// The stage that money led to, if it led anywhere. Told by the events themselves: the read models may be late, and
/// at a repeat they tell of another time.
fn stage_after(receipt: &Receipt) -> Option<Stage> {
    use payment::Event as Happened;
    receipt.events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::Payment(Happened::Captured(_)) => Some(Stage::Captured),
        Event::Payment(Happened::PartReceived(_)) => Some(Stage::Pending),
        // What was not due, and what does not follow from money that comes in.
        Event::Payment(
            Happened::ExcessReceived(_)
            | Happened::ExcessReturned(_)
            | Happened::Created(_)
            | Happened::AwaitingCustomer(_)
            | Happened::Authorized(_)
            | Happened::Declined(_)
            | Happened::Cancelled(_)
            | Happened::Expired(_)
            | Happened::Failed(_)
            | Happened::Refunded(_)
            | Happened::ChargedBack(_)
            | Happened::ChargebackWon(_),
        )
        | Event::Card(_)
        | Event::Chain(_)
        | Event::Deposit(_)
        | Event::Withdrawal(_)
        | Event::Kyc(_)
        | Event::Listing(_)
        | Event::Merchant(_)
        | Event::Order(_)
        | Event::Payout(_)
        | Event::Points(_)
        | Event::Rail(_)
        | Event::Realm(_)
        | Event::Settlement(_)
        | Event::Signer(_)
        | Event::Subject(_)
        | Event::Subscription(_)
        | Event::Token(_)
        | Event::User(_)
        | Event::Wallet(_)
        | Event::Webhook(_) => None,
    })
}

/// Move a tenant's test clock forward
#[utoipa::path(
    post,
    path = "/operator/clock/advance",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key moves the clock once.")),
    request_body = AdvanceClock,
    responses(
        (status = 200, body = ClockAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn advance_clock(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ClockAnswer>, Error> {
    let asked: AdvanceClock = read(&body)?;
    let merchant = MerchantId(asked.merchant_id);
    let known = app.current_models().await?.merchants().get(merchant)?;
    known.ok_or_else(|| Error::NotFound(format!("no merchant has the number {merchant}")))?;
    let by = asked.seconds.checked_mul(1_000_000).map(Span);
    let by = by.ok_or(Error::Rejected(realm::Rejection::Step.into()))?;
    let test = Realm::Test(merchant);
    let command = Command::Realm(realm::Command::AdvanceClock { by });
    let envelope = app.envelope(Actor::Operator, Some(test), command);
    let scope = Scope { realm: Some(test), tenant: None, endpoint: "POST /operator/clock/advance" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let (ahead, before) = receipt
        .events
        .iter()
        .find_map(|recorded| match &recorded.event {
            Event::Realm(realm::Event::ClockAdvanced(moved)) => {
                Some((moved.ahead, recorded.header.effective_at))
            }
            _ => None,
        })
        .ok_or_else(other_kind)?;
    let now = (before + by).to_string();
    Ok(Json(ClockAnswer { merchant_id: merchant.0, now, ahead_seconds: ahead.0 / 1_000_000 }))
}
