//! The tree of RFC 6962, section 2: its hashes, and what has to be shown to prove something of it.
//!
//! A tree of `size` leaves hangs over any log of at least so many, so that every earlier tree can be shown at any
//! time. What is looked up are hashes over whole subtrees ([`Nodes`]), which never change; the few that are not whole
//! are reckoned from them.

use sha2::{Digest, Sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// What makes a leaf's hash another than any node's.
const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// The hash of the leaf that is made of `parts`, one behind the other.
pub fn leaf_hash(parts: &[&[u8]]) -> Hash {
    let hash = parts.iter().fold(Sha256::new_with_prefix(LEAF), |hash, part| hash.chain_update(part));
    hash.finalize().into()
}

/// The hash of a node from those below it.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0; 65];
    bytes[..1].copy_from_slice(&NODE);
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// Where hashes of whole subtrees are looked up.
pub trait Nodes {
    /// Why one cannot be.
    type Error;

    /// The hash over the 2^`height` leaves of which `index` · 2^`height` is the first; at height 0 a leaf's own.
    ///
    /// # Errors
    /// When it cannot be read.
    fn node(&self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root over the first `size` leaves.
///
/// # Errors
/// When a node cannot be read.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    match size {
        0 => Ok(Sha256::digest([]).into()),
        size => over(nodes, 0, size),
    }
}

/// What proves that leaf `index`, from 0, is in the tree of `size`: the hashes beside its way, the lowest first.
///
/// # Errors
/// When a node cannot be read.
///
/// # Panics
/// If the tree has no such leaf.
pub fn inclusion<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    assert!(index < size, "leaf {index} is in no tree of {size}");
    to_leaf(index, size).into_iter().map(|beside| over(nodes, beside.from, beside.to)).collect()
}

/// What proves that the tree of `old` leaves is the beginning of the one of `new`: RFC 6962, section 2.1.2.
///
/// # Errors
/// When a node cannot be read.
///
/// # Panics
/// Unless 0 < `old` ≤ `new`.
pub fn consistency<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    assert!(0 < old && old <= new, "a tree of {old} does not grow into one of {new}");
    let (from, way) = to_end(old, new);
    // Where the old tree is a whole subtree, its root is known to whoever has the old tree's head.
    let start = (from > 0).then(|| over(nodes, from, old));
    start.into_iter().chain(way.into_iter().map(|beside| over(nodes, beside.from, beside.to))).collect()
}

/// A tree, by what is signed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// How many leaves it has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

impl TreeHead {
    /// Whether `path` proves that `leaf` is at `index`, from 0.
    pub fn includes(&self, leaf: Hash, index: u64, path: &[Hash]) -> bool {
        if index >= self.size {
            return false;
        }
        let way = to_leaf(index, self.size);
        let up = |hash, (beside, other): (&Beside, &Hash)| match beside.side {
            Side::Left => node_hash(other, &hash),
            Side::Right => node_hash(&hash, other),
        };
        way.len() == path.len() && way.iter().zip(path).fold(leaf, up) == self.root
    }

    /// Whether `path` proves that this tree is the beginning of `new`.
    pub fn grew_into(&self, new: &Self, path: &[Hash]) -> bool {
        if self.size == 0 || self.size > new.size {
            return false;
        }
        let (from, way) = to_end(self.size, new.size);
        let (start, path) = match (from, path.split_first()) {
            (0, _) => (self.root, path),
            (_, Some((start, path))) => (*start, path),
            (_, None) => return false,
        };
        let up = |(before, after), (beside, other): (&Beside, &Hash)| match beside.side {
            Side::Left => (node_hash(other, &before), node_hash(other, &after)),
            // What is right of where the old tree ended came later.
            Side::Right => (before, node_hash(&after, other)),
        };
        way.len() == path.len() && way.iter().zip(path).fold((start, start), up) == (self.root, new.root)
    }
}

/// A subtree beside a way through the tree: its leaves, and on which side of the way it is.
struct Beside {
    side: Side,
    from: u64,
    to: u64,
}

enum Side {
    Left,
    Right,
}

/// What is beside the way from leaf `index` up to the root of the tree of `size`.
fn to_leaf(index: u64, size: u64) -> Vec<Beside> {
    let (mut from, mut to, mut way) = (0, size, Vec::new());
    while to - from > 1 {
        way.push(halve(&mut from, &mut to, |middle| index < middle));
    }
    way.reverse();
    way
}

/// The first leaf of the last subtree that ends with the old tree, and what is beside the way from there up.
fn to_end(old: u64, new: u64) -> (u64, Vec<Beside>) {
    let (mut from, mut to, mut way) = (0, new, Vec::new());
    while to != old {
        way.push(halve(&mut from, &mut to, |middle| old <= middle));
    }
    way.reverse();
    (from, way)
}

/// Goes one step down, to the left if that is said of the middle, and gives what is left beside.
fn halve(from: &mut u64, to: &mut u64, is_left: impl Fn(u64) -> bool) -> Beside {
    let middle = *from + half(*to - *from);
    if is_left(middle) {
        Beside { side: Side::Right, from: middle, to: std::mem::replace(to, middle) }
    } else {
        Beside { side: Side::Left, from: std::mem::replace(from, middle), to: middle }
    }
}

/// The leaves of a subtree's left side: the greatest power of two below `width`, which is at least two.
fn half(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// The hash over the leaves from `from` to before `to`, which the tree has one subtree for.
fn over<N: Nodes>(nodes: &N, from: u64, to: u64) -> Result<Hash, N::Error> {
    let width = to - from;
    if width.is_power_of_two() {
        return nodes.node(width.ilog2(), from / width);
    }
    let middle = from + half(width);
    Ok(node_hash(&over(nodes, from, middle)?, &over(nodes, middle, to)?))
}
