//! The operator's routes.

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{chain, handlers, users};
use crate::app::App;

/// Every documented route of the operator's port.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(handlers::create_merchant, handlers::list_merchants))
        .routes(routes!(handlers::set_mode))
        .routes(routes!(handlers::rotate_secret))
        .routes(routes!(handlers::sandbox_paid))
        .routes(routes!(handlers::advance_clock))
        .routes(routes!(users::create))
        .routes(routes!(users::credit))
        .routes(routes!(users::points))
        .routes(routes!(users::grant))
        .routes(routes!(chain::assign))
        .routes(routes!(chain::arrive))
        .routes(routes!(handlers::trial_balance))
}
