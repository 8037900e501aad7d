//! One history: lives that follow each other over what the one before left, and what must hold throughout.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{
    callers::{Callers, Number, Told},
    chance::Chance,
    life::{Around, Life},
    wishes::{Wish, Wishes},
};
use crate::{
    clock::{Clock, ManualClock},
    domain::{Event, Sealed, Span, Subject, Timestamp, payment},
    engine::prove_tail,
    laws::replay,
    log::{Actor, Call, FaultyStore, Frame, Head, Left, Log, Recorded},
    samples::Counting,
    state::{IdempotencyKey, TableStore},
    vault::{Random, VaultFamily, VaultRows},
    writer::{Envelope, Provenance, SeenSignature},
};

/// 2026-01-05T03:00:00Z
const START: Timestamp = Timestamp(1_767_582_000_000_000);
/// Private words; each is sealed with the payment that it belongs to.
const PRIVATE: &[u8] = b"somebody's address";
/// No thread takes so long to see that it is not needed any more.
const PATIENCE: Duration = Duration::from_secs(60);

macro_rules! tally {
    ($($(#[$meta:meta])* $name:ident,)*) => {
        /// How often what happened.
        #[derive(Debug, Default, Clone, PartialEq, Eq)]
        pub(super) struct Tally {
            $($(#[$meta])* pub(super) $name: u64,)*
        }

        impl Tally {
            pub(super) const fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }

            pub(super) fn counts(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

tally! {
    histories,
    lives,
    events,
    requests,
    /// Tries of requests that had been made before.
    retries,
    answered,
    refused,
    /// Tries that nobody answered.
    unknown,
    faults_asked_for,
    /// Lives in which one of them came.
    lives_that_failed,
    openings_that_failed,
    refused_for_room,
    rounds_without_room,
    closed,
    cut,
    cut_during_a_commit,
    cut_during_a_save,
    /// Commits found after a restart that nobody had been told of.
    found_afterwards,
    /// Openings with tables older than the last that were saved.
    older_tables,
    decided_during_a_commit,
    decided_during_a_save,
    clock_set_back,
    lies_noticed,
}

pub(super) struct History {
    chance: Chance,
    around: Around,
    store: Arc<FaultyStore>,
    wishes: Wishes,
    callers: Callers,
    /// Every commit that anybody could see, in this life or an earlier one.
    seen: Vec<Frame>,
    is_full: bool,
    tally: Tally,
}

impl History {
    /// Goes through the one history of `seed`.
    ///
    /// # Panics
    /// If anything does not hold that must.
    pub(super) fn of(seed: u64) -> Tally {
        let around =
            Around { clock: Arc::new(ManualClock::new(START)), random: Arc::new(Counting::default()) };
        let mut history = Self {
            chance: Chance::of(seed),
            around,
            store: Arc::default(),
            wishes: Wishes::default(),
            callers: Callers::default(),
            seen: Vec::new(),
            is_full: false,
            tally: Tally { histories: 1, ..Tally::default() },
        };
        history.prologue();
        for _ in 0..=history.chance.below(5) {
            let mut life = history.open();
            history.live(&mut life);
            history.end(life);
        }
        history.epilogue();
        history.tally
    }

    fn prologue(&mut self) {
        let mut life = self.open_soundly();
        let numbers: Vec<Number> = Wishes::first().into_iter().map(|wish| self.ask(wish, None)).collect();
        self.send(&mut life, numbers);
        life.round();
        self.observe(&mut life);
        self.end(life);
    }

    /// Opens what the life before left; what fails is tried again.
    fn open(&mut self) -> Life {
        if self.chance.one_in(6) {
            let store = self.left_behind();
            let call = self.chance.of_these(&[
                Call::ReadLog,
                Call::ReadRows,
                Call::ReadVault,
                Call::Save,
                Call::WriteVault,
            ]);
            store.fail(call, self.chance.below(20) as u32, self.left());
            if let Ok(life) = Life::begin(&store, &self.around) {
                store.heal();
                return self.begun(life);
            }
            self.tally.openings_that_failed += 1;
            store.cut(Left::Nothing);
            self.store = store;
        }
        self.open_soundly()
    }

    fn open_soundly(&mut self) -> Life {
        let store = self.left_behind();
        let life = Life::begin(&store, &self.around).expect("a sound store opens");
        self.begun(life)
    }

    /// The store as it is found after the life before. Tables may be older than they were: the log is folded into them.
    fn left_behind(&mut self) -> Arc<FaultyStore> {
        let begun = Instant::now();
        while Arc::strong_count(&self.store) > 1 {
            assert!(begun.elapsed() < PATIENCE, "somebody still works for a process that is gone");
            std::thread::yield_now();
        }
        let lost = if self.chance.one_in(3) { self.chance.place(4) } else { 0 };
        self.tally.older_tables += u64::from(lost > 0);
        let store = Arc::new(self.store.opened_again(lost));
        let found = commits(&store, 1);
        let kept = found.get(..self.seen.len());
        assert!(kept == Some(&self.seen[..]), "a commit that somebody saw is gone, or another");
        self.tally.found_afterwards += (found.len() - self.seen.len()) as u64;
        self.lie(&store);
        store
    }

    /// A disk that lost what it said it had synced is noticed by the witness.
    fn lie(&mut self, store: &FaultyStore) {
        if self.seen.is_empty() || !self.chance.one_in(4) {
            return;
        }
        let at = self.chance.place(self.seen.len());
        let lied = store.cut_back(self.seen[at].first() - 1);
        let witnessed = self.seen.last().map_or_else(Head::default, Frame::head);
        assert!(prove_tail(&lied, &lied, witnessed).is_err(), "nobody noticed that commits are gone");
        self.tally.lies_noticed += 1;
    }

    fn begun(&mut self, mut life: Life) -> Life {
        self.tally.lives += 1;
        // Somebody makes room while it does not run.
        self.is_full = false;
        self.store = life.store.clone();
        self.observe(&mut life);
        self.check_vault(&life);
        life
    }

    /// Keys are there for exactly what was created, and open what was sealed.
    fn check_vault(&self, life: &Life) {
        let mut sealed = Vec::new();
        for recorded in self.log() {
            if let Event::Payment(payment::Event::Created(created)) = recorded.event {
                sealed.extend(created.private);
            }
        }
        let keys =
            VaultRows::scan(&**life.store.seen(), VaultFamily::SubjectKey).expect("memory does not fail");
        assert_eq!(keys.len(), sealed.len(), "a key without its payment, or a payment without its key");
        for private in sealed {
            let opened = life.engine.vault().open_sealed(&private).expect("the store is sound");
            assert_eq!(opened.as_deref(), Some(PRIVATE));
        }
    }

    fn live(&mut self, life: &mut Life) {
        for _ in 0..4 + self.chance.below(20) {
            // What was decided before there was no room is still committed.
            let is_still = self.is_full && !life.store.is_waiting(Call::Append);
            let count = self.seen.len();
            match self.chance.below(18) {
                0..=8 => self.turn(life),
                9 | 10 => self.tick(),
                11 => {
                    let call = self.chance.of_these(&[
                        Call::Append,
                        Call::Append,
                        Call::Save,
                        Call::ReadRows,
                        Call::ReadLog,
                    ]);
                    life.store.fail(call, self.chance.below(4) as u32, self.left());
                    self.tally.faults_asked_for += 1;
                }
                12 => life.store.hold(Call::Append),
                13 => life.store.hold(Call::Save),
                14 => life.release(),
                15 | 16 => {
                    let is_full = self.chance.one_in(4);
                    self.fill(life, is_full);
                }
                _ => {}
            }
            life.round();
            self.tally.decided_during_a_commit += u64::from(life.store.is_waiting(Call::Append));
            self.tally.decided_during_a_save += u64::from(life.store.is_waiting(Call::Save));
            self.observe(life);
            if is_still && self.is_full {
                assert_eq!(self.seen.len(), count, "a commit although there is no room");
                self.tally.rounds_without_room += 1;
            }
            assert!(!life.store.was_written_on(), "a commit after one of which nobody knows what is left");
            if life.has_ended() {
                return;
            }
        }
    }

    fn fill(&mut self, life: &Life, is_full: bool) {
        self.is_full = is_full;
        life.store.fill(is_full);
    }

    /// Several callers at once, each with a few requests: new ones, and such as were made before.
    fn turn(&mut self, life: &mut Life) {
        for _ in 0..=self.chance.below(4) {
            let numbers = (0..=self.chance.below(3)).map(|_| self.pick(life)).collect();
            self.send(life, numbers);
        }
    }

    fn pick(&mut self, life: &Life) -> Number {
        if self.chance.one_in(3) {
            let in_doubt = self.callers.in_doubt();
            self.tally.retries += 1;
            return match in_doubt.is_empty() || self.chance.one_in(2) {
                true => self.chance.place(self.callers.asked.len()),
                false => self.chance.of_these(&in_doubt),
            };
        }
        if self.chance.one_in(3) {
            let mut row = None;
            let seal = |payment| -> Sealed {
                let (sealed, key) = life.engine.vault().seal_new(Subject::Payment(payment), PRIVATE);
                row = Some(key);
                sealed
            };
            let wish = self.wishes.create(&mut self.chance, seal);
            let number = self.ask(wish, None);
            self.callers.asked[number].envelope.vault.extend(row);
            return number;
        }
        let wish = self.wishes.draw(&mut self.chance, self.around.clock.now());
        let signature = self.chance.one_in(4).then(|| self.signature());
        self.ask(wish, signature)
    }

    fn signature(&mut self) -> SeenSignature {
        let until = self.around.clock.now() + Span::hours(1);
        SeenSignature { key: self.bytes(), request: self.bytes(), until }
    }

    fn ask(&mut self, Wish { realm, command }: Wish, signature: Option<SeenSignature>) -> Number {
        let idempotency = Some(IdempotencyKey { key: self.bytes(), request: self.bytes() });
        let provenance = Provenance::new(Uuid::nil(), Actor::Operator, realm);
        let provenance = Provenance { idempotency, ..provenance };
        self.tally.requests += 1;
        self.callers.ask(Envelope { signature, ..Envelope::new(provenance, command) })
    }

    fn send(&mut self, life: &mut Life, numbers: Vec<Number>) {
        let envelopes = numbers.iter().map(|number| {
            let mut id = [0; 16];
            self.around.random.fill(&mut id);
            // The lowest bits tell a command's events apart.
            id[15] = 0;
            self.callers.again(*number, Uuid::from_bytes(id))
        });
        let envelopes = envelopes.collect();
        life.send(numbers, envelopes);
    }

    /// A clock that goes on, jumps, or is set back.
    fn tick(&mut self) {
        let seconds = match self.chance.below(6) {
            0..=2 => self.chance.below(600),
            3 => self.chance.below(86_400),
            4 => self.chance.below(40 * 86_400),
            _ => {
                let back = self.chance.below(3 * 86_400) as i64;
                self.around.clock.advance(Span::seconds(-back));
                self.tally.clock_set_back += 1;
                0
            }
        };
        self.around.clock.advance(Span::seconds(seconds as i64));
    }

    /// Sees what a follower would, and what callers were told: nobody is told of what cannot be seen.
    fn observe(&mut self, life: &mut Life) {
        let told = life.told();
        self.note(told);
        let published = life.engine.head().position;
        assert!(published <= self.seen.last().map_or(0, Frame::last), "what is not there was published");
    }

    fn note(&mut self, told: Vec<(Number, Told)>) {
        let next = self.seen.last().map_or(1, |frame| frame.last() + 1);
        self.seen.extend(commits(&self.store, next));
        let last = self.seen.last().map_or(0, Frame::last);
        for (number, told) in &told {
            match told {
                Told::Placed(first, count) => {
                    assert!(first + u64::from(*count) <= last + 1, "request {number} was answered too early");
                    self.tally.answered += 1;
                }
                Told::NoRoom => self.tally.refused_for_room += 1,
                Told::Refused => self.tally.refused += 1,
                Told::Unknown => self.tally.unknown += 1,
            }
        }
        self.callers.tell(told);
    }

    fn end(&mut self, life: Life) {
        let store = life.store.clone();
        self.tally.lives_that_failed += u64::from(store.has_failed());
        if self.chance.one_in(2) {
            self.tally.closed += 1;
            let (ended, told) = life.close();
            if ended.is_ok() {
                let head = store.seen().head().expect("memory does not fail");
                let saved = store.seen().checkpoint().expect("memory does not fail").head;
                assert_eq!(saved, head, "who closed well has saved everything");
            } else {
                assert!(store.has_failed(), "a sound store closes: {ended:?}");
            }
            self.note(told);
            return;
        }
        self.tally.cut += 1;
        self.tally.cut_during_a_commit += u64::from(store.is_waiting(Call::Append));
        self.tally.cut_during_a_save += u64::from(store.is_waiting(Call::Save));
        let left = self.left();
        let told = life.cut(left);
        self.note(told);
    }

    /// Everybody asks until there is an answer, and once more; then all there is must be in order.
    fn epilogue(&mut self) {
        let mut life = self.open_soundly();
        for number in self.callers.in_doubt() {
            self.send(&mut life, vec![number]);
        }
        life.round();
        self.observe(&mut life);
        for number in 0..self.callers.asked.len() {
            if matches!(self.callers.asked[number].told, Some(Told::Placed(..))) {
                self.send(&mut life, vec![number]);
            }
        }
        life.round();
        self.observe(&mut life);
        let store = life.store.clone();
        let (ended, told) = life.close();
        ended.expect("a sound store closes");
        self.note(told);
        let log = self.log();
        self.callers.check(&log);
        replay::check(store.seen(), &log);
        self.tally.events += log.len() as u64;
    }

    fn log(&self) -> Vec<Recorded> {
        self.seen.iter().flat_map(|frame| frame.records().expect("it was verified")).collect()
    }

    fn left(&mut self) -> Left {
        self.chance.of_these(&[Left::Nothing, Left::Torn, Left::Everything])
    }

    fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.chance.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.chance.next().to_be_bytes());
        bytes
    }
}

/// The commits that anybody can see, from position `from`.
fn commits(store: &FaultyStore, from: u64) -> Vec<Frame> {
    store.seen().read(from, usize::MAX).expect("memory does not fail")
}
