//! Wishes about a user's subscription.

use crate::domain::{Month, UserId, payment::Purse};

/// A wish about a subscription in the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Subscribe: from now on, every month is billed.
    Start {
        /// Who subscribes.
        user: UserId,
    },
    /// Pay a month's invoice. The month is named, so that a repeat after its end pays no other.
    Pay {
        /// Whose.
        user: UserId,
        /// Which month's.
        month: Month,
        /// From what.
        purse: Purse,
    },
    /// Give a month's price back, to where it came from.
    Refund {
        /// Whose.
        user: UserId,
        /// Which month's.
        month: Month,
    },
    /// Stop: no further month is billed, and an invoice that is still pending is called off.
    Stop {
        /// Who does not want to go on.
        user: UserId,
    },
}
