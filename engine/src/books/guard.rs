//! Guards: no entry may take a guarded account below zero on the side it grows on.

use super::{AccountKey, Entry, Realm};
use crate::money::Money;

/// An entry would take a guarded account beyond its guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{account} is short of {}", Money::new(*.shortfall_minor, .account.currency).to_decimal())]
pub struct Shortfall {
    /// The first account that would be beyond its guard.
    pub account: AccountKey,
    /// By how many smallest units.
    pub shortfall_minor: i128,
}

/// Proves that `entry` leaves every guarded account it touches at zero or more.
///
/// `balance` gives debits less credits before the entry.
///
/// # Errors
/// [`Shortfall`] for the first account beyond its guard; a balance that no longer fits counts as one.
pub fn check_guards(
    realm: Realm,
    entry: &Entry,
    balance: impl Fn(&AccountKey) -> i128,
) -> Result<(), Shortfall> {
    for (at, posting) in entry.postings().iter().enumerate() {
        let touched_before = |earlier: &super::Posting| {
            earlier.account == posting.account && earlier.currency == posting.currency
        };
        if !posting.account.is_guarded() || entry.postings()[..at].iter().any(touched_before) {
            continue;
        }
        let lines = || entry.postings()[at..].iter().filter(|line| touched_before(line));
        let change = lines().try_fold(0i128, |sum, line| sum.checked_add(line.debit_minor));
        if change.is_some_and(|debit_minor| posting.account.natural(debit_minor) >= 0) {
            // It was at zero or more, and grows.
            continue;
        }
        let account = AccountKey { realm, account: posting.account, currency: posting.currency };
        let after = lines().try_fold(balance(&account), |sum, line| sum.checked_add(line.debit_minor));
        let natural = after.map_or(i128::MIN + 1, |debit_minor| posting.account.natural(debit_minor));
        if natural < 0 {
            return Err(Shortfall { account, shortfall_minor: natural.saturating_neg() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        books::{Account, Label},
        domain::MerchantId,
        money::Currency,
    };

    #[test]
    fn a_guarded_account_goes_to_zero_and_no_further() {
        let pending = Account::MerchantPending(MerchantId(1));
        for (held, taken, expected) in
            [(100, 99, Ok(())), (100, 100, Ok(())), (100, 101, Err(1)), (0, 5, Err(5))]
        {
            let amount = Money::new(taken, Currency::Jpy);
            let entry =
                Entry::write().debit(pending, amount).credit(Account::Rail(Label::SANDBOX), amount).close();
            let checked = check_guards(Realm::Live, &entry, |key| {
                assert_eq!(key.account, pending, "only guarded accounts are looked up");
                -held
            });
            assert_eq!(checked.map_err(|short| short.shortfall_minor), expected, "{taken} of {held}");
        }
    }
}
