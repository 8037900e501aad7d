//! The vectors that implementations of RFC 6962 share: eight leaves, their roots, paths and consistency.
//! Source: `merkletree` of Certificate Transparency's reference implementation.

use super::*;
use crate::{
    hex,
    proof::{TreeHead, consistency, inclusion, leaf_hash, root},
};

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// By size, from none on.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const SECOND_LEAF: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const THIRD_AND_FOURTH: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const LAST_FOUR: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const FIFTH_LEAF: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const LAST_TWO: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const FIFTH_AND_SIXTH: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";

fn leaves() -> Leaves {
    Leaves(LEAVES.map(|leaf| leaf_hash(&[&from_hex(leaf)])).into())
}

fn head(size: u64) -> TreeHead {
    TreeHead { size, root: from_hex(ROOTS[size as usize]).try_into().unwrap() }
}

#[test]
fn roots_are_what_they_are_everywhere() {
    for (size, expected) in (0..).zip(ROOTS) {
        assert_eq!(hex(&sure(root(&leaves(), size))), expected, "of {size}");
    }
}

#[test]
fn so_are_paths() {
    let cases: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[SECOND_LEAF, THIRD_AND_FOURTH, LAST_FOUR]),
        (5, 8, &[FIFTH_LEAF, LAST_TWO, ROOTS[4]]),
        (2, 3, &[ROOTS[2]]),
        (1, 5, &[ROOTS[1], THIRD_AND_FOURTH, FIFTH_LEAF]),
    ];
    for (index, size, expected) in cases {
        let path = sure(inclusion(&leaves(), index, size));
        assert_eq!(path.iter().map(|hash| hex(hash)).collect::<Vec<_>>(), expected, "{index} in {size}");
        assert!(head(size).includes(leaves().0[index as usize], index, &path));
    }
}

#[test]
fn so_is_consistency() {
    let cases: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (1, 8, &[SECOND_LEAF, THIRD_AND_FOURTH, LAST_FOUR]),
        (6, 8, &[FIFTH_AND_SIXTH, LAST_TWO, ROOTS[4]]),
        (2, 5, &[THIRD_AND_FOURTH, FIFTH_LEAF]),
    ];
    for (old, new, expected) in cases {
        let path = sure(consistency(&leaves(), old, new));
        assert_eq!(path.iter().map(|hash| hex(hash)).collect::<Vec<_>>(), expected, "{old} to {new}");
        assert!(head(old).grew_into(&head(new), &path));
    }
}
