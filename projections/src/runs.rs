//! Runs: what happened to one owner, in order, in blocks of which each item is written as its difference from the one
//! before.
//!
//! A block begins with the item before its first, whole, so it is read without any other. It is kept under the number
//! of its last item; the one that is still being added to, under a number beyond all. So the first block at or after a
//! number says what came last up to that number, if only by what it begins with: one seek. Where blocks end depends on
//! the items alone, never on how many were folded in one step: law 6 compares blocks byte by byte.

use std::{hash::Hash, marker::PhantomData};

use choai_engine::Fault;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use crate::{
    kept::Kept,
    keys::Key,
    store::{Rows, View},
};

/// Items in a block; more if the last event brought several. An owner's open block is written anew in every step that
/// adds to it, so a large bound costs writing where a small one costs space.
const ITEMS: u32 = 32;
/// The number of the block that is still being added to.
const OPEN: u64 = u64::MAX;

/// One item of a run.
pub(crate) trait Item: Copy + Serialize + DeserializeOwned {
    /// What stands before the first.
    const NOTHING: Self;

    /// What it is found by: never lower than that of the item before, and below [`u64::MAX`].
    fn number(&self) -> u64;

    /// Appends its difference from the item before.
    fn write_after(&self, before: &Self, out: &mut Vec<u8>);

    /// Reads the item after `before` off the front of `from`.
    ///
    /// # Errors
    /// [`Fault::Undecodable`] if none is there.
    fn read_after(before: &Self, from: &mut &[u8]) -> Result<Self, Fault>;
}

/// Bytes that are stored as they are; serde would take them one by one.
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// A block as it is stored.
#[derive(Serialize, Deserialize)]
struct Block<I> {
    /// The last item before it.
    before: I,
    /// Its items.
    items: Bytes,
}

impl<I: Item> Block<I> {
    fn items(&self) -> Result<Vec<I>, Fault> {
        let (mut items, mut last, mut rest) =
            (Vec::with_capacity(ITEMS as usize), self.before, &self.items.0[..]);
        while !rest.is_empty() {
            last = I::read_after(&last, &mut rest)?;
            items.push(last);
        }
        Ok(items)
    }
}

/// A block that is still being added to.
struct Open<I> {
    block: Block<I>,
    last: I,
    count: u32,
}

impl<I: Item> Open<I> {
    const fn after(before: I) -> Self {
        Self { block: Block { before, items: Bytes(Vec::new()) }, last: before, count: 0 }
    }

    fn of(stored: Option<Block<I>>) -> Result<Self, Fault> {
        let Some(block) = stored else { return Ok(Self::after(I::NOTHING)) };
        let items = block.items()?;
        let count =
            u32::try_from(items.len()).map_err(|_| Fault::Undecodable("a block of a read model".into()))?;
        Ok(Self { last: items.last().copied().unwrap_or(block.before), count, block })
    }
}

/// The runs of one table that are being added to.
pub(crate) struct Runs<K, I> {
    owner: fn(&K) -> Key,
    open: Kept<K, Open<I>>,
}

impl<K: Copy + Eq + Hash + 'static, I: Item> Runs<K, I> {
    /// Runs whose blocks have keys that begin with `owner` and end with their numbers.
    pub(crate) fn new(owner: fn(&K) -> Key) -> Self {
        Self { owner, open: Kept::new(move |key| owner(key).u64(OPEN)) }
    }

    /// Adds the item that `next` makes of the one before, unless it makes none.
    ///
    /// # Errors
    /// [`Fault`] when the run cannot be read.
    pub(crate) fn push(
        &mut self,
        owner: K,
        rows: &mut Rows<'_>,
        next: impl FnOnce(&I) -> Option<I>,
    ) -> Result<(), Fault> {
        let open = self.open.change(owner, rows, Open::of)?;
        let Some(item) = next(&open.last) else { return Ok(()) };
        // Items of one number are never torn apart: the block of a number is found by it.
        if open.count >= ITEMS && item.number() != open.last.number() {
            let full = std::mem::replace(open, Open::after(open.last));
            rows.put((self.owner)(&owner).u64(full.last.number()), &full.block);
        }
        item.write_after(&open.last, &mut open.block.items.0);
        open.last = item;
        open.count += 1;
        Ok(())
    }

    /// Writes the open blocks that were added to.
    pub(crate) fn write(&mut self, rows: &mut Rows<'_>) {
        self.open.write(rows, |key, _, open, rows| rows.put(key, &open.block));
    }

    /// Whether the step should end.
    pub(crate) fn is_full(&self) -> bool {
        self.open.is_full()
    }
}

