//! ITO-Japan's payment surface, as its document prints it.

mod check_validity;
mod checkout;
mod idempotency;
pub mod page;
mod php;
mod process;
mod refusals;
mod request;
mod signature;
mod webhooks;
mod whole;
