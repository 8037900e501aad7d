//! Orders: a buyer's money and points held in escrow until what was ordered has been delivered and accepted.

mod apply;
mod command;
mod decide;
mod event;
mod placing;
mod rejection;
mod settling;
mod table;
#[cfg(test)]
mod tests;

pub use apply::{Order, Parts, apply, apply_points};
pub use command::{By, Command, Place};
pub use decide::{call_off, decide, fall_due, is_bought_by, is_in_escrow, is_settled, paid};
pub use event::{Cancelled, Delivered, Disputed, Event, Paid, Placed, Refunded, Released, Shipped};
pub use rejection::Rejection;
pub use settling::refund_charged_back;
pub use table::{Action, Escrow, Stage, TRANSITIONS, Transition};
