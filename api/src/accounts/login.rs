//! Who an e-mail address and a password are, and what is changed about that.

use choai_engine::{
    Fault,
    domain::{Subject, UserId},
    vault::{Login, found_by},
};

use super::passwords::Busy;
use crate::app::App;

/// Why nobody knows whether a login is right.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginError {
    /// Too many at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The vault failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Who is found under `index` and has this password. An address that nobody has takes as long as a wrong password.
///
/// # Errors
/// [`LoginError`].
pub async fn check(app: &App, index: [u8; 32], password: &str) -> Result<Option<Subject>, LoginError> {
    let rows = app.engine().vault().rows();
    let found = found_by(rows, index)?;
    let login = found.map(|subject| Login::read(rows, subject)).transpose()?.flatten();
    let hash = login.and_then(|login| login.password);
    let is_right = app.passwords().verify(password, hash).await?;
    Ok(found.filter(|_| is_right))
}

/// The user that a subject is.
pub const fn user(subject: Subject) -> Option<UserId> {
    match subject {
        Subject::User(user) => Some(user),
        Subject::Payment(_) | Subject::Customer(_) => None,
    }
}
