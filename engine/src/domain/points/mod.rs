//! SGP points: issued in lots that lapse after 180 days, spent lot by lot, and given back to the very same lots.

mod apply;
mod command;
mod decide;
mod event;
mod lot;
mod par;
mod rejection;
mod selling;
mod spending;
#[cfg(test)]
mod tests;

pub use apply::apply;
pub use command::Command;
pub use decide::{LIFETIME, LOTS_MAX, decide, lapse};
pub use event::{Event, GivenBack, Issued, Lapsed, Purpose, Source, Spent};
pub use lot::{Draw, Kind, Lot, Lots};
pub use par::{in_money, in_points};
pub use rejection::Rejection;
pub use selling::{sell, take_back};
pub use spending::{Refused, give_back, keep_draws, last_of, spend};
