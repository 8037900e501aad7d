//! Erasing on real files: neither the key as it was, nor as it is wrapped, nor what it sealed is found afterwards.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use tempfile::TempDir;

use super::*;
use crate::{
    clock::ManualClock,
    domain::{MerchantId, UserId, merchant, payment, user},
    engine::{Options, Paths},
    log::{Backups, Outdated},
    money::{Currency, Money},
    restore::{ListOfErasures, restore},
    samples,
    vault::{
        Login, MasterKey, OsRandom, Random, VaultFamily, VaultWrite, found_by, personal_deleted, row_key,
    },
};

const SHOP: MerchantId = MerchantId(1);
const HERE: Realm = Realm::Test(SHOP);
/// 2026-01-05T00:00:00Z
const START: Timestamp = Timestamp(1_767_571_200_000_000);
const PLAIN: &[u8] = b"planted-plain-text-of-a-payer";

/// Remembers what it gave: keys are drawn from it.
#[derive(Default)]
struct Remembering(Mutex<Vec<Vec<u8>>>);

impl Random for Remembering {
    fn fill(&self, bytes: &mut [u8]) {
        OsRandom.fill(bytes);
        self.0.lock().unwrap().push(bytes.to_vec());
    }
}

/// A data folder with what belongs beside it.
struct Home {
    folder: TempDir,
    random: Arc<Remembering>,
}

/// What must not be found once a payer is erased.
struct Payer {
    subject: Subject,
    began: Uuid,
    secrets: [Vec<u8>; 3],
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), random: Arc::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn paths(&self) -> Paths {
        Paths::of(&self.path("data"))
    }

    fn open(&self) -> Engine {
        let clock = Arc::new(ManualClock::new(START));
        Engine::open(&self.paths(), Options { clock, random: self.random.clone() }).unwrap()
    }

    /// A payer whose payment is over.
    async fn payer(&self, engine: &Engine, number: u64) -> Payer {
        let payment = samples::payment_id(number);
        let subject = Subject::Payment(payment);
        let drawn = self.random.0.lock().unwrap().len();
        let (sealed, row) = engine.vault().seal_new(subject, PLAIN);
        let raw = self.random.0.lock().unwrap()[drawn].clone();
        assert_eq!(raw.len(), 32, "the first that is drawn is the key");
        let wrapped = row.value.clone().unwrap();
        let yen = Money::new(1_000, Currency::Jpy);
        let wish = payment::Create { private: Some(sealed), ..samples::create(number, SHOP, yen) };
        let mut create = envelope(engine, payment::Command::Create(wish));
        create.vault = vec![row];
        let created = engine.submit(create).await.unwrap();
        engine.submit(envelope(engine, payment::Command::Cancel { payment })).await.unwrap();
        Payer { subject, began: created.events[0].header.id, secrets: [raw, wrapped, PLAIN.to_vec()] }
    }

    async fn erase(&self, engine: &Engine, payer: &Payer) -> Result<Receipt, EraseError> {
        let provenance = Provenance::new(engine.new_id(), Actor::Operator, Some(HERE));
        engine.erase(payer.subject, payer.began, provenance).await
    }

    /// Files under `name` that hold what must not be found.
    fn holding(&self, name: &str, payer: &Payer) -> Vec<String> {
        let (mut folders, mut found) = (vec![self.path(name)], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = fs::read(&path).unwrap();
                let holds =
                    |secret: &Vec<u8>| bytes.windows(secret.len()).any(|window| window == &secret[..]);
                if payer.secrets.iter().any(holds) {
                    found.push(path.display().to_string());
                }
            }
        }
        found
    }

    async fn back_up(&self, engine: &Engine) {
        let (engine, folder) = (engine.clone(), self.path("backups"));
        let scratch = tempfile::tempdir_in(self.folder.path()).unwrap();
        let backed_up = tokio::task::spawn_blocking(move || {
            engine.back_up(&folder, Outdated::Keep, scratch.path(), &mut |_| ())
        });
        backed_up.await.unwrap().unwrap();
    }

    fn restore(&self, number: u32, name: &str) -> Vec<Subject> {
        let backups = Backups::open(&self.path("backups")).unwrap();
        let manifest = backups.find(Some(number)).unwrap();
        let paths = Paths { master_key: self.paths().master_key, ..Paths::of(&self.path(name)) };
        let listing = ListOfErasures::At(self.paths().erasures);
        restore(&backups, manifest, &paths, &listing, Arc::new(OsRandom), &mut |_| ()).unwrap().erased_again
    }
}

