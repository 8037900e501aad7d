//! Wallets: money that holders have with us, credited, issued and given to one another.

mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;

pub use command::Command;
pub use decide::decide;
pub use event::{Credited, Event, Issued, Transferred};
pub use rejection::Rejection;
