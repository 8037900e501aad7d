//! Rails: what a rail owes the platform, and how it settles that with the bank.

mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;

pub use command::Command;
pub use decide::decide;
pub use event::{Event, Settled};
pub use rejection::Rejection;
