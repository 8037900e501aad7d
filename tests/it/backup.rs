//! Backups and erasures as an operator meets them: under load, damaged, from before an erasure and from after it.

mod erasure;
mod folders;
mod load;
