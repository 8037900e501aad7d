//! Due times behind windows of a few against all of them in plain sets, whatever is saved or read back meanwhile.

use proptest::prelude::*;

use super::*;
use crate::{
    domain::{MerchantId, OrderNumber, PaymentId, UserId},
    log::MemoryStore,
    state::{Checkpoint, TableStore},
};

const ID: TableId = TableId(10);
/// So small that every window is cut and filled all the time.
const SIZES: Sizes = Sizes { window: 3, held_max: 12 };

/// One thing that can happen to due times.
#[derive(Debug, Clone)]
enum Step {
    Note(usize, Place),
    /// Strikes out one of those there are, or one that is not there.
    Strike(usize, usize),
    StrikeNothing(usize, Place),
    /// The first so many of a realm happen.
    Happen(usize, usize),
    Advance(usize, i64),
    Drain,
    /// The oldest drain that the store does not have gets there; the writer hears of it later.
    Save,
    Evict,
    /// The process ends, and what was not in the store is folded again.
    Restart,
}

/// Live, and neighbours whose numbers are written in one byte and in more.
fn realms() -> Vec<Realm> {
    [1, 250, 251, 70_000]
        .map(|tenant| Realm::Test(MerchantId(tenant)))
        .into_iter()
        .chain([Realm::Live])
        .collect()
}

fn due() -> impl Strategy<Value = Due> {
    let payment = |number: u8| PaymentId::from_random(&[number; 25]).unwrap();
    prop_oneof![
        (0..6u8).prop_map(move |number| Due::PaymentDeadline(payment(number))),
        (0..6u8).prop_map(|number| Due::OrderDeadline(OrderNumber::from_random(&[number; 8]).unwrap())),
        (0..3u32, prop::sample::select(vec![1, 250, 251, 65_536]))
            .prop_map(|(user, lot)| Due::LotLapse(UserId(user), lot)),
        prop::sample::select(vec![1, 300, 70_000]).prop_map(|user| Due::MonthEnd(UserId(user))),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    (prop_oneof![-3..3i64, 1_767_571_200_000_000..1_767_571_200_000_009i64].prop_map(Timestamp), due())
}

fn step() -> impl Strategy<Value = Step> {
    let realm = || 0..5usize;
    prop_oneof![
        12 => (realm(), place()).prop_map(|(realm, place)| Step::Note(realm, place)),
        3 => (realm(), any::<usize>()).prop_map(|(realm, at)| Step::Strike(realm, at)),
        1 => (realm(), place()).prop_map(|(realm, place)| Step::StrikeNothing(realm, place)),
        2 => (realm(), 1..8usize).prop_map(|(realm, count)| Step::Happen(realm, count)),
        1 => (realm(), 0..5i64).prop_map(|(realm, by)| Step::Advance(realm, by)),
        2 => Just(Step::Drain),
        2 => Just(Step::Save),
        2 => Just(Step::Evict),
        1 => Just(Step::Restart),
    ]
}

/// Due times, their store, and the same in plain sets.
struct Twice {
    store: Arc<MemoryStore>,
    dues: Dues,
    leaving: Vec<Vec<Row>>,
    saved: u32,
    plain: BTreeMap<Realm, BTreeSet<Place>>,
    ahead: BTreeMap<Realm, Span>,
}

impl Twice {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let dues = load(&store);
        Self { store, dues, leaving: Vec::new(), saved: 0, plain: BTreeMap::new(), ahead: BTreeMap::new() }
    }

    fn take(&mut self, step: Step) {
        let realms = realms();
        match step {
            Step::Note(realm, place) => self.note(realms[realm], place),
            Step::Strike(realm, at) => {
                let all = self.plain.entry(realms[realm]).or_default();
                let chosen = all.iter().nth(at % all.len().max(1)).copied();
                if let Some(place) = chosen {
                    self.strike(realms[realm], place);
                }
            }
            Step::StrikeNothing(realm, place) => self.strike(realms[realm], place),
            Step::Happen(realm, count) => {
                for _ in 0..count {
                    if let Some(first) = self.dues.first(realms[realm]) {
                        self.strike(realms[realm], first);
                        self.compare();
                    }
                }
            }
            Step::Advance(realm, by) => {
                *self.ahead.entry(realms[realm]).or_default() = Span(by);
                self.dues.set_ahead(realms[realm], Span(by));
            }
            Step::Drain => {
                let mut rows = Vec::new();
                self.dues.drain(&mut rows);
                self.leaving.push(rows);
            }
            Step::Save => self.save(1),
            Step::Evict => self.dues.evict(self.saved),
            Step::Restart => {
                self.take(Step::Drain);
                self.save(usize::MAX);
                (self.dues, self.saved) = (load(&self.store), 0);
                self.ahead.iter().for_each(|(realm, ahead)| self.dues.set_ahead(*realm, *ahead));
            }
        }
    }

    fn note(&mut self, realm: Realm, place: Place) {
        self.dues.note(realm, place.0, place.1);
        self.plain.entry(realm).or_default().insert(place);
    }

    fn strike(&mut self, realm: Realm, place: Place) {
        self.dues.strike(realm, place.0, place.1);
        self.plain.entry(realm).or_default().remove(&place);
    }

    fn save(&mut self, most: usize) {
        for rows in self.leaving.drain(..most.min(self.leaving.len())) {
            self.store.save(Checkpoint::default(), rows).unwrap();
            self.saved += 1;
        }
    }

    fn compare(&self) {
        let mut wakes = Vec::new();
        for realm in realms() {
            let first = self.plain.get(&realm).and_then(|all| all.first()).copied();
            assert_eq!(self.dues.first(realm), first, "{realm}");
            let ahead = self.ahead.get(&realm).copied().unwrap_or_default();
            wakes.extend(first.map(|(at, _)| (at - ahead, realm)));
        }
        wakes.sort_unstable();
        assert_eq!(self.dues.next_wake(), wakes.first().map(|(at, _)| *at));
        let overdue: Vec<Realm> = wakes.into_iter().map(|(_, realm)| realm).collect();
        assert_eq!(self.dues.overdue(Timestamp(i64::MAX)), overdue);
    }

    /// No window holds more than it may, and what is counted is what they hold.
    fn check_bounds(&mut self) {
        let windows = || self.dues.windows.values().map(|window| window.soonest.len());
        assert!(windows().all(|held| (1..=2 * SIZES.window).contains(&held)));
        assert_eq!(self.dues.held, windows().sum::<usize>());
        self.dues.evict(0);
        assert!(self.dues.held <= SIZES.held_max, "{} are held", self.dues.held);
    }
}

