//! Money: exact amounts in a currency's smallest unit, and the few ways they are read, rounded and split.

mod amount;
mod currency;
mod percent;
mod text;

pub use amount::{Money, MoneyError};
pub use currency::{Currency, TOKEN_DIGITS_MAX, Token};
pub use percent::Percent;
pub use text::{AMOUNT_DIGITS_MAX, AmountText};
