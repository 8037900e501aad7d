//! Webhooks: what notifications are owed, and what became of every attempt to deliver them.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;

pub use apply::{Delivery, apply};
pub use command::Command;
pub use decide::decide;
pub use event::{Answer, Attempted, Event, Owed, Requeued, Topic, Verdict};
pub use rejection::Rejection;
