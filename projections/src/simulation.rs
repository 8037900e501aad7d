//! Restarts, by the hundred: read models whose store and whose log fail, and which are found again without their last
//! writes, say in the end what models say that saw the log once.
//!
//! As in the engine's simulation everything follows from one number, and a failure says how to have its history again.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::SystemTime,
};

use choai_engine::{
    Fault,
    log::{Call, FaultyStore, Frame, Head, Left, Log},
};

use crate::{
    Models,
    fold::{MODELS, names},
    scene::busy,
    store::Store,
};

/// Set to replay the history of one seed.
const SEED_VARIABLE: &str = "CHOAI_SEED";
/// Set to ask for more histories, or for fewer: one of these for so many of the engine's.
const HISTORIES_VARIABLE: &str = "CHOAI_HISTORIES";
const ENGINE_HISTORIES_EACH: u64 = 30;
const HISTORIES: u64 = 100;
/// Half of the histories follow from this number, so that every run has them.
const BASE: u64 = 0x00C4_0A1F;

/// What a test's store does besides: it remembers what was written, and fails when it is told to.
#[derive(Default)]
pub(crate) struct Trouble(Mutex<Told>);

#[derive(Default)]
struct Told {
    written: Vec<Vec<u8>>,
    /// After how many more writes one fails, and whether it is found again all the same.
    write: Option<(u64, bool)>,
    /// After how many more reads one fails.
    read: Option<u64>,
    failed: bool,
}

impl Trouble {
    /// Notes a write that is about to be made.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Fault> {
        let mut told = self.0.lock().expect("nothing panics while it holds the notes");
        let fails = match &mut told.write {
            Some((0, kept)) => Some(*kept),
            Some((after, _)) => {
                *after -= 1;
                None
            }
            None => None,
        };
        if fails != Some(false) {
            told.written.push(bytes.to_vec());
        }
        if fails.is_none() {
            return Ok(());
        }
        told.failed = true;
        Err(Fault::Store("a write failed, as the test asked".into()))
    }

    /// Notes a read that is about to be made.
    pub(crate) fn read(&self) -> Result<(), Fault> {
        let mut told = self.0.lock().expect("nothing panics while it holds the notes");
        match &mut told.read {
            Some(0) => {
                told.failed = true;
                Err(Fault::Store("a read failed, as the test asked".into()))
            }
            Some(after) => {
                *after -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Every write so far.
    pub(crate) fn written(&self) -> Vec<Vec<u8>> {
        self.with(|told| told.written.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut Told) -> T) -> T {
        change(&mut self.0.lock().expect("nothing panics while it holds the notes"))
    }
}

/// SplitMix64. Source of its constants: Steele, Lea and Flood, 2014.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).expect("it is below a usize")
    }
}

/// How often what happened.
#[derive(Debug, Default)]
struct Tally {
    histories: u64,
    openings: u64,
    openings_that_failed: u64,
    commits_followed: u64,
    rebuilds: u64,
    failed_by_the_log: u64,
    failed_by_the_store: u64,
    failed_rebuilds: u64,
    lost_tails: u64,
}

impl Tally {
    fn counts(&self) -> [(&'static str, u64); 9] {
        [
            ("histories", self.histories),
            ("openings", self.openings),
            ("openings that failed", self.openings_that_failed),
            ("commits followed", self.commits_followed),
            ("rebuilds", self.rebuilds),
            ("failed by the log", self.failed_by_the_log),
            ("failed by the store", self.failed_by_the_store),
            ("failed rebuilds", self.failed_rebuilds),
            ("lost tails", self.lost_tails),
        ]
    }
}

type Rows = BTreeMap<(&'static str, Vec<u8>), Vec<u8>>;

/// Every row of every model.
fn rows(models: &Models) -> Rows {
    let mut all = Rows::new();
    for model in &MODELS {
        let view = models.store().view(model.name, model.version).expect("memory does not fail");
        for row in view.stored() {
            let (key, value) = row.expect("memory does not fail");
            all.insert((model.name, key), value);
        }
    }
    all
}

struct History<'a> {
    chance: Chance,
    frames: &'a [Frame],
    log: Arc<FaultyStore>,
    /// What the store will be found with.
    written: Vec<Vec<u8>>,
    tally: &'a mut Tally,
}

impl History<'_> {
    fn run(mut self, expected: &Rows) {
        self.tally.histories += 1;
        for _ in 0..=self.chance.below(5) {
            let Some(models) = self.open() else { continue };
            self.live(&models);
            self.end(&models);
        }
        // Whatever happened, they catch up.
        self.append(usize::MAX);
        self.log.heal();
        let models = Models::on(self.store()).expect("a sound store opens");
        models.check_against(&*self.log).expect("a sound store can be read");
        models.catch_up(&*self.log, || false).expect("sound stores do not fail");
        assert_eq!(Some(models.position()), self.frames.last().map(Frame::last));
        assert!(rows(&models) == *expected, "models that were interrupted say something else");
    }

    fn store(&self) -> Store {
        Store::in_memory(&names(), &self.written).expect("memory does not fail")
    }

