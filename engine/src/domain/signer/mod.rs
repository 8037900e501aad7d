//! The ledger's signing keys: which one signs checkpoints, and that the one before vouched for it.

mod apply;
mod command;
mod decide;
mod event;
mod rejection;
#[cfg(test)]
mod tests;

pub use apply::{Signer, apply};
pub use command::Command;
pub use decide::decide;
pub use event::{Event, KeyAdopted};
pub use rejection::Rejection;
