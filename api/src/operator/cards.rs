//! Issued cards as the operator plays with them: issued by the sandbox, charged, cleared and reversed as a scheme would.
//!
//! Nothing here takes a card number: a body with anything like one is refused before it is looked at, and not repeated.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    books::{Label, Realm},
    domain::{
        AuthorizationId, CardId, Command, Event, StreamId,
        card::{self, CardToken, Issue, Issued},
        payment::{Brand, CardSummary},
    },
    log::Actor,
    money::Money,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    errors::{Error, ErrorBody, Unwritten},
    handlers::{amount, beginning, currency, find, keyed, read, submit},
    users::known,
    wire::{AuthorizationAnswer, AuthorizeCard, BrandName, CardIssued, ClearCard, NewCard, ReverseCard},
};
use crate::{
    app::App,
    http::idempotency::Scope,
    rails::{card::may_hold_number, sandbox},
};

/// Issue a sandbox card
///
/// To a user, in the test realm of the user's merchant. It spends from the user's wallet.
#[utoipa::path(
    post,
    path = "/operator/cards",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key issues one card.")),
    request_body = NewCard,
    responses(
        (status = 200, body = CardIssued),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn issue(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<CardIssued>, Error> {
    let asked: NewCard = read_without_number(&body)?;
    let known = known(&app, &asked.user_id.to_string()).await?;
    let realm = Realm::Test(known.tenant);
    let currency = currency(&asked.currency_code)?;
    let now = app.models().realms().now(realm, app.engine().now())?;
    let summary = summary(&asked, sandbox::issue_card(known.user, currency, now))?;
    // As it will be in live, where the sandbox is not.
    let (user, rail, token) = (known.user, Label::ISSUING, new_token(&app));
    let command = card::Command::Issue(Issue { user, rail, token, summary, currency });
    let envelope = app.envelope(Actor::Operator, Some(realm), Command::Card(command));
    let scope = Scope { realm: Some(realm), tenant: Some(known.tenant), endpoint: "POST /operator/cards" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let issued = find(&receipt, |event| match event {
        Event::Card(card::Event::Issued(issued)) => Some(issued.clone()),
        _ => None,
    })?;
    Ok(Json(CardIssued {
        card_id: issued.card.0,
        user_id: issued.user.0,
        realm: issued.realm.to_string(),
        currency_code: issued.currency.to_string(),
        brand: brand_name(issued.summary.brand),
        last_four: format!("{:04}", issued.summary.last_four),
        expiry_month: issued.summary.month,
        expiry_year: issued.summary.year,
        position: receipt.events[0].position,
    }))
}

/// Authorise a purchase on a sandbox card
///
/// Or raise an authorisation that was made before. Test realms only.
#[utoipa::path(
    post,
    path = "/operator/sandbox/cards/{card}/authorizations",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(
        ("card" = u32, Path, description = "Counted from 1."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key authorises once."),
    ),
    request_body = AuthorizeCard,
    responses(
        (status = 200, body = AuthorizationAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn authorize(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AuthorizationAnswer>, Error> {
    let asked: AuthorizeCard = read_without_number(&body)?;
    let issued = sandbox_card(&app, &id).await?;
    let (card, amount) = (issued.card, amount(&asked.amount, issued.currency)?);
    let command = match asked.authorization_id.map(AuthorizationId) {
        None => card::Command::Authorize { card, amount },
        Some(authorization) => card::Command::Increase { card, authorization, amount },
    };
    let endpoint = "POST /operator/sandbox/cards/{card}/authorizations";
    report(&app, &issued, command, endpoint, &headers, &body).await
}

/// Clear a purchase on a sandbox card
///
/// In full, in part, or for more than was authorised; after its end too. Test realms only.
#[utoipa::path(
    post,
    path = "/operator/sandbox/cards/{card}/clear",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(
        ("card" = u32, Path, description = "Counted from 1."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key clears once."),
    ),
    request_body = ClearCard,
    responses(
        (status = 200, body = AuthorizationAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn clear(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AuthorizationAnswer>, Error> {
    let asked: ClearCard = read_without_number(&body)?;
    let issued = sandbox_card(&app, &id).await?;
    let (card, authorization) = (issued.card, AuthorizationId(asked.authorization_id));
    let amount = amount(&asked.amount, issued.currency)?;
    let command = card::Command::Clear { card, authorization, amount };
    report(&app, &issued, command, "POST /operator/sandbox/cards/{card}/clear", &headers, &body).await
}

/// Reverse an authorisation on a sandbox card
///
/// All that is still held of it, or a part. Test realms only.
#[utoipa::path(
    post,
    path = "/operator/sandbox/cards/{card}/reverse",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(
        ("card" = u32, Path, description = "Counted from 1."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key reverses once."),
    ),
    request_body = ReverseCard,
    responses(
        (status = 200, body = AuthorizationAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn reverse(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AuthorizationAnswer>, Error> {
    let asked: ReverseCard = read_without_number(&body)?;
    let issued = sandbox_card(&app, &id).await?;
    let (card, authorization) = (issued.card, AuthorizationId(asked.authorization_id));
    let amount = asked.amount.map(|text| amount(&text, issued.currency)).transpose()?;
    let command = card::Command::Reverse { card, authorization, amount };
    report(&app, &issued, command, "POST /operator/sandbox/cards/{card}/reverse", &headers, &body).await
}

/// Submits what the scheme would report of a card, and answers what came of it.
async fn report(
    app: &App,
    issued: &Issued,
    command: card::Command,
    endpoint: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Json<AuthorizationAnswer>, Error> {
    let envelope = app.envelope(Actor::Operator, Some(issued.realm), Command::Card(command));
    let scope = Scope { realm: Some(issued.realm), tenant: Some(issued.tenant), endpoint };
    let request = [issued.card.to_string().as_bytes(), b" ", body].concat();
    let receipt = submit(app, keyed(app, envelope, scope, headers, &request)?).await?;
    let (authorization, amount, excess, held) = find(&receipt, outcome)?;
    Ok(Json(AuthorizationAnswer {
        card_id: issued.card.0,
        authorization_id: authorization.0,
        currency_code: issued.currency.to_string(),
        amount: amount.to_decimal(),
        excess: excess.to_decimal(),
        held: held.to_decimal(),
        position: receipt.events[0].position,
    }))
}

/// Of which authorisation how much was moved, what of that was not held, and what is held after it.
fn outcome(event: &Event) -> Option<(AuthorizationId, Money, Money, Money)> {
    let Event::Card(event) = event else { return None };
    let nothing = |amount: Money| Money::zero(amount.currency);
    match event {
        card::Event::Authorized(event) => {
            Some((event.authorization, event.amount, nothing(event.amount), event.amount))
        }
        card::Event::AuthorizationIncreased(event) => {
            Some((event.authorization, event.amount, nothing(event.amount), event.held))
        }
        card::Event::Reversed(event) => {
            Some((event.authorization, event.amount, nothing(event.amount), event.held))
        }
        card::Event::Cleared(event) => Some((event.authorization, event.amount, event.excess, event.held)),
        card::Event::Issued(_)
        | card::Event::Blocked(_)
        | card::Event::Unblocked(_)
        | card::Event::Closed(_)
        | card::Event::AuthorizationExpired(_)
        | card::Event::Refunded(_) => None,
    }
}

/// The card of this number, as it was issued: nothing asked for here ever changes.
async fn sandbox_card(app: &App, id: &str) -> Result<Issued, Error> {
    // Without what was sent: it may be anything.
    let unknown = || Error::NotFound("there is no such card".to_owned());
    let card: CardId = id.parse().map_err(|_| unknown())?;
    let Some(Event::Card(card::Event::Issued(issued))) = beginning(app, StreamId::Card(card)).await? else {
        return Err(unknown());
    };
    match issued.realm {
        Realm::Live => Err(Error::Rejected(card::Rejection::SandboxInLive.into())),
        Realm::Test(_) => Ok(issued),
    }
}

/// What the sandbox makes up, but for what was asked for.
fn summary(asked: &NewCard, made: CardSummary) -> Result<CardSummary, Error> {
    let last_four = match &asked.last_four {
        None => made.last_four,
        Some(digits) if digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_err(|_| four_digits())?
        }
        Some(_) => return Err(four_digits()),
    };
    Ok(CardSummary {
        brand: asked.brand.map_or(made.brand, brand),
        last_four,
        month: asked.expiry_month.unwrap_or(made.month),
        year: asked.expiry_year.unwrap_or(made.year),
    })
}

fn four_digits() -> Error {
    Error::Unreadable("last_four is four digits".to_owned())
}

fn new_token(app: &App) -> CardToken {
    let token = format!("sandbox-{}", app.engine().new_id());
    token.parse().expect("a word and a UUID are no card number")
}

/// As [`read`]; what may be a card number anywhere in the body is neither taken nor repeated in the answer.
fn read_without_number<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    // Of a body that is no JSON this says where, and nothing of what is there.
    let value: Value = read(body)?;
    if has_number(&value) {
        return Err(Error::Unreadable("card numbers are not taken here, nor what looks like one".to_owned()));
    }
    // What is wrong is told of the value that was looked through: of a field that is there twice it has the last.
    read(body).map_err(|_| match serde_json::from_value::<T>(value) {
        Err(error) => Error::Unreadable(format!("the body is not what this takes: {error}")),
        Ok(_) => Error::Unreadable("the body is not what this takes: a field is there twice".to_owned()),
    })
}

fn has_number(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Number(number) => may_hold_number(&number.to_string()),
        Value::String(text) => may_hold_number(text),
        Value::Array(values) => values.iter().any(has_number),
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| may_hold_number(name) || has_number(value))
        }
    }
}

const fn brand(name: BrandName) -> Brand {
    match name {
        BrandName::Visa => Brand::Visa,
        BrandName::Master => Brand::Master,
        BrandName::Jcb => Brand::Jcb,
        BrandName::AmericanExpress => Brand::AmericanExpress,
        BrandName::DinersClub => Brand::DinersClub,
    }
}

const fn brand_name(brand: Brand) -> BrandName {
    match brand {
        Brand::Visa => BrandName::Visa,
        Brand::Master => BrandName::Master,
        Brand::Jcb => BrandName::Jcb,
        Brand::AmericanExpress => BrandName::AmericanExpress,
        Brand::DinersClub => BrandName::DinersClub,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> String {
        match read_without_number::<NewCard>(body.as_bytes()) {
            Err(Error::Unreadable(what)) => what,
            Err(error) => panic!("{error:?}"),
            Ok(_) => String::new(),
        }
    }

    /// What serde says of a value of the wrong type repeats the value.
    #[test]
    fn no_card_number_is_taken_or_repeated_wherever_it_stands() {
        for field in [
            r#""last_four": "4111111111111111""#,
            r#""last_four": 4111111111111111"#,
            r#""last_four": "4111 1111-1111 1111""#,
            r#""last_four": "\u0034111111111111111""#,
            r#""last_four": "４１１１１１１１１１１１１１１１""#,
            r#""number": "4111111111111112""#,
            r#""4111111111111111": 1"#,
            r#""brand": {"of": ["4111111111111111"]}"#,
            r#""last_four": 4111111111111111, "last_four": "1111""#,
            r#""last_four": "1111", "last_four": 4111111111111111"#,
            r#""expiry_month": "4111111111111111", "expiry_month": 12"#,
        ] {
            let body = format!(r#"{{"user_id": 1, "currency_code": "JPY", {field}}}"#);
            let said = refusal(&body);
            assert!(!said.is_empty() && !said.contains("1111"), "{body}: {said}");
        }
        assert!(!refusal(r#"{"last_four": 4111111111111111"#).contains("1111"), "cut short");
    }

    #[test]
    fn what_is_wrong_is_told_where_it_gives_nothing_away() {
        for (body, expected) in [
            (r#"{"user_id": 1, "currency_code": "JPY", "last_four": "0042"}"#, ""),
            (r#"{"user_id": 1}"#, "the body is not what this takes: missing field `currency_code`"),
            (
                r#"{"user_id": 1, "user_id": 2, "currency_code": "JPY"}"#,
                "the body is not what this takes: a field is there twice",
            ),
        ] {
            assert_eq!(refusal(body), expected);
        }
    }
}
