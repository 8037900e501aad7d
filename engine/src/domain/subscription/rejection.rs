//! Why a wish about a subscription was refused.

use super::{Action, Stage};
use crate::{
    books::Shortfall,
    domain::{
        Month, PartyRejection, Timestamp, burden::CeilingError, payment, points::LOTS_MAX,
        subscription::Source,
    },
    money::{Currency, Money, MoneyError},
};

/// Why a wish about a subscription was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The user cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// Nobody subscribes twice.
    #[error("the user has a subscription")]
    Subscribed,
    /// There is nothing to stop.
    #[error("the user has no subscription")]
    NotSubscribed,
    /// The month's invoice is not to be paid, or not to be refunded.
    #[error(transparent)]
    Invoice(#[from] InvoiceRejection),
    /// Points pay for prices in USD.
    #[error("{0} cannot be paid with points")]
    NotForPoints(Currency),
    /// The user has fewer points.
    #[error("at most {spendable} can be spent")]
    TooFewPoints {
        /// What can be.
        spendable: Money,
    },
    /// The points are in more lots than one month may draw from.
    #[error("one month draws from at most {LOTS_MAX} lots of points")]
    TooManyLots,
    /// What the refund comes out of, or the payment it goes back by, does not give it.
    #[error(transparent)]
    Payment(#[from] payment::Rejection),
    /// The wallet holds less.
    #[error(transparent)]
    Short(#[from] Shortfall),
    /// The amounts cannot be reckoned.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Why a month's invoice is not to be paid, or not to be refunded, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvoiceRejection {
    /// The month was never billed.
    #[error("the user has no invoice of {0}")]
    Unknown(Month),
    /// It is paid. Whoever asks for it again is told all that the first was: a month is completed once, and a second
    /// time changes nothing.
    #[error("{month} is paid: {price}, at {at}")]
    AlreadyPaid {
        /// Which month.
        month: Month,
        /// How much was paid.
        price: Money,
        /// With what.
        paid_with: Source,
        /// When.
        at: Timestamp,
    },
    /// It cannot happen, or not any more.
    #[error("an invoice that is {stage} cannot be {}", action.word())]
    NotAllowed {
        /// What it is.
        stage: Stage,
        /// What was asked.
        action: Action,
    },
    /// A payment for a month is of its price, and without tax.
    #[error("the price of {month} is {price}")]
    NotThePrice {
        /// Which month.
        month: Month,
        /// What it is.
        price: Money,
    },
    /// A month is paid and refunded as a whole.
    #[error("a month is refunded whole: {0}")]
    NotWhole(Money),
    /// A payment for a month is paid on a rail; from the wallet and with points the invoice itself is paid.
    #[error("a payment for a month is paid on a rail")]
    NotOnARail,
}

impl From<CeilingError> for Rejection {
    fn from(error: CeilingError) -> Self {
        Self::Payment(error.into())
    }
}
