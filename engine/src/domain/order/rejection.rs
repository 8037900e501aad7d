//! Why a wish about an order was refused.

use super::{Action, Stage};
use crate::{
    books::Shortfall,
    domain::{
        AmountRejection, ListingId, OrderNumber, PartyRejection, PaymentId, burden::CeilingError, payment,
        points::LOTS_MAX,
    },
    money::{Currency, Money, MoneyError},
};

/// Why a wish about an order was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The buyer cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// No such order, in this realm, of this tenant and this buyer.
    #[error("there is no order {0}")]
    Unknown(OrderNumber),
    /// The number is taken.
    #[error("an order with the number {0} exists")]
    Exists(OrderNumber),
    /// No such listing, in this realm, of the buyer's tenant.
    #[error("there is no listing {0}")]
    UnknownListing(ListingId),
    /// It takes no more orders.
    #[error("listing {0} is closed")]
    ListingClosed(ListingId),
    /// Nothing was ordered.
    #[error("the quantity must be more than zero")]
    NoQuantity,
    /// There are fewer.
    #[error("only {left} are left")]
    OutOfStock {
        /// How many.
        left: u64,
    },
    /// An amount cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// All of it costs something else by now.
    #[error("it costs {total}")]
    PriceChanged {
        /// What all of it costs.
        total: Money,
    },
    /// Points are counted in SGP-USD, and pay prices in USD and SGP-USD.
    #[error("{0} cannot be paid with points")]
    NotForPoints(Currency),
    /// More points than it costs, or fewer than none.
    #[error("between 0 and {most} points can be used")]
    Points {
        /// What it costs.
        most: Money,
    },
    /// A price in points is paid with points.
    #[error("a price in SGP-USD is paid with points only")]
    PointsOnly,
    /// The payment's id is taken.
    #[error("a payment with the id {0} exists")]
    PaymentExists(PaymentId),
    /// The buyer has fewer points.
    #[error("at most {spendable} can be spent")]
    TooFewPoints {
        /// What can be.
        spendable: Money,
    },
    /// The points are in more lots than one order may draw from.
    #[error("one order draws from at most {LOTS_MAX} lots of points")]
    TooManyLots,
    /// A dispute is decided by the operator, not by one of its sides.
    #[error("only the operator decides a dispute")]
    OperatorOnly,
    /// Carrier or tracking number cannot be.
    #[error("carrier and tracking number are 1 to 64 printable characters")]
    Shipment,
    /// What was asked cannot happen now.
    #[error("an order that is {stage} cannot be {}", action.word())]
    NotAllowed {
        /// What it is.
        stage: Stage,
        /// What was asked.
        action: Action,
    },
    /// It is of a kind that is not sent.
    #[error("nothing of this order is shipped")]
    NothingToShip,
    /// What is sent cannot be there before.
    #[error("the order has not been shipped yet")]
    NotShipped,
    /// In another currency than the order.
    #[error("the order is in {0}")]
    WrongCurrency(Currency),
    /// More than is there, or less than nothing.
    #[error("between {least} and {most} can go back to the buyer")]
    OutOfRange {
        /// Nothing, or the smallest unit.
        least: Money,
        /// What is left of it.
        most: Money,
    },
    /// The merchant would owe more than it may.
    #[error("the merchant would owe {owed} after the refund, and may owe at most {most}")]
    BeyondCeiling {
        /// What it would owe.
        owed: Money,
        /// What it may owe.
        most: Money,
    },
    /// The payment that brought the money refuses.
    #[error(transparent)]
    Payment(#[from] payment::Rejection),
    /// An account would be taken beyond its guard.
    #[error(transparent)]
    Short(#[from] Shortfall),
    /// The amounts cannot be reckoned.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl From<CeilingError> for Rejection {
    fn from(error: CeilingError) -> Self {
        match error {
            CeilingError::Beyond { owed, most } => Self::BeyondCeiling { owed, most },
            CeilingError::Money(error) => Self::Money(error),
        }
    }
}
