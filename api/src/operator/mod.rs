//! The operator's endpoints: what runs the ledger, on a port of its own.

mod auth;
mod chain;
mod errors;
mod handlers;
mod router;
mod users;
mod wire;

pub use auth::{OperatorToken, TOKEN_FILE, TOKEN_VARIABLE, authenticate, client_token};
pub use handlers::register;
pub use router::router;
pub use wire::{AdvanceClock, ClockAnswer, MerchantMade, ModeName, NewMerchant, TrialBalance};

/// Events a read model may be behind while the server calls itself ready.
pub const LAG_MAX: u64 = 100_000;
