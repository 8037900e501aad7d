//! Webhooks: delivering what the log says is owed, at least once, signed, for three days.

pub mod client;
pub mod courier;
pub mod guard;
mod message;
mod schedule;
