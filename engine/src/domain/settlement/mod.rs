//! Settlement: a run per merchant and currency closes days, and what they earned becomes ready to be paid out.

mod apply;
mod command;
mod decide;
mod event;
mod figures;
mod rejection;
#[cfg(test)]
mod tests;

pub use apply::{OpenDays, apply, apply_order, apply_payment, note};
pub use command::Command;
pub use decide::decide;
pub use event::{Closed, Event};
pub use figures::Figures;
pub use rejection::Rejection;
