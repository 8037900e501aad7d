//! A ledger of its own for each measurement, with users who have enough to give.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use choai_engine::{
    Engine, Envelope, Options, Outcome, Paths, Provenance, SystemClock,
    books::{Holder, Realm},
    domain::{Command, Digest, SecretId, UserId, merchant, user, wallet},
    log::Actor,
    money::{Currency, Money},
    vault::OsRandom,
};
use tokio::runtime::{Builder, Runtime};

use crate::load::{Load, REALM, SHOP};

/// What everyone has at first: more than anybody can give.
const FUNDS: Money = Money::new(1_000_000_000_000, Currency::Usd);
/// So many at once, well below what may wait.
const AT_ONCE: usize = 5_000;

pub struct Ledger {
    pub engine: Engine,
    pub paths: Paths,
}

impl Ledger {
    /// Opens a new ledger at `data` as `choai serve` does, and makes those of `load` there.
    pub fn open(data: &Path, load: &Load) -> Self {
        let paths = Paths::of(data);
        let options = Options { clock: Arc::new(SystemClock), random: Arc::new(OsRandom) };
        let engine = Engine::open(&paths, options).expect("a new ledger opens");
        let ledger = Self { engine, paths };
        ledger.submit(vec![(None, registration(&ledger.engine))]);
        let user = |_| (None, Command::User(user::Command::Register { tenant: SHOP }));
        let credit = |user| wallet::Command::Credit { holder: Holder::User(UserId(user)), amount: FUNDS };
        let credit = |user| (Some(REALM), Command::Wallet(credit(user)));
        for first in (1..=load.users()).step_by(AT_ONCE) {
            let some = first..=load.users().min(first - 1 + AT_ONCE as u32);
            ledger.submit(some.clone().map(user).collect());
            ledger.submit(some.map(credit).collect());
        }
        ledger
    }

    fn submit(&self, commands: Vec<(Option<Realm>, Command)>) {
        let envelope = |(realm, command)| {
            let provenance = Provenance::new(self.engine.new_id(), Actor::Operator, realm);
            Envelope::new(provenance, command)
        };
        let outcomes =
            runtime().block_on(self.engine.submit_all(commands.into_iter().map(envelope).collect()));
        let accepted = |outcome: &Outcome| matches!(outcome, Outcome::Accepted(_));
        assert!(outcomes.expect("the writer runs").iter().all(accepted), "what is prepared is accepted");
    }

    /// Closes the ledger; how many bytes it has on disk.
    pub fn close_and_measure(self) -> u64 {
        runtime().block_on(self.engine.close()).expect("the ledger closes");
        bytes_under(&self.paths.data)
    }
}

/// A runtime for one caller.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime for one caller")
}

fn registration(engine: &Engine) -> Command {
    Command::Merchant(merchant::Command::Register {
        name: "Sample Shop".to_owned(),
        access_key: Digest(engine.random()),
        client_id: engine.new_id().to_string(),
        client_secret: Digest(engine.random()),
        secret: SecretId(engine.random()),
        signature_required: false,
        mode: merchant::Mode::Test,
    })
}

fn bytes_under(folder: &Path) -> u64 {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut bytes = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            match entry.metadata() {
                Ok(known) if known.is_dir() => folders.push(entry.path()),
                Ok(known) => bytes += known.len(),
                // Deleted by RocksDB meanwhile.
                Err(_) => {}
            }
        }
    }
    bytes
}
