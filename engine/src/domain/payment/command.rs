//! Wishes about a payment.

use super::{DeclineReason, FailReason, Instruction, Means, Method, Origin, Purpose, Purse};
use crate::{
    books::Label,
    domain::{MerchantId, PaymentId, Sealed, UserId},
    money::Money,
};

/// A payment to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// Drawn at random by the caller.
    pub payment: PaymentId,
    /// Who is paid, or whose tenant it is.
    pub merchant: MerchantId,
    /// What it is for.
    pub purpose: Purpose,
    /// The price before tax.
    pub amount: Money,
    /// Tax on it; zero where the surface knows none.
    pub tax: Money,
    /// What the customer pays for the method, if chosen already.
    pub method_fee: Money,
    /// Which surface created it.
    pub origin: Origin,
    /// Everything private about it, sealed.
    pub private: Option<Sealed>,
}

/// A wish about a payment, or a fact a rail reports of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Create a payment that a customer will pay.
    Create(Create),
    /// The customer chose a delayed method.
    Await {
        /// Which payment.
        payment: PaymentId,
        /// How it will be paid.
        means: Means,
        /// What the customer must give where they pay.
        instructions: Vec<Instruction>,
    },
    /// A card was authorised, to be captured later.
    Authorize {
        /// Which payment.
        payment: PaymentId,
        /// The card.
        means: Means,
        /// How much.
        amount: Money,
    },
    /// A user of the merchant sets all of it aside in the wallet, to be captured later.
    AuthorizeByUser {
        /// Which payment.
        payment: PaymentId,
        /// Who pays.
        payer: UserId,
    },
    /// Capture an authorisation.
    Capture {
        /// Which payment.
        payment: PaymentId,
        /// How much of it; all when absent. The rest is released.
        amount: Option<Money>,
    },
    /// Money came in on a rail: due, in part, too much, or too late. A fact, never refused for its stage.
    Receive {
        /// For which payment.
        payment: PaymentId,
        /// How.
        means: Means,
        /// How much.
        amount: Money,
    },
    /// A user of the merchant pays all of it.
    PayByUser {
        /// Which payment.
        payment: PaymentId,
        /// Who pays.
        payer: UserId,
        /// From what.
        purse: Purse,
    },
    /// A rail declined an attempt to pay.
    Decline {
        /// Which payment.
        payment: PaymentId,
        /// What was tried.
        method: Method,
        /// Why it was declined.
        reason: DeclineReason,
    },
    /// Call it off.
    Cancel {
        /// Which payment.
        payment: PaymentId,
    },
    /// Give it up.
    Fail {
        /// Which payment.
        payment: PaymentId,
        /// Why.
        reason: FailReason,
    },
    /// Give money back to the customer.
    Refund {
        /// Which payment.
        payment: PaymentId,
        /// How much; all that is left when absent.
        amount: Option<Money>,
    },
    /// The customer's bank took money back.
    ChargeBack {
        /// Which payment.
        payment: PaymentId,
        /// How much.
        amount: Money,
        /// What the rail asks for the trouble.
        fee: Money,
        /// The rail that took it.
        rail: Label,
    },
    /// The merchant won the dispute, and the rail gave all of it back.
    WinChargeback {
        /// Which payment.
        payment: PaymentId,
    },
    /// Money that was not due has gone back the way it came.
    ReturnExcess {
        /// Which payment.
        payment: PaymentId,
    },
}
