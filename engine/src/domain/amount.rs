//! Amounts that a command may speak of: more than nothing, and no more than can be counted safely.

use crate::money::Money;

/// The most a single amount can be, in smallest units: 10^14 of them still add up within an `i128`.
pub const AMOUNT_MINOR_MAX: i128 = 10i128.pow(24);

/// Why an amount cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountRejection {
    /// Nothing, or less.
    #[error("the amount must be more than zero")]
    NotPositive,
    /// More than can be counted safely.
    #[error("the amount is too large")]
    TooLarge,
}

/// Checks that `amount` is more than nothing and not too large.
pub(super) const fn check_amount(amount: Money) -> Result<(), AmountRejection> {
    match amount.minor {
        ..=0 => Err(AmountRejection::NotPositive),
        minor if minor > AMOUNT_MINOR_MAX => Err(AmountRejection::TooLarge),
        _ => Ok(()),
    }
}
