//! Payouts as the operator tells of them: sent to a merchant's bank, then confirmed or sent back by it.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    books::Label,
    domain::{
        Command, Event, MerchantId, PayoutId, StreamId,
        payout::{self, Sent, Stage},
    },
    log::Actor,
};

use super::{
    errors::{Error, ErrorBody, Unwritten},
    handlers::{amount, beginning, currency, find, keyed, label, read, read_or_default, realm_of, submit},
    wire::{Nothing, PayoutAnswer, SendPayout},
};
use crate::{app::App, http::idempotency::Scope};

/// Send a payout to a merchant's bank
///
/// Of what settlements have made ready.
#[utoipa::path(
    post,
    path = "/operator/payouts",
    tag = "payouts",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key sends one payout.")),
    request_body = SendPayout,
    responses(
        (status = 200, body = PayoutAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn send_payout(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PayoutAnswer>, Error> {
    let asked: SendPayout = read(&body)?;
    let merchant = MerchantId(asked.merchant_id);
    let amount = amount(&asked.amount, currency(&asked.currency_code)?)?;
    let bank = asked.bank.as_deref().map_or(Ok(Label::MAIN), |text| label("bank", text))?;
    let realm = realm_of(&app, merchant, asked.mode).await?;
    let command = payout::Command::Send { merchant, amount, bank };
    let envelope = app.envelope(Actor::Operator, Some(realm), Command::Payout(command));
    // Without the realm, which the caller need not name: a retry must not send another because the mode was switched.
    let scope = Scope { realm: None, tenant: Some(merchant), endpoint: "POST /operator/payouts" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let sent = find(&receipt, |event| match event {
        Event::Payout(payout::Event::Sent(sent)) => Some(sent.clone()),
        _ => None,
    })?;
    Ok(Json(stands(&sent, Stage::Sent, receipt.events[0].position)))
}

/// The bank has paid a payout
#[utoipa::path(
    post,
    path = "/operator/payouts/{id}/confirm",
    tag = "payouts",
    security(("operator_token" = [])),
    params(
        ("id" = u32, Path, description = "The payout's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key confirms once."),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = 200, body = PayoutAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn confirm_payout(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PayoutAnswer>, Error> {
    let Nothing {} = read_or_default(&body)?;
    let sent = sent(&app, &id).await?;
    let command = payout::Command::Confirm { payout: sent.payout };
    end(&app, &sent, command, "POST /operator/payouts/{id}/confirm", &headers).await
}

/// The bank has sent a payout back
///
/// What the merchant owes by then is cleared with it; the rest can be paid out again.
#[utoipa::path(
    post,
    path = "/operator/payouts/{id}/return",
    tag = "payouts",
    security(("operator_token" = [])),
    params(
        ("id" = u32, Path, description = "The payout's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key returns once."),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = 200, body = PayoutAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn return_payout(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PayoutAnswer>, Error> {
    let Nothing {} = read_or_default(&body)?;
    let sent = sent(&app, &id).await?;
    let command = payout::Command::Return { payout: sent.payout };
    end(&app, &sent, command, "POST /operator/payouts/{id}/return", &headers).await
}

async fn end(
    app: &App,
    sent: &Sent,
    command: payout::Command,
    endpoint: &str,
    headers: &HeaderMap,
) -> Result<Json<PayoutAnswer>, Error> {
    let envelope = app.envelope(Actor::Operator, Some(sent.realm), Command::Payout(command));
    let scope = Scope { realm: Some(sent.realm), tenant: Some(sent.merchant), endpoint };
    let request = sent.payout.to_string();
    let receipt = submit(app, keyed(app, envelope, scope, headers, request.as_bytes())?).await?;
    let stage = find(&receipt, |event| match event {
        Event::Payout(payout::Event::Confirmed(_)) => Some(Stage::Confirmed),
        Event::Payout(payout::Event::Returned(_)) => Some(Stage::Returned),
        _ => None,
    })?;
    Ok(Json(stands(sent, stage, receipt.events[0].position)))
}

/// How the payout of this number was sent.
async fn sent(app: &App, id: &str) -> Result<Sent, Error> {
    let unknown = || Error::NotFound(format!("there is no payout {id}"));
    let payout: PayoutId = id.parse().map_err(|_| unknown())?;
    match beginning(app, StreamId::Payout(payout)).await? {
        Some(Event::Payout(payout::Event::Sent(sent))) => Ok(sent),
        _ => Err(unknown()),
    }
}

fn stands(sent: &Sent, stage: Stage, position: u64) -> PayoutAnswer {
    PayoutAnswer {
        payout_id: sent.payout.0,
        merchant_id: sent.merchant.0,
        realm: sent.realm.to_string(),
        currency_code: sent.amount.currency.to_string(),
        amount: sent.amount.to_decimal(),
        bank: sent.bank.to_string(),
        stage: stage.word().to_owned(),
        position,
    }
}
