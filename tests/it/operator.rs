//! The operator's port: merchants, modes, secrets, the sandbox, test clocks, refunds, payouts, tokens, cards, chains, the
//! books, checkpoints, and what shows its health.

mod books;
mod cards;
mod chain;
mod clock;
mod health;
mod merchants;
mod payouts;
mod refunds;
mod secrets;
mod signing;
mod tokens;
mod users;
