//! The operator's port: merchants, modes, secrets, the sandbox, test clocks, the books, and what shows its health.

mod books;
mod cards;
mod clock;
mod health;
mod merchants;
mod secrets;
mod users;
