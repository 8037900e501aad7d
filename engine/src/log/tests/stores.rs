//! The adapters of the log: what one keeps and how it is read, the other does alike.

use super::*;
use crate::{
    log::{Log, MemoryStore, RocksStore, RocksTables},
    state::{Checkpoint, Row, State, TableId, TableRows, TableStore},
    vault::{VaultFamily, VaultRows, VaultWrite},
};

/// Puts one store through `story`, in memory and on disk.
fn check(story: fn(&dyn Store)) {
    story(&MemoryStore::new());
    let folder = tempfile::tempdir().unwrap();
    story(&made(&folder.path().join("ledger")));
}

/// The same of tables.
fn check_tables(story: fn(&dyn TableStore)) {
    story(&MemoryStore::new());
    let folder = tempfile::tempdir().unwrap();
    story(&RocksTables::open(&folder.path().join("tables")).unwrap());
}

trait Store: Log + VaultRows {}
impl<S: Log + VaultRows> Store for S {}

/// Appends commits of so many events each.
fn append(store: &dyn Store, counts: &[usize]) -> Vec<Frame> {
    let append = |count: &usize| {
        let events = samples();
        let frame = commit(store.head().unwrap(), &events[events.len() - count..], short_header);
        store.append(store.head().unwrap(), &frame, &[]).unwrap();
        frame
    };
    counts.iter().map(append).collect()
}

fn positions(frames: &[Frame]) -> Vec<(u64, u64)> {
    frames.iter().map(|frame| (frame.first(), frame.last())).collect()
}

#[test]
fn commits_are_read_from_the_one_that_holds_the_position() {
    check(|store| {
        assert_eq!(store.head().unwrap(), Head::default());
        assert_eq!(positions(&store.read(1, usize::MAX).unwrap()), []);
        let frames = append(store, &[2, 1, 3]);
        assert_eq!(store.head().unwrap(), frames[2].head());
        let all = [(1, 2), (3, 3), (4, 6)];
        for (from, expected) in
            [(1, &all[..]), (2, &all[..]), (3, &all[1..]), (4, &all[2..]), (6, &all[2..]), (7, &[])]
        {
            assert_eq!(positions(&store.read(from, usize::MAX).unwrap()), expected, "from {from}");
        }
        for (read, written) in store.read(1, usize::MAX).unwrap().iter().zip(&frames) {
            assert_eq!(read.bytes(), written.bytes());
        }
    });
}

#[test]
fn a_page_is_as_many_commits_as_fit_and_at_least_one() {
    check(|store| {
        let frames = append(store, &[1, 1, 1, 1]);
        let bytes = frames[0].bytes().len();
        for (most, expected) in [(0, 1), (1, 1), (bytes, 1), (bytes + 1, 2), (3 * bytes, 3), (100 * bytes, 4)]
        {
            assert_eq!(store.read(1, most).unwrap().len(), expected, "{most} bytes");
        }
    });
}

#[test]
fn a_commit_is_appended_only_where_it_belongs() {
    check(|store| {
        let frames = append(store, &[1, 1]);
        let row = [VaultWrite { family: VaultFamily::Secret, key: vec![1], value: Some(vec![1]) }];
        let next = commit(frames[1].head(), &samples()[..1], short_header);
        assert!(store.append(frames[0].head(), &next, &row).is_err(), "it is not the head that was expected");
        assert!(store.append(Head::default(), &frames[0], &row).is_err(), "it is there already");
        assert_eq!(store.head().unwrap(), frames[1].head());
        assert_eq!(VaultRows::scan(store, VaultFamily::Secret).unwrap(), [], "and nothing of it is written");
        store.append(frames[1].head(), &next, &row).unwrap();
        assert_eq!(VaultRows::scan(store, VaultFamily::Secret).unwrap().len(), 1);
    });
}

/// Only on disk: the store in memory takes what a test gives it, so that readers can be shown a broken chain.
#[test]
fn a_commit_that_does_not_follow_from_the_head_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = made(&folder.path().join("ledger"));
    let head = append(&store, &[1, 1])[1].head();
    let forked = commit(Head { hash: [7; 32], ..head }, &samples()[..1], short_header);
    assert!(store.append(head, &forked, &[]).is_err(), "it follows from another commit");
    let apart = commit(Head { position: 9, ..head }, &samples()[..1], short_header);
    assert!(store.append(head, &apart, &[]).is_err(), "it leaves positions out");
    assert_eq!(store.head().unwrap(), head);
}

