//! Subscriptions: a user is billed one invoice a month, which is paid once, or fails when the month ends.

mod apply;
mod command;
mod decide;
mod event;
mod paying;
mod rejection;
mod table;
#[cfg(test)]
mod tests;

pub use apply::{Completion, Invoice, Subscription, apply, apply_points};
pub use command::Command;
pub use decide::{decide, renew};
pub use event::{Cancelled, Event, Failed, Invoiced, Paid, Refunded, Source, Started, Stopped};
pub(super) use paying::{check_payment, complete, earner, restore, take_back};
pub use rejection::{InvoiceRejection, Rejection};
pub use table::{Action, Stage, TRANSITIONS, Transition};
