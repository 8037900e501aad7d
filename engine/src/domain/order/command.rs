//! Wishes about orders.

use crate::{
    domain::{ListingId, OrderNumber, PaymentId, Sealed, UserId},
    money::Money,
};

/// An order to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Drawn at random by the caller.
    pub order: OrderNumber,
    /// Who buys.
    pub buyer: UserId,
    /// What.
    pub listing: ListingId,
    /// How many.
    pub quantity: u32,
    /// What the buyer takes all of it to cost: refused if the price is another by now.
    pub total: Money,
    /// How much of it points pay, in SGP-USD; the rest is paid in money.
    pub points: Money,
    /// The payment that brings the money, drawn at random by the caller; not made where points pay for everything.
    pub payment: PaymentId,
    /// Everything private about it, sealed: where to, what the buyer wrote.
    pub private: Option<Sealed>,
}

/// Who calls an order off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Its buyer.
    Buyer(UserId),
    /// Its merchant, or the operator.
    Merchant,
}

/// A wish about an order of the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Reserve stock and points, and create the payment for the rest.
    Place(Place),
    /// Call it off, before it is sent.
    Cancel {
        /// Which order.
        order: OrderNumber,
        /// Who asks.
        by: By,
    },
    /// It was sent.
    Ship {
        /// Which order.
        order: OrderNumber,
        /// By whom: 1 to 64 characters.
        carrier: String,
        /// Under which number: 1 to 64 characters.
        tracking_number: String,
    },
    /// The buyer has it.
    ConfirmDelivery {
        /// Which order.
        order: OrderNumber,
        /// Its buyer.
        buyer: UserId,
    },
    /// The buyer accepts it.
    Release {
        /// Which order.
        order: OrderNumber,
        /// Its buyer.
        buyer: UserId,
    },
    /// The buyer objects.
    Dispute {
        /// Which order.
        order: OrderNumber,
        /// Its buyer.
        buyer: UserId,
        /// What the buyer wrote, sealed.
        private: Option<Sealed>,
    },
    /// The operator decides a dispute.
    Resolve {
        /// Which order.
        order: OrderNumber,
        /// What of its total goes back to the buyer, from nothing to all of it; the seller gets the rest.
        to_buyer: Money,
    },
    /// The merchant gives back what it was paid.
    Refund {
        /// Which order.
        order: OrderNumber,
        /// How much; all that is left when absent.
        amount: Option<Money>,
    },
}
