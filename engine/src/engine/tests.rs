//! The embedded engine on real files: what it refuses to open, and that it keeps what it acknowledged.

mod room;

use std::{fs, os::unix::fs::PermissionsExt, sync::atomic::AtomicBool};

use tempfile::TempDir;

use super::*;
use crate::{
    clock::ManualClock,
    domain::{Command, MerchantId, merchant, payment},
    log::{Actor, Frame, MemoryStore, prove},
    money::{Currency, Money},
    samples,
    state::IdempotencyKey,
    vault::OsRandom,
    writer::Provenance,
};

const SHOP: MerchantId = MerchantId(1);
/// 2026-01-05T00:00:00Z
const START: Timestamp = Timestamp(1_767_571_200_000_000);

/// A data folder with its key beside it.
struct Home {
    folder: TempDir,
    paths: Paths,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::of(&folder.path().join("data"));
        Self { folder, paths }
    }

    /// A home with a merchant and `payments` payments, closed.
    async fn with(payments: u8) -> Self {
        let home = Self::new();
        let engine = home.open().unwrap();
        engine.submit(register(&engine)).await.unwrap();
        for number in 0..payments {
            engine.submit(create(&engine, number)).await.unwrap();
        }
        engine.close().await.unwrap();
        home
    }

    fn open(&self) -> Result<Engine, Fault> {
        let clock = Arc::new(ManualClock::new(START));
        Engine::open(&self.paths, Options { clock, random: Arc::new(OsRandom) })
    }

    /// Why it does not open.
    fn refused(&self) -> Fault {
        self.open().err().expect("it must not open")
    }

    /// Another home with the same files, whatever the engine is doing.
    fn copy(&self) -> Self {
        let copy = Self::new();
        copy_folder(&self.paths.data, &copy.paths.data);
        fs::copy(&self.paths.master_key, &copy.paths.master_key).unwrap();
        copy
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn register(engine: &Engine) -> Envelope {
    let command = samples::register(merchant::Mode::Test);
    Envelope::new(Provenance::new(engine.new_id(), Actor::Operator, None), Command::Merchant(command))
}

fn create(engine: &Engine, number: u8) -> Envelope {
    let realm = Some(crate::books::Realm::Test(SHOP));
    let wish = samples::create(number.into(), SHOP, Money::new(1_000, Currency::Jpy));
    let command = payment::Command::Create(wish);
    let mut provenance = Provenance::new(engine.new_id(), Actor::Operator, realm);
    provenance.idempotency = Some(IdempotencyKey { key: [number; 16], request: [number; 16] });
    Envelope::new(provenance, Command::Payment(command))
}

fn frames(log: &dyn Log) -> Result<Vec<Frame>, Fault> {
    prove(log, Head::default())?;
    log.read(1, usize::MAX)
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_it_is_opened_again() {
    let home = Home::new();
    let engine = home.open().unwrap();
    engine.submit(register(&engine)).await.unwrap();
    let first = engine.submit(create(&engine, 1)).await.unwrap();
    engine.close().await.unwrap();
    let head = engine.head();
    drop(engine);

    let engine = home.open().unwrap();
    assert_eq!(engine.head(), head);
    assert_eq!(engine.events(2, 1).unwrap(), first.events);
    let again = engine.submit(create(&engine, 1)).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.events, first.events, "the same answer for ever");
    assert_eq!(engine.submit(create(&engine, 2)).await.unwrap().events[0].position, 3);
    engine.close().await.unwrap();
}

/// What bears a signature that opened another request is told so even if it would change nothing itself.
#[tokio::test]
async fn a_signature_seen_before_can_be_asked_about() {
    let home = Home::new();
    let signature = |request: u8| SeenSignature { key: [5; 16], request: [request; 16], until: START };
    let mut engine = home.open().unwrap();
    engine.submit(register(&engine)).await.unwrap();
    assert!(matches!(engine.answered(&signature(1)).await, Ok(None)), "nobody has used it");
    let signed = Envelope { signature: Some(signature(1)), ..create(&engine, 1) };
    let first = engine.submit(signed).await.unwrap();
    for what in ["at once", "after it is opened again"] {
        let again = engine.answered(&signature(1)).await.unwrap().unwrap();
        assert_eq!((again.events, again.repeated), (first.events.clone(), true), "{what}");
        let other = engine.answered(&signature(2)).await;
        assert!(matches!(other, Err(SubmitError::Rejected(Rejection::SignatureReused))), "{what}");
        engine.close().await.unwrap();
        drop(engine);
        engine = home.open().unwrap();
    }
    engine.close().await.unwrap();
}

/// The files as they are at any moment are what a killed process leaves behind.
#[tokio::test]
async fn what_was_acknowledged_is_there_without_a_proper_end() {
    let home = Home::new();
    let engine = home.open().unwrap();
    engine.submit(register(&engine)).await.unwrap();
    for number in 0..20 {
        let receipt = engine.submit(create(&engine, number)).await.unwrap();
        let left_behind = home.copy();
        let opened = left_behind.open().unwrap();
        assert_eq!(opened.head().position, receipt.events[0].position);
        assert_eq!(opened.events(receipt.events[0].position, 1).unwrap(), receipt.events);
        assert!(opened.submit(create(&opened, number)).await.unwrap().repeated);
        opened.close().await.unwrap();
    }
    engine.close().await.unwrap();
}

#[tokio::test]
async fn one_folder_has_one_server() {
    let home = Home::with(1).await;
    let engine = home.open().unwrap();
    assert!(matches!(home.refused(), Fault::InUse(_)));
    engine.close().await.unwrap();
    drop(engine);
    home.open().unwrap().close().await.unwrap();
}

#[tokio::test]
async fn the_first_start_makes_a_key_that_only_its_owner_reads() {
    let home = Home::with(0).await;
    assert_eq!(home.paths.master_key.parent(), Some(home.folder.path()), "outside the data folder");
    let mode = fs::metadata(&home.paths.master_key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&home.paths.master_key).unwrap().len(), 64);
}

