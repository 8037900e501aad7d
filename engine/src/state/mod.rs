//! The writer's tables: what the rules need to know, folded from the log and disposable.

mod dues;
mod idempotency;
#[cfg(test)]
mod pinned;
mod table;
mod tables;

pub use dues::Dues;
pub use idempotency::{Answered, IdempotencyKey};
pub use table::{KeyValue, NoRows, Row, Table, TableId, TableRows};
pub use tables::{State, TABLES_VERSION};