    fn open(&mut self) -> Option<Models> {
        let store = self.store();
        self.tally.openings += 1;
        if self.chance.below(4) == 0 {
            self.trouble(&store);
        }
        let written = self.written.clone();
        let opened = Models::on(store);
        let opened = opened.and_then(|models| models.check_against(&*self.log).map(|()| models));
        if opened.is_err() {
            // What a failed opening wrote may be there or not: here it is not.
            self.written = written;
            self.tally.openings_that_failed += 1;
        }
        opened.ok()
    }

    fn trouble(&mut self, store: &Store) {
        match self.chance.below(3) {
            0 => {
                let after = u32::try_from(self.chance.below(3)).expect("it is small");
                self.log.fail(Call::ReadLog, after, Left::Nothing);
            }
            1 => {
                let (after, kept) = (self.chance.below(4) as u64, self.chance.below(2) == 0);
                store.trouble.with(|told| told.write = Some((after, kept)));
            }
            _ => {
                let after = self.chance.below(40) as u64;
                store.trouble.with(|told| told.read = Some(after));
            }
        }
    }

    fn live(&mut self, models: &Models) {
        for _ in 0..=self.chance.below(5) {
            if self.chance.below(4) == 0 {
                self.trouble(models.store());
            }
            let done = if self.chance.below(5) == 0 { self.rebuild(models) } else { self.follow(models) };
            if done.is_err() {
                let is_ours = models.store().trouble.with(|told| told.failed);
                let failed = if is_ours {
                    &mut self.tally.failed_by_the_store
                } else {
                    &mut self.tally.failed_by_the_log
                };
                *failed += 1;
                return;
            }
        }
    }

    fn follow(&mut self, models: &Models) -> Result<(), Fault> {
        let count = 1 + self.chance.below(12);
        self.append(count);
        let before = models.position();
        models.catch_up(&*self.log, || false)?;
        let head = self.head();
        assert_eq!(models.position(), head.position, "they caught up");
        self.tally.commits_followed += u64::from(before < head.position);
        Ok(())
    }

    fn rebuild(&mut self, models: &Models) -> Result<(), Fault> {
        self.tally.rebuilds += 1;
        let names = names();
        let model = (self.chance.below(2) == 0).then(|| names[self.chance.below(names.len())]);
        let rebuilt = models.rebuild(&*self.log, model, &mut |_| ());
        self.tally.failed_rebuilds += u64::from(rebuilt.is_err());
        rebuilt
    }

    fn end(&mut self, models: &Models) {
        self.written = models.store().trouble.written();
        // Nothing of theirs is synced: a crash takes the last of it.
        if self.chance.below(2) == 0 {
            let lost = self.chance.below(4).min(self.written.len());
            self.written.truncate(self.written.len() - lost);
            self.tally.lost_tails += u64::from(lost > 0);
        }
        // The next process meets none of it.
        self.log.heal();
    }

    fn head(&self) -> Head {
        self.log.head().expect("memory does not fail")
    }

    fn append(&self, count: usize) {
        let next = self.frames.iter().skip_while(|frame| frame.first() <= self.head().position);
        for frame in next.take(count) {
            self.log.append(self.head(), frame, &[]).expect("appending does not fail here");
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    let given = std::env::var(name).ok().filter(|given| !given.is_empty())?;
    Some(given.parse().unwrap_or_else(|_| panic!("{name} is a number, not {given}")))
}

#[tokio::test]
async fn models_that_are_interrupted_anywhere_say_what_the_log_says() {
    let scene = busy().await;
    scene.seen().await;
    let frames = scene.engine.log().read(1, usize::MAX).expect("memory does not fail");
    let expected = rows(&scene.models);
    assert!(frames.len() > 30 && expected.len() > 100, "{} commits, {} rows", frames.len(), expected.len());
    let mut tally = Tally::default();
    let mut run = |seed| {
        let tally = &mut tally;
        let history = || {
            let log = Arc::new(FaultyStore::new());
            History { chance: Chance(seed), frames: &frames, log, written: Vec::new(), tally }.run(&expected);
        };
        if let Err(failure) = catch_unwind(AssertUnwindSafe(history)) {
            eprintln!(
                "\nto have this history again: {SEED_VARIABLE}={seed} make test ARGS='-- interrupted'\n"
            );
            std::panic::resume_unwind(failure);
        }
    };
    if let Some(seed) = variable(SEED_VARIABLE) {
        run(seed);
        println!("{tally:#?}");
        return;
    }
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("it is later than 1970");
    let fresh = u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap_or_default();
    let histories = variable(HISTORIES_VARIABLE).map_or(HISTORIES, |asked| asked / ENGINE_HISTORIES_EACH);
    for base in [BASE, fresh] {
        let mut seeds = Chance(base);
        (0..histories / 2).for_each(|_| run(seeds.next()));
    }
    println!("{tally:#?}");
    // Whoever asks for few takes what comes.
    let is_full = histories >= HISTORIES;
    for (what, count) in tally.counts().into_iter().filter(|_| is_full) {
        assert!(count >= 5, "{what}: {count}");
    }
}
