//! Why a wish about a deposit was refused.

use super::{Action, Stage};
use crate::{
    books::Label,
    domain::{
        AmountRejection, DepositId, PartyRejection,
        chain::{Output, PlatformRejection},
    },
    money::{Currency, MoneyError},
};

/// Why a wish about a deposit was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It is not for the caller to tell.
    #[error(transparent)]
    Platform(#[from] PlatformRejection),
    /// The amount cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// The network has no such coins.
    #[error("{currency} is not on {network}")]
    NotOn {
        /// Of what.
        currency: Currency,
        /// Where.
        network: Label,
    },
    /// These coins were reported before: go on with that deposit.
    #[error("this was reported before, as deposit {0}")]
    Known(DepositId),
    /// The platform moved them there itself, for the fees of what is swept: nobody's deposit.
    #[error("{0} is a movement of our own coins")]
    Ours(Output),
    /// There is no such deposit in this realm.
    #[error("there is no deposit {0}")]
    Unknown(DepositId),
    /// It cannot happen now.
    #[error("a deposit that is {stage} cannot be {}", action.word())]
    NotAllowed {
        /// How far it has come.
        stage: Stage,
        /// What was wished for.
        action: Action,
    },
    /// The owner cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// The token is another tenant's.
    #[error("{0} is no token of this tenant")]
    UnknownToken(Currency),
    /// What is owed cannot be reckoned together with what came.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
