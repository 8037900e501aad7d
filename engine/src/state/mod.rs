//! The writer's tables: what the rules need to know, folded from the log and disposable.

mod answers;
mod counts;
mod dues;
mod idempotency;
#[cfg(test)]
mod pinned;
mod store;
mod table;
mod tables;

pub use answers::{Answers, Past, Shared};
pub use dues::Dues;
pub use idempotency::{Answered, IdempotencyKey};
pub use store::{Checkpoint, KeyValue, NoRows, Row, TableId, TableRows, TableStore};
pub use table::Table;
pub use tables::{State, TABLES_VERSION, Unsaved};
