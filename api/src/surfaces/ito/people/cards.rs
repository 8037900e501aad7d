//! A user's cards: listed, and issued by the sandbox in a test realm.

use choai_engine::{
    books::{Label, Realm},
    domain::{
        CardId, Command, Event,
        card::{self, CardToken, Issue, Issued},
        payment::Brand,
    },
    log::Actor,
    money::Currency,
    state::IdempotencyKey,
};
use choai_projections::{CardView, UserView};

use super::{
    balance::realm,
    errors::Error,
    wire::{Card, Sensitive},
};
use crate::{
    app::App,
    http::body::{Fields, Value},
    rails::sandbox,
};

/// Cards that are listed: nobody has so many.
const LISTED_MAX: usize = 1_000;

/// A user's cards, in the order they were issued.
///
/// # Errors
/// [`Error`] when they cannot be read.
pub fn list(app: &App, view: &UserView) -> Result<Vec<Card>, Error> {
    let cards = app.models().cards().by_user(realm(app, view)?, view.user, LISTED_MAX)?;
    Ok(cards.iter().map(Card::of).collect())
}

/// Issues a card to a user, who has to be entitled to it.
///
/// # Errors
/// [`Error::Fields`] for a currency that cards do not spend, [`Error::Conflict`] for who is not entitled.
pub async fn issue(
    app: &App,
    view: &UserView,
    fields: &Fields,
    key: Option<IdempotencyKey>,
) -> Result<Card, Error> {
    let currency = currency(fields)?;
    let realm = realm(app, view)?;
    if realm == Realm::Live {
        return Err(Error::Conflict("No issuer of cards is switched on in active mode.".into()));
    }
    let now = app.models().realms().now(realm, app.engine().now())?;
    let token: CardToken =
        format!("sandbox-{}", app.engine().new_id()).parse().expect("a word and a UUID are no card number");
    let summary = sandbox::issue_card(view.user, currency, now);
    let wish = Issue { user: view.user, rail: Label::ISSUING, token, summary, currency };
    let command = Command::Card(card::Command::Issue(wish));
    let mut envelope = app.envelope(Actor::Merchant(view.tenant), Some(realm), command);
    envelope.tenant = Some(view.tenant);
    envelope.provenance.idempotency = key;
    let receipt = app.submit(envelope).await?;
    let issued = receipt.events.iter().find_map(|recorded| match &recorded.event {
        Event::Card(card::Event::Issued(issued)) => Some((issued, recorded.header.effective_at)),
        _ => None,
    });
    let (issued, issued_at) =
        issued.ok_or_else(|| Error::Conflict("This key was used for another kind of request.".into()))?;
    let Issued { card, realm, tenant, user, rail, summary, currency, .. } = *issued;
    let stage = card::CardStage::Active;
    Ok(Card::of(&CardView { card, realm, tenant, user, rail, summary, currency, stage, issued_at }))
}

/// What may be told of a card beside what the list tells: its last four digits, and nothing more.
///
/// # Errors
/// [`Error::NotFound`] for a card that is not the user's.
pub fn sensitive(app: &App, view: &UserView, fields: &Fields) -> Result<Sensitive, Error> {
    let id = match fields.get("card_id") {
        Some(Value::Number(text) | Value::Text(text)) => text.parse::<CardId>().ok(),
        None | Some(Value::Null) => return Err(Error::field("card_id", "The card_id field is required.")),
        Some(Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::File { .. }) => None,
    };
    let card = app.models().cards().get(id.ok_or(Error::NotFound)?)?.ok_or(Error::NotFound)?;
    if card.user != view.user || card.realm != realm(app, view)? {
        return Err(Error::NotFound);
    }
    Ok(Sensitive { card_id: card.card.0, last4: format!("{:04}", card.summary.last_four) })
}

/// `currency_code`; dollars unless given.
fn currency(fields: &Fields) -> Result<Currency, Error> {
    let code = match fields.get("currency_code") {
        None | Some(Value::Null) => return Ok(Currency::Usd),
        Some(Value::Text(code)) => code,
        Some(Value::Number(_) | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::File { .. }) => {
            return Err(Error::field("currency_code", "The currency_code field must be a string."));
        }
    };
    match Currency::from_code(code) {
        Some(currency @ (Currency::Usd | Currency::Jpy)) => Ok(currency),
        Some(_) | None => Err(Error::field("currency_code", "The currency_code field must be USD or JPY.")),
    }
}

/// The scheme's name, in one word.
pub const fn brand(brand: Brand) -> &'static str {
    match brand {
        Brand::Visa => "visa",
        Brand::Master => "master",
        Brand::Jcb => "jcb",
        Brand::AmericanExpress => "american_express",
        Brand::DinersClub => "diners_club",
    }
}
