//! Signing keys on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key that signs checkpoints.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SigningKeySeen {
    /// Counted from 1.
    pub number: u32,
    /// As others' programs take it: name, id and key.
    #[schema(
        example = "choai/664af1bb1d5bd3fa2878f91bc66fb5b5+0c04023e+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
    )]
    pub verifier_key: String,
}

/// Every key so far.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SigningKeys {
    /// The ledger's name in checkpoints; `null` before the first key.
    pub origin: Option<String>,
    /// The last of them signs.
    pub keys: Vec<SigningKeySeen>,
}
