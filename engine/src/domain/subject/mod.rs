//! Subjects of personal data: when the key of what is sealed about somebody may go, and that it has gone.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;
mod undertaking;

pub use apply::apply;
pub use command::Command;
pub use decide::decide;
pub use event::{Cause, Erased, Event, stream};
pub use rejection::Rejection;
pub use undertaking::{Undertaking, keep_count};
