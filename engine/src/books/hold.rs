//! What money in a wallet is held for.

use serde::{Deserialize, Serialize};

use crate::domain::{AuthorizationId, PaymentId};

/// One thing that a part of a wallet is reserved for; printed as the payment's id, or `authorization-5`. Variants
/// are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Hold {
    /// A payment that is captured later.
    Payment(PaymentId),
    /// What somebody may yet draw on an issued card.
    Authorization(AuthorizationId),
}

impl std::fmt::Display for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Payment(payment) => payment.fmt(f),
            Self::Authorization(authorization) => write!(f, "authorization-{authorization}"),
        }
    }
}

impl std::str::FromStr for Hold {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "a hold is a payment id, or `authorization-` and its number";
        match text.strip_prefix("authorization-") {
            Some(authorization) => authorization.parse().map(Self::Authorization).map_err(|_| WRONG),
            None => text.parse().map(Self::Payment).map_err(|_| WRONG),
        }
    }
}
