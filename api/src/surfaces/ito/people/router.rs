//! The routes of both tables.

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{merchant, user};
use crate::app::App;

/// Every route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(merchant::create))
        .routes(routes!(merchant::update_profile))
        .routes(routes!(merchant::balance))
        .routes(routes!(merchant::cards))
        .routes(routes!(merchant::kyc, merchant::draft_kyc, merchant::save_kyc))
        .routes(routes!(merchant::submit_kyc))
        .routes(routes!(user::me))
        .routes(routes!(user::balance))
        .routes(routes!(user::cards))
        .routes(routes!(user::issue_card))
        .routes(routes!(user::sensitive))
        .routes(routes!(user::kyc, user::draft_kyc, user::save_kyc))
        .routes(routes!(user::submit_kyc))
}
