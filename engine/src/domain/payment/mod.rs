//! Payments: one machine from creation to capture, refund and chargeback, whichever surface asks.

mod apply;
mod command;
mod decide;
mod event;
mod means;
mod money_in;
mod money_out;
mod purpose;
mod rejection;
mod table;
#[cfg(test)]
mod tests;
mod user_pays;
mod wallet_hold;

pub use apply::{Chargeback, Part, Payer, Payment, Sales, apply, apply_points};
pub use command::{Command, Create};
pub use decide::{DECLINES_MAX, HOSTED_PAGE_LIFETIME, cancel_with_order, created_for_order, decide, expire};
pub use event::{
    Authorized, AwaitingCustomer, Cancelled, Captured, ChargebackWon, ChargedBack, Created, Declined, Event,
    ExcessReceived, ExcessReturned, Expired, FailReason, Failed, Origin, PartReceived, Refunded,
};
pub use means::{
    Brand, CardSummary, DeclineReason, Instruction, InstructionKind, Means, Method, Purse, Source,
};
pub use money_out::refund_from_escrow;
pub use purpose::Purpose;
pub use rejection::Rejection;
pub use table::{Action, Stage, TRANSITIONS, Transition};
