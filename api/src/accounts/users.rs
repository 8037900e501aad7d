//! A tenant's users as they are made and changed: profile, address, password, all in one commit.
//!
//! No two users of a tenant have one address. Who has it is in the vault, which the writer does not read: so whoever
//! gives an address to somebody holds its lock until that is durable.

use choai_engine::{
    Envelope, Fault, Receipt, SubmitError,
    domain::{
        Command, Event, MerchantId, Rejection, Sealed, Span, StreamId, Subject, Timestamp, UserId,
        user::{self, Enrol},
    },
    log::Actor,
    state::IdempotencyKey,
    vault::{Login, VaultFamily, VaultWrite, found_by},
};
use choai_projections::UserView;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard};

use super::{email, passwords::Busy, profile::Profile};
use crate::{
    app::App,
    tokens::{Fresh, Writes, key_of, read},
};

/// Locks that addresses share among them.
const LOCKS: usize = 64;
/// Tries at a change that others keep overtaking.
const TRIES_MAX: usize = 16;
/// How long a link to set a password works.
const INVITATION_LIFETIME: Span = Span::days(7);
/// What the token in it begins with.
const INVITATION: &str = "sp_";

/// Locks on addresses.
#[derive(Debug)]
pub struct Addresses([Mutex<()>; LOCKS]);

impl Default for Addresses {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Addresses {
    /// Whoever holds it is the only one who gives this address to anybody.
    pub async fn lock(&self, index: [u8; 32]) -> MutexGuard<'_, ()> {
        self.0[usize::from(index[0]) % LOCKS].lock().await
    }
}

/// Why a user is not made or changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UserError {
    /// Another user of the tenant has the address.
    #[error("another user has this address")]
    EmailTaken,
    /// What was sealed about the user is erased.
    #[error("the user was erased")]
    Erased,
    /// Others kept changing it.
    #[error("others are changing this user; try again")]
    Contended,
    /// Too many passwords at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The engine refused or failed.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// Something could not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A user to be made.
#[derive(Debug)]
pub struct NewUser {
    /// Whose.
    pub tenant: MerchantId,
    /// The OAuth client that makes it.
    pub client: Option<String>,
    /// Who it is.
    pub profile: Profile,
    /// What it logs in with; without one, there is a link to set one.
    pub password: Option<String>,
}

/// A user that was made.
#[derive(Debug)]
pub struct Made {
    /// What was recorded.
    pub receipt: Receipt,
    /// Its number.
    pub user: UserId,
    /// The token of the link to set a password; shown once.
    pub invitation: Option<String>,
}

/// A link to set a password.
#[derive(Serialize, Deserialize)]
struct Invitation {
    user: UserId,
    ends_at: Timestamp,
}

