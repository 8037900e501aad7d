//! Listings: what a merchant's marketplace offers, at which price, and how many there are.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;

pub use apply::{Listing, apply, apply_order};
pub use command::Command;
pub use decide::{STOCK_MAX, decide};
pub use event::{Closed, Event, Listed, Repriced, StockAdjusted};
pub use rejection::Rejection;
