//! Who can hold value: a user, or a merchant.

use serde::{Deserialize, Serialize};

use super::Account;
use crate::domain::{MerchantId, UserId};

/// A user or a merchant; printed `user-5`, `merchant-1`. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Holder {
    /// A user of a merchant.
    User(UserId),
    /// A merchant itself.
    Merchant(MerchantId),
}

impl Holder {
    /// Where it is noted what the holder owes.
    pub const fn receivable(self) -> Account {
        match self {
            Self::User(user) => Account::UserReceivable(user),
            Self::Merchant(merchant) => Account::Receivable(merchant),
        }
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(user) => write!(f, "user-{user}"),
            Self::Merchant(merchant) => write!(f, "merchant-{merchant}"),
        }
    }
}

impl std::str::FromStr for Holder {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "a holder is `user-` or `merchant-` and its id";
        match text.split_once('-') {
            Some(("user", user)) => user.parse().map(Self::User).map_err(|_| WRONG),
            Some(("merchant", merchant)) => merchant.parse().map(Self::Merchant).map_err(|_| WRONG),
            Some(_) | None => Err(WRONG),
        }
    }
}
