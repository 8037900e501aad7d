//! The models as a whole: followed, killed, rebuilt, compared.

use std::{
    fs,
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
};

use choai_engine::{
    Envelope, Outcome, Provenance,
    domain::{Command, Span, payment::Method},
    log::{Actor, Frame, MemoryStore},
    vault::VaultWrite,
};
use tempfile::TempDir;

use crate::scene::{Scene, busy, create, receive, usd, yen};

use super::*;

const LONG: Duration = Duration::from_secs(30);

impl Scene {
    fn log(&self) -> &dyn Log {
        &**self.engine.log()
    }

    /// Proves law 6 of `models` and that they stand at the end of the log.
    async fn agrees(&self, models: &Models) {
        models.wait_for(self.engine.head().position, LONG).await.unwrap();
        let scratch = TempDir::new().unwrap();
        assert_eq!(models.compare(self.log(), scratch.path()).unwrap(), []);
    }

    async fn more(&self, number: u32) {
        self.pay(create(number, 1, usd(1_00))).await;
        self.pay(receive(number, Method::CreditCard, usd(1_00))).await;
    }

    /// Captures payments of these numbers, in as few commits as they fit.
    async fn many(&self, numbers: Range<u32>) {
        let provenance = || Provenance::new(self.engine.new_id(), Actor::Operator, Some(self.realm()));
        let commands = numbers.flat_map(|number| {
            [create(number, 1, usd(1_00)), receive(number, Method::CreditCard, usd(1_00))]
        });
        let envelopes = commands.map(|command| Envelope::new(provenance(), Command::Payment(command)));
        for outcome in self.engine.submit_all(envelopes.collect()).await.unwrap() {
            assert!(matches!(outcome, Outcome::Accepted(_)));
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[tokio::test]
async fn models_built_anew_equal_those_that_followed() {
    let scene = busy().await;
    scene.agrees(&scene.models).await;
}

#[tokio::test]
async fn a_row_that_is_not_what_the_log_says_is_told() {
    let scene = busy().await;
    let store = &scene.models.shared.store;
    let first = scene.models.merchants().get(choai_engine::domain::MerchantId(1)).unwrap().unwrap();
    let generation = store.standing("merchants").unwrap().unwrap().generation;
    let mut rows = store.rows("merchants", generation);
    let key = |merchant: u32| crate::keys::Key::of(0).u32(merchant);
    rows.put(key(1), &crate::MerchantView { name: "Forged".into(), ..first.clone() });
    rows.delete(key(2));
    rows.put(key(3), &first);
    store.write(vec![rows], &[]).unwrap();
    let scratch = TempDir::new().unwrap();
    let differences = scene.models.compare(scene.log(), scratch.path()).unwrap();
    let brief: Vec<_> = differences
        .iter()
        .map(|found| (found.model, &*found.key, found.kept.is_some(), found.rebuilt.is_some()))
        .collect();
    assert_eq!(
        brief,
        [
            ("merchants", r"\x00\x00\x00\x00\x01", true, true),
            ("merchants", r"\x00\x00\x00\x00\x02", false, true),
            ("merchants", r"\x00\x00\x00\x00\x03", true, false),
        ]
    );
    assert!(differences[0].kept.as_ref().unwrap().contains("Forged"));
    scene.models.rebuild(scene.log(), Some("merchants"), &mut |_| ()).unwrap();
    scene.agrees(&scene.models).await;
}

#[tokio::test]
async fn models_that_were_killed_go_on_where_they_were() {
    let scene = busy().await;
    // What a killed process leaves: whatever has been written so far, nothing closed.
    let killed = scene.folder.path().join("killed");
    copy(&scene.folder.path().join("models"), &killed);
    let left_at = scene.models.position();
    for number in 100..110 {
        scene.more(number).await;
    }
    let models = Models::open(&killed).unwrap();
    assert_eq!(models.position(), left_at);
    let follower = models.follow(&scene.engine);
    scene.agrees(&models).await;
    follower.stop().unwrap();
}

#[tokio::test]
async fn a_follower_that_stops_leaves_the_models_behind_and_says_where() {
    let mut scene = busy().await;
    scene.follower.take().unwrap().stop().unwrap();
    let position = scene.models.position();
    scene.more(100).await;
    let wanted = scene.engine.head().position;
    let behind = scene.models.wait_for(wanted, Duration::from_millis(1)).await;
    assert_eq!(behind, Err(Behind { model: "balances", position, wanted }));
    assert_eq!(scene.models.wait_for(position, Duration::ZERO).await, Ok(()));
    scene.follower = Some(scene.models.follow(&scene.engine));
    scene.agrees(&scene.models).await;
}

#[tokio::test]
async fn a_follower_that_comes_after_the_engine_has_ended_misses_nothing() {
    let scene = busy().await;
    scene.many(1_000..3_000).await;
    scene.engine.close().await.unwrap();
    let models = Models::open(&scene.folder.path().join("late")).unwrap();
    let follower = models.follow(&scene.engine);
    scene.agrees(&models).await;
    follower.stop().unwrap();
}

#[tokio::test]
async fn a_rebuild_beside_a_running_follower_loses_nothing() {
    let scene = busy().await;
    scene.many(1_000..9_000).await;
    let (models, log) = (scene.models.clone(), scene.engine.log().clone());
    let rebuilding = std::thread::spawn(move || {
        let mut told = Vec::new();
        for model in [None, Some("payments"), None] {
            models.rebuild(&*log, model, &mut |position| told.push(position)).unwrap();
        }
        told
    });
    let mut number = 100;
    while !rebuilding.is_finished() && number < 1_000 {
        scene.more(number).await;
        scene.seen().await;
        let view = scene.models.payments().get(&crate::scene::id(number)).unwrap();
        assert!(view.is_some(), "what was seen before the swap is there after it");
        number += 1;
    }
    let told = rebuilding.join().unwrap();
    assert!(number > 100, "payments were made meanwhile: {}", number - 100);
    assert!(told.len() >= 3 && told.iter().max() > Some(&24_000), "progress was told: {told:?}");
    scene.agrees(&scene.models).await;
    assert!(scene.models.rebuild(scene.log(), Some("nothing"), &mut |_| ()).is_err());
}

/// A log that seems to end early, until someone has found that out.
struct EndsEarly {
    log: Arc<dyn Log>,
    end: AtomicU64,
}

impl Log for EndsEarly {
    fn head(&self) -> Result<Head, Fault> {
        self.log.head()
    }

    fn append(&self, expected: Head, frame: &Frame, vault: &[VaultWrite]) -> Result<(), Fault> {
        self.log.append(expected, frame, vault)
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, Fault> {
        let end = self.end.load(SeqCst);
        if from > end {
            self.end.store(u64::MAX, SeqCst);
            return Ok(Vec::new());
        }
        let mut frames = self.log.read(from, bytes_max)?;
        frames.retain(|frame| frame.last() <= end);
        Ok(frames)
    }
}

#[tokio::test]
async fn what_was_followed_during_a_rebuild_is_there_after_the_swap() {
    let mut scene = busy().await;
    scene.follower.take().unwrap().stop().unwrap();
    let head = scene.models.position();
    // As if everything after the tenth event had come between the rebuild's last look and its swap.
    let log = EndsEarly { log: scene.engine.log().clone(), end: AtomicU64::new(10) };
    scene.models.rebuild(&log, None, &mut |position| assert!(position <= 10)).unwrap();
    assert_eq!(scene.models.position(), head, "no model was set back");
    scene.agrees(&scene.models).await;
}

#[tokio::test]
async fn an_unfinished_rebuild_leaves_no_trace() {
    let mut scene = busy().await;
    let path = scene.folder.path().join("models");
    let store = &scene.models.shared.store;
    let generation = store.standing("streams").unwrap().unwrap().generation + 1;
    let mut rows = store.rows("streams", generation);
    rows.put(crate::keys::Key::of(0).u64(7), &(1u64, 1u64));
    store.write(vec![rows], &[]).unwrap();
    scene.follower.take().unwrap().stop().unwrap();
    let Scene { engine, models, folder, .. } = scene;
    drop(models);
    let models = Models::open(&path).unwrap();
    models.rebuild(&**engine.log(), Some("streams"), &mut |_| ()).unwrap();
    let scratch = TempDir::new().unwrap();
    assert_eq!(models.compare(&**engine.log(), scratch.path()).unwrap(), []);
    drop(folder);
}

#[tokio::test]
async fn a_model_of_another_version_begins_anew() {
    let mut scene = busy().await;
    scene.follower.take().unwrap().stop().unwrap();
    let path = scene.folder.path().join("models");
    let store = &scene.models.shared.store;
    let standing = store.standing("payments").unwrap().unwrap();
    store.adopt(&[("payments", Standing { version: standing.version + 1, ..standing })]).unwrap();
    let head = scene.engine.head().position;
    let models =
        std::mem::replace(&mut scene.models, Models::open(&scene.folder.path().join("other")).unwrap());
    drop(models);
    scene.models = Models::open(&path).unwrap();
    let expected: Vec<_> = names().map(|name| (name, if name == "payments" { 0 } else { head })).into();
    assert_eq!(scene.models.positions(), expected);
    assert_eq!(scene.models.payments().get(&crate::scene::id(1)).unwrap(), None);
    scene.follower = Some(scene.models.follow(&scene.engine));
    scene.agrees(&scene.models).await;
}

#[tokio::test]
async fn models_of_another_log_begin_anew() {
    let (mut longer, mut other) = (busy().await, Scene::new());
    other.register("Fruit").await;
    other.more(1).await;
    for scene in [&mut longer, &mut other] {
        scene.seen().await;
        scene.follower.take().unwrap().stop().unwrap();
    }
    // Beyond the end of the other log; then, the other way round, at a commit which that log does not have.
    for (models, scene) in [(&longer.models, &other), (&other.models, &longer)] {
        let follower = models.follow(&scene.engine);
        scene.agrees(models).await;
        follower.stop().unwrap();
        assert_eq!(models.position(), scene.engine.head().position);
    }
}

#[tokio::test]
async fn a_view_beside_a_running_server_stands_still_and_compares() {
    let scene = busy().await;
    let scratch = TempDir::new().unwrap();
    let notes = scratch.path().join("notes");
    let beside = Models::open_beside(&scene.folder.path().join("models"), &notes).unwrap();
    let position = scene.models.position();
    assert_eq!(beside.position(), position);
    scene.more(100).await;
    scene.seen().await;
    assert_eq!(beside.position(), position);
    assert_eq!(beside.payments().get(&crate::scene::id(100)).unwrap(), None);
    assert_eq!(beside.compare(scene.log(), scratch.path()).unwrap(), []);
    let lines = |models: &Models| models.balances().trial_balance().unwrap().lines.len();
    assert_eq!(lines(&beside), lines(&scene.models));
    let nothing = scratch.path().join("nothing");
    assert!(Models::open_beside(&nothing, &notes).is_err(), "there must be models to look at");
}

#[tokio::test]
async fn views_beside_a_busy_server_are_whole_whenever_they_are_opened() {
    let scene = busy().await;
    scene.many(1_000..5_000).await;
    let (models, log) = (scene.models.clone(), scene.engine.log().clone());
    let writing = std::thread::spawn(move || {
        for _ in 0..6 {
            models.rebuild(&*log, None, &mut |_| ()).unwrap();
        }
    });
    let (mut opened, mut number) = (0, 100);
    while !writing.is_finished() {
        scene.more(number).await;
        number += 1;
        let scratch = TempDir::new().unwrap();
        let beside =
            Models::open_beside(&scene.folder.path().join("models"), &scratch.path().join("notes")).unwrap();
        assert_eq!(beside.compare(scene.log(), scratch.path()).unwrap(), []);
        opened += 1;
    }
    writing.join().unwrap();
    assert!(opened > 0, "views were opened meanwhile");
}

/// A log whose reads fail once the test says so.
struct Failing {
    log: MemoryStore,
    fails: AtomicBool,
}

impl Log for Failing {
    fn head(&self) -> Result<Head, Fault> {
        self.log.head()
    }

    fn append(&self, expected: Head, frame: &Frame, vault: &[VaultWrite]) -> Result<(), Fault> {
        self.log.append(expected, frame, vault)
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, Fault> {
        if self.fails.load(SeqCst) {
            return Err(Fault::Store("the disk failed, as the test asked".into()));
        }
        self.log.read(from, bytes_max)
    }
}

#[tokio::test]
async fn a_fault_ends_the_following_and_everyone_who_waits_is_told() {
    let scene = busy().await;
    let frames = scene.log().read(1, usize::MAX).unwrap();
    let (first, rest) = frames.split_first().unwrap();
    let log = Arc::new(Failing { log: MemoryStore::new(), fails: AtomicBool::new(false) });
    log.append(Head::default(), first, &[]).unwrap();
    let (publish, head) = watch::channel(first.head());
    let models = Models::open(&scene.folder.path().join("failing")).unwrap();
    let follower = Follower::start(models.clone(), log.clone(), head);
    models.wait_for(first.last(), LONG).await.unwrap();
    assert!(models.fault().is_none());
    log.fails.store(true, SeqCst);
    log.append(first.head(), &rest[0], &[]).unwrap();
    publish.send_replace(rest[0].head());
    let asked = std::time::Instant::now();
    let behind = models.wait_for(rest[0].last(), LONG).await;
    assert_eq!(behind.map_err(|behind| behind.position), Err(first.last()));
    assert!(asked.elapsed() < LONG, "nobody waits for what will not come");
    assert!(models.faulted().await.to_string().contains("as the test asked"));
    assert!(follower.stop().is_err());
    // The disk is well again: a new follower goes on where the first ended.
    log.fails.store(false, SeqCst);
    let follower = Follower::start(models.clone(), log, publish.subscribe());
    models.wait_for(rest[0].last(), LONG).await.unwrap();
    assert!(models.fault().is_none());
    follower.stop().unwrap();
}

#[tokio::test]
async fn a_commit_of_another_chain_is_a_fault_and_not_a_row() {
    let (scene, other) = (busy().await, Scene::new());
    other.register("Tea").await;
    other.clock.advance(Span::seconds(1));
    other.pay(create(1, 1, yen(1))).await;
    let of = |scene: &Scene, at: usize| scene.log().read(1, usize::MAX).unwrap().swap_remove(at);
    let log = Arc::new(Failing { log: MemoryStore::new(), fails: AtomicBool::new(false) });
    log.append(Head::default(), &of(&scene, 0), &[]).unwrap();
    let (_publish, head) = watch::channel(Head::default());
    let models = Models::open(&scene.folder.path().join("chained")).unwrap();
    // The memory store does not look at the chain, so a commit of another ledger gets in.
    log.append(of(&scene, 0).head(), &of(&other, 1), &[]).unwrap();
    let follower = Follower::start(models.clone(), log, head);
    assert!(matches!(models.faulted().await, Fault::Damaged { position: 2, .. }));
    assert_eq!(
        models.positions().iter().map(|(_, position)| *position).max(),
        Some(0),
        "no row of that step is kept"
    );
    assert!(follower.stop().is_err());
}
