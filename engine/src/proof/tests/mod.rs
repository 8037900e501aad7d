//! Proofs: against the vectors of others, against an implementation not ours, and against every flipped bit.

mod files;
mod notes;
mod strangers;
mod vectors;

use std::convert::Infallible;

use super::{Hash, Nodes, node_hash};

/// A tree in memory, by its leaves' hashes; whole subtrees are reckoned as section 2.1 says it.
struct Leaves(Vec<Hash>);

impl Nodes for Leaves {
    type Error = Infallible;

    fn node(&self, height: u32, index: u64) -> Result<Hash, Infallible> {
        if height == 0 {
            return Ok(self.0[index as usize]);
        }
        Ok(node_hash(&self.node(height - 1, 2 * index)?, &self.node(height - 1, 2 * index + 1)?))
    }
}

/// What cannot fail.
fn sure<T>(outcome: Result<T, Infallible>) -> T {
    outcome.unwrap_or_else(|never| match never {})
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
