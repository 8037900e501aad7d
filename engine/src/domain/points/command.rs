//! Wishes about points.

use crate::{domain::UserId, money::Money};

/// A wish about points of the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Give points away.
    Grant {
        /// To whom.
        holder: UserId,
        /// How many.
        quantity: Money,
    },
    /// Buy points from one's wallet, at par.
    Buy {
        /// Who buys.
        holder: UserId,
        /// For how much, in USD.
        price: Money,
    },
}
