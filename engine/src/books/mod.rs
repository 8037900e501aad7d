//! Books: the double-entry accounts of every realm, and entries that cannot be out of balance.

mod account;
mod entry;
mod guard;
mod hold;
mod holder;
mod label;
mod place;
mod realm;

pub use account::{Account, AccountKey, Class, Expense, Income, ParseAccountError};
pub use entry::{Draft, Entry, Posting, Unbalanced};
pub use guard::{Shortfall, check_guards};
pub use hold::Hold;
pub use holder::Holder;
pub use label::{Label, LabelError};
pub use place::Place;
pub use realm::Realm;
