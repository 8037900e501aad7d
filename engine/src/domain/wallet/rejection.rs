//! Why a wish about a wallet was refused.

use crate::{
    books::{Holder, Shortfall},
    domain::{AmountRejection, PartyRejection},
    money::{Currency, MoneyError},
};

/// Why a wish about a wallet was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A holder cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// The holders are of different tenants.
    #[error("{0} is of another tenant")]
    OtherTenant(Holder),
    /// Nobody gives to himself.
    #[error("{0} cannot give to itself")]
    Same(Holder),
    /// Live money comes in by rails and chains only.
    #[error("only a test realm's wallets can be credited by hand")]
    NotTest,
    /// The amount cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// Points are kept in lots, and never given away.
    #[error("points cannot be transferred")]
    PointsNotTransferable,
    /// The currency is not given from holder to holder.
    #[error("{0} cannot be transferred")]
    NotTransferable(Currency),
    /// Not a token of the holder's tenant.
    #[error("{0} is no token of this tenant")]
    UnknownToken(Currency),
    /// A token of a chain comes from there, and from nowhere else.
    #[error("{0} lives on a chain and cannot be issued")]
    NotIssued(Currency),
    /// What is owed cannot be reckoned together with what came.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The wallet holds less.
    #[error(transparent)]
    Short(#[from] Shortfall),
}
