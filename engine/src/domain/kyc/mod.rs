//! Know your customer: what a tenant asks of its users, how far each has answered, and what was decided. The answers are
//! sealed; that they are complete is for whoever can read them to see.

mod apply;
mod command;
mod decide;
mod event;
mod form;
mod rejection;
mod table;
#[cfg(test)]
mod tests;

pub use apply::apply;
pub use command::Command;
pub use decide::decide;
pub use event::{Approved, Document, Event, MediaType, Rejected, Saved, Submitted};
pub use form::{Choice, Field, Form, FormError, Kind, Label, Section};
pub use rejection::Rejection;
pub use table::{Action, Stage, TRANSITIONS, Transition};
