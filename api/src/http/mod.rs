//! What every HTTP surface needs and none owns.

pub mod body;
pub mod bounded;
pub mod drain;
pub mod idempotency;
pub mod listener;
pub mod metrics;
