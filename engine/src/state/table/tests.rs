//! What a table remembers, forgets and hands out to be saved.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{fault::Fault, state::KeyValue};

/// Has a row for every key below a million and a half, which is that key; counts how often it is asked.
#[derive(Default)]
struct Numbers {
    asked: AtomicUsize,
}

impl TableRows for Numbers {
    fn get(&self, _: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let number: u32 = codec::from_bytes(key)?;
        Ok((number < 1_500_000).then(|| key.to_vec()))
    }

    fn scan(&self, _: TableId) -> Result<Vec<KeyValue>, Fault> {
        Ok(Vec::new())
    }
}

fn table() -> (Arc<Numbers>, Table<u32, u32>) {
    let numbers = Arc::new(Numbers::default());
    (numbers.clone(), Table::new(TableId(9), numbers))
}

fn drained(table: &mut Table<u32, u32>) -> Vec<(u32, Option<u32>)> {
    let mut rows = Vec::new();
    table.drain(&mut rows);
    let read = |bytes: &[u8]| codec::from_bytes(bytes).unwrap();
    let mut rows: Vec<_> = rows.iter().map(|row| (read(&row.key), row.value.as_deref().map(read))).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn a_row_is_read_once_and_then_remembered() {
    let (numbers, table) = table();
    for _ in 0..3 {
        assert_eq!(table.get(&7), Some(7));
    }
    assert_eq!(numbers.asked.load(Ordering::Relaxed), 1);
    assert_eq!(table.get(&2_000_000), None);
}

#[test]
fn what_changed_is_saved_once() {
    let (_, mut table) = table();
    table.get(&1);
    table.put(2, 20);
    table.put(2, 21);
    table.change(&3, |three| *three += 30);
    assert_eq!(drained(&mut table), [(2, Some(21)), (3, Some(33))], "what was only read is not saved");
    assert_eq!(drained(&mut table), []);
    table.change(&2, |two| *two += 1);
    assert_eq!(drained(&mut table), [(2, Some(22))]);
}

#[test]
#[should_panic(expected = "an event changes only what an earlier one made")]
fn what_is_not_there_cannot_be_changed() {
    table().1.change(&2_000_000, |_| {});
}

#[test]
fn too_many_rows_are_forgotten_but_none_that_is_not_saved() {
    let (numbers, mut table) = table();
    let most = u32::try_from(CACHED_ROWS_MAX).unwrap();
    table.put(0, 100);
    for key in 1..most {
        table.get(&key);
    }
    let asked = || numbers.asked.load(Ordering::Relaxed);
    let before = asked();
    table.evict(0);
    assert_eq!(table.get(&5), Some(5));
    assert_eq!(asked(), before, "as many as fit are kept");
    table.get(&most);
    table.evict(0);
    table.get(&7);
    table.evict(0);
    assert_eq!(table.get(&0), Some(100), "the store does not have this one yet");
    assert_eq!(asked(), before + 1);
    assert_eq!(table.get(&7), Some(7));
    assert_eq!(asked(), before + 1, "somebody looked at this one meanwhile");
    assert_eq!(table.get(&5), Some(5));
    assert_eq!(asked(), before + 2, "nobody at this one: it was read again");
    assert_eq!(drained(&mut table), [(0, Some(100))]);
}

#[test]
fn what_was_drained_is_kept_until_it_is_saved() {
    let (numbers, mut table) = table();
    let asked = || numbers.asked.load(Ordering::Relaxed);
    table.put(0, 100);
    drained(&mut table);
    table.put(1, 101);
    drained(&mut table);
    let fill = |table: &Table<u32, u32>| {
        for key in 2..=u32::try_from(CACHED_ROWS_MAX).unwrap() + 2 {
            table.get(&key);
        }
    };
    for (saved, forgotten) in [(0, 0), (1, 1), (2, 2)] {
        fill(&table);
        table.evict(saved);
        fill(&table);
        table.evict(saved);
        let before = asked();
        for key in [0, 1] {
            table.get(&key);
        }
        assert_eq!(asked() - before, forgotten, "the store has {saved} of two");
    }
}

#[test]
fn that_there_is_no_row_is_remembered_too() {
    let (numbers, mut table) = table();
    for _ in 0..3 {
        assert_eq!(table.get(&2_000_000), None);
    }
    assert_eq!(numbers.asked.load(Ordering::Relaxed), 1);
    assert_eq!(drained(&mut table), []);
    assert_eq!(table.update(&2_000_000, |row| row.copied().unwrap_or(7)), 7);
    assert_eq!(table.update(&2_000_001, |row| row.copied().unwrap_or(8)), 8);
    assert_eq!(table.update(&5, |row| row.unwrap() + 1), 6);
    assert_eq!(drained(&mut table), [(5, Some(6)), (2_000_000, Some(7)), (2_000_001, Some(8))]);
}
