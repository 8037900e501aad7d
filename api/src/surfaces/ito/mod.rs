//! ITO-Japan's merchant API: payments initiated, checked, and announced. Source: ito-japan-payments.txt.

mod auth;
mod convert;
mod errors;
mod handlers;
mod people;
mod router;
pub mod signature;
mod wire;

pub use router::router;
