//! Idempotency: one key, one effect, one answer, for ever (law 7).

use serde::{Deserialize, Serialize};

/// A client's key for a request, hashed under the node's key with realm, tenant and endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IdempotencyKey {
    /// Of realm, tenant, endpoint and key.
    pub key: [u8; 16],
    /// Of the request, so that the same key with another request is a conflict.
    pub request: [u8; 16],
}

/// What a key has led to: the events that answer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Hash of the request that led to them.
    pub request: [u8; 16],
    /// Position of the first.
    pub first: u64,
    /// How many; none for a request that changed nothing is not remembered.
    pub count: u32,
}
