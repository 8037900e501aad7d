//! Settlements as the operator makes them: days are closed, and what they earned is ready to be paid out.

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use choai_engine::{
    books::Realm,
    domain::{
        Command, Day, Event, MerchantId,
        settlement::{self, Closed},
    },
    log::Actor,
};

use super::{
    errors::{Error, ErrorBody, Unwritten},
    handlers::{currency, find, keyed, read, realm_of, submit},
    wire::{FiguresSeen, Settle, SettlementMade},
};
use crate::{app::App, http::idempotency::Scope};

/// Settle what a merchant earned
///
/// Closes every day that is still open, up to and including the one named, and makes what they came to ready to be paid
/// out. Days are Asia/Tokyo's, by the realm's clock.
#[utoipa::path(
    post,
    path = "/operator/settlements",
    tag = "payouts",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key settles once.")),
    request_body = Settle,
    responses(
        (status = 200, body = SettlementMade),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn settle(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<SettlementMade>, Error> {
    let asked: Settle = read(&body)?;
    let (merchant, currency) = (MerchantId(asked.merchant_id), currency(&asked.currency_code)?);
    let realm = realm_of(&app, merchant, asked.mode).await?;
    let through = match &asked.through {
        Some(text) => text.parse().map_err(|error| Error::Unreadable(format!("through: {error}")))?,
        None => yesterday(&app, realm)?,
    };
    let command = settlement::Command::Settle { merchant, currency, through };
    let envelope = app.envelope(Actor::Operator, Some(realm), Command::Settlement(command));
    // Without the realm, which the caller need not name: a retry must not settle another because the mode was switched.
    let scope = Scope { realm: None, tenant: Some(merchant), endpoint: "POST /operator/settlements" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let closed = find(&receipt, |event| match event {
        Event::Settlement(settlement::Event::Closed(closed)) => Some(closed.clone()),
        _ => None,
    })?;
    Ok(Json(made(&closed, receipt.events[0].position)))
}

/// The last day that is over where `realm` is.
fn yesterday(app: &App, realm: Realm) -> Result<Day, Error> {
    let now = app.models().realms().now(realm, app.engine().now())?;
    Ok(Day::of(now).previous())
}

fn made(closed: &Closed, position: u64) -> SettlementMade {
    let figures = closed.figures;
    SettlementMade {
        settlement_id: closed.settlement.0,
        merchant_id: closed.merchant.0,
        realm: closed.realm.to_string(),
        currency_code: closed.currency.to_string(),
        from: closed.from.to_string(),
        through: closed.through.to_string(),
        figures: FiguresSeen {
            gross: figures.gross.to_decimal(),
            charges: figures.charges.to_decimal(),
            charges_returned: figures.charges_returned.to_decimal(),
            refunds: figures.refunds.to_decimal(),
            chargebacks: figures.chargebacks.to_decimal(),
            won_back: figures.won_back.to_decimal(),
            from_available: figures.from_available.to_decimal(),
            from_receivable: figures.from_receivable.to_decimal(),
            receivable_cleared: figures.receivable_cleared.to_decimal(),
        },
        net: closed.net.to_decimal(),
        carried_in: closed.carried_in.to_decimal(),
        moved: closed.moved.to_decimal(),
        carried_out: closed.carried_out.to_decimal(),
        position,
    }
}