#[test]
fn rows_and_their_checkpoint_are_saved_together() {
    check_tables(|store| {
        let row = |table, key: u8, value: Option<u8>| Row {
            table: TableId(table),
            key: vec![key],
            value: value.map(|value| vec![value]),
        };
        assert_eq!(store.checkpoint().unwrap(), Checkpoint::default());
        let first = Checkpoint { head: Head { position: 5, hash: [5; 32] }, version: 1 };
        store.save(first, vec![row(1, 2, Some(2)), row(1, 1, Some(1)), row(2, 1, Some(9))]).unwrap();
        assert_eq!(store.checkpoint().unwrap(), first);
        let second = Checkpoint { head: Head { position: 6, hash: [6; 32] }, version: 1 };
        store.save(second, vec![row(1, 2, None), row(1, 3, Some(3)), row(1, 9, None)]).unwrap();
        assert_eq!(TableRows::scan(store, TableId(1)).unwrap(), [(vec![1], vec![1]), (vec![3], vec![3])]);
        assert_eq!(TableRows::get(store, TableId(2), &[1]).unwrap(), Some(vec![9]));
        assert_eq!(TableRows::get(store, TableId(1), &[2]).unwrap(), None);
        store.clear().unwrap();
        assert_eq!(store.checkpoint().unwrap(), Checkpoint::default());
        assert_eq!(TableRows::scan(store, TableId(1)).unwrap(), []);
    });
}

#[test]
fn tables_on_disk_are_the_same_when_they_are_opened_again_and_beside() {
    let folder = tempfile::tempdir().unwrap();
    let (path, scratch) = (folder.path().join("tables"), folder.path().join("scratch"));
    let checkpoint = Checkpoint::at(Head { position: 5, hash: [5; 32] });
    // Of every table, among them those that have a column family of their own.
    let row = |id: TableId| Row { table: id, key: vec![1], value: Some(vec![id.0]) };
    let tables = RocksTables::open(&path).unwrap();
    tables.save(checkpoint, State::table_ids().map(row).collect()).unwrap();
    drop(tables);
    for tables in [RocksTables::open_beside(&path, &scratch).unwrap(), RocksTables::open(&path).unwrap()] {
        assert_eq!(tables.checkpoint().unwrap(), checkpoint);
        for id in State::table_ids() {
            assert_eq!(tables.get(id, &[1]).unwrap(), Some(vec![id.0]));
            assert_eq!(tables.scan(id).unwrap(), [(vec![1], vec![id.0])]);
        }
    }
}

#[test]
fn vault_rows_are_kept_apart_by_family() {
    check(|store| {
        let row = |family, value: Option<u8>| VaultWrite {
            family,
            key: vec![1],
            value: value.map(|value| vec![value]),
        };
        store.write(&[row(VaultFamily::Secret, Some(1)), row(VaultFamily::Signature, Some(2))]).unwrap();
        store.write(&[row(VaultFamily::Secret, None)]).unwrap();
        assert_eq!(VaultRows::get(store, VaultFamily::Secret, &[1]).unwrap(), None);
        assert_eq!(VaultRows::get(store, VaultFamily::Signature, &[1]).unwrap(), Some(vec![2]));
    });
}

#[test]
fn a_store_on_disk_is_the_same_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    assert!(!RocksStore::exists(&path).unwrap());
    let written = append(&made(&path), &[2, 1]);
    assert!(RocksStore::exists(&path).unwrap());
    let scratch = folder.path().join("scratch");
    let openings: [&dyn Fn() -> Result<RocksStore, crate::fault::Fault>; 3] =
        [&|| RocksStore::open_read_only(&path), &|| RocksStore::open_beside(&path, &scratch), &|| {
            RocksStore::open(&path)
        }];
    for open in openings {
        let store = open().unwrap();
        assert_eq!(store.head().unwrap(), written[1].head());
        assert_eq!(positions(&store.read(1, usize::MAX).unwrap()), positions(&written));
    }
}

fn made(path: &std::path::Path) -> RocksStore {
    RocksStore::make(path).unwrap();
    RocksStore::open(path).unwrap()
}

/// RocksDB makes a store of its own where it does not find one, and deletes what it does not know: one start with a
/// file missing once was the end of all that was there.
#[test]
fn a_store_that_lost_a_file_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    append(&made(&path), &[2, 1]);
    let files = || {
        let files = std::fs::read_dir(&path).unwrap().map(|file| file.unwrap().path());
        let kept = files.filter(|file| file.extension().is_some_and(|end| end == "log" || end == "sst"));
        let mut kept: Vec<_> = kept.map(|file| (file.clone(), std::fs::read(file).unwrap())).collect();
        kept.sort();
        kept
    };
    let before = files();
    std::fs::remove_file(path.join("CURRENT")).unwrap();
    for _ in 0..2 {
        assert!(RocksStore::open_read_only(&path).is_err());
        assert!(RocksStore::open(&path).is_err());
        assert!(RocksStore::make(&path).is_err(), "nothing is made in its place");
    }
    assert!(files() == before && !before.is_empty());
}

#[test]
fn what_a_killed_first_start_left_is_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    std::fs::create_dir(path.with_extension("unfinished")).unwrap();
    std::fs::write(path.with_extension("unfinished").join("CURRENT"), "half").unwrap();
    assert!(made(&path).read(1, 1).unwrap().is_empty());
    assert!(!path.with_extension("unfinished").exists());
}
