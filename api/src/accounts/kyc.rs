//! What users are asked: answers read by the tenant's form, sealed together, and handed in when they are complete.

use std::collections::BTreeMap;

use choai_engine::{
    Fault, Receipt, SubmitError,
    domain::{
        Command, Digest, DocumentId, Rejection, Sealed, Subject, UserId,
        kyc::{self, Document, Field, Form, Kind, MediaType},
    },
    log::Actor,
    vault::{Vault, VaultFamily, VaultWrite, row_key},
};
use choai_projections::{KycFormView, UserView};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    email,
    users::{UserError, envelope, seal},
};
use crate::{
    app::App,
    http::body::{Fields, Value},
};

/// Bytes of a document. Source: surfaces.md.
pub const DOCUMENT_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Tries at a change that others keep overtaking.
const TRIES_MAX: usize = 16;
/// The largest number that can be answered: what every program holds exactly.
const NUMBER_MAX: i64 = (1 << 53) - 1;

/// What a user answered, by the keys of fields.
pub type Answers = BTreeMap<String, Answer>;

/// One answer, as it is sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Number(i64),
    /// A document that is kept.
    Document {
        /// Its id.
        document: String,
        /// What it is.
        media_type: String,
        /// How long it is.
        length_bytes: u32,
    },
    /// Everything else is text.
    Text(String),
}

/// What people answer is fit for no trace.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer(…)")
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(truth) => truth.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Document { document, media_type, length_bytes } => {
                write!(f, "document {document}, {media_type}, {length_bytes} bytes")
            }
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Opens answers; `None` if they were erased.
///
/// # Errors
/// [`Fault`] if they cannot be read.
pub fn open_answers(vault: &Vault, sealed: &Sealed) -> Result<Option<Answers>, Fault> {
    let Some(plain) = vault.open_sealed(sealed)? else { return Ok(None) };
    let unreadable = |_| Fault::Undecodable(format!("the answers of {}", sealed.subject));
    serde_json::from_slice(&plain).map(Some).map_err(unreadable)
}

/// What fails, field by field.
pub type Failed = BTreeMap<String, Vec<String>>;

/// Why answers were not kept.
#[derive(Debug, thiserror::Error)]
pub enum KycError {
    /// Fields that fail.
    #[error("fields fail")]
    Fields(Failed),
    /// Not as the answers are.
    #[error(transparent)]
    Refused(#[from] kyc::Rejection),
    /// Anything else.
    #[error(transparent)]
    User(#[from] UserError),
}

impl From<Fault> for KycError {
    fn from(fault: Fault) -> Self {
        Self::User(fault.into())
    }
}

impl From<SubmitError> for KycError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(Rejection::Kyc(rejection)) => Self::Refused(rejection),
            error => Self::User(error.into()),
        }
    }
}

/// What a user is asked, and has answered so far.
#[derive(Debug)]
pub struct Asked {
    /// The user.
    pub view: UserView,
    /// The form as it is now.
    pub form: KycFormView,
    /// Answers to fields that it has; those to fields it had once are left out.
    pub answers: Answers,
    /// Why they were sent back.
    pub reason: Option<String>,
}

impl Asked {
    /// What a user is asked.
    ///
    /// # Errors
    /// [`KycError`].
    pub async fn of(app: &App, user: UserId) -> Result<Self, KycError> {
        let models = app.current_models().await.map_err(|_| SubmitError::Busy)?;
        let unknown = || SubmitError::Rejected(choai_engine::domain::user::Rejection::Unknown(user).into());
        let view = models.users().get(user)?.ok_or_else(unknown)?;
        let form = models.merchants().kyc_form(view.tenant)?;
        let vault = app.engine().vault();
        let mut answers = match &view.kyc.answers {
            Some(sealed) => open_answers(vault, sealed)?.ok_or(UserError::Erased)?,
            None => Answers::new(),
        };
        answers.retain(|key, answer| form.form.field(key).is_some_and(|field| fits(field, answer)));
        let reason = match &view.kyc.reason {
            Some(sealed) => Some(vault.open_sealed(sealed)?.ok_or(UserError::Erased)?),
            None => None,
        };
        let reason = reason.map(|reason| String::from_utf8_lossy(&reason).into_owned());
        Ok(Self { view, form, answers, reason })
    }

    /// What is missing of a complete form.
    pub fn missing(&self) -> Failed {
        missing(&self.form.form, &self.answers)
    }
}

/// Whether what was answered once is an answer to the field as it is now.
fn fits(field: &Field, answer: &Answer) -> bool {
    match (&field.kind, answer) {
        (Kind::Boolean, Answer::Boolean(_))
        | (Kind::Number, Answer::Number(_))
        | (Kind::Document, Answer::Document { .. }) => true,
        (
            Kind::Text { .. } | Kind::Date | Kind::Choice(_) | Kind::Email | Kind::Phone | Kind::Country,
            Answer::Text(text),
        ) => read_text(field, text).is_ok(),
        (
            Kind::Text { .. }
            | Kind::Date
            | Kind::Number
            | Kind::Boolean
            | Kind::Choice(_)
            | Kind::Email
            | Kind::Phone
            | Kind::Country
            | Kind::Document,
            Answer::Boolean(_) | Answer::Number(_) | Answer::Document { .. } | Answer::Text(_),
        ) => false,
    }
}

