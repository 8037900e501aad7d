//! Whose coins arrive at an address, and where they are kept with us.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Account, Draft, Holder, Realm},
    domain::{MerchantId, UserId},
    money::{Money, MoneyError},
    state::State,
};

/// Where a holder's coins are kept with us. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Custody {
    /// In the holder's wallet.
    Wallet(Holder),
    /// In a tenant's payment processor.
    Processor(MerchantId),
}

/// Whose address it is. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// What arrives is kept.
    Keeps(Custody),
    /// A user's, whose USDT buys points as it arrives; anything else goes into the wallet.
    Buys(UserId),
}

impl Owner {
    /// Where that is kept which buys nothing.
    pub const fn custody(self) -> Custody {
        match self {
            Self::Keeps(custody) => custody,
            Self::Buys(user) => Custody::Wallet(Holder::User(user)),
        }
    }

    /// Who it is.
    pub const fn holder(self) -> Holder {
        self.custody().holder()
    }
}

impl Custody {
    /// Whose the coins are.
    pub const fn holder(self) -> Holder {
        match self {
            Self::Wallet(holder) => holder,
            Self::Processor(merchant) => Holder::Merchant(merchant),
        }
    }

    /// The account they are in.
    pub const fn account(self) -> Account {
        match self {
            Self::Wallet(holder) => Account::Wallet(holder),
            Self::Processor(merchant) => Account::Processor(merchant),
        }
    }

    /// Credits `amount`; what the holder owes is cleared before anything is kept.
    pub(in crate::domain) fn credit(
        self,
        state: &State,
        realm: Realm,
        amount: Money,
        entry: Draft,
    ) -> Result<Draft, MoneyError> {
        state.credit_to(realm, self.holder(), self.account(), amount, entry)
    }

    /// Debits `amount` from what is there; the holder owes the rest. For what a chain took: it asks for no consent.
    pub(in crate::domain) fn take(
        self,
        state: &State,
        realm: Realm,
        amount: Money,
        entry: Draft,
    ) -> Result<Draft, MoneyError> {
        let there = amount.at_most(state.balance(realm, self.account(), amount.currency))?;
        Ok(entry.debit(self.account(), there).debit(self.holder().receivable(), amount.minus(there)?))
    }
}

impl std::fmt::Display for Custody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.account().fmt(f)
    }
}
