//! Payouts: what is ready goes to the merchant's bank, and the bank confirms it or sends it back.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
mod table;
#[cfg(test)]
mod tests;

pub use apply::{Payout, apply};
pub use command::Command;
pub use decide::decide;
pub use event::{Confirmed, Event, Returned, Sent};
pub use rejection::Rejection;
pub use table::{Action, Stage, TRANSITIONS, Transition};
