//! What goes over the wire: the document names the endpoints, and these are their fields.

use std::collections::BTreeMap;

use choai_engine::{
    domain::{
        Timestamp,
        kyc::{self, Kind, Stage},
    },
    money::{Currency, Money},
};
use choai_projections::{CardView, UserView};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::cards::brand;
use crate::accounts::{
    kyc::{Answers, Asked},
    profile::Profile,
};

/// An answer as Laravel wraps it.
#[derive(Serialize, ToSchema)]
pub struct Data<T> {
    /// What was asked for.
    pub data: T,
}

/// The fields of `POST /api/oauth/merchant/users`, for the API description.
#[derive(ToSchema)]
#[schema(as = ItoNewUser)]
#[expect(dead_code, reason = "describes bodies that are read field by field")]
pub struct NewUserRequest {
    /// 1 to 255 characters.
    #[schema(example = "山田 花子")]
    name: String,
    /// No two users of a merchant have one.
    #[schema(example = "hanako@example.com")]
    email: String,
    /// 5 to 15 digits, however they are grouped.
    #[schema(example = "+81 3-1234-5678")]
    phone: Option<String>,
    /// 8 to 128 characters; without one, the answer has a link on which the user sets one.
    password: Option<String>,
}

/// The fields of `PATCH …/profile`, for the API description: what is absent stays.
#[derive(ToSchema)]
#[schema(as = ItoProfileChange)]
#[expect(dead_code, reason = "describes bodies that are read field by field")]
pub struct ProfileRequest {
    /// 1 to 255 characters.
    name: Option<String>,
    /// What the user logs in with from then on.
    email: Option<String>,
    /// Empty or `null` takes it away.
    phone: Option<String>,
}

/// A user.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoUser)]
pub struct User {
    /// Its number.
    #[schema(example = 123)]
    pub id: u32,
    /// `null` where it was never told, or is erased.
    pub name: Option<String>,
    /// As `name`.
    pub email: Option<String>,
    /// As `name`.
    pub phone: Option<String>,
    /// `active` or `closed`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// `unanswered`, `draft`, `submitted`, `approved` or `rejected`.
    #[schema(example = "draft")]
    pub kyc_status: &'static str,
    /// The OAuth client that made it.
    pub created_by_client_id: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// When the profile was changed last.
    pub updated_at: String,
    /// Where the user sets a password: only in the answer that makes one without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_password_url: Option<String>,
}

impl User {
    /// A user as it is, `profile` being what can be told of it.
    pub fn of(view: &UserView, profile: Option<Profile>) -> Self {
        let (name, email, phone) = match profile {
            Some(Profile { name, email, phone }) => (Some(name), Some(email), phone),
            None => (None, None, None),
        };
        Self {
            id: view.user.0,
            name,
            email,
            phone,
            status: if view.closed_at.is_some() { "closed" } else { "active" },
            kyc_status: view.kyc.stage.word(),
            created_by_client_id: view.client.clone(),
            created_at: view.registered_at.to_string(),
            updated_at: view.updated_at.to_string(),
            set_password_url: None,
        }
    }
}

/// What a user has.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoBalance)]
pub struct Balance {
    /// Whose.
    #[schema(example = 123)]
    pub user_id: u32,
    /// Of every currency that the user ever had, and always of USD and JPY.
    pub balances: Vec<CurrencyBalance>,
    /// SGP points.
    pub points: PointsBalance,
}

/// What a user has in one currency.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoCurrencyBalance)]
pub struct CurrencyBalance {
    /// As the document numbers them: 1 USD, 2 JPY, 3 SGP-USD; `null` for those it does not.
    pub currency_id: Option<u32>,
    /// Its code.
    #[schema(example = "JPY")]
    pub currency_code: String,
    /// What can be spent, with the currency's decimals.
    #[schema(value_type = f64, example = 1000)]
    pub balance: Box<RawValue>,
}

/// A user's points.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoPointsBalance)]
pub struct PointsBalance {
    /// 3.
    pub currency_id: u32,
    /// `SGP-USD`.
    pub currency_code: &'static str,
    /// What can be spent.
    #[schema(value_type = f64, example = 100.00)]
    pub balance: Box<RawValue>,
    /// The next lot to lapse; `null` without points.
    pub next_lapse: Option<Lapse>,
}

/// Points about to lapse.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoLapse)]
pub struct Lapse {
    /// How many, if they are not spent before.
    #[schema(value_type = f64, example = 25.00)]
    pub amount: Box<RawValue>,
    /// When: RFC 3339, UTC.
    pub at: String,
}

/// A JSON number with exactly the currency's decimals, which no float could promise.
pub fn number(money: Money) -> Box<RawValue> {
    RawValue::from_string(money.to_decimal()).expect("a decimal is a JSON number")
}

/// The document's number of a currency.
pub const fn currency_id(currency: Currency) -> Option<u32> {
    match currency {
        Currency::Usd => Some(1),
        Currency::Jpy => Some(2),
        Currency::SgpUsd => Some(3),
        Currency::Krw
        | Currency::Eur
        | Currency::Twd
        | Currency::Usdt
        | Currency::Ton
        | Currency::Token(_) => None,
    }
}

/// An issued card.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoCard)]
pub struct Card {
    /// Its number with us.
    #[schema(example = 1)]
    pub id: u32,
    /// `visa`, `master`, `jcb`, `american_express` or `diners_club`.
    #[schema(example = "visa")]
    pub brand: &'static str,
    /// The last four digits on it.
    #[schema(example = "0042")]
    pub last4: String,
    /// 1 to 12; good to the end of that month.
    pub expiry_month: u8,
    /// Four digits.
    pub expiry_year: u16,
    /// Which of the user's wallets it spends from.
    #[schema(example = "USD")]
    pub currency_code: String,
    /// `active`, `blocked` or `closed`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// RFC 3339, UTC.
    pub issued_at: String,
}

