//! Facts about a payment. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use super::{DeclineReason, Instruction, Means, Method, Part, Purpose, Source};
use crate::{
    books::{Entry, Label},
    domain::{MerchantId, PaymentId, Sealed, StreamId, Timestamp},
    money::Money,
};

/// A fact about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was created.
    Created(Created),
    /// The customer is to pay elsewhere.
    AwaitingCustomer(AwaitingCustomer),
    /// It was authorised, to be captured later.
    Authorized(Authorized),
    /// A prepaid part came in.
    PartReceived(PartReceived),
    /// It was paid.
    Captured(Captured),
    /// An attempt to pay was declined.
    Declined(Declined),
    /// It was called off.
    Cancelled(Cancelled),
    /// Its deadline passed.
    Expired(Expired),
    /// It was given up.
    Failed(Failed),
    /// Money went back to the customer.
    Refunded(Refunded),
    /// The customer's bank took money back.
    ChargedBack(ChargedBack),
    /// The merchant won the dispute.
    ChargebackWon(ChargebackWon),
    /// Money came in that was not due.
    ExcessReceived(ExcessReceived),
    /// Money that was not due went back.
    ExcessReturned(ExcessReturned),
}

/// The surface a payment was created on, which decides what notifications it gives rise to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// `POST /payment/process`.
    ItoPayment,
    /// The platform itself: nobody outside is told of it.
    Platform,
}

/// It was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Which payment.
    pub payment: PaymentId,
    /// Who is paid, or whose tenant it is.
    pub merchant: MerchantId,
    /// What it is for.
    pub purpose: Purpose,
    /// The price before tax.
    pub amount: Money,
    /// Tax on it.
    pub tax: Money,
    /// What the customer pays for the method.
    pub method_fee: Money,
    /// Which surface created it.
    pub origin: Origin,
    /// Until when it can be paid.
    pub deadline: Timestamp,
    /// Everything private about it, sealed.
    pub private: Option<Sealed>,
}

/// The customer is to pay elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitingCustomer {
    /// Which payment.
    pub payment: PaymentId,
    /// How it will be paid.
    pub means: Means,
    /// What the customer must give where they pay.
    pub instructions: Vec<Instruction>,
    /// Until when.
    pub deadline: Timestamp,
}

/// It was authorised, to be captured later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorized {
    /// Which payment.
    pub payment: PaymentId,
    /// The card, or the wallet.
    pub source: Source,
    /// How much.
    pub amount: Money,
    /// Of a wallet: Dr wallet · Cr wallet-held. Of a card: nothing.
    pub entry: Entry,
}

/// A prepaid part came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartReceived {
    /// Of which payment.
    pub payment: PaymentId,
    /// How.
    pub means: Means,
    /// How much.
    pub amount: Money,
    /// Dr rail · Cr payment-held.
    pub entry: Entry,
}

/// It was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// Which payment.
    pub payment: PaymentId,
    /// Who was paid.
    pub merchant: MerchantId,
    /// Where the last of it came from.
    pub source: Source,
    /// What was captured in all: price, tax and method fee, or the part of them that was asked for.
    pub total: Money,
    /// The method fee in it.
    pub method_fee: Money,
    /// The platform's charge on the rest.
    pub charge: Money,
    /// How much of it came in with this event; earlier parts were held.
    pub received: Money,
    /// Dr payment-held, rail · Cr receivable, merchant-pending, income:charge, income:method-fee. From a wallet: Dr
    /// wallet; with points: Dr exchange, in USD, the other half standing in the points' own event. A top-up: Cr
    /// receivable, wallet, income:method-fee. Where a wallet was authorised: Dr wallet-held all of it · Cr what the
    /// capture does not take to the user's receivable, wallet.
    pub entry: Entry,
}

/// An attempt to pay was declined; the payment stays what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declined {
    /// Which payment.
    pub payment: PaymentId,
    /// What was tried.
    pub method: Method,
    /// Why it was declined.
    pub reason: DeclineReason,
    /// The how-manieth decline it was, from 1.
    pub number: u8,
}

