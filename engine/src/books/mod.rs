//! Books: the double-entry accounts of every realm, and entries that cannot be out of balance.

mod account;
mod entry;
mod guard;
mod holder;
mod label;
mod realm;

pub use account::{Account, AccountKey, Class, Expense, Income, ParseAccountError};
pub use entry::{Draft, Entry, Posting, Unbalanced};
pub use guard::{Shortfall, check_guards};
pub use holder::Holder;
pub use label::{Label, LabelError};
pub use realm::Realm;