impl Card {
    /// A card as it stands.
    pub fn of(view: &CardView) -> Self {
        Self {
            id: view.card.0,
            brand: brand(view.summary.brand),
            last4: format!("{:04}", view.summary.last_four),
            expiry_month: view.summary.month,
            expiry_year: view.summary.year,
            currency_code: view.currency.to_string(),
            status: view.stage.word(),
            issued_at: view.issued_at.to_string(),
        }
    }
}

/// What may be told of a card: no number and no security code, which nobody here knows.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoCardSensitive)]
pub struct Sensitive {
    /// Which card.
    #[schema(example = 1)]
    pub card_id: u32,
    /// The last four digits on it.
    #[schema(example = "0042")]
    pub last4: String,
}

/// The fields of `POST /api/oauth/user/cards/issue`, for the API description.
#[derive(ToSchema)]
#[schema(as = ItoIssueCard)]
#[expect(dead_code, reason = "describes bodies that are read field by field")]
pub struct IssueRequest {
    /// Which of the user's wallets it spends from: `USD`, unless given, or `JPY`.
    #[schema(example = "USD")]
    currency_code: Option<String>,
}

/// The fields of `POST /api/oauth/user/cards/sensitive`, for the API description.
#[derive(ToSchema)]
#[schema(as = ItoSensitiveCard)]
#[expect(dead_code, reason = "describes bodies that are read field by field")]
pub struct SensitiveRequest {
    /// Which card.
    #[schema(example = 1)]
    card_id: u32,
}

/// What a user is asked, and has answered.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoKyc)]
pub struct Kyc {
    /// `unanswered`, `draft`, `submitted`, `approved` or `rejected`. Answers can be changed unless they are `submitted`
    /// or `approved`.
    #[schema(example = "draft")]
    pub status: &'static str,
    /// Whether every required field is answered.
    pub complete: bool,
    /// Required fields without an answer.
    pub missing: Vec<String>,
    /// Why the answers were sent back, if they were.
    pub rejection_reason: Option<String>,
    /// When they were handed in: RFC 3339, UTC.
    pub submitted_at: Option<String>,
    /// When that was decided on.
    pub decided_at: Option<String>,
    /// What is asked.
    pub form: Form,
    /// What was answered, by the keys of fields. Of a document: its id, what it is, and how long.
    #[schema(value_type = Object)]
    pub values: Answers,
}

/// A form.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoKycForm)]
pub struct Form {
    /// Rises when the merchant asks for something else.
    pub version: u32,
    /// In the order they are asked.
    pub sections: Vec<Section>,
}

/// Fields that belong together.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoKycSection)]
pub struct Section {
    /// What programs call it.
    pub key: String,
    /// What people call it.
    pub label: Label,
    /// In the order they are asked.
    pub fields: Vec<Field>,
}

/// One thing that is asked.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoKycField)]
pub struct Field {
    /// What programs call it, in `values` too.
    pub key: String,
    /// What people call it.
    pub label: Label,
    /// `text`, `date`, `number`, `boolean`, `choice`, `email`, `phone`, `country` or `document`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether the form is incomplete without it.
    pub required: bool,
    /// Of text: at most so many characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u16>,
    /// Of a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<Vec<Choice>>,
}

/// One of several answers.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoKycChoice)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What people call it.
    pub label: Label,
}

/// What people call something.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoKycLabel)]
pub struct Label {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Kyc {
    /// What a user is asked, as it is now.
    pub fn of(asked: Asked) -> Self {
        let missing: Vec<String> = asked.missing().into_keys().collect();
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let kyc = &asked.view.kyc;
        Self {
            status: kyc.stage.word(),
            complete: missing.is_empty(),
            missing,
            submitted_at: at(kyc.submitted_at.filter(|_| kyc.stage != Stage::Draft)),
            decided_at: at(kyc.decided_at.filter(|_| matches!(kyc.stage, Stage::Approved | Stage::Rejected))),
            rejection_reason: asked.reason,
            form: Form {
                version: asked.form.version,
                sections: asked.form.form.sections.into_iter().map(section).collect(),
            },
            values: asked.answers,
        }
    }
}

fn section(section: kyc::Section) -> Section {
    let fields = section.fields.into_iter().map(field).collect();
    Section { key: section.key, label: label(section.label), fields }
}

fn field(field: kyc::Field) -> Field {
    let kind = field.kind.word();
    let (max_length, choices) = match field.kind {
        Kind::Text { chars_max } => (Some(chars_max), None),
        Kind::Choice(choices) => (None, Some(choices.into_iter().map(choice).collect())),
        Kind::Date
        | Kind::Number
        | Kind::Boolean
        | Kind::Email
        | Kind::Phone
        | Kind::Country
        | Kind::Document => (None, None),
    };
    Field { key: field.key, label: label(field.label), kind, required: field.required, max_length, choices }
}

fn choice(choice: kyc::Choice) -> Choice {
    Choice { value: choice.value, label: label(choice.label) }
}

fn label(label: kyc::Label) -> Label {
    Label { ja: label.ja, en: label.en }
}

/// The body of a KYC request, for the API description: fields of the form by their keys, files as parts of multipart.
#[derive(ToSchema)]
#[schema(as = ItoKycAnswers)]
#[expect(dead_code, reason = "describes bodies that are read field by field")]
pub struct KycRequest {
    /// Any field of the form; empty or `null` takes an answer away.
    #[schema(additional_properties)]
    answers: BTreeMap<String, String>,
}