fn missing(form: &Form, answers: &Answers) -> Failed {
    let required = form.fields().filter(|field| field.required && !answers.contains_key(&field.key));
    required.map(|field| (field.key.clone(), vec![format!("The {} field is required.", field.key)])).collect()
}

/// A change to answers: what was sent of the form's fields.
struct Change<'a> {
    answers: Answers,
    cleared: Vec<String>,
    /// Files, by the key of their field.
    files: Vec<(String, MediaType, &'a [u8])>,
}

impl<'a> Change<'a> {
    fn read(form: &Form, fields: &'a Fields) -> Result<Self, Failed> {
        let mut change = Self { answers: Answers::new(), cleared: Vec::new(), files: Vec::new() };
        let mut failed = Failed::new();
        for (key, value) in fields.iter() {
            let read = match form.field(key) {
                Some(field) => change.take(field, value),
                None => Err("is not asked for".to_owned()),
            };
            if let Err(what) = read {
                failed.insert(key.to_owned(), vec![format!("The {key} field {what}.")]);
            }
        }
        if failed.is_empty() { Ok(change) } else { Err(failed) }
    }

    fn take(&mut self, field: &Field, value: &'a Value) -> Result<(), String> {
        let answer = match (&field.kind, value) {
            (_, Value::Null) => {
                self.cleared.push(field.key.clone());
                return Ok(());
            }
            (_, Value::Text(text)) if text.trim().is_empty() => {
                self.cleared.push(field.key.clone());
                return Ok(());
            }
            (Kind::Document, Value::File { bytes, .. }) => {
                let media_type = media_type(bytes).ok_or("must be a JPEG, a PNG or a PDF")?;
                if bytes.len() > DOCUMENT_BYTES_MAX {
                    return Err("must not be longer than 10 MiB".to_owned());
                }
                self.files.push((field.key.clone(), media_type, bytes));
                return Ok(());
            }
            (Kind::Document, _) => return Err("must be a file".to_owned()),
            (Kind::Boolean, Value::Bool(truth)) => Answer::Boolean(*truth),
            (Kind::Boolean, Value::Text(text) | Value::Number(text)) => match text.as_str() {
                "1" | "true" => Answer::Boolean(true),
                "0" | "false" => Answer::Boolean(false),
                _ => return Err("must be true or false".to_owned()),
            },
            (Kind::Number, Value::Number(text) | Value::Text(text)) => {
                let number = text.parse().ok().filter(|number| (-NUMBER_MAX..=NUMBER_MAX).contains(number));
                Answer::Number(number.ok_or("must be a whole number")?)
            }
            (_, Value::Text(text)) => Answer::Text(read_text(field, text)?),
            (_, Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) | Value::File { .. }) => {
                return Err("must be a string".to_owned());
            }
        };
        self.answers.insert(field.key.clone(), answer);
        Ok(())
    }
}

/// The text that is an answer to the field.
fn read_text(field: &Field, text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err("must not have control characters".to_owned());
    }
    let is_one = match &field.kind {
        Kind::Text { chars_max } => {
            let is_short = text.chars().count() <= usize::from(*chars_max);
            return if is_short {
                Ok(text.to_owned())
            } else {
                Err(format!("must not be greater than {chars_max} characters"))
            };
        }
        Kind::Date => {
            let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
            date.is_some_and(|date| date.format("%Y-%m-%d").to_string() == text)
        }
        Kind::Choice(choices) => choices.iter().any(|choice| choice.value == text),
        Kind::Email => email::read(text).is_some(),
        Kind::Phone => is_phone(text),
        Kind::Country => text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase()),
        Kind::Number | Kind::Boolean | Kind::Document => false,
    };
    if is_one { Ok(text.to_owned()) } else { Err(format!("must be {}", what_is(&field.kind))) }
}

const fn what_is(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text { .. } => "a string",
        Kind::Date => "a date such as 2026-05-31",
        Kind::Number => "a whole number",
        Kind::Boolean => "true or false",
        Kind::Choice(_) => "one of the choices",
        Kind::Email => "a valid email address",
        Kind::Phone => "a telephone number",
        Kind::Country => "a country code such as JP",
        Kind::Document => "a file",
    }
}

/// Whether it can be dialled: 5 to 15 digits, however they are grouped.
pub fn is_phone(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let is_plain =
        rest.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '(' | ')'));
    is_plain && (5..=15).contains(&digits) && text.len() <= 32
}

/// What a file is by its first bytes, whatever anybody says it is.
fn media_type(bytes: &[u8]) -> Option<MediaType> {
    let kinds: [(&[u8], MediaType); 3] = [
        (b"\xff\xd8\xff", MediaType::Jpeg),
        (b"\x89PNG\r\n\x1a\n", MediaType::Png),
        (b"%PDF-", MediaType::Pdf),
    ];
    kinds.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, media_type)| media_type)
}

