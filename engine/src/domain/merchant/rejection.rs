//! Why a wish about a merchant was refused.

use crate::{
    domain::{AmountRejection, MerchantId, kyc::FormError},
    money::Currency,
};

/// Why a wish about a merchant was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No merchant has this number.
    #[error("no merchant has the number {0}")]
    Unknown(MerchantId),
    /// The name is empty or too long.
    #[error("a merchant's name has 1 to 100 characters, none of them control characters")]
    Name,
    /// Points are never charged.
    #[error("no charge can be agreed on in {0}")]
    NotChargeable(Currency),
    /// A fixed charge is below zero.
    #[error("a fixed charge is never below zero")]
    NegativeCharge,
    /// A deadline is too short or too long.
    #[error("a deadline of an order is from a minute to 365 days")]
    Deadline,
    /// There are none, too many, or one that is too long.
    #[error("an OAuth client has 1 to 10 redirect URIs of at most 2,048 characters")]
    RedirectUris,
    /// Nobody could fill it in.
    #[error(transparent)]
    KycForm(#[from] FormError),
    /// The overlap is negative or longer than 30 days.
    #[error("earlier secrets may be accepted for 0 to 30 days")]
    Overlap,
    /// A month is paid in JPY or USD.
    #[error("no month can be priced in {0}")]
    NotBillable(Currency),
    /// The price cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
}
