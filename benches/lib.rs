//! What the benchmarks share: where they ran, how figures are counted and lined up, logs made for them, and the real
//! server with a client.

pub mod client;
pub mod figures;
pub mod machine;
pub mod made;
pub mod server;

/// The one that the program has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
