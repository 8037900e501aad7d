//! Withdrawals: coins on their way out to a chain, by messages that may expire unseen, and never sent for twice.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
mod table;
#[cfg(test)]
mod tests;

pub use apply::{Withdrawal, apply};
pub use command::{Command, Request};
pub use decide::{MESSAGE_LIFE_MAX, decide, expire};
pub use event::{Event, Expired, Failed, Processed, Requested, Sent, SentAnyway};
pub use rejection::Rejection;
pub use table::{Action, Stage, TRANSITIONS, Transition};
