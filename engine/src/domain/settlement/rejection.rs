//! Why a settlement was refused.

use crate::{
    domain::{Day, PartyRejection},
    money::{Currency, Money, MoneyError},
};

/// Why a settlement was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such merchant in this realm.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// Merchants are owed money, also for points.
    #[error("merchants are not paid in {0}")]
    NotOwed(Currency),
    /// More can still happen on the last day.
    #[error("{through} is not over: today is {today}")]
    NotOver {
        /// What was asked for.
        through: Day,
        /// The realm's day.
        today: Day,
    },
    /// There is no second settlement of a day.
    #[error("everything through {0} is settled already")]
    AlreadySettled(Day),
    /// What happened since the last settlement does not come to what is pending: nothing moves on figures that are wrong.
    #[error("the open days come to {figures}, and {pending} are pending")]
    Unreconciled {
        /// What was carried and what the open days come to.
        figures: Money,
        /// What the account holds.
        pending: Money,
    },
    /// Nothing happened on these days, and nothing carried can be moved.
    #[error("there is nothing to settle through {0}")]
    Nothing(Day),
    /// The figures cannot be reckoned together.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
