//! Why a wish about a payout was refused.

use super::{Action, Stage};
use crate::{
    books::Shortfall,
    domain::{AmountRejection, PartyRejection, PayoutId},
    money::{Currency, MoneyError},
};

/// Why a wish about a payout was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such merchant in this realm.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// The amount cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// No bank pays it.
    #[error("{0} is not paid out to a bank")]
    NotPaidOut(Currency),
    /// Less is ready to be paid out.
    #[error(transparent)]
    Short(#[from] Shortfall),
    /// There is no such payout, of this merchant, in this realm.
    #[error("there is no payout {0}")]
    Unknown(PayoutId),
    /// It cannot happen any more.
    #[error("a payout that is {stage} cannot be {}", action.word())]
    NotAllowed {
        /// How far it has come.
        stage: Stage,
        /// What was wished for.
        action: Action,
    },
    /// What is owed cannot be reckoned together with what comes back.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
