//! Against an implementation that is not ours: each makes what the other accepts, and both refuse the same.

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::proof::{TreeHead, consistency, inclusion, leaf_hash, root};

type Theirs = MemoryBackedTree<Sha256, Vec<u8>>;

const SIZE_MAX: usize = 600;

fn leaf(index: usize) -> Vec<u8> {
    format!("leaf {index}").into_bytes()
}

/// The same tree twice: ours, with its head, and theirs.
fn grown(size: usize) -> (Leaves, TreeHead, Theirs) {
    let ours = Leaves((0..size).map(|index| leaf_hash(&[&leaf(index)])).collect());
    let mut theirs = Theirs::new();
    (0..size).for_each(|index| theirs.push(leaf(index)));
    let head = TreeHead { size: size as u64, root: sure(root(&ours, size as u64)) };
    (ours, head, theirs)
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks(32).map(|hash| hash.try_into().unwrap()).collect()
}

fn their_head(head: TreeHead) -> RootHash<Sha256> {
    RootHash::new(head.root.into(), head.size)
}

/// What may be done to a path that must not be accepted then.
#[derive(Debug, Clone)]
enum Harm {
    Bit(usize),
    Short,
    Long,
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![any::<usize>().prop_map(Harm::Bit), Just(Harm::Short), Just(Harm::Long)]
}

/// The harmed path; `None` if there is nothing to harm.
fn harmed(path: &[Hash], harm: &Harm) -> Option<Vec<Hash>> {
    let mut path = path.to_vec();
    match harm {
        Harm::Bit(bit) => {
            let bit = bit % (path.len() * 256).max(1);
            path.get_mut(bit / 256)?[bit % 256 / 8] ^= 1 << (bit % 8);
        }
        Harm::Short => drop(path.pop()?),
        Harm::Long => path.push([7; 32]),
    }
    Some(path)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn both_prove_the_same_of_every_leaf(size in 1..SIZE_MAX, index in any::<prop::sample::Index>(), harm in harm()) {
        let (ours, head, theirs) = grown(size);
        let root = theirs.root();
        prop_assert_eq!(&head.root[..], &root.as_bytes()[..]);
        let index = index.index(size);
        let path = sure(inclusion(&ours, index as u64, head.size));
        let proof = theirs.prove_inclusion(index);
        prop_assert_eq!(&path, &hashes(proof.as_bytes()));
        let accepted = |path: &[Hash], index: usize| {
            let proof = InclusionProof::<Sha256>::try_from_bytes(path.concat()).unwrap();
            let theirs = their_head(head).verify_inclusion(&leaf(index), index as u64, &proof).is_ok();
            let ours = head.includes(leaf_hash(&[&leaf(index)]), index as u64, path);
            assert_eq!(ours, theirs, "both say the same");
            ours
        };
        prop_assert!(accepted(&path, index));
        prop_assert!(size == 1 || !accepted(&path, (index + 1) % size), "of another leaf");
        if let Some(path) = harmed(&path, &harm) {
            prop_assert!(!accepted(&path, index), "{:?}", harm);
        }
    }

    #[test]
    fn both_prove_the_same_of_every_growth(new in 1..SIZE_MAX, old in any::<prop::sample::Index>(), harm in harm()) {
        let old = old.index(new) + 1;
        let ((ours, new_head, theirs), (_, old_head, _)) = (grown(new), grown(old));
        let path = sure(consistency(&ours, old_head.size, new_head.size));
        // Theirs proves nothing of a tree to itself.
        if old < new {
            prop_assert_eq!(&path, &hashes(theirs.prove_consistency(new - old).as_bytes()));
        }
        let accepted = |path: &[Hash]| {
            let ours = old_head.grew_into(&new_head, path);
            if let (true, Ok(proof)) = (old < new, ConsistencyProof::try_from_bytes(path.concat())) {
                let theirs = their_head(new_head).verify_consistency(&their_head(old_head), &proof).is_ok();
                assert_eq!(ours, theirs, "both say the same");
            }
            ours
        };
        prop_assert!(accepted(&path));
        if let Some(path) = harmed(&path, &harm) {
            prop_assert!(!accepted(&path), "{:?}", harm);
        }
        prop_assert!(old == new || !new_head.grew_into(&old_head, &path), "nothing shrinks");
    }
}
