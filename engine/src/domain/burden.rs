//! Whose money is when it is earned, and who bears it when it goes back.

use super::Timestamp;
use crate::{
    books::{Account, Draft, Realm},
    money::{Money, MoneyError},
    state::State,
};

/// Credits `amount` to where it is earned: after what the account's holder owes, if it is anybody's.
pub(super) fn earn(
    state: &State,
    realm: Realm,
    earner: Account,
    amount: Money,
    entry: Draft,
) -> Result<Draft, MoneyError> {
    match earner.holder() {
        Some(holder) => state.credit_to(realm, holder, earner, amount, entry),
        None => Ok(entry.credit(earner, amount)),
    }
}

/// What bears an amount that goes back after it was earned.
pub(super) struct Burden {
    /// Each account as far as it reaches, in the order they are asked.
    borne: Vec<(Account, Money)>,
    /// Whatever is left is owed by the account's holder, if it is anybody's.
    owed: Option<(Account, Money)>,
}

/// Why a merchant cannot be left owing so much.
pub(super) enum CeilingError {
    /// It would owe more than it may.
    Beyond {
        /// What it would owe.
        owed: Money,
        /// What it may owe.
        most: Money,
    },
    /// The amounts cannot be reckoned.
    Money(MoneyError),
}

impl From<MoneyError> for CeilingError {
    fn from(error: MoneyError) -> Self {
        Self::Money(error)
    }
}

impl Burden {
    /// On whoever earned it, whether or not it is there: of a merchant what is pending, then what is available. What is
    /// nobody's bears all: the platform owes itself nothing.
    pub(super) fn on(
        state: &State,
        realm: Realm,
        earner: Account,
        amount: Money,
    ) -> Result<Self, MoneyError> {
        let Some(holder) = earner.holder() else { return Ok(Self::wholly(earner, amount)) };
        let mut accounts = vec![earner];
        if let Account::MerchantPending(merchant) = earner {
            accounts.push(Account::MerchantAvailable(merchant));
        }
        let (mut left, mut borne) = (amount, Vec::with_capacity(accounts.len()));
        for account in accounts {
            let part = left.at_most(state.balance(realm, account, amount.currency))?;
            left = left.minus(part)?;
            borne.push((account, part));
        }
        Ok(Self { borne, owed: Some((holder.receivable(), left)) })
    }

    /// One account bears it all, whether or not it has as much: the guards will tell.
    pub(super) fn wholly(account: Account, amount: Money) -> Self {
        Self { borne: vec![(account, amount)], owed: None }
    }

    /// A refund may leave a merchant owing so much and no more.
    pub(super) fn check_ceiling(
        &self,
        state: &State,
        realm: Realm,
        now: Timestamp,
    ) -> Result<(), CeilingError> {
        let Some((receivable @ Account::Receivable(merchant), more)) = self.owed else { return Ok(()) };
        let terms = state.merchants.get(&merchant).map(|known| known.terms).unwrap_or_default();
        let owed = state.balance(realm, receivable, more.currency).plus(more)?;
        let most = terms.receivable_max(state.sales(realm, merchant, more.currency, now))?;
        let is_beyond = !more.is_zero() && owed.minor > most.minor;
        if is_beyond { Err(CeilingError::Beyond { owed, most }) } else { Ok(()) }
    }

    /// Dr each account what it bears.
    pub(super) fn debit(&self, entry: Draft) -> Draft {
        let lines = self.borne.iter().chain(&self.owed);
        lines.fold(entry, |entry, (account, part)| entry.debit(*account, *part))
    }
}