/// Which answers a request leaves standing that it does not speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// All: it is a draft.
    Stay,
    /// None: it is the whole form, and has to be complete.
    Go,
}

/// Keeps answers. Of two requests at once both are kept where they speak of different fields.
///
/// # Errors
/// [`KycError`].
pub async fn save(
    app: &App,
    actor: Actor,
    user: UserId,
    fields: &Fields,
    others: Others,
) -> Result<Receipt, KycError> {
    for _ in 0..TRIES_MAX {
        let asked = Asked::of(app, user).await?;
        let change = Change::read(&asked.form.form, fields).map_err(KycError::Fields)?;
        match submit_change(app, actor, &asked, change, others).await {
            Err(KycError::User(UserError::Submit(SubmitError::Rejected(Rejection::WrongRevision {
                ..
            }))))
            | Err(KycError::Refused(kyc::Rejection::OtherForm { .. })) => {}
            done => return done,
        }
    }
    Err(UserError::Contended.into())
}

async fn submit_change(
    app: &App,
    actor: Actor,
    asked: &Asked,
    change: Change<'_>,
    others: Others,
) -> Result<Receipt, KycError> {
    let user = asked.view.user;
    let mut answers = match others {
        Others::Stay => asked.answers.clone(),
        // What was uploaded need not be uploaded again with everything else.
        Others::Go => documents(&asked.answers),
    };
    change.cleared.iter().for_each(|key| drop(answers.remove(key)));
    answers.extend(change.answers);
    let (mut rows, mut kept) = (Vec::new(), Vec::new());
    for (key, media_type, bytes) in change.files {
        let document = seal_document(app, user, media_type, bytes, &mut rows)?;
        let (id, name) = (document.document.to_string(), media_type.name().to_owned());
        let answer = Answer::Document { document: id, media_type: name, length_bytes: document.length_bytes };
        answers.insert(key, answer);
        kept.push(document);
    }
    if others == Others::Go {
        let missing = missing(&asked.form.form, &answers);
        if !missing.is_empty() {
            return Err(KycError::Fields(missing));
        }
    }
    forget_documents(user, &asked.answers, &answers, &mut rows);
    let plain = serde_json::to_vec(&answers).expect("answers are plain data");
    let answers = seal(app, user, &plain, &mut rows)?;
    let command = kyc::Command::Save { user, form: asked.form.version, answers, documents: kept };
    let mut envelope = envelope(app, actor, &asked.view, Command::Kyc(command));
    envelope.vault = rows;
    Ok(app.submit(envelope).await?)
}

fn documents(answers: &Answers) -> Answers {
    let documents = answers.iter().filter(|(_, answer)| matches!(answer, Answer::Document { .. }));
    documents.map(|(key, answer)| (key.clone(), answer.clone())).collect()
}

fn seal_document(
    app: &App,
    user: UserId,
    media_type: MediaType,
    bytes: &[u8],
    rows: &mut Vec<VaultWrite>,
) -> Result<Document, Fault> {
    let document = DocumentId(app.engine().random());
    let sealed = seal(app, user, bytes, rows)?;
    let hash = Digest(Sha256::digest(&sealed.bytes).into());
    let key = row_key(Subject::User(user), &document.0);
    rows.push(VaultWrite { family: VaultFamily::Document, key, value: Some(sealed.bytes) });
    let length_bytes = u32::try_from(bytes.len()).expect("a document is at most 10 MiB");
    Ok(Document { document, hash, media_type, length_bytes })
}

/// Documents that no answer names any more are deleted with the change.
fn forget_documents(user: UserId, before: &Answers, after: &Answers, rows: &mut Vec<VaultWrite>) {
    let ids = |answers: &Answers| -> Vec<DocumentId> {
        let named = answers.values().filter_map(|answer| match answer {
            Answer::Document { document, .. } => document.parse().ok(),
            Answer::Boolean(_) | Answer::Number(_) | Answer::Text(_) => None,
        });
        named.collect()
    };
    let kept = ids(after);
    for gone in ids(before).into_iter().filter(|id| !kept.contains(id)) {
        let key = row_key(Subject::User(user), &gone.0);
        rows.push(VaultWrite { family: VaultFamily::Document, key, value: None });
    }
}

/// Hands the answers in, if they are complete.
///
/// # Errors
/// [`KycError`].
pub async fn submit(app: &App, actor: Actor, user: UserId) -> Result<Receipt, KycError> {
    for _ in 0..TRIES_MAX {
        let asked = Asked::of(app, user).await?;
        let missing = asked.missing();
        if !missing.is_empty() {
            return Err(KycError::Fields(missing));
        }
        let command = kyc::Command::Submit { user, form: asked.form.version };
        let envelope = envelope(app, actor, &asked.view, Command::Kyc(command));
        match app.submit(envelope).await.map_err(KycError::from) {
            Err(KycError::User(UserError::Submit(SubmitError::Rejected(Rejection::WrongRevision {
                ..
            }))))
            | Err(KycError::Refused(kyc::Rejection::OtherForm { .. })) => {}
            done => return done,
        }
    }
    Err(UserError::Contended.into())
}
