//! Why a wish about a withdrawal was refused.

use super::{Action, Stage};
use crate::{
    books::{Label, Shortfall},
    domain::{
        AmountRejection, PartyRejection, Timestamp, WithdrawalId,
        chain::{ChainHash, Output, PlatformRejection},
    },
    money::{Currency, MoneyError},
};

/// Why a wish about a withdrawal was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The holder cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// The amount cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// Points are never turned into money. Source: ito-japan-platform.txt, first line.
    #[error("points_not_redeemable_for_cash: points cannot be withdrawn")]
    PointsNotRedeemableForCash,
    /// Money of banks leaves by a bank.
    #[error("{0} is on no chain")]
    NoChain(Currency),
    /// Not a token of the holder's tenant.
    #[error("{0} is no token of this tenant")]
    UnknownToken(Currency),
    /// What a tenant issues is worth what the tenant says, and nothing on a chain.
    #[error("{0} is issued by its tenant and cannot be cashed out")]
    NotCashedOut(Currency),
    /// The coins are on another network.
    #[error("{currency} is not on {network}")]
    NotOn {
        /// Of what.
        currency: Currency,
        /// Where.
        network: Label,
    },
    /// The tenant used that name before: a query repeats nothing.
    #[error("this query was used before, for withdrawal {0}")]
    QueryUsed(WithdrawalId),
    /// The wallet or processor holds less.
    #[error(transparent)]
    Short(#[from] Shortfall),
    /// It is not for the caller to tell.
    #[error(transparent)]
    Platform(#[from] PlatformRejection),
    /// There is no such withdrawal in this realm.
    #[error("there is no withdrawal {0}")]
    Unknown(WithdrawalId),
    /// These coins were told of before.
    #[error("{0} was told before")]
    Known(Output),
    /// It cannot happen now.
    #[error("a withdrawal that is {stage} cannot be {}", action.word())]
    NotAllowed {
        /// How far it has come.
        stage: Stage,
        /// What was wished for.
        action: Action,
    },
    /// The message would be over before it is let go, or hold the withdrawal for too long.
    #[error("a message expires after now and not after {latest}")]
    Expiry {
        /// How long at the most.
        latest: Timestamp,
    },
    /// A later message carries it by now, or none ever did.
    #[error("this is not the message it was last sent with")]
    OtherMessage,
    /// The fee cannot be: less than nothing, too much, or of coins that the network has not.
    #[error("the fee is zero or more, in coins of {0}, and no more than an amount can be")]
    Fee(Label),
    /// The fee was told by itself: it is no part of what is told with the withdrawal, which can be told without.
    #[error("the fee of {0} was told before")]
    KnownFee(ChainHash),
    /// What is owed cannot be reckoned together with what comes back.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
