//! What a payment is for, and so whose its money is once it has come in.

use serde::{Deserialize, Serialize};

use super::Payment;
use crate::{
    books::{Account, Holder},
    domain::{Month, OrderNumber, UserId, order, subscription},
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
    /// A month of a user's subscription: whoever the invoice says earns it.
    Subscription(UserId, Month),
}

impl Payment {
    /// Where its money is put when it comes in, and from where it goes back.
    pub fn earner(&self, state: &State) -> Account {
        match self.purpose {
            Purpose::Sale => Account::MerchantPending(self.merchant),
            Purpose::TopUp(user) => Account::Wallet(Holder::User(user)),
            Purpose::Order(order) if order::is_settled(state, order) => {
                Account::MerchantPending(self.merchant)
            }
            Purpose::Order(order) => Account::Escrow(order),
            Purpose::Subscription(user, month) => subscription::earner(state, self.realm, user, month),
        }
    }

    /// Whether its money is earned by its merchant.
    pub fn is_merchants(&self, state: &State) -> bool {
        self.earner(state) == Account::MerchantPending(self.merchant)
    }
}
