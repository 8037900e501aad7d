//! What a payment is for, and so whose its money is once it has come in.

use serde::{Deserialize, Serialize};

use super::{Payment, Rejection};
use crate::{
    books::{Account, Draft, Holder},
    domain::{MerchantId, UserId},
    money::Money,
    state::State,
};

/// What a payment is for. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// A sale: the merchant earns it.
    Sale,
    /// A top-up: it goes into the wallet of a user of the merchant.
    TopUp(UserId),
}

impl Purpose {
    /// Whose the money is once it has come in, and where it is kept.
    pub(super) const fn earner(self, merchant: MerchantId) -> (Holder, Account) {
        match self {
            Self::Sale => (Holder::Merchant(merchant), Account::MerchantPending(merchant)),
            Self::TopUp(user) => (Holder::User(user), Account::Wallet(Holder::User(user))),
        }
    }
}

/// What bears an amount that goes back after its capture.
pub(super) struct Burden {
    /// Each account as far as it reaches.
    borne: Vec<(Account, Money)>,
    /// Whatever is left is owed.
    receivable: (Account, Money),
}

impl Burden {
    /// Of a refund: a merchant may be left owing something, and a wallet gives what is in it.
    pub(super) fn of_refund(state: &State, known: &Payment, amount: Money) -> Result<Self, Rejection> {
        match known.purpose {
            Purpose::Sale => Self::of(state, known, amount),
            Purpose::TopUp(user) => Ok(Self {
                borne: vec![(Account::Wallet(Holder::User(user)), amount)],
                receivable: (Account::UserReceivable(user), Money::zero(amount.currency)),
            }),
        }
    }

    /// Of what was taken back, whether or not it is there.
    pub(super) fn of(state: &State, known: &Payment, amount: Money) -> Result<Self, Rejection> {
        let (holder, first) = known.purpose.earner(known.merchant);
        let accounts = match known.purpose {
            Purpose::Sale => vec![first, Account::MerchantAvailable(known.merchant)],
            Purpose::TopUp(_) => vec![first],
        };
        let (mut left, mut borne) = (amount, Vec::with_capacity(accounts.len()));
        for account in accounts {
            let part = left.at_most(state.balance(known.realm, account, known.paid_out_in()))?;
            left = left.minus(part)?;
            borne.push((account, part));
        }
        Ok(Self { borne, receivable: (holder.receivable(), left) })
    }

    /// What is left to be owed.
    pub(super) const fn owed(&self) -> Money {
        self.receivable.1
    }

    /// Dr each account what it bears.
    pub(super) fn debit(&self, entry: Draft) -> Draft {
        let lines = self.borne.iter().chain([&self.receivable]);
        lines.fold(entry, |entry, (account, part)| entry.debit(*account, *part))
    }
}
