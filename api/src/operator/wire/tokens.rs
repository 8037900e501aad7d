//! Custom tokens on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A custom token to be registered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Whose it is; nobody else's users can hold any.
    #[schema(example = 1)]
    pub merchant_id: u32,
    /// Decimals, at most 18.
    #[schema(example = 18, maximum = 18)]
    pub digits: u8,
    /// Whether holders may give it to one another.
    pub is_transferable: bool,
    /// The network it lives on, such as `ton` for a jetton: it comes and goes over that chain, and is not issued here.
    #[serde(default)]
    pub network: Option<String>,
}

/// A custom token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenMade {
    /// Its currency code.
    #[schema(example = "TOKEN-1.18")]
    pub token: String,
    /// Whose it is.
    pub merchant_id: u32,
    /// Decimals.
    pub digits: u8,
    /// Whether holders may give it to one another.
    pub is_transferable: bool,
    /// The network it lives on; `null` for one that is issued here.
    pub network: Option<String>,
}

/// A custom token to be put into a wallet.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueToken {
    /// To whom: a user of the token's merchant.
    #[schema(example = 1)]
    pub user_id: u32,
    /// How much, as a decimal string.
    #[schema(example = "2.5")]
    pub amount: String,
}
