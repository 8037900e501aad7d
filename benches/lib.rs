//! What the benchmarks share: where they ran, and how figures are counted and lined up.

pub mod figures;
pub mod machine;
