//! What a payment is for, and so whose its money is once it has come in, and who bears it when it goes back.

use serde::{Deserialize, Serialize};

use super::{Payment, Rejection};
use crate::{
    books::{Account, Draft, Holder, Realm},
    domain::{Month, Timestamp, UserId, subscription},
    money::{Money, MoneyError},
    state::State,
};

/// What a payment is for. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// A sale: the merchant earns it.
    Sale,
    /// A top-up: it goes into the wallet of a user of the merchant.
    TopUp(UserId),
    /// A month of a user's subscription: whoever the invoice says earns it.
    Subscription(UserId, Month),
}

impl Payment {
    /// Where its money is put once it has come in.
    pub fn earner(&self, state: &State) -> Account {
        match self.purpose {
            Purpose::Sale => Account::MerchantPending(self.merchant),
            Purpose::TopUp(user) => Account::Wallet(Holder::User(user)),
            Purpose::Subscription(user, month) => subscription::earner(state, self.realm, user, month),
        }
    }

    /// Whether its money is earned by its merchant.
    pub fn is_merchants(&self, state: &State) -> bool {
        self.earner(state) == Account::MerchantPending(self.merchant)
    }
}

/// Credits `amount` to where it is earned: after what the account's holder owes, if it is anybody's.
pub(in crate::domain) fn earn(
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

/// What bears an amount that goes back after its capture.
pub(in crate::domain) struct Burden {
    /// Each account as far as it reaches.
    borne: Vec<(Account, Money)>,
    /// Whatever is left is owed.
    owed: Option<(Account, Money)>,
}

impl Burden {
    /// Of a refund: a merchant may be left owing something, and a wallet gives what is in it.
    pub(super) fn of_refund(state: &State, known: &Payment, amount: Money) -> Result<Self, MoneyError> {
        match known.purpose {
            Purpose::Sale | Purpose::Subscription(..) => Self::of(state, known, amount),
            Purpose::TopUp(_) => Ok(Self { borne: vec![(known.earner(state), amount)], owed: None }),
        }
    }

    /// Of what was taken back, whether or not it is there.
    pub(super) fn of(state: &State, known: &Payment, amount: Money) -> Result<Self, MoneyError> {
        Self::on(state, known.realm, known.earner(state), amount)
    }

    /// On whoever earned it, whether or not it is there. What is nobody's bears all: the platform owes itself nothing.
    pub(in crate::domain) fn on(
        state: &State,
        realm: Realm,
        earner: Account,
        amount: Money,
    ) -> Result<Self, MoneyError> {
        let Some(holder) = earner.holder() else {
            return Ok(Self { borne: vec![(earner, amount)], owed: None });
        };
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

    /// A refund may leave a merchant owing so much.
    pub(in crate::domain) fn check_ceiling(
        &self,
        state: &State,
        realm: Realm,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        let Some((receivable @ Account::Receivable(merchant), more)) = self.owed else { return Ok(()) };
        let terms = state.merchants.get(&merchant).ok_or(Rejection::UnknownMerchant(merchant))?.terms;
        let owed = state.balance(realm, receivable, more.currency).plus(more)?;
        let most = terms.receivable_max(state.sales(realm, merchant, more.currency, now))?;
        let is_beyond = !more.is_zero() && owed.minor > most.minor;
        if is_beyond { Err(Rejection::BeyondCeiling { owed, most }) } else { Ok(()) }
    }

    /// Dr each account what it bears.
    pub(in crate::domain) fn debit(&self, entry: Draft) -> Draft {
        let lines = self.borne.iter().chain(&self.owed);
        lines.fold(entry, |entry, (account, part)| entry.debit(*account, *part))
    }
}
