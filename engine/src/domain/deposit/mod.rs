//! Deposits: coins that arrive on a chain, are credited once, buy points, and are taken back when the chain does.

mod apply;
mod command;
mod credit;
mod decide;
mod event;
mod purchase;
mod rejection;
mod table;
#[cfg(test)]
mod tests;

pub use apply::{Deposit, apply};
pub use command::Command;
pub use decide::decide;
pub use event::{Assigned, Confirmed, Event, Granted, Reorganised, Reported, SkipReason, Skipped};
pub use purchase::Purchase;
pub use rejection::Rejection;
pub use table::{Action, Stage, TRANSITIONS, Transition};
