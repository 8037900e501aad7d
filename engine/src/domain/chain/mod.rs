//! Chains: where coins of ours are on a network, whose addresses they arrive at, and what moving them costs.

mod address;
mod apply;
mod command;
mod custody;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;
mod told;

pub use address::{ChainAddress, ParseChainAddressError};
pub use apply::{Address, apply};
pub use command::Command;
pub use custody::{Custody, Owner};
pub use decide::decide;
pub(super) use decide::{found_unowned, is_on};
pub use event::{AddressAssigned, Event, FeePaid, Moved, Swept};
pub use rejection::{PlatformRejection, Rejection};
pub(super) use told::check_platform;
pub use told::{Block, ChainHash, Output, ParseChainHashError, Told};