fn envelope(engine: &Engine, command: payment::Command) -> Envelope {
    Envelope::new(Provenance::new(engine.new_id(), Actor::Operator, Some(HERE)), Command::Payment(command))
}

async fn register(engine: &Engine) {
    let command = Command::Merchant(samples::register(merchant::Mode::Test));
    let provenance = Provenance::new(engine.new_id(), Actor::Operator, None);
    engine.submit(Envelope::new(provenance, command)).await.unwrap();
}

/// The key was in a write-ahead log, in a table file, in a table file that was compacted, or in several backups.
#[tokio::test]
async fn no_byte_of_a_key_is_left_wherever_it_was() {
    let home = Home::new();
    let engine = home.open();
    register(&engine).await;
    let mut payers = Vec::new();
    for number in 1..=3 {
        payers.push(home.payer(&engine, number).await);
    }
    home.back_up(&engine).await;
    engine.close().await.unwrap();
    drop(engine);
    let engine = home.open();
    for number in 4..=6 {
        payers.push(home.payer(&engine, number).await);
    }
    for payer in &payers {
        assert!(!home.holding("data", payer).is_empty(), "the search finds what is there");
    }
    for payer in [&payers[4], &payers[0], &payers[5], &payers[1]] {
        home.erase(&engine, payer).await.unwrap();
        assert_eq!(home.holding("data", payer), Vec::<String>::new(), "{}", payer.subject);
    }
    assert!(!home.holding("data", &payers[2]).is_empty(), "nobody else's is gone");
    home.back_up(&engine).await;
    engine.close().await.unwrap();
    assert_eq!(home.restore(1, "before"), [payers[0].subject, payers[1].subject]);
    assert_eq!(home.restore(2, "after"), []);
    for (index, payer) in payers.iter().enumerate() {
        let is_erased = [0, 1, 4, 5].contains(&index);
        for place in ["data", "before", "after"] {
            let was_there_yet = place != "before" || index < 3;
            let is_found = !home.holding(place, payer).is_empty();
            assert_eq!(is_found, was_there_yet && !is_erased, "{} in {place}", payer.subject);
        }
    }
}

/// Killed after the commit and before the files were seen to: what the next start finishes.
#[tokio::test]
async fn what_was_begun_is_finished_by_the_next_start() {
    let home = Home::new();
    let engine = home.open();
    register(&engine).await;
    let payer = home.payer(&engine, 1).await;
    let command = Command::Subject(subject::Command::Erase { subject: payer.subject });
    let provenance = Provenance::new(engine.new_id(), Actor::Operator, Some(HERE));
    let rows = Erasure::rows(payer.subject, payer.began);
    engine.submit(Envelope { vault: rows, ..Envelope::new(provenance, command) }).await.unwrap();
    assert!(!home.holding("data", &payer).is_empty(), "it is still in the log of writes");
    engine.close().await.unwrap();
    drop(engine);
    fs::remove_file(home.paths().erasures).unwrap();
    let engine = home.open();
    assert_eq!(home.holding("data", &payer), Vec::<String>::new());
    let list = ErasureList::read(&home.paths().erasures, engine.vault().master()).unwrap().unwrap();
    assert_eq!(list.listed().len(), 1, "and it is listed, even on a list that was lost");
    assert!(matches!(
        home.erase(&engine, &payer).await,
        Err(EraseError::Submit(SubmitError::Rejected(Rejection::Subject(subject::Rejection::Erased(_)))))
    ));
    engine.close().await.unwrap();
}

/// The same number can be another payer's in a log that went another way.
#[tokio::test]
async fn somebody_else_of_the_same_name_is_not_erased() {
    let home = Home::new();
    let engine = home.open();
    register(&engine).await;
    let payer = home.payer(&engine, 1).await;
    home.back_up(&engine).await;
    engine.close().await.unwrap();
    let master = MasterKey::load(&home.paths().master_key, false, &OsRandom).unwrap();
    let stranger =
        Erasure { subject: payer.subject, began: Uuid::from_u128(7), progress: Progress::Recorded };
    let list = ErasureList::open(&home.paths().erasures, &master).unwrap();
    list.add(&[stranger], START, &master).unwrap();
    assert_eq!(home.restore(1, "restored"), []);
    assert!(!home.holding("restored", &payer).is_empty());
}

