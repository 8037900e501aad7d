//! Custom tokens: what a tenant issues beside money or lets in from a chain, and what may be done with it.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;

pub use apply::{TokenTerms, apply, is_for};
pub use command::Command;
pub use decide::decide;
pub use event::{Event, Registered};
pub use rejection::Rejection;
