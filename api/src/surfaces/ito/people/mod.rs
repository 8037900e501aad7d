//! The document's OAuth endpoints: users as their merchant sees them, and as an app they let in does. Answers have the
//! shapes of Laravel's resources.

mod auth;
mod balance;
mod cards;
mod convert;
mod errors;
mod merchant;
mod router;
mod user;
mod wire;

pub use router::router;
