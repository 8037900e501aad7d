//! What a tenant's users pay for a month's subscription, and who earns it.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Account, Income},
    domain::MerchantId,
    money::{Currency, Money},
};

/// Who earns the subscriptions of a tenant's users. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Earner {
    /// The platform.
    Platform,
    /// The tenant.
    Tenant,
}

impl Earner {
    /// Where what is earned is kept. No charge is taken of it.
    pub const fn account(self, tenant: MerchantId) -> Account {
        match self {
            Self::Platform => Account::Income(Income::Subscription),
            Self::Tenant => Account::MerchantPending(tenant),
        }
    }
}

/// The plan that a tenant's users subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// A month's price, in JPY or USD.
    pub price: Money,
    /// Who earns it.
    pub earner: Earner,
}

impl Default for Plan {
    /// The sample's 1,277 yen a month. Source: ito-japan-platform.txt, TMA Subscription Billing API.
    fn default() -> Self {
        Self { price: Money::new(1_277, Currency::Jpy), earner: Earner::Platform }
    }
}

/// Currencies a month can be priced in.
pub(super) const fn is_billable(currency: Currency) -> bool {
    match currency {
        Currency::Jpy | Currency::Usd => true,
        Currency::SgpUsd
        | Currency::Krw
        | Currency::Eur
        | Currency::Twd
        | Currency::Usdt
        | Currency::Ton
        | Currency::Token(_) => false,
    }
}
