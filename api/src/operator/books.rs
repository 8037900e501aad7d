//! The books as the operator sees them.

use axum::{Json, extract::State};
use choai_engine::money::Money;

use super::{
    errors::{Error, ErrorBody, Unread},
    wire::{TrialBalance, TrialLine},
};
use crate::app::App;

/// The trial balance of every realm and currency
#[utoipa::path(
    get,
    path = "/operator/trial-balance",
    tag = "books",
    security(("operator_token" = [])),
    responses((status = 200, body = TrialBalance), (status = 401, body = ErrorBody), Unread),
)]
pub async fn trial_balance(State(app): State<App>) -> Result<Json<TrialBalance>, Error> {
    let models = app.current_models().await?;
    let choai_projections::TrialBalance { position, lines } = models.balances().trial_balance()?;
    let mut sums = std::collections::BTreeMap::<_, i128>::new();
    for line in &lines {
        *sums.entry((line.realm, line.currency)).or_default() += line.debit_minor;
    }
    let balanced = sums.values().all(|sum| *sum == 0);
    let lines = lines.into_iter().map(|line| {
        let side = |minor: i128| Money::new(minor.max(0), line.currency).to_decimal();
        TrialLine {
            realm: line.realm.to_string(),
            currency: line.currency.to_string(),
            class: line.class.name().to_owned(),
            debit: side(line.debit_minor),
            credit: side(-line.debit_minor),
        }
    });
    Ok(Json(TrialBalance { position, balanced, lines: lines.collect() }))
}
