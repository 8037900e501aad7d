//! What the operator does about a payment that was captured: refunds, and what a bank took back or gave back.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    Receipt,
    books::Label,
    domain::{
        Command, Event, PaymentId,
        payment::{self, Event as Happened},
    },
    log::Actor,
    money::Money,
};
use choai_projections::PaymentView;

use super::{
    errors::{Error, ErrorBody, Unwritten},
    handlers::{amount, find, keyed, label, read_or_default, submit},
    wire::{ChargeBack, ChargebackAnswer, ChargebackWonAnswer, Nothing, Refund, RefundAnswer},
};
use crate::{app::App, http::idempotency::Scope};

/// Refund a payment
///
/// Back the way the money came, at the merchant's expense.
#[utoipa::path(
    post,
    path = "/operator/payments/{payment_id}/refund",
    tag = "payments",
    security(("operator_token" = [])),
    params(
        ("payment_id" = String, Path, description = "25 letters and digits."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key refunds once."),
    ),
    request_body = Option<Refund>,
    responses(
        (status = 200, body = RefundAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn refund(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<RefundAnswer>, Error> {
    let asked: Refund = read_or_default(&body)?;
    let view = known(&app, &id).await?;
    let amount = asked.amount.map(|text| amount(&text, view.total.currency)).transpose()?;
    let command = payment::Command::Refund { payment: view.payment, amount };
    let endpoint = "POST /operator/payments/{payment_id}/refund";
    let receipt = tell(&app, &view, command, endpoint, &headers, &body).await?;
    let refunded = find(&receipt, |event| match event {
        Event::Payment(Happened::Refunded(refunded)) => Some(refunded.clone()),
        _ => None,
    })?;
    Ok(Json(RefundAnswer {
        payment_id: refunded.payment.to_string(),
        currency_code: refunded.amount.currency.to_string(),
        amount: refunded.amount.to_decimal(),
        charge_returned: refunded.charge_returned.to_decimal(),
        position: receipt.events[0].position,
    }))
}

/// A bank has charged a payment back
///
/// A fact: what the merchant cannot bear is the platform's expense.
#[utoipa::path(
    post,
    path = "/operator/payments/{payment_id}/chargeback",
    tag = "payments",
    security(("operator_token" = [])),
    params(
        ("payment_id" = String, Path, description = "25 letters and digits."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key records it once."),
    ),
    request_body = Option<ChargeBack>,
    responses(
        (status = 200, body = ChargebackAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn charge_back(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ChargebackAnswer>, Error> {
    let asked: ChargeBack = read_or_default(&body)?;
    let view = known(&app, &id).await?;
    let currency = view.total.currency;
    let captured = view.captured.map_or(view.total, |captured| captured.total);
    // What a user paid has no rail; the rules refuse it whichever is named.
    let rail = view.means.map_or(Label::WALLET, |means| means.rail);
    let command = payment::Command::ChargeBack {
        payment: view.payment,
        amount: asked.amount.map_or(Ok(captured), |text| amount(&text, currency))?,
        fee: asked.fee.map_or(Ok(Money::zero(currency)), |text| amount(&text, currency))?,
        rail: asked.rail.map_or(Ok(rail), |text| label("rail", &text))?,
    };
    let endpoint = "POST /operator/payments/{payment_id}/chargeback";
    let receipt = tell(&app, &view, command, endpoint, &headers, &body).await?;
    let taken = find(&receipt, |event| match event {
        Event::Payment(Happened::ChargedBack(taken)) => Some(taken.clone()),
        _ => None,
    })?;
    Ok(Json(ChargebackAnswer {
        payment_id: taken.payment.to_string(),
        currency_code: taken.amount.currency.to_string(),
        amount: taken.amount.to_decimal(),
        fee: taken.fee.to_decimal(),
        rail: taken.rail.to_string(),
        merchant_bears: taken.merchant_bears.to_decimal(),
        position: receipt.events[0].position,
    }))
}

/// The dispute over a chargeback was won
///
/// All of it came back, with the rail's fee.
#[utoipa::path(
    post,
    path = "/operator/payments/{payment_id}/chargeback/won",
    tag = "payments",
    security(("operator_token" = [])),
    params(
        ("payment_id" = String, Path, description = "25 letters and digits."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key records it once."),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = 200, body = ChargebackWonAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn win_chargeback(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ChargebackWonAnswer>, Error> {
    let Nothing {} = read_or_default(&body)?;
    let view = known(&app, &id).await?;
    let command = payment::Command::WinChargeback { payment: view.payment };
    let endpoint = "POST /operator/payments/{payment_id}/chargeback/won";
    let receipt = tell(&app, &view, command, endpoint, &headers, &[]).await?;
    let won = find(&receipt, |event| match event {
        Event::Payment(Happened::ChargebackWon(won)) => Some(won.clone()),
        _ => None,
    })?;
    Ok(Json(ChargebackWonAnswer {
        payment_id: won.payment.to_string(),
        position: receipt.events[0].position,
    }))
}

/// The payment of this id, once the models have seen everything so far.
async fn known(app: &App, id: &str) -> Result<PaymentView, Error> {
    let unknown = || Error::NotFound(format!("no payment has the id {id}"));
    let payment: PaymentId = id.parse().map_err(|_| unknown())?;
    app.current_models().await?.payments().get(&payment)?.ok_or_else(unknown)
}

/// Submits a command about a payment, in the payment's own realm.
async fn tell(
    app: &App,
    view: &PaymentView,
    command: payment::Command,
    endpoint: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Receipt, Error> {
    let envelope = app.envelope(Actor::Operator, Some(view.realm), Command::Payment(command));
    let scope = Scope { realm: Some(view.realm), tenant: Some(view.merchant), endpoint };
    let request = [view.payment.to_string().as_bytes(), b" ", body].concat();
    submit(app, keyed(app, envelope, scope, headers, &request)?).await
}
