//! Proofs: the tree of RFC 6962 over the events' stored bytes, kept as hashes of whole subtrees.
//!
//! A row holds 64 hashes that lie side by side. On level 0 they are those of leaves; when a row is full, the hash
//! over it is one of a row of level 1, and so on up. So every row but the last of its level never changes again, an
//! event costs 33 bytes, and each node that a proof needs is reckoned from one row. What is not whole, on the right
//! edge of a tree of any size, is reckoned from what is (`choai_engine::proof`).

use choai_engine::{
    Fault,
    log::{Frame, Leaf},
    proof::{self, Hash, Nodes, TreeHead, node_hash},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "proofs";
pub(crate) const VERSION: u32 = 1;

/// Levels of the tree from one level of rows to the next.
const ROW_HEIGHT: u32 = 6;
/// Hashes of a full row.
const ROW_WIDTH: u64 = 1 << ROW_HEIGHT;

/// Hashes side by side, stored as bytes one behind the other.
#[derive(Debug, Default)]
struct Hashes(Vec<Hash>);

/// The row of `level` with the hash at `index` in it.
fn key(level: u32, index: u64) -> Key {
    let level = u8::try_from(level).expect("64 bits of leaves have few levels");
    Key::of(level).u64(index / ROW_WIDTH)
}

/// Hangs a commit's events into the tree.
pub(crate) fn apply(frame: &Frame, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let leaves: Vec<Hash> = frame.leaves()?.iter().map(Leaf::hash).collect();
    append(rows, 0, frame.first() - 1, &leaves)
}

/// Puts hashes behind the first `at` of a level, and those of rows that are full by then into the level above.
fn append(rows: &mut Rows<'_>, level: u32, mut at: u64, mut hashes: &[Hash]) -> Result<(), Fault> {
    while !hashes.is_empty() {
        let there = at % ROW_WIDTH;
        let mut row: Hashes = match there {
            0 => Hashes::default(),
            _ => rows.get(&key(level, at))?.unwrap_or_default(),
        };
        if row.0.len() as u64 != there {
            return Err(Fault::Store(format!(
                "the read model {NAME} lacks a hash before {at} of level {level}"
            )));
        }
        let room = usize::try_from(ROW_WIDTH - there).unwrap_or(usize::MAX);
        let (now, later) = hashes.split_at(room.min(hashes.len()));
        row.0.extend_from_slice(now);
        rows.put(key(level, at), &row);
        (at, hashes) = (at + now.len() as u64, later);
        if at.is_multiple_of(ROW_WIDTH) {
            append(rows, level + 1, at / ROW_WIDTH - 1, &[over(row.0)])?;
        }
    }
    Ok(())
}

/// The hash over a whole subtree's.
fn over(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = hashes.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    hashes[0]
}

/// What proves events.
#[derive(Clone, Copy)]
pub struct Proofs<'a> {
    store: &'a Store,
}

impl<'a> Proofs<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The tree as it is now; it stays as it is.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn tree(&self) -> Result<Tree<'a>, Fault> {
        Ok(Tree { view: self.store.view(NAME, VERSION)? })
    }
}

/// The tree over every event up to a position, and so every smaller one.
pub struct Tree<'a> {
    view: View<'a>,
}

impl Tree<'_> {
    /// How many events are in it, which is the position of the last.
    pub const fn size(&self) -> u64 {
        self.view.head().position
    }

    /// What is signed of the tree over the first `size` events.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    ///
    /// # Panics
    /// If there are not so many yet.
    pub fn head(&self, size: u64) -> Result<TreeHead, Fault> {
        self.check(size);
        Ok(TreeHead { size, root: proof::root(self, size)? })
    }

    /// What proves that leaf `index`, from 0, is among the first `size`.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    ///
    /// # Panics
    /// If it is not, or there are not so many yet.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, Fault> {
        self.check(size);
        proof::inclusion(self, index, size)
    }

    /// What proves that the first `old` events are the first of `new`.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    ///
    /// # Panics
    /// Unless 0 < `old` ≤ `new`, and there are so many.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, Fault> {
        self.check(new);
        proof::consistency(self, old, new)
    }

    fn check(&self, size: u64) {
        assert!(size <= self.size(), "the tree has {} leaves, not {size}", self.size());
    }
}

impl Nodes for Tree<'_> {
    type Error = Fault;

    fn node(&self, height: u32, index: u64) -> Result<Hash, Fault> {
        let (level, height) = (height / ROW_HEIGHT, height % ROW_HEIGHT);
        let first = index << height;
        let row: Hashes = self.view.get(&key(level, first))?.unwrap_or_default();
        let from = usize::try_from(first % ROW_WIDTH).unwrap_or(usize::MAX);
        let whole = row.0.get(from..from + (1 << height));
        let missing = || Fault::Store(format!("the read model {NAME} lacks hash {first} of level {level}"));
        Ok(over(whole.ok_or_else(missing)?.to_vec()))
    }
}

