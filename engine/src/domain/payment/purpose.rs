//! What a payment is for, and so whose its money is once it has come in.

use serde::{Deserialize, Serialize};

use super::Payment;
use crate::{
    books::{Account, Holder},
    domain::{MerchantId, OrderNumber, UserId, burden::Burden, order},
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
    /// An order: it is held in escrow until the order is settled.
    Order(OrderNumber),
}

impl Purpose {
    /// Whose the money is in the end, and where it is kept then.
    pub(super) const fn earner(self, merchant: MerchantId) -> (Holder, Account) {
        match self {
            Self::Sale | Self::Order(_) => (Holder::Merchant(merchant), Account::MerchantPending(merchant)),
            Self::TopUp(user) => (Holder::User(user), Account::Wallet(Holder::User(user))),
        }
    }
}

/// What bears `amount` of a payment that is given back or taken back after its capture.
pub(super) fn burden(state: &State, known: &Payment, amount: Money) -> Result<Burden, MoneyError> {
    let (realm, merchant) = (known.realm, known.merchant);
    match known.purpose {
        Purpose::Sale => Burden::of_merchant(state, realm, merchant, amount),
        Purpose::TopUp(user) => {
            let holder = Holder::User(user);
            Burden::of(state, realm, &[Account::Wallet(holder)], holder, amount)
        }
        Purpose::Order(order) if order::is_in_escrow(state, order) => {
            Burden::of(state, realm, &[Account::Escrow(order)], Holder::Merchant(merchant), amount)
        }
        Purpose::Order(_) => Burden::of_merchant(state, realm, merchant, amount),
    }
}
