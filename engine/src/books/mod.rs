//! Books: the double-entry accounts of every realm, and entries that cannot be out of balance.

mod account;
mod entry;
mod guard;
mod label;
mod realm;

pub use account::{Account, AccountKey, Class, Expense, Income, ParseAccountError};
pub use entry::{Draft, Entry, Posting, Unbalanced};
pub use guard::{Shortfall, check_guards};
pub use label::{Label, LabelError};
pub use realm::Realm;
