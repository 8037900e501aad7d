//! Users: whose tenant they are, and whether they still take part. Who they are is sealed.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;

pub use apply::{User, apply};
pub use command::{Command, Enrol};
pub use decide::decide;
pub(in crate::domain) use decide::{check_subject, open};
pub use event::{Closed, Event, ProfileSet, Registered};
pub use rejection::Rejection;