/// One run, to be read.
pub(crate) struct Run<'a, I> {
    view: &'a View<'a>,
    owner: Key,
    items: PhantomData<I>,
}

impl<'a, I: Item> Run<'a, I> {
    /// The run whose keys begin with `owner`.
    pub(crate) const fn of(view: &'a View<'a>, owner: Key) -> Self {
        Self { view, owner, items: PhantomData }
    }

    /// The last item up to `number`, itself included; [`Item::NOTHING`] before the first.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub(crate) fn last(&self, number: u64) -> Result<I, Fault> {
        let Some(block) = self.blocks(number).next().transpose()? else { return Ok(I::NOTHING) };
        let items = block.items()?;
        let until = items.partition_point(|item| item.number() <= number);
        Ok(until.checked_sub(1).map_or(block.before, |at| items[at]))
    }

    /// The items from `number` on, in order.
    pub(crate) fn ascending(&self, number: u64) -> impl Iterator<Item = Result<I, Fault>> {
        let items = self.blocks(number).flat_map(|block| each(block, |items| items));
        items.skip_while(move |item| item.as_ref().is_ok_and(|item| item.number() < number))
    }

    /// The items up to `number`, itself included, the last first.
    pub(crate) fn descending(&self, number: u64) -> impl Iterator<Item = Result<I, Fault>> {
        let first = self.blocks(number).take(1);
        let earlier = self.view.descending(self.owner.clone()..self.owner.clone().u64(number));
        let items = first.chain(earlier).flat_map(|block| {
            each(block, |mut items| {
                items.reverse();
                items
            })
        });
        items.skip_while(move |item| item.as_ref().is_ok_and(|item| item.number() > number))
    }

    /// The block that holds the first item at or after `number`, or the open one; and those after it.
    fn blocks(&self, number: u64) -> impl Iterator<Item = Result<Block<I>, Fault>> {
        self.view.ascending(self.owner.clone().u64(number)..self.owner.clone().end())
    }
}

