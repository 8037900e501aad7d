//! Subjects of personal data: what is kept sealed about one, and its erasure.

use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};
use choai_engine::{
    EraseError, Provenance,
    books::Realm,
    domain::{PaymentId, Subject, UserId, subject::stream},
    log::Actor,
    vault::is_erased,
};

use super::{
    errors::{Error, ErrorBody, Unread, Unwritten},
    handlers::{first, read_or_default},
    wire::{Nothing, SubjectErased, SubjectSeen},
};
use crate::{
    accounts::{kyc, profile::Profile},
    app::App,
    private::{FIELDS, Private},
};

/// What is known, by the names of fields.
type Fields = BTreeMap<String, Option<String>>;

/// What stands for a field that was erased.
const ERASED: &str = "[erased]";

/// Erase a subject
///
/// Deletes the key of what is sealed about a guest payer or a user, for ever, and answers once no file has a byte of it
/// any more. Refused while anything is open. Earlier backups have the key until they are deleted.
#[utoipa::path(
    post,
    path = "/operator/subjects/{subject}/erase",
    tag = "subjects",
    security(("operator_token" = [])),
    params(("subject" = String, Path, description = "`payment-` and its id, or `user-` and its number.")),
    request_body = Option<Nothing>,
    responses(
        (status = 200, body = SubjectErased),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, description = "Refused, erased before, or a backup is being taken.", body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn erase(
    State(app): State<App>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<SubjectErased>, Error> {
    let Nothing {} = read_or_default(&body)?;
    let (subject, realm) = known(&app, &name).await?;
    let unknown = || Error::NotFound(format!("there is no {subject}"));
    let began = first(&app, stream(subject)).await?.ok_or_else(unknown)?.header.id;
    let provenance = Provenance::new(app.engine().new_id(), Actor::Operator, realm);
    let engine = app.engine().clone();
    // On its own: whoever asked may go away, and what is begun must be finished all the same.
    let erased = tokio::spawn(async move { engine.erase(subject, began, provenance).await }).await;
    let receipt = erased.expect("erasing does not panic")?;
    let recorded = receipt.events.first().ok_or_else(super::handlers::other_kind)?;
    Ok(Json(SubjectErased {
        subject: subject.to_string(),
        position: recorded.position,
        erased_at: recorded.recorded_at.to_string(),
    }))
}

/// What is kept sealed about a subject
///
/// For whoever asks what is known about them.
#[utoipa::path(
    get,
    path = "/operator/subjects/{subject}",
    tag = "subjects",
    security(("operator_token" = [])),
    params(("subject" = String, Path, description = "`payment-` and its id, or `user-` and its number.")),
    responses(
        (status = 200, body = SubjectSeen),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        Unread,
    ),
)]
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Json<SubjectSeen>, Error> {
    let (subject, _) = known(&app, &name).await?;
    let vault = app.engine().vault();
    let erased = is_erased(vault.rows(), subject)?;
    let fields = match subject {
        Subject::Payment(payment) => of_payment(&app, payment)?,
        Subject::User(user) => of_user(&app, user)?,
        Subject::Customer(_) => BTreeMap::new(),
    };
    Ok(Json(SubjectSeen { subject: subject.to_string(), erased, fields }))
}

fn of_payment(app: &App, payment: PaymentId) -> Result<Fields, Error> {
    let sealed = app.models().payments().get(&payment)?.and_then(|view| view.private);
    let vault = app.engine().vault();
    Ok(match sealed.map(|sealed| Private::open(vault, &sealed)).transpose()? {
        None => Fields::new(),
        Some(Some(private)) => private.fields(),
        Some(None) => FIELDS.map(|name| (name.to_owned(), Some(ERASED.to_owned()))).into(),
    })
}

/// The profile, and behind `kyc.` what was answered.
fn of_user(app: &App, user: UserId) -> Result<Fields, Error> {
    let mut fields = Fields::new();
    let Some(view) = app.models().users().get(user)? else { return Ok(fields) };
    let vault = app.engine().vault();
    if let Some(sealed) = &view.profile {
        let erased = || Some(ERASED.to_owned());
        let told = match Profile::open(vault, sealed)? {
            Some(Profile { name, email, phone }) => [Some(name), Some(email), phone],
            None => [erased(), erased(), erased()],
        };
        fields.extend(["name", "email", "phone"].map(str::to_owned).into_iter().zip(told));
    }
    if let Some(sealed) = &view.kyc.answers
        && let Some(answers) = kyc::open_answers(vault, sealed)?
    {
        fields.extend(
            answers.into_iter().map(|(key, answer)| (format!("kyc.{key}"), Some(answer.to_string()))),
        );
    }
    Ok(fields)
}

/// The subject of this name and the realm it is known in, once the models have seen everything so far.
async fn known(app: &App, name: &str) -> Result<(Subject, Option<Realm>), Error> {
    let unknown = || Error::NotFound(format!("there is no subject {name}"));
    let subject: Subject = name.parse().map_err(|_| unknown())?;
    let models = app.current_models().await?;
    match subject {
        Subject::Payment(payment) => {
            let view = models.payments().get(&payment)?.ok_or_else(unknown)?;
            Ok((subject, Some(view.realm)))
        }
        Subject::User(user) => {
            models.users().get(user)?.ok_or_else(unknown)?;
            Ok((subject, None))
        }
        Subject::Customer(_) => Err(unknown()),
    }
}

impl From<EraseError> for Error {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Busy => Self::Conflict(error.to_string()),
            EraseError::Submit(error) => error.into(),
            EraseError::Unfinished(fault) => {
                tracing::error!(%fault, "an erasure is recorded and not finished");
                Self::Unavailable("the erasure is recorded and not finished; ask for it again")
            }
        }
    }
}
