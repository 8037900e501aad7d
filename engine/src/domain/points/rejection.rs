//! Why a wish about points was refused.

use crate::{
    books::Shortfall,
    domain::{AmountRejection, PartyRejection, points::LOTS_MAX},
    money::Currency,
};

/// Why a wish about points was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The holder cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// The amount cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// Points are counted in SGP-USD, and bought with USD.
    #[error("{given} where {wanted} is meant")]
    Currency {
        /// What was sent.
        given: Currency,
        /// What it should have been.
        wanted: Currency,
    },
    /// More lots than are kept for one holder.
    #[error("the holder has {LOTS_MAX} lots with points left")]
    TooManyLots,
    /// The wallet holds less.
    #[error(transparent)]
    Short(#[from] Shortfall),
}
