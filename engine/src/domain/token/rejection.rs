//! Why a wish about a custom token was refused.

use crate::{domain::MerchantId, money::TOKEN_DIGITS_MAX};

/// Why a wish about a custom token was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No merchant has this number.
    #[error("no merchant has the number {0}")]
    UnknownMerchant(MerchantId),
    /// More decimals than can be, or more tokens.
    #[error("a token has at most {TOKEN_DIGITS_MAX} decimals, and there are at most 16777216 of them")]
    NoSuchToken,
}
