//! Surfaces: one folder per documented system, each speaking exactly its document; none knows another.

pub mod ito;