/// It was called off; what was held has gone back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Which payment.
    pub payment: PaymentId,
    /// Dr payment-held · Cr rail. Where a wallet was authorised: Dr wallet-held · Cr the user's receivable, wallet.
    pub entry: Entry,
}

/// Its deadline passed; what was held has gone back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// Which payment.
    pub payment: PaymentId,
    /// Dr payment-held · Cr rail. Where a wallet was authorised: Dr wallet-held · Cr the user's receivable, wallet.
    pub entry: Entry,
}

/// Why a payment was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FailReason {
    /// Declined too often.
    Declines,
    /// The rail reported that it can no longer be paid.
    Rail,
}

/// It was given up; what was held has gone back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Which payment.
    pub payment: PaymentId,
    /// Why.
    pub reason: FailReason,
    /// Dr payment-held · Cr rail. Where a wallet was authorised: Dr wallet-held · Cr the user's receivable, wallet.
    pub entry: Entry,
}

/// Money went back to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// Of which payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// How much of the charge the merchant got back.
    pub charge_returned: Money,
    /// Dr merchant-pending, merchant-available, receivable, income:charge · Cr rail, or what the payer owes, then wallet.
    /// Of a top-up: Dr wallet.
    pub entry: Entry,
}

/// The customer's bank took money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargedBack {
    /// Of which payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// What the rail asked for the trouble.
    pub fee: Money,
    /// The rail that took both.
    pub rail: Label,
    /// How much of both the merchant, or the holder of what was topped up, bears; the rest is the platform's expense.
    pub merchant_bears: Money,
    /// Dr merchant-pending, merchant-available, receivable, expense:chargeback · Cr rail. Of a top-up: Dr wallet,
    /// receivable, expense:chargeback.
    pub entry: Entry,
}

/// The merchant won the dispute; all of it came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargebackWon {
    /// Of which payment.
    pub payment: PaymentId,
    /// Dr rail · Cr expense:chargeback, receivable, merchant-pending. Of a top-up: Cr wallet.
    pub entry: Entry,
}

/// Money came in that was not due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcessReceived {
    /// For which payment.
    pub payment: PaymentId,
    /// How.
    pub means: Means,
    /// How much.
    pub amount: Money,
    /// Dr rail · Cr suspense.
    pub entry: Entry,
}

/// Money that was not due went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcessReturned {
    /// For which payment.
    pub payment: PaymentId,
    /// What went back, on which rails.
    pub parts: Vec<Part>,
    /// Dr suspense · Cr rail.
    pub entry: Entry,
}

impl Event {
    /// Which payment it is about.
    pub const fn payment(&self) -> PaymentId {
        match self {
            Self::Created(event) => event.payment,
            Self::AwaitingCustomer(event) => event.payment,
            Self::Authorized(event) => event.payment,
            Self::PartReceived(event) => event.payment,
            Self::Captured(event) => event.payment,
            Self::Declined(event) => event.payment,
            Self::Cancelled(event) => event.payment,
            Self::Expired(event) => event.payment,
            Self::Failed(event) => event.payment,
            Self::Refunded(event) => event.payment,
            Self::ChargedBack(event) => event.payment,
            Self::ChargebackWon(event) => event.payment,
            Self::ExcessReceived(event) => event.payment,
            Self::ExcessReturned(event) => event.payment,
        }
    }

    /// `payment-{payment id}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::Payment(self.payment())
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Created(_) | Self::AwaitingCustomer(_) | Self::Declined(_) => None,
            Self::Authorized(event) => Some(&event.entry),
            Self::PartReceived(event) => Some(&event.entry),
            Self::Captured(event) => Some(&event.entry),
            Self::Cancelled(event) => Some(&event.entry),
            Self::Expired(event) => Some(&event.entry),
            Self::Failed(event) => Some(&event.entry),
            Self::Refunded(event) => Some(&event.entry),
            Self::ChargedBack(event) => Some(&event.entry),
            Self::ChargebackWon(event) => Some(&event.entry),
            Self::ExcessReceived(event) => Some(&event.entry),
            Self::ExcessReturned(event) => Some(&event.entry),
        }
    }
}