#[tokio::test]
async fn data_opens_with_its_own_key_only() {
    let home = Home::with(1).await;
    let key = fs::read(&home.paths.master_key).unwrap();
    let path = home.paths.master_key.clone();
    let spoil: [(&str, &dyn Fn()); 5] = [
        ("another key", &|| fs::write(&path, "ab".repeat(32)).unwrap()),
        ("half a key", &|| fs::write(&path, "ab".repeat(16)).unwrap()),
        ("no hex", &|| fs::write(&path, "xy".repeat(32)).unwrap()),
        ("readable by others", &|| fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap()),
        ("missing", &|| fs::remove_file(&path).unwrap()),
    ];
    for (what, spoil) in spoil {
        spoil();
        assert!(matches!(home.refused(), Fault::MasterKey(_)), "{what}");
        fs::write(&path, &key).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let engine = home.open().unwrap();
    assert_eq!(engine.head().position, 2, "refusing changed nothing");
    engine.close().await.unwrap();
}

#[test]
fn a_key_inside_the_data_folder_is_refused() {
    let mut home = Home::new();
    fs::create_dir_all(home.paths.data.join("keys")).unwrap();
    for inside in ["key", "keys/key", "keys/../key"] {
        home.paths.master_key = home.paths.data.join(inside);
        assert!(matches!(home.refused(), Fault::MasterKey(_)), "{inside}");
        assert!(!home.paths.master_key.exists(), "no key is made where it must not be");
    }
}

#[tokio::test]
async fn an_older_copy_put_back_is_noticed() {
    let home = Home::with(3).await;
    let older = home.copy();
    let engine = home.open().unwrap();
    engine.submit(create(&engine, 4)).await.unwrap();
    engine.close().await.unwrap();
    drop(engine);
    fs::remove_dir_all(home.paths.ledger()).unwrap();
    copy_folder(&older.paths.ledger(), &home.paths.ledger());
    assert!(matches!(home.refused(), Fault::Missing { head: 4, witnessed: 5 }));
    assert!(matches!(home.refused(), Fault::Missing { .. }), "asking twice helps nobody");

    fs::remove_dir_all(home.paths.ledger()).unwrap();
    assert!(matches!(home.refused(), Fault::Missing { head: 0, witnessed: 5 }), "nor does an empty ledger");
}

#[tokio::test]
async fn a_witness_that_saw_something_else_is_noticed() {
    let (home, other) = (Home::with(3).await, Home::with(3).await);
    let own = fs::read(&home.paths.witness).unwrap();
    fs::copy(&other.paths.witness, &home.paths.witness).unwrap();
    assert!(matches!(home.refused(), Fault::Damaged { position: 4, .. }));

    let shorter = Home::with(1).await;
    fs::copy(&shorter.paths.witness, &home.paths.witness).unwrap();
    assert!(matches!(home.refused(), Fault::Damaged { position: 2, .. }));

    fs::write(&home.paths.witness, vec![7; own.len()]).unwrap();
    assert!(
        matches!(home.refused(), Fault::File { .. }),
        "a witness that cannot be read is not an absent one"
    );
    fs::write(&home.paths.witness, own).unwrap();
    home.open().unwrap().close().await.unwrap();
}

/// A ledger that is older than its witness is one thing, one that is newer another: the witness may lag.
#[tokio::test]
async fn a_witness_may_lag_behind() {
    let home = Home::with(3).await;
    let lagging = fs::read(&home.paths.witness).unwrap();
    let engine = home.open().unwrap();
    engine.submit(create(&engine, 4)).await.unwrap();
    engine.close().await.unwrap();
    drop(engine);
    fs::write(&home.paths.witness, lagging).unwrap();
    let engine = home.open().unwrap();
    assert_eq!(engine.head().position, 5);
    engine.close().await.unwrap();
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// Everything a store holds; an error if any of it cannot be read.
fn contents(home: &Home) -> Result<(Vec<Frame>, Vec<Rows>), Fault> {
    let store = RocksStore::open_read_only(&home.paths.ledger())?;
    let tables = RocksTables::open(&home.paths.tables())?;
    let tables = State::table_ids().map(|table| tables.scan(table)).collect::<Result<_, _>>()?;
    Ok((frames(&store)?, tables))
}

/// Flips bytes all over the files that end with `ending`, one at a time: either the engine refuses to open, or
/// reading all there is reports it, or it was in no byte that means anything.
async fn check_flips(home: &Home, ending: &str, at_least: usize) {
    let reference = home.copy();
    reference.open().unwrap().close().await.unwrap();
    let whole = contents(&reference).unwrap();
    let folders = [home.paths.ledger(), home.paths.tables()];
    let files =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == ending)).collect();
    let (mut noticed, mut flips) = (0, 0);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let step = (bytes.len() / 24).max(1);
        for at in (0..bytes.len()).step_by(step) {
            let bent_home = home.copy();
            let mut bent = bytes.clone();
            bent[at] ^= 0x20;
            let within = file.strip_prefix(&home.paths.data).unwrap();
            fs::write(bent_home.paths.data.join(within), bent).unwrap();
            flips += 1;
            let opened = bent_home.open();
            let refused = match opened {
                Ok(engine) => engine.close().await.is_err(),
                Err(_) => true,
            };
            if refused || contents(&bent_home).is_err() {
                noticed += 1;
            } else {
                let same = contents(&bent_home).unwrap() == whole;
                assert!(same, "byte {at} of {} changed something in silence", file.display());
            }
        }
    }
    assert!(noticed >= at_least, "of {flips} flips in .{ending} only {noticed} were noticed");
}

