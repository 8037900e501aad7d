//! The OAuth server: apps get tokens, for themselves or for a user who agreed in a browser, and show them again.

mod authorize;
mod bearer;
mod clients;
mod errors;
mod metadata;
mod pkce;
mod request;
mod revoke;
mod rows;
mod sweep;
#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

use self::rows::{Locks, Rows};
pub use self::{
    bearer::{Bearer, Unauthenticated},
    clients::Client,
    rows::Lifetimes,
    sweep::sweep,
};
use crate::app::App;

/// What the OAuth server keeps in memory.
#[derive(Debug, Clone)]
pub struct Desk {
    locks: Arc<Locks>,
    lifetimes: Lifetimes,
}

impl Desk {
    /// A desk that hands out tokens of these lifetimes.
    pub fn new(lifetimes: Lifetimes) -> Self {
        Self { locks: Arc::default(), lifetimes }
    }

    /// Does something with the rows where it may wait for the disk.
    pub async fn blocking<T: Send + 'static>(
        &self,
        app: &App,
        act: impl FnOnce(Rows<'_>) -> T + Send + 'static,
    ) -> T {
        let (desk, engine) = (self.clone(), app.engine().clone());
        let done = tokio::task::spawn_blocking(move || act(Rows::new(&engine, &desk.locks, desk.lifetimes)));
        done.await.expect("what is done with rows does not panic")
    }

    /// The rows, for what takes no longer than a look-up.
    pub fn rows<'a>(&'a self, app: &'a App) -> Rows<'a> {
        Rows::new(app.engine(), &self.locks, self.lifetimes)
    }
}

/// Every route of the server.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(token::token))
        .routes(routes!(revoke::revoke))
        .routes(routes!(metadata::metadata))
        .merge(authorize::router())
}
