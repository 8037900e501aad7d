//! Custom tokens as the operator makes them: registered for a merchant, issued to its users.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    books::Holder,
    domain::{Command, Event, MerchantId, token, wallet},
    log::Actor,
    money::Currency,
};

use super::{
    errors::{Error, ErrorBody, Unwritten},
    handlers::{amount, find, keyed, label, read, submit},
    users::{known, selected},
    wire::{IssueToken, NewToken, TokenMade, WalletAnswer},
};
use crate::{app::App, http::idempotency::Scope};

/// Register a custom token
///
/// A currency of its own that only this merchant's users can hold.
#[utoipa::path(
    post,
    path = "/operator/custom-tokens",
    tag = "tokens",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key registers one token.")),
    request_body = NewToken,
    responses(
        (status = 200, body = TokenMade),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn register_token(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<TokenMade>, Error> {
    let new: NewToken = read(&body)?;
    let tenant = MerchantId(new.merchant_id);
    let NewToken { digits, is_transferable, .. } = new;
    let network = new.network.as_deref().map(|network| label("network", network)).transpose()?;
    let command = token::Command::Register { tenant, digits, is_transferable, network };
    let envelope = app.envelope(Actor::Operator, None, Command::Token(command));
    let scope = Scope { realm: None, tenant: Some(tenant), endpoint: "POST /operator/custom-tokens" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let made = find(&receipt, |event| match event {
        Event::Token(token::Event::Registered(made)) => Some(made.clone()),
        _ => None,
    })?;
    Ok(Json(TokenMade {
        token: made.token.to_string(),
        merchant_id: made.tenant.0,
        digits: new.digits,
        is_transferable: made.is_transferable,
        network: made.network.map(|network| network.to_string()),
    }))
}

/// Issue a custom token to a user
///
/// In the realm that the service mode of the user's merchant selects.
#[utoipa::path(
    post,
    path = "/operator/custom-tokens/{token}/issue",
    tag = "tokens",
    security(("operator_token" = [])),
    params(
        ("token" = String, Path, description = "Such as `TOKEN-1.18`."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key issues once."),
    ),
    request_body = IssueToken,
    responses(
        (status = 200, body = WalletAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn issue_token(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<WalletAnswer>, Error> {
    let unknown = || Error::NotFound(format!("no token is called {token}"));
    let currency = match Currency::from_code(&token) {
        Some(Currency::Token(token)) => Currency::Token(token),
        Some(_) | None => return Err(unknown()),
    };
    let asked: IssueToken = read(&body)?;
    let known = known(&app, &asked.user_id.to_string()).await?;
    let realm = selected(&app, known.tenant)?;
    let amount = amount(&asked.amount, currency)?;
    let command = wallet::Command::Issue { holder: Holder::User(known.user), amount };
    let envelope = app.envelope(Actor::Operator, Some(realm), Command::Wallet(command));
    // Without the realm, which the caller never names: a retry must not issue again because the mode was switched.
    let endpoint = "POST /operator/custom-tokens/{token}/issue";
    let scope = Scope { realm: None, tenant: Some(known.tenant), endpoint };
    let request = [token.as_bytes(), b" ", &body].concat();
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &request)?).await?;
    let issued = find(&receipt, |event| match event {
        Event::Wallet(wallet::Event::Issued(issued)) => Some(issued.clone()),
        _ => None,
    })?;
    Ok(Json(WalletAnswer {
        user_id: known.user.0,
        realm: issued.realm.to_string(),
        currency_code: issued.amount.currency.to_string(),
        amount: issued.amount.to_decimal(),
        position: receipt.events[0].position,
    }))
}