#[tokio::test]
async fn a_flipped_byte_of_the_write_ahead_log_is_noticed() {
    let home = Home::new();
    let engine = home.open().unwrap();
    engine.submit(register(&engine)).await.unwrap();
    for number in 0..30 {
        engine.submit(create(&engine, number)).await.unwrap();
    }
    // Without a proper end everything is still in the write-ahead log.
    let left_behind = home.copy();
    engine.close().await.unwrap();
    check_flips(&left_behind, "log", 20).await;
}

#[tokio::test]
async fn a_flipped_byte_of_a_table_file_is_noticed() {
    let home = Home::with(100).await;
    // Opening moves what was in the write-ahead log into table files.
    home.open().unwrap().close().await.unwrap();
    check_flips(&home, "sst", 60).await;
}

/// A wall clock that keeps whoever asks it waiting while it is held.
struct Held(AtomicBool);

impl Clock for Held {
    fn now(&self) -> Timestamp {
        while self.0.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        START
    }
}

/// Callers that went away once gave their places back while what they had sent was still waiting.
#[tokio::test]
async fn a_place_in_the_queue_is_kept_until_what_is_in_it_was_answered() {
    let clock = Arc::new(Held(AtomicBool::new(false)));
    let options = Options { clock: clock.clone(), random: Arc::new(OsRandom) };
    let engine = Engine::over(Arc::new(MemoryStore::new()), MasterKey::from_bytes([7; 32]), options).unwrap();
    // Refused, for want of a merchant: what matters is that they wait.
    let one = create(&engine, 1);
    let full = vec![one.clone(); WAITING_MAX as usize];
    clock.0.store(true, Ordering::SeqCst);
    tokio::select! {
        biased;
        _ = engine.submit_all(full) => panic!("nobody can have decided"),
        () = std::future::ready(()) => {}
    }
    assert!(matches!(engine.submit(one.clone()).await, Err(SubmitError::Busy)));
    clock.0.store(false, Ordering::SeqCst);
    while matches!(engine.submit(one.clone()).await, Err(SubmitError::Busy)) {
        tokio::task::yield_now().await;
    }
    engine.close().await.unwrap();
}

/// Ten minutes of signed requests were all in memory, however many they were.
#[tokio::test]
async fn signed_requests_wait_while_too_many_signatures_are_remembered() {
    let options = Options { clock: Arc::new(ManualClock::new(START)), random: Arc::new(OsRandom) };
    let engine = Engine::over(Arc::new(MemoryStore::new()), MasterKey::from_bytes([7; 32]), options).unwrap();
    let signature = SeenSignature { key: [1; 16], request: [2; 16], until: engine.now() };
    for (remembered, signature, is_taken) in [
        (SIGNATURES_MAX - 1, Some(signature), true),
        (SIGNATURES_MAX, Some(signature), false),
        (SIGNATURES_MAX, None, true),
    ] {
        engine.shared.signatures.store(remembered, Ordering::Relaxed);
        // Refused by the rules, for want of a merchant: what matters is that it is decided.
        let submitted = engine.submit(Envelope { signature, ..create(&engine, 1) }).await;
        assert_eq!(matches!(submitted, Err(SubmitError::Rejected(_))), is_taken, "{submitted:?}");
        assert_eq!(matches!(submitted, Err(SubmitError::Busy)), !is_taken, "{submitted:?}");
    }
    engine.close().await.unwrap();
}
