//! Why a wish about a payment was refused.

use super::{Action, Method, Stage};
use crate::{
    books::{Holder, Shortfall},
    domain::{
        MerchantId, OrderNumber, PartyRejection, PaymentId, burden::CeilingError, points::LOTS_MAX,
        subscription::InvoiceRejection,
    },
    money::{Currency, Money, MoneyError},
};

/// Why a wish about a payment was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No merchant has this number.
    #[error("no merchant has the number {0}")]
    UnknownMerchant(MerchantId),
    /// The merchant's service mode selects another realm by now.
    #[error("the merchant's service mode selects another realm")]
    RealmNotSelected,
    /// The id is taken.
    #[error("a payment with the id {0} exists")]
    Exists(PaymentId),
    /// No such payment, in this realm, of this tenant.
    #[error("no payment has the id {0}")]
    Unknown(PaymentId),
    /// Nothing, or less.
    #[error("the amount must be more than zero")]
    NotPositive,
    /// More than can be counted safely.
    #[error("the amount is too large")]
    TooLarge,
    /// In another currency than the payment.
    #[error("the payment is in {0}")]
    WrongCurrency(Currency),
    /// The payer, or whoever is topped up, cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// The payer, or whoever is topped up, is of another tenant.
    #[error("{0} is of another tenant")]
    OtherTenant(Holder),
    /// It belongs to an order, and is created, refunded and settled with it.
    #[error("that is done through order {0}")]
    ThroughOrder(OrderNumber),
    /// A wallet is not filled from a wallet.
    #[error("a top-up is paid on a rail")]
    TopUp,
    /// An order is paid by whoever placed it.
    #[error("only its buyer pays order {0}")]
    NotTheBuyer(OrderNumber),
    /// How many points an order takes is said when it is placed.
    #[error("points for order {0} were reserved when it was placed")]
    PointsWithOrder(OrderNumber),
    /// The month it is for is not to be paid so.
    #[error(transparent)]
    Invoice(#[from] InvoiceRejection),
    /// Only what a merchant sells is set aside in a wallet.
    #[error("only a sale is authorized from a wallet")]
    OnlySales,
    /// Not a token of the merchant.
    #[error("{0} is no token of this tenant")]
    UnknownToken(Currency),
    /// Tokens are issued by their tenant, or come in on their chain.
    #[error("no rail brings {0}")]
    NoRailBrings(Currency),
    /// A price in points is paid with points.
    #[error("a price in SGP-USD is paid with points only")]
    PointsOnly,
    /// Points pay for prices in USD and SGP-USD.
    #[error("{0} cannot be paid with points")]
    NotForPoints(Currency),
    /// The payer has fewer points.
    #[error("at most {spendable} can be spent")]
    TooFewPoints {
        /// What can be.
        spendable: Money,
    },
    /// The points are in more lots than one payment may draw from.
    #[error("one payment draws from at most {LOTS_MAX} lots of points")]
    TooManyLots,
    /// No rail brought the money, so none can take it back.
    #[error("the payment did not come by a rail")]
    NotByRail,
    /// The rail does not exist in this realm.
    #[error("the sandbox rail does not exist in live")]
    SandboxInLive,
    /// What was asked cannot happen now.
    #[error("a payment that is {stage} cannot be {}", action.word())]
    NotAllowed {
        /// What it is.
        stage: Stage,
        /// What was asked.
        action: Action,
    },
    /// The method cannot be used for this total.
    #[error("{total} cannot be paid by {}", method.word())]
    Method {
        /// The method.
        method: Method,
        /// What is to be paid.
        total: Money,
    },
    /// More than was authorised, or less than the method fee.
    #[error("between {least} and {most} can be captured")]
    CaptureOutOfRange {
        /// The method fee, and at least the smallest unit.
        least: Money,
        /// What was authorised.
        most: Money,
    },
    /// More than is left of what was captured.
    #[error("at most {refundable} can be refunded")]
    MoreThanRefundable {
        /// What is left.
        refundable: Money,
    },
    /// The merchant would owe more than it may.
    #[error("the merchant would owe {owed} after the refund, and may owe at most {most}")]
    BeyondCeiling {
        /// What it would owe.
        owed: Money,
        /// What it may owe.
        most: Money,
    },
    /// Nothing that was not due is held.
    #[error("the payment has no excess")]
    NoExcess,
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
