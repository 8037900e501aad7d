//! The books at the end of the story: every account, and what all of them come to.

use anyhow::ensure;
use choai_engine::{
    books::{AccountKey, Realm},
    money::{Currency, Money},
};
use choai_projections::Models;

use super::step;

/// Shows every account of `realm` that holds anything, and proves that each currency adds up to nothing.
///
/// # Errors
/// When one does not, or the accounts cannot be read.
pub(super) fn show(models: &Models, realm: Realm) -> anyhow::Result<()> {
    let mut accounts: Vec<(AccountKey, i128)> = models
        .balances()
        .all()?
        .into_iter()
        .filter(|(key, balance)| key.realm == realm && balance.debit_minor != 0)
        .map(|(key, balance)| (key, balance.debit_minor))
        .collect();
    accounts.sort_by_key(|(key, _)| (key.currency, key.account.class(), *key));
    let mut text = line("account", "debit", "credit");
    let mut currencies: Vec<Currency> = accounts.iter().map(|(key, _)| key.currency).collect();
    currencies.dedup();
    for currency in currencies {
        let of_currency = || accounts.iter().filter(|(key, _)| key.currency == currency);
        text.extend(of_currency().map(|(key, debit_minor)| {
            let account = format!("{} {}", key.account, key.currency);
            line(&account, &side(*debit_minor, currency), &side(-debit_minor, currency))
        }));
        let sum = |sign: i128| of_currency().map(|(_, minor)| (sign * minor).max(0)).sum::<i128>();
        let (debits, credits) = (sum(1), sum(-1));
        ensure!(debits == credits, "the books are out of balance in {currency}");
        text += &line(&format!("= {currency}"), &side(debits, currency), &side(credits, currency));
    }
    step("The trial balance: every currency adds up to nothing", &text)?;
    Ok(())
}

fn line(account: &str, debit: &str, credit: &str) -> String {
    format!("{}\n", format!("{account:<44} {debit:>14} {credit:>14}").trim_end())
}

/// What stands on this side; nothing where it is the other's.
fn side(minor: i128, currency: Currency) -> String {
    if minor > 0 { Money::new(minor, currency).to_decimal() } else { String::new() }
}
