//! What a user has, in the realm that its merchant's service mode selects.

use choai_engine::{
    books::{Account, AccountKey, Holder, Realm},
    money::{Currency, Money},
};
use choai_projections::UserView;

use super::{
    errors::Error,
    wire::{Balance, CurrencyBalance, Lapse, PointsBalance, currency_id, number},
};
use crate::app::App;

/// Currencies that are shown even if there is nothing.
const ALWAYS: [Currency; 2] = [Currency::Usd, Currency::Jpy];

/// The realm that the user's merchant has selected.
pub fn realm(app: &App, view: &UserView) -> Result<Realm, Error> {
    let merchant = app.models().merchants().get(view.tenant)?.ok_or(Error::NotFound)?;
    Ok(merchant.mode.realm(view.tenant))
}

/// What a user has.
pub fn of(app: &App, view: &UserView) -> Result<Balance, Error> {
    let realm = realm(app, view)?;
    let models = app.models();
    let account = Account::Wallet(Holder::User(view.user));
    let mut balances = Vec::new();
    for currency in Currency::NAMED.into_iter().filter(|currency| *currency != Currency::SgpUsd) {
        let known = models.balances().get(&AccountKey { realm, account, currency })?;
        if known.is_none() && !ALWAYS.contains(&currency) {
            continue;
        }
        let debit_minor = known.map_or(0, |balance| balance.debit_minor);
        balances.push(CurrencyBalance {
            currency_id: currency_id(currency),
            currency_code: currency.to_string(),
            balance: number(Money::new(account.natural(debit_minor), currency)),
        });
    }
    let now = models.realms().now(realm, app.engine().now())?;
    let lots = models.points().live(realm, view.user, now)?;
    let live = Money::new(lots.iter().map(|lot| lot.remaining.minor).sum(), Currency::SgpUsd);
    let next = lots.iter().map(|lot| lot.expires_at).min();
    let next_lapse = next.map(|at| {
        let minor = lots.iter().filter(|lot| lot.expires_at == at).map(|lot| lot.remaining.minor).sum();
        Lapse { amount: number(Money::new(minor, Currency::SgpUsd)), at: at.to_string() }
    });
    let points =
        PointsBalance { currency_id: 3, currency_code: "SGP-USD", balance: number(live), next_lapse };
    Ok(Balance { user_id: view.user.0, balances, points })
}
