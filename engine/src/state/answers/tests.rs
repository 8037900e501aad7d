//! Keys wherever they are: in memory, on their way, in runs; and what passes the filter.

use proptest::prelude::*;

use super::{
    filter::{Filter, Print},
    *,
};
use crate::{
    log::{MemoryStore, codec},
    state::{Checkpoint, TableStore},
};

const PLACES: Places = Places { pages: TableId(3), runs: TableId(16) };

/// Any number as a key; those of neighbours have nothing in common.
fn key(number: u64) -> [u8; 16] {
    u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()
}

fn remember(answers: &mut Answers, number: u64) {
    answers.remember(IdempotencyKey { key: key(number), request: key(number + 1) }, number);
}

/// What must be known of every key below `end`, and nothing of those after.
fn check(answers: &Answers, end: u64) {
    for number in 0..end {
        let expected = Answered { request: key(number + 1), first: number, count: 1 };
        assert_eq!(answers.get(&key(number)), Some(expected), "{number}");
    }
    for number in end..end + 5_000 {
        assert_eq!(answers.get(&key(number)), None, "{number}");
    }
}

fn save(store: &MemoryStore, drained: Drained) {
    let put = |rows| store.save(Checkpoint::default(), rows);
    let rest = drained.into_rows(&mut |rows| put(rows)).unwrap();
    put(rest).unwrap();
}

fn load(store: &Arc<MemoryStore>) -> Answers {
    let rows: Arc<dyn TableRows> = store.clone();
    Answers::load(PLACES, &rows).unwrap()
}

#[test]
fn a_key_is_known_wherever_it_is() {
    let store = Arc::new(MemoryStore::new());
    let mut answers = load(&store);
    for (drain, numbers) in (1..).zip([0..1u64, 1..93, 93..187, 187..187, 187..2_000]) {
        let end = numbers.end;
        numbers.for_each(|number| remember(&mut answers, number));
        check(&answers, end);
        let drained = answers.drain(drain);
        check(&answers, end);
        save(&store, drained);
        check(&answers, end);
        answers.evict(drain);
        assert!(answers.leaving.is_empty() && answers.recent.is_empty());
        check(&answers, end);
        check(&load(&store), end);
    }
}

#[test]
fn what_is_not_saved_yet_is_not_forgotten() {
    let store = Arc::new(MemoryStore::new());
    let mut answers = load(&store);
    remember(&mut answers, 0);
    let first = answers.drain(1);
    remember(&mut answers, 1);
    let second = answers.drain(2);
    save(&store, first);
    answers.evict(1);
    check(&answers, 2);
    save(&store, second);
    answers.evict(2);
    check(&answers, 2);
}

/// Wherever a merge stands, and whatever a crash took of it, every key is known and none is lost.
#[test]
fn runs_are_merged_and_their_rows_go_once_nobody_looks_there() {
    let store = Arc::new(MemoryStore::new());
    let mut answers = load(&store);
    let (mut most, mut resumed) = (0, 0);
    for drain in 1..=200 {
        let end = u64::from(drain) * 10;
        (end - 10..end).for_each(|number| remember(&mut answers, number));
        save(&store, answers.drain(drain));
        check(&load(&store), end);
        check(&answers, end);
        answers.evict(drain);
        check(&answers, end);
        most = most.max(answers.past.runs().len());
        if drain.is_multiple_of(17) {
            answers = load(&store);
            resumed += answers.merges.len();
        }
    }
    assert!(most <= 3 * MERGED, "{most} runs of two hundred checkpoints");
    assert!(resumed > 0, "no merge was under way when it was opened anew");
    // What is merged is deleted with the next save.
    for drain in 201..=240 {
        save(&store, answers.drain(drain));
        answers.evict(drain);
    }
    assert!(answers.merges.is_empty() && answers.merged.is_empty());
    let runs = TableRows::scan(&*store, PLACES.runs).unwrap().len();
    assert_eq!(runs, answers.past.runs().len());
    let pages = TableRows::scan(&*store, PLACES.pages).unwrap();
    assert_eq!(spread(&pages).len(), 2_000);
    let held: usize = answers.past.runs().iter().map(|run| run.pages_after(None).count()).sum();
    let is_page = |key: &[u8]| !key.ends_with(&run::INDEX.to_be_bytes());
    assert_eq!(pages.iter().filter(|(key, _)| is_page(key)).count(), held, "no page is left that no run has");
}

/// Saves may wait for one another: rows of a merge that one of them finished count once that one is saved.
#[test]
fn several_drains_may_be_under_way() {
    let store = Arc::new(MemoryStore::new());
    let mut answers = load(&store);
    let mut waiting = std::collections::VecDeque::new();
    for drain in 1..=60 {
        let end = u64::from(drain) * 10;
        (end - 10..end).for_each(|number| remember(&mut answers, number));
        waiting.push_back(answers.drain(drain));
        if waiting.len() == 3 {
            save(&store, waiting.pop_front().unwrap());
            answers.evict(drain - 2);
            check(&load(&store), end - 20);
        }
        check(&answers, end);
    }
}

#[test]
fn the_events_of_one_command_lengthen_its_answer() {
    let mut answers = Answers::load(PLACES, &crate::state::NoRows::shared()).unwrap();
    let idempotency = IdempotencyKey { key: key(1), request: key(2) };
    (7..10).for_each(|position| answers.remember(idempotency, position));
    assert_eq!(answers.get(&key(1)), Some(Answered { request: key(2), first: 7, count: 3 }));
}

