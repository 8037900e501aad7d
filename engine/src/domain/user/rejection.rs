//! Why a wish about a user was refused.

use crate::domain::{MerchantId, UserId};

/// Why a wish about a user was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No merchant has this number.
    #[error("no merchant has the number {0}")]
    UnknownMerchant(MerchantId),
    /// Somebody has this number already.
    #[error("there is a user {0} already")]
    Taken(UserId),
    /// No such user, of this tenant.
    #[error("no user has the number {0}")]
    Unknown(UserId),
    /// It is closed already.
    #[error("user {0} is closed")]
    Closed(UserId),
    /// What is personal must be forgotten with the user.
    #[error("what is personal about user {0} is not sealed under its key")]
    NotItsOwn(UserId),
}
