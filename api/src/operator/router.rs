//! The operator's routes.

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    backups, books, cards, chain, clients, kyc, merchants, payments, payouts, sandbox, settlements, signing,
    subjects, tokens, users,
};
use crate::app::App;

/// Every documented route of the operator's port.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(merchants::create_merchant, merchants::list_merchants))
        .routes(routes!(merchants::set_mode))
        .routes(routes!(merchants::rotate_secret))
        .routes(routes!(clients::register))
        .routes(routes!(kyc::set_form))
        .routes(routes!(kyc::show))
        .routes(routes!(kyc::document))
        .routes(routes!(kyc::decide))
        .routes(routes!(sandbox::sandbox_paid))
        .routes(routes!(sandbox::advance_clock))
        .routes(routes!(users::create))
        .routes(routes!(users::close))
        .routes(routes!(users::credit))
        .routes(routes!(users::points))
        .routes(routes!(users::grant))
        .routes(routes!(payments::refund))
        .routes(routes!(payments::charge_back))
        .routes(routes!(payments::win_chargeback))
        .routes(routes!(settlements::settle))
        .routes(routes!(payouts::send_payout))
        .routes(routes!(payouts::confirm_payout))
        .routes(routes!(payouts::return_payout))
        .routes(routes!(tokens::register_token))
        .routes(routes!(tokens::issue_token))
        .routes(routes!(cards::issue))
        .routes(routes!(cards::authorize))
        .routes(routes!(cards::clear))
        .routes(routes!(cards::reverse))
        .routes(routes!(chain::assign))
        .routes(routes!(chain::arrive))
        .routes(routes!(books::trial_balance))
        .routes(routes!(signing::checkpoint))
        .routes(routes!(signing::list_signing_keys, signing::rotate_signing_key))
        .routes(routes!(subjects::show))
        .routes(routes!(subjects::erase))
        .routes(routes!(backups::take, backups::look))
}
