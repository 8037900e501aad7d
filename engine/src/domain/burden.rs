//! Burdens: what bears an amount that goes back to a customer after it was earned.

use super::{MerchantId, Timestamp};
use crate::{
    books::{Account, Draft, Holder, Realm},
    money::{Money, MoneyError},
    state::State,
};

/// Accounts with what each of them bears.
pub(super) struct Burden {
    /// Each as far as it reaches, in the order they are asked.
    borne: Vec<(Account, Money)>,
    /// Whatever is left is owed.
    owed: (Account, Money),
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
    /// Of `amount`, each of `accounts` bears what it has, and `holder` owes the rest.
    pub(super) fn of(
        state: &State,
        realm: Realm,
        accounts: &[Account],
        holder: Holder,
        amount: Money,
    ) -> Result<Self, MoneyError> {
        let (mut left, mut borne) = (amount, Vec::with_capacity(accounts.len()));
        for &account in accounts {
            let part = left.at_most(state.balance(realm, account, amount.currency))?;
            left = left.minus(part)?;
            borne.push((account, part));
        }
        Ok(Self { borne, owed: (holder.receivable(), left) })
    }

    /// A merchant bears it: out of what is pending, then of what is available, and the rest it owes.
    pub(super) fn of_merchant(
        state: &State,
        realm: Realm,
        merchant: MerchantId,
        amount: Money,
    ) -> Result<Self, MoneyError> {
        let accounts = [Account::MerchantPending(merchant), Account::MerchantAvailable(merchant)];
        Self::of(state, realm, &accounts, Holder::Merchant(merchant), amount)
    }

    /// One account bears it all, whether or not it has as much: the guards will tell.
    pub(super) fn of_account(account: Account, holder: Holder, amount: Money) -> Self {
        Self { borne: vec![(account, amount)], owed: (holder.receivable(), Money::zero(amount.currency)) }
    }

    /// A refund may leave a merchant owing so much and no more.
    pub(super) fn check_ceiling(
        &self,
        state: &State,
        realm: Realm,
        merchant: MerchantId,
        now: Timestamp,
    ) -> Result<(), CeilingError> {
        let (account, more) = self.owed;
        let terms = state.merchants.get(&merchant).map(|known| known.terms).unwrap_or_default();
        let owed = state.balance(realm, account, more.currency).plus(more)?;
        let most = terms.receivable_max(state.sales(realm, merchant, more.currency, now))?;
        let is_beyond = !more.is_zero() && owed.minor > most.minor;
        if is_beyond { Err(CeilingError::Beyond { owed, most }) } else { Ok(()) }
    }

    /// Dr each account what it bears.
    pub(super) fn debit(&self, entry: Draft) -> Draft {
        let lines = self.borne.iter().chain([&self.owed]);
        lines.fold(entry, |entry, (account, part)| entry.debit(*account, *part))
    }
}