#[test]
fn few_strangers_pass_the_filter() {
    // As good as random, and as alike as counters are.
    let counters =
        [|number: u64| u128::from(number).to_be_bytes(), |number| u128::from(number).to_le_bytes()];
    for of in counters.into_iter().chain([key as fn(u64) -> [u8; 16]]) {
        let keys: Vec<_> = (0..100_000).map(of).collect();
        let filter = Filter::over(keys.iter());
        assert!(keys.iter().all(|key| filter.may_hold(&Print::of(key))), "none of its own is missed");
        let passed = (100_000..1_100_000).filter(|number| filter.may_hold(&Print::of(&of(*number)))).count();
        assert!(passed < 3_000, "{passed} of a million strangers");
    }
}

/// A changed row: bytes put in place of others, and a cut or a few bytes more at the end.
fn bent() -> impl Strategy<Value = (Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>, Vec<u8>)> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (edits, any::<Option<prop::sample::Index>>(), prop::collection::vec(any::<u8>(), 0..3))
}

/// Half an answer at the end of a page was once passed over, and an index without a filter or with its pages out of
/// order was a panic.
#[test]
fn rows_of_runs_that_nobody_wrote_are_refused() {
    let store = Arc::new(MemoryStore::new());
    let mut answers = load(&store);
    (0..200).for_each(|number| remember(&mut answers, number));
    save(&store, answers.drain(1));
    let row = |page: u32| [0, 0, page].map(u32::to_be_bytes).concat();
    let put = |key: Vec<u8>, value| {
        let rows = vec![Row { table: PLACES.pages, key, value: Some(value) }];
        store.save(Checkpoint::default(), rows).unwrap();
    };
    let get = |key: &[u8]| TableRows::get(&*store, PLACES.pages, key).unwrap().unwrap();
    let index = get(&row(run::INDEX));
    let (firsts, last, filter): (Vec<[u8; 16]>, [u8; 16], Filter) = codec::from_bytes(&index).unwrap();
    let reversed: Vec<_> = firsts.iter().rev().copied().collect();
    let nothing = codec::to_bytes(&(&firsts, last, Vec::<[u64; 8]>::new()));
    for wrong in [
        codec::to_bytes(&(Vec::<[u8; 16]>::new(), last, &filter)),
        codec::to_bytes(&(&reversed, last, &filter)),
        codec::to_bytes(&(&firsts, firsts[0], &filter)),
        nothing,
        [&index[..], &[0]].concat(),
    ] {
        put(row(run::INDEX), wrong);
        let rows: Arc<dyn TableRows> = store.clone();
        assert!(matches!(Answers::load(PLACES, &rows), Err(Fault::Undecodable(_))));
    }
    put(row(run::INDEX), index);
    let page = get(&row(0));
    let first = &firsts[0];
    assert!(load(&store).past.get(first).unwrap().is_some());
    for wrong in
        [Vec::new(), page[..page.len() - 1].to_vec(), [&page[..], &[0]].concat(), [&page[..], &page].concat()]
    {
        put(row(0), wrong);
        assert!(load(&store).past.get(first).is_err());
    }
}

proptest! {
    #[test]
    fn bent_rows_of_runs_are_read_without_a_panic(which in any::<prop::sample::Index>(), (edits, cut, more) in bent()) {
        let store = Arc::new(MemoryStore::new());
        let mut answers = load(&store);
        (0..200).for_each(|number| remember(&mut answers, number));
        save(&store, answers.drain(1));
        let tables = [PLACES.pages, PLACES.runs];
        let rows: Vec<_> = tables.into_iter().flat_map(|table| {
            TableRows::scan(&*store, table).unwrap().into_iter().map(move |row| (table, row))
        }).collect();
        let (table, (key, mut value)) = rows[which.index(rows.len())].clone();
        for (at, byte) in edits {
            let at = at.index(value.len());
            value[at] = byte;
        }
        if let Some(cut) = cut {
            value.truncate(cut.index(value.len() + 1));
        }
        value.extend(more);
        store.save(Checkpoint::default(), vec![Row { table, key, value: Some(value) }]).unwrap();
        let rows: Arc<dyn TableRows> = store.clone();
        if let Ok(answers) = Answers::load(PLACES, &rows) {
            for number in 0..210 {
                let _ = answers.past.get(&self::key(number));
            }
        }
        let _ = spread(&TableRows::scan(&*store, PLACES.pages).unwrap());
    }

    #[test]
    fn pages_spread_into_what_was_put_on_them(mut numbers in prop::collection::hash_set(any::<u64>(), 1..400)) {
        let mut answers = Answers::load(PLACES, &crate::state::NoRows::shared()).unwrap();
        for number in &numbers {
            answers.remember(IdempotencyKey { key: key(*number), request: [1; 16] }, 5);
        }
        let rows = answers.drain(1).into_rows(&mut |_| unreachable!("there is nothing to merge")).unwrap();
        let pages = rows.into_iter().filter(|row| row.table == PLACES.pages);
        let pages: Vec<_> = pages.map(|row| (row.key, row.value.unwrap())).collect();
        let spread = spread(&pages);
        prop_assert!(spread.is_sorted());
        for (found, _) in spread {
            let number = numbers.iter().copied().find(|number| key(*number)[..] == found);
            prop_assert!(number.is_some_and(|number| numbers.remove(&number)));
        }
        prop_assert!(numbers.is_empty());
    }
}
