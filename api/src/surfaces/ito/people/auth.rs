//! Who asks, and about whom.

use axum::http::HeaderMap;
use choai_engine::domain::UserId;
use choai_projections::UserView;

use super::errors::Error;
use crate::{app::App, oauth::Bearer};

/// An app that asks for itself.
///
/// # Errors
/// [`Error::Unauthenticated`] also for one that asks for a user.
pub fn merchant(app: &App, headers: &HeaderMap) -> Result<Bearer, Error> {
    let bearer = Bearer::of(app, headers)?;
    if bearer.user.is_none() { Ok(bearer) } else { Err(Error::Unauthenticated) }
}

/// The user that an app asks for.
///
/// # Errors
/// [`Error::Unauthenticated`] also for one that asks for itself, and for a user who was closed.
pub async fn user(app: &App, headers: &HeaderMap) -> Result<UserView, Error> {
    let user = Bearer::of(app, headers)?.user.ok_or(Error::Unauthenticated)?;
    let view = app.current_models().await?.users().get(user)?;
    view.filter(|view| view.closed_at.is_none()).ok_or(Error::Unauthenticated)
}

/// A user that the app has made: any other is none of its business, and is not there.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn own(app: &App, bearer: &Bearer, id: &str) -> Result<UserView, Error> {
    let user: UserId = id.parse().map_err(|_| Error::NotFound)?;
    let view = app.current_models().await?.users().get(user)?.ok_or(Error::NotFound)?;
    let is_own = view.client.as_deref() == Some(bearer.client_id.as_str()) && view.tenant == bearer.tenant;
    if is_own { Ok(view) } else { Err(Error::NotFound) }
}
