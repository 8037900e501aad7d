//! The surface's routes. Paths do not collide with any other surface's.

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{handlers, people};
use crate::app::App;

/// Every route of the surface.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(handlers::process))
        .routes(routes!(handlers::check_validity_get, handlers::check_validity_post))
        .merge(people::router())
}
