//! A filter over keys: it tells for sure that a key is not among them, and nearly for sure that it is.
//!
//! A blocked Bloom filter: all bits of a key are in one block, the size of a cache line, so a look costs one.

use serde::{Deserialize, Serialize};

/// Bits of memory for each key. With these, about one strange key in a thousand passes.
const BITS_PER_KEY: usize = 16;
/// Words of a block; every key sets one bit in each.
const WORDS: usize = 8;
const BLOCK_BITS: usize = WORDS * 64;

/// A filter over a set of keys that does not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filter {
    blocks: Vec<[u64; WORDS]>,
}

impl Filter {
    /// The filter over `keys`.
    pub(super) fn over<'a>(keys: impl ExactSizeIterator<Item = &'a [u8; 16]>) -> Self {
        let blocks = (keys.len() * BITS_PER_KEY).div_ceil(BLOCK_BITS).max(1);
        let mut filter = Self { blocks: vec![[0; WORDS]; blocks] };
        for key in keys {
            let print = Print::of(key);
            let block = filter.block_of(&print);
            for (word, bit) in filter.blocks[block].iter_mut().zip(print.bits) {
                *word |= bit;
            }
        }
        filter
    }

    /// Whether it is no filter at all: not even one over nothing is.
    pub(super) const fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Whether the key of `print` may be among the keys; false only if it is not.
    pub(super) fn may_hold(&self, print: &Print) -> bool {
        let missing = |missing, (word, bit): (&u64, &u64)| missing | (bit & !word);
        self.blocks[self.block_of(print)].iter().zip(&print.bits).fold(0, missing) == 0
    }

    /// The high half of the product spreads a hash evenly over any number of blocks.
    fn block_of(&self, print: &Print) -> usize {
        ((u128::from(print.hash) * self.blocks.len() as u128) >> 64) as usize
    }
}

/// What filters look at of a key.
pub(super) struct Print {
    hash: u64,
    /// Its bit in each word of its block.
    bits: [u64; WORDS],
}

impl Print {
    /// Of a key, which may be anything, such as a counter.
    pub(super) fn of(key: &[u8; 16]) -> Self {
        let key = u128::from_le_bytes(*key);
        let (low, high) = (key as u64, (key >> 64) as u64);
        // Digits of pi and e: any odd numbers without a pattern would do.
        let hash = fold(low ^ 0x243f_6a88_85a3_08d3, high ^ 0x1319_8a2e_0370_7345);
        let other = fold(hash ^ low ^ 0xb7e1_5162_8aed_2a6b, high ^ 0xbf71_5880_9cf4_f3c7);
        Self { hash, bits: std::array::from_fn(|word| 1 << (other >> (word * 6) & 63)) }
    }

    /// A hash of the key.
    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }
}

/// Both halves of the product: each bit of it depends on many of both factors.
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ ((product >> 64) as u64)
}
