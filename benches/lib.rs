//! What the benchmarks share: where they ran, how figures are counted and lined up, and logs made for them.

pub mod figures;
pub mod machine;
pub mod made;

/// The one that the program has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
