//! What users are asked, as the operator sees it: the form, the answers, the documents, and what is made of them.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use choai_engine::{
    SubmitError,
    domain::{
        Command, DocumentId, Event, MerchantId, Rejection, Sealed, Subject,
        kyc::{self, Choice, Field, Form, Kind, Label, Section},
        merchant,
    },
    log::Actor,
    vault::{VaultFamily, row_key},
};

use super::{
    errors::{Error, ErrorBody, Unread, Unwritten},
    handlers::{find, keyed, read, submit},
    users::known,
    wire::{
        DecideKyc, Decision, FormSet, KycDecided, KycSeen, LabelText, NewChoice, NewField, NewForm,
        NewSection,
    },
};
use crate::{
    accounts::{
        kyc::{Asked, KycError},
        users::{UserError, seal},
    },
    app::App,
    http::idempotency::Scope,
};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 1_000;
/// Characters of a text, where the form does not say.
const TEXT_CHARS_MAX: u16 = 255;

/// Ask a merchant's users for something else
///
/// Answers to fields that the new form has too stay; nobody's decision changes.
#[utoipa::path(
    post,
    path = "/operator/merchants/{id}/kyc-form",
    tag = "kyc",
    security(("operator_token" = [])),
    params(
        ("id" = u32, Path, description = "The merchant's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key sets it once."),
    ),
    request_body = NewForm,
    responses(
        (status = 200, body = FormSet),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn set_form(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<FormSet>, Error> {
    let unknown = |_| Error::NotFound(format!("no merchant has the number {id}"));
    let merchant: MerchantId = id.parse().map_err(unknown)?;
    let asked: NewForm = read(&body)?;
    let sections = asked.sections.into_iter().map(section).collect::<Result<_, _>>()?;
    let command = merchant::Command::SetKycForm { merchant, form: Form { sections } };
    let envelope = app.envelope(Actor::Operator, None, Command::Merchant(command));
    let endpoint = "POST /operator/merchants/{id}/kyc-form";
    let scope = Scope { realm: None, tenant: Some(merchant), endpoint };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let set = find(&receipt, |event| match event {
        Event::Merchant(merchant::Event::KycFormSet(set)) => Some(set.version),
        _ => None,
    })?;
    Ok(Json(FormSet { merchant_id: merchant.0, version: set }))
}

/// What a user answered
#[utoipa::path(
    get,
    path = "/operator/kyc/{user}",
    tag = "kyc",
    security(("operator_token" = [])),
    params(("user" = u32, Path, description = "The user's number.")),
    responses((status = 200, body = KycSeen), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), Unread),
)]
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<KycSeen>, Error> {
    let user = known(&app, &id).await?.user;
    let asked = Asked::of(&app, user).await?;
    Ok(Json(KycSeen {
        user_id: user.0,
        status: asked.view.kyc.stage.word().to_owned(),
        form_version: asked.view.kyc.form,
        missing: asked.missing().into_keys().collect(),
        rejection_reason: asked.reason,
        values: serde_json::to_value(&asked.answers).expect("answers are plain data"),
    }))
}

/// A document that a user handed in
#[utoipa::path(
    get,
    path = "/operator/kyc/{user}/documents/{document}",
    tag = "kyc",
    security(("operator_token" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
        ("document" = String, Path, description = "As the answers name it."),
    ),
    responses(
        (status = 200, content_type = "application/octet-stream", description = "The document, with its own media type."),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        Unread,
    ),
)]
pub async fn document(
    State(app): State<App>,
    Path((id, document)): Path<(String, String)>,
) -> Result<Response, Error> {
    let user = known(&app, &id).await?.user;
    let missing = || Error::NotFound(format!("user {user} has no document {document}"));
    let document: DocumentId = document.parse().map_err(|_| missing())?;
    let known = app.models().users().document(user, document)?.ok_or_else(missing)?;
    let vault = app.engine().vault();
    let subject = Subject::User(user);
    let bytes =
        vault.rows().get(VaultFamily::Document, &row_key(subject, &document.0))?.ok_or_else(missing)?;
    let plain = vault.open_sealed(&Sealed { subject, bytes })?.ok_or_else(missing)?;
    let mut response = plain.into_response();
    // Shown as what it was found to be, and saved rather than opened: it comes from a stranger.
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(known.media_type.name()));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    Ok(response)
}

