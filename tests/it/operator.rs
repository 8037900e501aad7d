//! The operator's port: merchants, modes, secrets, the sandbox, test clocks, chains, the books, and what shows its health.

mod books;
mod chain;
mod clock;
mod health;
mod merchants;
mod secrets;
mod users;