/// Makes a user.
///
/// # Errors
/// [`UserError`].
pub async fn enrol(
    app: &App,
    actor: Actor,
    new: NewUser,
    idempotency: Option<IdempotencyKey>,
) -> Result<Made, UserError> {
    let vault = app.engine().vault();
    let index = email::index_of_user(vault, new.tenant, &new.profile.email);
    let password = match &new.password {
        Some(password) => Some(app.passwords().hash(app.engine(), password).await?),
        None => None,
    };
    let login = Login { password, indexes: vec![index] };
    let _alone = app.addresses().lock(index).await;
    let taken = match found_by(vault.rows(), index)? {
        Some(Subject::User(user)) => Some(user),
        Some(Subject::Payment(_) | Subject::Customer(_)) | None => None,
    };
    loop {
        // Where somebody has the address, under their number: the writer knows a repeat of what made them, and
        // refuses everybody else.
        let user = taken.unwrap_or_else(|| app.engine().draw_user_id());
        let (profile, key) = vault.seal_new(Subject::User(user), &new.profile.plain());
        let wish = Enrol { user, tenant: new.tenant, client: new.client.clone(), profile };
        let mut envelope = app.envelope(actor, None, Command::User(user::Command::Enrol(wish)));
        envelope.tenant = Some(new.tenant);
        envelope.provenance.idempotency = idempotency;
        envelope.vault = [vec![key], login.rows(Subject::User(user), None)].concat();
        let invitation = new.password.is_none().then(|| invite(app, user, &mut envelope.vault));
        match app.submit(envelope).await {
            Ok(receipt) => return made(receipt, invitation),
            Err(SubmitError::Rejected(Rejection::User(user::Rejection::Taken(_)))) if taken.is_some() => {
                return Err(UserError::EmailTaken);
            }
            // Somebody else drew the number elsewhere.
            Err(SubmitError::Rejected(Rejection::User(user::Rejection::Taken(_)))) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn made(receipt: Receipt, invitation: Option<String>) -> Result<Made, UserError> {
    let user = receipt.events.iter().find_map(|recorded| match &recorded.event {
        Event::User(user::Event::Registered(made)) => Some(made.user),
        _ => None,
    });
    let user = user.ok_or(SubmitError::Rejected(Rejection::IdempotencyConflict))?;
    // A repeat has no second link: the first was shown.
    let invitation = invitation.filter(|_| !receipt.repeated);
    Ok(Made { receipt, user, invitation })
}

fn invite(app: &App, user: UserId, rows: &mut Vec<VaultWrite>) -> String {
    let Fresh { token, key } = Fresh::draw(app.engine(), INVITATION);
    let ends_at = app.engine().now() + INVITATION_LIFETIME;
    let mut writes = Writes::default();
    writes.put_until(VaultFamily::Token, &key, &Invitation { user, ends_at }, ends_at);
    rows.extend(writes.into_rows());
    token
}

/// The user that a link to set a password is for, while it works.
///
/// # Errors
/// [`Fault`] when the vault cannot be read.
pub fn invited(app: &App, token: &str) -> Result<Option<UserId>, Fault> {
    let Some(key) = key_of(INVITATION, token) else { return Ok(None) };
    let invitation: Option<Invitation> = read(app.engine().vault().rows(), VaultFamily::Token, &key)?;
    let working = invitation.filter(|invitation| invitation.ends_at > app.engine().now());
    Ok(working.map(|invitation| invitation.user))
}

/// Sets the password that a link is for, once; everything the user had allowed ends.
///
/// # Errors
/// [`UserError`].
pub async fn accept_invitation(app: &App, token: &str, password: &str) -> Result<Option<UserId>, UserError> {
    let hash = app.passwords().hash(app.engine(), password).await?;
    let Some(key) = key_of(INVITATION, token) else { return Ok(None) };
    let _alone = app.addresses().lock(key).await;
    let Some(user) = invited(app, token)? else { return Ok(None) };
    let engine = app.engine().clone();
    let set = tokio::task::spawn_blocking(move || -> Result<bool, Fault> {
        let (rows, subject) = (engine.vault().rows(), Subject::User(user));
        let Some(known) = Login::read(rows, subject)? else { return Ok(false) };
        let login = Login { password: Some(hash), ..known.clone() };
        let mut writes = Writes::default();
        writes.delete(VaultFamily::Token, &key);
        rows.write(&[login.rows(subject, Some(&known)), writes.into_rows()].concat())?;
        Ok(true)
    });
    let is_set = set.await.expect("setting a password does not panic")?;
    if !is_set {
        return Ok(None);
    }
    app.oauth().blocking(app, move |rows| rows.revoke_all_of(user)).await?;
    Ok(Some(user))
}

/// What is known of a user; `None` where nothing was ever told.
///
/// # Errors
/// [`UserError::Erased`], or [`Fault`] when it cannot be read.
pub fn profile(app: &App, view: &UserView) -> Result<Option<Profile>, UserError> {
    let Some(sealed) = &view.profile else { return Ok(None) };
    Profile::open(app.engine().vault(), sealed)?.ok_or(UserError::Erased).map(Some)
}

/// Changes the profile of a user: `change` is handed it as it is, as often as others come first.
///
/// # Errors
/// [`UserError`].
pub async fn change_profile(
    app: &App,
    actor: Actor,
    user: UserId,
    idempotency: Option<IdempotencyKey>,
    change: impl Fn(&mut Profile),
) -> Result<Receipt, UserError> {
    for _ in 0..TRIES_MAX {
        let models = app.current_models().await.map_err(|_| SubmitError::Busy)?;
        let unknown = || SubmitError::Rejected(user::Rejection::Unknown(user).into());
        let view = models.users().get(user)?.ok_or_else(unknown)?;
        let mut profile = profile(app, &view)?.unwrap_or_else(Profile::unknown);
        let earlier = profile.email.clone();
        change(&mut profile);
        let submitted = submit_profile(app, actor, &view, &profile, &earlier, idempotency).await;
        match submitted {
            Err(UserError::Submit(SubmitError::Rejected(Rejection::WrongRevision { .. }))) => {}
            done => return done,
        }
    }
    Err(UserError::Contended)
}

async fn submit_profile(
    app: &App,
    actor: Actor,
    view: &UserView,
    profile: &Profile,
    earlier: &str,
    idempotency: Option<IdempotencyKey>,
) -> Result<Receipt, UserError> {
    let (vault, subject) = (app.engine().vault(), Subject::User(view.user));
    let index = email::index_of_user(vault, view.tenant, &profile.email);
    let _alone = app.addresses().lock(index).await;
    let mut rows = Vec::new();
    if profile.email != earlier {
        if found_by(vault.rows(), index)?.is_some_and(|found| found != subject) {
            return Err(UserError::EmailTaken);
        }
        let known = Login::read(vault.rows(), subject)?;
        let login =
            Login { password: known.as_ref().and_then(|known| known.password.clone()), indexes: vec![index] };
        rows.extend(login.rows(subject, known.as_ref()));
    }
    let sealed = seal(app, view.user, &profile.plain(), &mut rows)?;
    let command = Command::User(user::Command::SetProfile { user: view.user, profile: sealed });
    let mut envelope = app.envelope(actor, None, command);
    envelope.tenant = Some(view.tenant);
    envelope.expected = Some((StreamId::User(view.user), Some(view.revision)));
    envelope.provenance.idempotency = idempotency;
    envelope.vault = rows;
    Ok(app.submit(envelope).await?)
}

/// Seals something under a user's key. One that was made without anything sealed gets its key with this: two at once
/// are told apart by the revision they expect, and only one key comes to be.
///
/// # Errors
/// [`Fault`] when the key cannot be read.
pub fn seal(app: &App, user: UserId, plain: &[u8], rows: &mut Vec<VaultWrite>) -> Result<Sealed, Fault> {
    let (vault, subject) = (app.engine().vault(), Subject::User(user));
    if let Some(sealed) = vault.seal(subject, plain)? {
        return Ok(sealed);
    }
    let (sealed, key) = vault.seal_new(subject, plain);
    rows.push(key);
    Ok(sealed)
}

/// An envelope about a user, that is refused if anything about it changed meanwhile.
pub fn envelope(app: &App, actor: Actor, view: &UserView, command: impl Into<Command>) -> Envelope {
    let mut envelope = app.envelope(actor, None, command);
    envelope.tenant = Some(view.tenant);
    envelope.expected = Some((StreamId::User(view.user), Some(view.revision)));
    envelope
}