fn load(store: &Arc<MemoryStore>) -> Dues {
    let rows: Arc<dyn TableRows> = store.clone();
    Dues::load_sized(ID, &rows, SIZES).unwrap()
}

proptest! {
    #[test]
    fn windows_of_a_few_tell_what_all_of_them_would(steps in prop::collection::vec(step(), 0..200)) {
        let mut twice = Twice::new();
        for step in steps {
            twice.take(step);
            twice.compare();
            twice.check_bounds();
        }
        // To the very end of every realm.
        for realm in 0..5 {
            twice.take(Step::Happen(realm, usize::from(u8::MAX)));
        }
        prop_assert_eq!(twice.dues.next_wake(), None);
    }

    #[test]
    fn keys_sort_as_what_they_are_of(one in (0..5usize, place()), other in (0..5usize, place())) {
        let realms = realms();
        let of = |(realm, place): &(usize, Place)| (realms[*realm], *place);
        let (one, other) = (of(&one), of(&other));
        prop_assert_eq!(read_key(&key(one.0, &one.1)).unwrap(), one);
        prop_assert_eq!(key(one.0, &one.1).cmp(&key(other.0, &other.1)), one.cmp(&other));
        prop_assert_eq!(after_all_of(one.0) < key(other.0, &other.1), one.0 < other.0);
    }
}

/// All of them were once in memory, and read at every start.
#[test]
fn memory_holds_what_comes_soonest_however_much_is_to_come() {
    let store: Arc<dyn TableRows> = Arc::new(MemoryStore::new());
    let mut dues = Dues::load(ID, &store).unwrap();
    for second in 0..100_000 {
        dues.note(Realm::Live, Timestamp(second), Due::MonthEnd(UserId(1)));
    }
    assert!(dues.held <= 2 * Sizes::DEFAULT.window, "{} are held", dues.held);
    for second in 0..100_000 {
        let (at, due) = dues.first(Realm::Live).unwrap();
        assert_eq!(at, Timestamp(second));
        dues.strike(Realm::Live, at, due);
    }
    assert_eq!(dues.first(Realm::Live), None);
}