/// Somebody who can log in, has handed in a document and let an app in; what of that must not be found.
async fn person(engine: &Engine, user: UserId) -> Payer {
    let subject = Subject::User(user);
    let (profile, key) = engine.vault().seal_new(subject, PLAIN);
    let password = format!("the hash of the password of {subject}");
    let login = Login { password: Some(password.clone()), indexes: vec![[user.0 as u8; 32]] };
    let document = engine.vault().seal_new(subject, PLAIN).0.bytes;
    let own = |family, rest: &[u8], value: &[u8]| VaultWrite {
        family,
        key: row_key(subject, rest),
        value: Some(value.to_vec()),
    };
    let grant = format!("what {subject} has allowed").into_bytes();
    let rows = [own(VaultFamily::Document, b"1", &document), own(VaultFamily::Grant, b"1", &grant)];
    let wish = user::Enrol { user, tenant: SHOP, client: None, profile };
    let provenance = Provenance::new(engine.new_id(), Actor::Operator, None);
    let mut envelope = Envelope::new(provenance, Command::User(user::Command::Enrol(wish)));
    envelope.vault = [vec![key], login.rows(subject, None), rows.into()].concat();
    let began = engine.submit(envelope).await.unwrap().events[0].header.id;
    let close = Command::User(user::Command::Close { user });
    let provenance = Provenance::new(engine.new_id(), Actor::Operator, None);
    engine.submit(Envelope::new(provenance, close)).await.unwrap();
    Payer { subject, began, secrets: [password.into_bytes(), document, grant] }
}

/// User 5 goes with everything; user 50, whose name begins alike, stays. A backup from before brings nothing back.
#[tokio::test]
async fn what_is_kept_under_a_name_goes_with_whoever_has_it() {
    let home = Home::new();
    let engine = home.open();
    register(&engine).await;
    let (goes, stays) = (person(&engine, UserId(5)).await, person(&engine, UserId(50)).await);
    let rows = || engine.vault().rows();
    assert_eq!(found_by(rows(), [5; 32]).unwrap(), Some(goes.subject));
    assert!(!home.holding("data", &goes).is_empty(), "the search finds rows");
    home.back_up(&engine).await;
    let provenance = Provenance::new(engine.new_id(), Actor::Operator, None);
    engine.erase(goes.subject, goes.began, provenance).await.unwrap();
    assert_eq!(found_by(rows(), [5; 32]).unwrap(), None);
    assert_eq!(personal_deleted(rows(), goes.subject).unwrap(), []);
    assert_eq!(home.holding("data", &goes), Vec::<String>::new());
    assert_eq!(found_by(rows(), [50; 32]).unwrap(), Some(stays.subject));
    assert_eq!(personal_deleted(rows(), stays.subject).unwrap().len(), 4, "login, index, document, grant");
    engine.close().await.unwrap();
    assert_eq!(home.restore(1, "restored"), [goes.subject]);
    assert_eq!(home.holding("restored", &goes), Vec::<String>::new());
    assert!(!home.holding("restored", &stays).is_empty());
}

/// What still comes in about a user who was erased is sealed under a key that nobody keeps.
#[tokio::test]
async fn no_key_comes_back() {
    let home = Home::new();
    let engine = home.open();
    register(&engine).await;
    let user = crate::domain::UserId(1);
    let subject = Subject::User(user);
    for command in [
        crate::domain::user::Command::Register { tenant: SHOP },
        crate::domain::user::Command::Close { user },
    ] {
        let provenance = Provenance::new(engine.new_id(), Actor::Operator, None);
        engine.submit(Envelope::new(provenance, Command::User(command))).await.unwrap();
    }
    let provenance = Provenance::new(engine.new_id(), Actor::Operator, None);
    engine.erase(subject, Uuid::nil(), provenance).await.unwrap();
    let (_, row) = engine.vault().seal_new(subject, PLAIN);
    let wish = samples::create(9, SHOP, Money::new(1_000, Currency::Jpy));
    let mut late = envelope(&engine, payment::Command::Create(wish));
    late.vault = vec![row.clone()];
    engine.submit(late).await.unwrap();
    assert_eq!(engine.vault().rows().get(VaultFamily::SubjectKey, &row.key).unwrap(), None);
    engine.close().await.unwrap();
}