/// The items of a block, put in order by `order`, or why there are none.
fn each<I: Item>(
    block: Result<Block<I>, Fault>,
    order: impl Fn(Vec<I>) -> Vec<I>,
) -> impl Iterator<Item = Result<I, Fault>> {
    let (items, fault) = match block.and_then(|block| block.items()) {
        Ok(items) => (order(items), None),
        Err(fault) => (Vec::new(), Some(Err(fault))),
    };
    items.into_iter().map(Ok).chain(fault)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use choai_engine::log::Head;
    use proptest::prelude::*;
    use tempfile::TempDir;

    use crate::{
        numbers::{put_u64, take_u64},
        store::{Standing, Store},
    };

    use super::*;

    const MODEL: &str = "numbers";

    /// A number, and the sum up to it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    struct Sum {
        number: u64,
        sum: u64,
    }

    impl Item for Sum {
        const NOTHING: Self = Self { number: 0, sum: 0 };

        fn number(&self) -> u64 {
            self.number
        }

        fn write_after(&self, before: &Self, out: &mut Vec<u8>) {
            put_u64(out, self.number - before.number);
        }

        fn read_after(before: &Self, from: &mut &[u8]) -> Result<Self, Fault> {
            let number = before.number + take_u64(from)?;
            Ok(Self { number, sum: before.sum + number })
        }
    }

    fn of(owner: &u32) -> Key {
        Key::of(0).u32(*owner)
    }

    struct Kept {
        store: Store,
        _folder: TempDir,
    }

    /// Numbers of several owners, written in steps of `step` numbers; every other step begins with nothing at hand.
    fn write(numbers: &[(u32, u64)], step: usize) -> Kept {
        let folder = TempDir::new().unwrap();
        let store = Store::scratch(folder.path(), &[MODEL]).unwrap();
        let mut runs = Runs::<u32, Sum>::new(of);
        for (at, numbers) in numbers.chunks(step).enumerate() {
            if at % 2 == 0 {
                runs = Runs::new(of);
            }
            let mut rows = store.rows(MODEL, 1);
            for &(owner, number) in numbers {
                let next = |last: &Sum| Some(Sum { number, sum: last.sum + number });
                runs.push(owner, &mut rows, next).unwrap();
            }
            runs.write(&mut rows);
            let standing = Standing { version: 1, generation: 1, head: Head::default() };
            store.write(vec![rows], &[(MODEL, standing)]).unwrap();
        }
        Kept { store, _folder: folder }
    }

    fn stored(kept: &Kept) -> Vec<(Vec<u8>, Vec<u8>)> {
        kept.store.view(MODEL, 1).unwrap().stored().map(Result::unwrap).collect()
    }

    /// Rising numbers, several of them the same now and then, dealt to three owners.
    fn numbers() -> impl Strategy<Value = Vec<(u32, u64)>> {
        prop::collection::vec((1..=3u32, 0..3u64), 1..400).prop_map(|steps| {
            let mut number = 1;
            let next = |(owner, by): (u32, u64)| {
                number += by;
                (owner, number)
            };
            steps.into_iter().map(next).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn blocks_are_the_same_however_many_items_a_step_has(numbers in numbers(), step in 1..50usize) {
            prop_assert_eq!(stored(&write(&numbers, step)), stored(&write(&numbers, usize::MAX)));
        }

        #[test]
        fn every_item_is_found_from_either_side(numbers in numbers()) {
            let kept = write(&numbers, 37);
            let view = kept.store.view(MODEL, 1).unwrap();
            let mut expected = BTreeMap::<u32, Vec<Sum>>::new();
            for (owner, number) in numbers {
                let items = expected.entry(owner).or_default();
                let before = items.last().map_or(0, |last| last.sum);
                items.push(Sum { number, sum: before + number });
            }
            for (owner, items) in &expected {
                let run = Run::<Sum>::of(&view, of(owner));
                let end = items.last().unwrap().number + 2;
                for number in (0..end).chain([u64::MAX - 1, u64::MAX]) {
                    let until = items.partition_point(|item| item.number <= number);
                    let from = items.partition_point(|item| item.number < number);
                    let last = items[..until].last().copied().unwrap_or(Sum::NOTHING);
                    prop_assert_eq!(run.last(number).unwrap(), last);
                    let ascending: Vec<Sum> = run.ascending(number).map(Result::unwrap).collect();
                    prop_assert_eq!(&ascending[..], &items[from..]);
                    let descending: Vec<Sum> = run.descending(number).map(Result::unwrap).collect();
                    prop_assert!(descending.iter().eq(items[..until].iter().rev()));
                }
            }
            let nobody = Run::<Sum>::of(&view, of(&4));
            prop_assert_eq!(nobody.last(u64::MAX).unwrap(), Sum::NOTHING);
            prop_assert_eq!(nobody.ascending(0).count() + nobody.descending(u64::MAX).count(), 0);
        }
    }

    #[test]
    fn a_block_ends_at_its_bound_but_never_between_items_of_one_number() {
        let bound = u64::from(ITEMS);
        for (numbers, blocks) in [
            ((1..=bound).collect(), 1),
            ((1..=bound + 1).collect(), 2),
            ((1..=bound).chain([bound; 5]).collect(), 1),
            ((1..=bound).chain([bound, bound + 1]).collect(), 2),
            ((1..=bound * 2 + 1).collect::<Vec<u64>>(), 3),
        ] {
            let numbers: Vec<_> = numbers.into_iter().map(|number| (1, number)).collect();
            assert_eq!(stored(&write(&numbers, usize::MAX)).len(), blocks, "{numbers:?}");
        }
    }
}
