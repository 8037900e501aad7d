//! Who shows a token: an app for itself, or for a user.

use axum::http::{HeaderMap, header};
use choai_engine::{
    Fault,
    domain::{MerchantId, UserId},
};

use crate::app::App;

/// Whoever showed a token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The app.
    pub client_id: String,
    /// Whose app it is.
    pub tenant: MerchantId,
    /// For whom it asks; `None` for itself.
    pub user: Option<UserId>,
}

/// Why nobody is known to be asking.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unauthenticated {
    /// There is no token, or it does not hold.
    #[error("there is no token, or it does not hold")]
    Token,
    /// The vault failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Bearer {
    /// Who shows the token in these headers.
    ///
    /// # Errors
    /// [`Unauthenticated`].
    pub fn of(app: &App, headers: &HeaderMap) -> Result<Self, Unauthenticated> {
        let token = token(headers).ok_or(Unauthenticated::Token)?;
        let allowed = app.oauth().rows(app).allowed(token)?.ok_or(Unauthenticated::Token)?;
        Ok(Self { client_id: allowed.client_id, tenant: allowed.tenant, user: allowed.user })
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
