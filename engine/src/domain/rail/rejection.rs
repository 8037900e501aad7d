//! Why a wish about a rail was refused.

use crate::{books::Holder, money::MoneyError};

/// Why a wish about a rail was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Value lives in a realm.
    #[error("a rail settles in one realm")]
    NoRealm,
    /// It was sent for a tenant, who could make money of words.
    #[error("only the platform tells what a rail has paid out")]
    Tenant,
    /// The realm would be nobody's.
    #[error("there is no {0}")]
    Unknown(Holder),
    /// The sandbox rail moves no real money.
    #[error("the sandbox rail does not exist in live")]
    SandboxInLive,
    /// Below zero, nothing at all, or more than can be counted safely.
    #[error("net and fee are zero or more, not both zero, and no more than a payment can be")]
    Amount,
    /// Net and fee cannot be added up.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
