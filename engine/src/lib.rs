//! The engine of Choai: decisions, and the bytes that prove them.
//!
//! A single writer decides commands against its tables and appends what follows to a hash-chained log. The
//! engine knows no HTTP, no JSON and no read model; its `money`, `books` and `domain` know no file, socket,
//! thread, clock, key or random number.

pub mod audit;
pub mod books;
mod clock;
pub mod domain;
mod engine;
mod fault;
mod hex;
#[cfg(test)]
mod laws;
pub mod log;
pub mod money;
pub mod private_file;
pub mod proof;
mod restore;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod simulation;
mod spelled;
pub mod state;
pub mod vault;
mod writer;

pub use clock::{Clock, ManualClock, SystemClock};
pub use engine::{Engine, EraseError, Options, Paths, SubmitError};
pub use fault::Fault;
pub use hex::hex;
pub use restore::{ListOfErasures, Restored, restore};
pub use writer::{Envelope, Outcome, Placed, Provenance, Receipt, SeenSignature};

/// Cargo tells checkouts apart by this: they share one target folder.
const _: Option<&str> = option_env!("CHOAI_CHECKOUT");
