//! Realms: whose clock can be moved forward, and how far.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;

pub use apply::{Clock, apply};
pub use command::Command;
pub use decide::decide;
pub use event::{ClockAdvanced, Event};
pub use rejection::Rejection;