impl Serialize for Hashes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_flattened())
    }
}

impl<'de> Deserialize<'de> for Hashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Hashes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("hashes of 32 bytes each")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Hashes, E> {
                match bytes.as_chunks() {
                    (hashes, []) => Ok(Hashes(hashes.to_vec())),
                    (_, _) => Err(E::invalid_length(bytes.len(), &self)),
                }
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::{log::Recorded, proof::leaf_hash};

    use super::*;
    use crate::{
        scene::{busy, commits},
        store::Standing,
    };

    /// The tree as it must be: all leaves in memory, every node reckoned from them.
    struct Leaves(Vec<Hash>);

    impl Nodes for Leaves {
        type Error = Fault;

        fn node(&self, height: u32, index: u64) -> Result<Hash, Fault> {
            let width = 1_usize << height;
            let first = index as usize * width;
            Ok(over(self.0[first..first + width].to_vec()))
        }
    }

    /// Leaves over two levels of rows and a bit of the third; commits end before, on and after the ends of rows.
    #[test]
    fn every_tree_that_ever_was_is_reckoned_from_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::scratch(folder.path(), &[NAME]).unwrap();
        let mut leaves = Leaves(Vec::new());
        for frame in commits([1, 62, 1, 1, 63, 64, 65, 128, 1, 3_000, 712, 5, 200]) {
            leaves.0.extend(frame.leaves().unwrap().iter().map(Leaf::hash));
            let mut rows = store.rows(NAME, 1);
            apply(&frame, &mut rows).unwrap();
            let standing = Standing { version: VERSION, generation: 1, head: frame.head() };
            store.write(vec![rows], &[(NAME, standing)]).unwrap();
        }
        let tree = Proofs::new(&store).tree().unwrap();
        assert_eq!(tree.size(), 4_303);
        for size in 0..=tree.size() {
            assert_eq!(tree.head(size).unwrap().root, proof::root(&leaves, size).unwrap(), "of {size}");
        }
        for (index, size) in
            [(0, 1), (0, 4_303), (63, 64), (64, 65), (4_095, 4_097), (4_302, 4_303), (7, 4_096)]
        {
            let path = tree.inclusion(index, size).unwrap();
            let leaf = leaves.0[index as usize];
            assert!(tree.head(size).unwrap().includes(leaf, index, &path), "{index} in {size}");
        }
        for (old, new) in [(1, 1), (1, 4_303), (64, 4_096), (63, 65), (4_095, 4_097), (4_096, 4_303)] {
            let path = tree.consistency(old, new).unwrap();
            let [before, after] = [old, new].map(|size| tree.head(size).unwrap());
            assert!(before.grew_into(&after, &path), "{old} to {new}");
        }
    }

    #[test]
    fn a_row_that_is_gone_is_a_fault_and_no_root() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::scratch(folder.path(), &[NAME]).unwrap();
        let [first, second] = &commits([70, 1])[..] else { panic!("two commits") };
        let mut rows = store.rows(NAME, 1);
        apply(first, &mut rows).unwrap();
        rows.delete(key(0, 64));
        let standing = Standing { version: VERSION, generation: 1, head: first.head() };
        store.write(vec![rows], &[(NAME, standing)]).unwrap();
        let tree = Proofs::new(&store).tree().unwrap();
        assert!(tree.head(64).is_ok() && tree.head(70).is_err());
        assert!(apply(second, &mut store.rows(NAME, 1)).is_err());
    }

    #[tokio::test]
    async fn each_event_of_a_ledger_is_proved_by_its_stored_bytes() {
        let scene = busy().await;
        let tree = scene.models.proofs().tree().unwrap();
        let head = tree.head(tree.size()).unwrap();
        let events = scene.events();
        assert_eq!(tree.size(), events.len() as u64);
        let frames = scene.engine.log().read(1, usize::MAX).unwrap();
        let leaves = frames.iter().flat_map(|frame| frame.leaves().unwrap());
        for (leaf, event) in leaves.zip(events) {
            let bytes = leaf.to_bytes();
            assert_eq!(Recorded::of_leaf(event.position, &bytes).unwrap(), event);
            let path = tree.inclusion(event.position - 1, tree.size()).unwrap();
            assert!(head.includes(leaf_hash(&[&bytes]), event.position - 1, &path), "{}", event.position);
        }
    }
}
