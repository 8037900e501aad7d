//! Users as the operator sees them: made, given money to play with, given points.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    books::{Holder, Realm},
    domain::{Command, Event, MerchantId, Span, UserId, points, user, wallet},
    log::Actor,
    money::{Currency, Money},
};
use choai_projections::UserView;

use super::{
    errors::{Error, ErrorBody, Unread, Unwritten},
    handlers::{amount, currency, find, keyed, read, read_or_default, submit},
    wire::{
        CreditWallet, GrantPoints, LotSeen, NewUser, Nothing, PointsGranted, PointsSeen, UserMade,
        WalletAnswer,
    },
};
use crate::{app::App, http::idempotency::Scope};

/// Make a user
#[utoipa::path(
    post,
    path = "/operator/users",
    tag = "users",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key makes one user.")),
    request_body = NewUser,
    responses(
        (status = 200, body = UserMade),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<UserMade>, Error> {
    let new: NewUser = read(&body)?;
    let tenant = MerchantId(new.merchant_id);
    let command = Command::User(user::Command::Register { tenant });
    let envelope = app.envelope(Actor::Operator, None, command);
    let scope = Scope { realm: None, tenant: Some(tenant), endpoint: "POST /operator/users" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let made = find(&receipt, |event| match event {
        Event::User(user::Event::Registered(made)) => Some(made.user),
        _ => None,
    })?;
    Ok(Json(UserMade { user_id: made.0, merchant_id: tenant.0 }))
}

/// Close a user
///
/// What it holds stays its own, but it neither gives nor takes any more, and no app acts for it.
#[utoipa::path(
    post,
    path = "/operator/users/{user_id}/close",
    tag = "users",
    security(("operator_token" = [])),
    params(
        ("user_id" = u32, Path, description = "Counted from 1."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key closes once."),
    ),
    request_body = Nothing,
    responses(
        (status = 200, body = UserMade),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn close(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<UserMade>, Error> {
    read_or_default::<Nothing>(&body)?;
    let known = known(&app, &id).await?;
    let command = Command::User(user::Command::Close { user: known.user });
    let envelope = app.envelope(Actor::Operator, None, command);
    let endpoint = "POST /operator/users/{user_id}/close";
    let scope = Scope { realm: None, tenant: Some(known.tenant), endpoint };
    submit(&app, keyed(&app, envelope, scope, &headers, id.as_bytes())?).await?;
    Ok(Json(UserMade { user_id: known.user.0, merchant_id: known.tenant.0 }))
}

/// Put money into a user's wallet
///
/// From the sandbox rail, in the test realm of the user's merchant.
#[utoipa::path(
    post,
    path = "/operator/users/{user_id}/credit",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(
        ("user_id" = u32, Path, description = "Counted from 1."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key credits once."),
    ),
    request_body = CreditWallet,
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
pub async fn credit(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<WalletAnswer>, Error> {
    let known = known(&app, &id).await?;
    let asked: CreditWallet = read(&body)?;
    let amount = amount(&asked.amount, currency(&asked.currency_code)?)?;
    let realm = Realm::Test(known.tenant);
    let command = wallet::Command::Credit { holder: Holder::User(known.user), amount };
    let envelope = app.envelope(Actor::Operator, Some(realm), Command::Wallet(command));
    let endpoint = "POST /operator/users/{user_id}/credit";
    let scope = Scope { realm: Some(realm), tenant: Some(known.tenant), endpoint };
    let request = [id.as_bytes(), b" ", &body].concat();
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &request)?).await?;
    let credited = find(&receipt, |event| match event {
        Event::Wallet(wallet::Event::Credited(credited)) => Some(credited.amount),
        _ => None,
    })?;
    Ok(Json(WalletAnswer {
        user_id: known.user.0,
        realm: realm.to_string(),
        currency_code: credited.currency.to_string(),
        amount: credited.to_decimal(),
        position: receipt.events[0].position,
    }))
}

/// Give points away
///
/// In the realm that the service mode of the user's merchant selects. They lapse after 180 days.
#[utoipa::path(
    post,
    path = "/operator/points",
    tag = "users",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key gives once.")),
    request_body = GrantPoints,
    responses(
        (status = 200, body = PointsGranted),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn grant(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PointsGranted>, Error> {
    let asked: GrantPoints = read(&body)?;
    let known = known(&app, &asked.user_id.to_string()).await?;
    let realm = selected(&app, known.tenant)?;
    let quantity = amount(&asked.amount, Currency::SgpUsd)?;
    let command = points::Command::Grant { holder: known.user, quantity };
    let envelope = app.envelope(Actor::Operator, Some(realm), Command::Points(command));
    // Without the realm, which the caller never names: a retry must not give again because the mode was switched.
    let scope = Scope { realm: None, tenant: Some(known.tenant), endpoint: "POST /operator/points" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let issued = find(&receipt, |event| match event {
        Event::Points(points::Event::Issued(issued)) => Some(issued.clone()),
        _ => None,
    })?;
    Ok(Json(PointsGranted {
        user_id: issued.holder.0,
        realm: issued.realm.to_string(),
        lot: issued.lot,
        amount: issued.quantity.to_decimal(),
        expires_at: issued.expires_at.to_string(),
    }))
}

/// A user's points
#[utoipa::path(
    get,
    path = "/operator/users/{user_id}/points",
    tag = "users",
    security(("operator_token" = [])),
    params(("user_id" = u32, Path, description = "Counted from 1.")),
    responses(
        (status = 200, body = PointsSeen),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        Unread,
    ),
)]
pub async fn points(State(app): State<App>, Path(id): Path<String>) -> Result<Json<PointsSeen>, Error> {
    let known = known(&app, &id).await?;
    let realm = selected(&app, known.tenant)?;
    let models = app.models();
    let now = models.realms().now(realm, app.engine().now())?;
    let lots = models.points().live(realm, known.user, now)?;
    let lapsing = models.points().lapsing(realm, known.user, now, Span::days(30))?;
    let live = Money::new(lots.iter().map(|lot| lot.remaining.minor).sum(), Currency::SgpUsd);
    let lots = lots.into_iter().map(|lot| LotSeen {
        lot: lot.lot,
        kind: lot.kind.word().to_owned(),
        remaining: lot.remaining.to_decimal(),
        issued_at: lot.issued_at.to_string(),
        expires_at: lot.expires_at.to_string(),
    });
    Ok(Json(PointsSeen {
        user_id: known.user.0,
        realm: realm.to_string(),
        live: live.to_decimal(),
        lapsing_within_30_days: lapsing.to_decimal(),
        lots: lots.collect(),
    }))
}

/// The user of this number, once the models have seen everything so far.
pub(super) async fn known(app: &App, id: &str) -> Result<UserView, Error> {
    let unknown = || Error::NotFound(format!("no user has the number {id}"));
    let user: UserId = id.parse().map_err(|_| unknown())?;
    app.current_models().await?.users().get(user)?.ok_or_else(unknown)
}

/// The realm that the service mode of a merchant selects.
pub(super) fn selected(app: &App, tenant: MerchantId) -> Result<Realm, Error> {
    let merchant = app.models().merchants().get(tenant)?;
    let unknown = || Error::NotFound(format!("no merchant has the number {tenant}"));
    Ok(merchant.ok_or_else(unknown)?.mode.realm(tenant))
}
