//! Pages that people see: views that know no engine, and the handlers that fill them.

pub mod agree;
pub mod checkout;
pub mod hosted;
pub mod language;
mod money_text;
pub mod password;