/// Decide on a user's answers
///
/// Approved answers are locked for good; rejected ones can be mended and handed in again.
#[utoipa::path(
    post,
    path = "/operator/kyc/{user}/decision",
    tag = "kyc",
    security(("operator_token" = [])),
    params(
        ("user" = u32, Path, description = "The user's number."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key decides once."),
    ),
    request_body = DecideKyc,
    responses(
        (status = 200, body = KycDecided),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn decide(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<KycDecided>, Error> {
    let asked: DecideKyc = read(&body)?;
    let view = known(&app, &id).await?;
    let (user, mut rows) = (view.user, Vec::new());
    let command = match (asked.decision, asked.reason.as_deref().map(str::trim)) {
        (Decision::Approve, None) => kyc::Command::Approve { user },
        (Decision::Reject, Some(reason)) if (1..=REASON_CHARS_MAX).contains(&reason.chars().count()) => {
            kyc::Command::Reject { user, reason: seal(&app, user, reason.as_bytes(), &mut rows)? }
        }
        (Decision::Approve, Some(_)) => {
            return Err(Error::Unreadable("reason goes with reject only".into()));
        }
        (Decision::Reject, _) => {
            let what = format!("reason must say why, in 1 to {REASON_CHARS_MAX} characters");
            return Err(Error::Unreadable(what));
        }
    };
    let mut envelope = app.envelope(Actor::Operator, None, Command::Kyc(command));
    envelope.vault = rows;
    let scope =
        Scope { realm: None, tenant: Some(view.tenant), endpoint: "POST /operator/kyc/{user}/decision" };
    let request = [id.as_bytes(), b" ", &body].concat();
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &request)?).await?;
    let status = find(&receipt, |event| match event {
        Event::Kyc(kyc::Event::Approved(_)) => Some(kyc::Stage::Approved),
        Event::Kyc(kyc::Event::Rejected(_)) => Some(kyc::Stage::Rejected),
        _ => None,
    })?;
    Ok(Json(KycDecided { user_id: user.0, status: status.word().to_owned() }))
}

fn section(asked: NewSection) -> Result<Section, Error> {
    let fields = asked.fields.into_iter().map(field).collect::<Result<_, _>>()?;
    Ok(Section { key: asked.key, label: label(asked.label), fields })
}

fn field(asked: NewField) -> Result<Field, Error> {
    let NewField { key, label: text, kind, required, max_length, choices } = asked;
    let wrong = |what: &str| Error::Unreadable(format!("field {key}: {what}"));
    if max_length.is_some() && kind != "text" {
        return Err(wrong("max_length goes with text only"));
    }
    if choices.is_some() != (kind == "choice") {
        return Err(wrong("choices go with choice, and only there"));
    }
    let kind = match kind.as_str() {
        "text" => Kind::Text { chars_max: max_length.unwrap_or(TEXT_CHARS_MAX) },
        "date" => Kind::Date,
        "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        "choice" => Kind::Choice(choices.unwrap_or_default().into_iter().map(choice).collect()),
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "country" => Kind::Country,
        "document" => Kind::Document,
        _ => return Err(wrong("no such type")),
    };
    Ok(Field { key, label: label(text), kind, required })
}

fn choice(asked: NewChoice) -> Choice {
    Choice { value: asked.value, label: label(asked.label) }
}

fn label(asked: LabelText) -> Label {
    Label { ja: asked.ja, en: asked.en }
}

impl From<KycError> for Error {
    fn from(error: KycError) -> Self {
        match error {
            KycError::User(UserError::Submit(error)) => error.into(),
            KycError::User(UserError::Fault(fault)) => fault.into(),
            KycError::Refused(rejection) => SubmitError::from(Rejection::from(rejection)).into(),
            KycError::User(error) => Self::NotFound(error.to_string()),
            KycError::Fields(_) => Self::Unreadable(error.to_string()),
        }
    }
}
