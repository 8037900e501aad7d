//! The engine as others hold it: opened once, shared freely, asked and submitted to.

mod backing_up;
#[cfg(test)]
mod contention;
mod erasing;
#[cfg(test)]
mod tests;

use std::{
    fs::{DirBuilder, File, TryLockError},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
};

use tokio::sync::{Semaphore, oneshot, watch};
use uuid::Uuid;

use crate::{
    clock::Clock,
    domain::{Rejection, Timestamp},
    fault::Fault,
    log::{Checkpoint, Head, Log, Recorded, RocksStore, TableStore, Walk, Witness, prove},
    state::{State, TABLES_VERSION, TableRows},
    vault::{MasterKey, Random, Vault, VaultRows},
    writer::{
        EVENTS_PER_CHECKPOINT, Envelope, Message, Outcome, Queue, Receipt, Seen, SeenSignature, Submission,
        Tools, Writer,
    },
};

pub use erasing::EraseError;

/// Envelopes that may wait for the writer at once; more are told to come back.
const WAITING_MAX: u32 = 65_536;
/// Bytes of commits read at once to find events again.
const READ_BYTES: usize = 1;

/// Where an embedded engine keeps what.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The data folder.
    pub data: PathBuf,
    /// The witness; `witness` in the data folder unless it is kept elsewhere.
    pub witness: PathBuf,
    /// The master key, outside the data folder.
    pub master_key: PathBuf,
    /// The list of erasures, outside the data folder and its backups.
    pub erasures: PathBuf,
}

impl Paths {
    /// The places under and beside `data`, where no other is asked for.
    pub fn of(data: &Path) -> Self {
        // Absolute, so that `.` and a slash at the end name the same places as the full path.
        let data =
            std::path::absolute(data).unwrap_or_else(|_| data.to_owned()).components().collect::<PathBuf>();
        let beside = |end: &str| {
            let mut name = data.file_name().unwrap_or_default().to_owned();
            name.push(end);
            data.with_file_name(name)
        };
        let (master_key, erasures) = (beside(".master-key"), beside(".erasures"));
        Self { witness: data.join("witness"), master_key, erasures, data }
    }

    /// The store of log, tables and vault.
    pub fn ledger(&self) -> PathBuf {
        self.data.join("ledger")
    }

    /// The read models, which may be deleted at any time.
    pub fn models(&self) -> PathBuf {
        self.data.join("models")
    }
}

/// What an engine works with besides its store.
pub struct Options {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
}

/// Why a command got no receipt.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    /// It was refused, and nothing changed.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Too many others are waiting; nothing changed.
    #[error("too many commands are waiting; try again")]
    Busy,
    /// The writer stopped before it answered: only a retry with the same key tells what happened.
    #[error("the outcome is unknown; retry with the same idempotency key")]
    OutcomeUnknown,
    /// The writer had stopped already; nothing changed.
    #[error("the ledger has stopped")]
    Stopped,
    /// The answer of an earlier request cannot be read back.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The running engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    log: Arc<dyn Log>,
    vault: Vault,
    vault_rows: Arc<dyn VaultRows>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    queue: Mutex<mpsc::Sender<Message>>,
    places: Arc<Semaphore>,
    head: watch::Receiver<Head>,
    ended: watch::Receiver<Option<Arc<Result<(), Fault>>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    around: Around,
    /// Held by whoever copies the store's files, or sees to it that some go.
    upkeep: Arc<tokio::sync::Mutex<()>>,
}

/// What an engine over files has, and one over a test's store does without.
#[derive(Default)]
struct Around {
    rocks: Option<Arc<RocksStore>>,
    erasures: Option<PathBuf>,
    data: Option<PathBuf>,
    _lock: Option<File>,
}

impl Engine {
    /// Opens the embedded store under `paths`, proves it, and starts the writer.
    ///
    /// # Errors
    /// [`Fault`] when the folder is in use, the key is wrong, or anything is damaged or missing.
    pub fn open(paths: &Paths, options: Options) -> Result<Self, Fault> {
        make_private_folder(&paths.data)?;
        let lock = lock(&paths.data)?;
        let exists = RocksStore::exists(&paths.ledger())?;
        for (what, path) in [("master key", &paths.master_key), ("list of erasures", &paths.erasures)] {
            refuse_inside(&paths.data, path, what)?;
        }
        let witnessed = Witness::read(&paths.witness)?;
        if !exists && witnessed != Head::default() {
            return Err(Fault::Missing { head: 0, witnessed: witnessed.position });
        }
        let master = MasterKey::load(&paths.master_key, !exists, &*options.random)?;
        if exists {
            prove_tail(&RocksStore::open_read_only(&paths.ledger())?, witnessed)?;
        } else {
            RocksStore::make(&paths.ledger())?;
        }
        let store = Arc::new(RocksStore::open(&paths.ledger())?);
        let witness = Witness::open(&paths.witness)?;
        let around = Around {
            rocks: Some(store.clone()),
            erasures: Some(paths.erasures.clone()),
            data: Some(paths.data.clone()),
            _lock: Some(lock),
        };
        Self::start(store, master, Some(witness), options, around)
    }

    /// Starts the writer over any store, without witness or lock.
    ///
    /// # Errors
    /// [`Fault`] when anything in it is damaged.
    pub fn over<S>(store: Arc<S>, master: MasterKey, options: Options) -> Result<Self, Fault>
    where
        S: Log + TableStore + VaultRows + 'static,
    {
        prove_tail(&*store, Head::default())?;
        Self::start(store, master, None, options, Around::default())
    }

    fn start<S>(
        store: Arc<S>,
        master: MasterKey,
        witness: Option<Witness>,
        options: Options,
        around: Around,
    ) -> Result<Self, Fault>
    where
        S: Log + TableStore + VaultRows + 'static,
    {
        let vault = Vault::open(master, store.clone(), options.random.clone())?;
        erasing::finish(&vault, around.erasures.as_deref(), options.clock.now())?;
        let (state, committed_at) = catch_up(store.clone())?;
        let restored = erasing::restored(&vault, &state)?;
        let (queue, receiver) = mpsc::channel();
        let (publish, head) = watch::channel(store.head()?);
        let (end, ended) = watch::channel(None);
        let tools = Tools {
            log: store.clone(),
            tables: store.clone(),
            vault: store.clone(),
            clock: options.clock.clone(),
            random: options.random.clone(),
            witness,
        };
        let writer = Writer::new(tools, state, committed_at, Queue(receiver), publish)?;
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| writer.run()));
            let result =
                result.unwrap_or_else(|_| Err(Fault::Store("the writer met a bug and stopped".into())));
            end.send_replace(Some(Arc::new(result)));
        });
        let thread = thread.map_err(|error| Fault::Store(error.to_string()))?;
        let engine = Self {
            shared: Arc::new(Shared {
                log: store.clone(),
                vault,
                vault_rows: store,
                clock: options.clock,
                random: options.random,
                queue: Mutex::new(queue),
                places: Arc::new(Semaphore::new(WAITING_MAX as usize)),
                head,
                ended,
                writer: Mutex::new(Some(thread)),
                around,
                upkeep: Arc::default(),
            }),
        };
        engine.record_again(restored)?;
        Ok(engine)
    }

    /// Submits one command and waits until what follows from it is durable.
    ///
    /// # Errors
    /// [`SubmitError`]; unless it is `OutcomeUnknown`, nothing changed.
    pub async fn submit(&self, envelope: Envelope) -> Result<Receipt, SubmitError> {
        let mut outcomes = self.submit_all(vec![envelope]).await?;
        outcomes.pop().expect("every envelope has an outcome")
    }

    /// Submits commands together, to be decided in order; each has an outcome of its own.
    ///
    /// # Errors
    /// [`SubmitError`] when they did not get as far as being decided.
    pub async fn submit_all(
        &self,
        envelopes: Vec<Envelope>,
    ) -> Result<Vec<Result<Receipt, SubmitError>>, SubmitError> {
        let count = u32::try_from(envelopes.len()).unwrap_or(u32::MAX);
        let places = self.shared.places.clone().try_acquire_many_owned(count);
        let places = places.map_err(|_| SubmitError::Busy)?;
        let (reply, answer) = oneshot::channel();
        let submission = Submission { envelopes, reply, places };
        self.send(Message::Submit(submission)).map_err(|_| SubmitError::Stopped)?;
        let outcomes = answer.await.map_err(|_| SubmitError::OutcomeUnknown)?;
        if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Repeated { .. })) {
            // What was answered before is read from disk, a whole commit at least.
            let engine = self.clone();
            let receipts = move || outcomes.into_iter().map(|outcome| engine.receipt(outcome)).collect();
            return Ok(tokio::task::spawn_blocking(receipts).await.expect("reading receipts does not panic"));
        }
        Ok(outcomes.into_iter().map(|outcome| self.receipt(outcome)).collect())
    }

    /// The answer that a request with this signature had before; `None` if the signature opened none that is
    /// remembered.
    ///
    /// It sees what is durable: of two requests at once the writer decides, so whoever submits passes the
    /// signature on.
    ///
    /// # Errors
    /// [`Rejection::SignatureReused`] if it opened another request; [`SubmitError::Fault`] when the answer cannot
    /// be read back.
    pub async fn answered(&self, signature: &SeenSignature) -> Result<Option<Receipt>, SubmitError> {
        // The vault's row can be seen a moment before the head tells of its commit: then nobody was answered yet.
        let seen = Seen::in_vault(&*self.shared.vault_rows, &signature.key)?;
        let head = self.shared.log.head()?.position;
        let seen = seen.filter(|seen| seen.first <= head);
        let Some(outcome) = seen.map(|seen| seen.outcome(signature.request)) else { return Ok(None) };
        // Read from disk, a whole commit at least.
        let engine = self.clone();
        let receipt = tokio::task::spawn_blocking(move || engine.receipt(outcome)).await;
        receipt.expect("reading a receipt does not panic").map(Some)
    }

    /// Where the log ends, as far as it is durable.
    pub fn head(&self) -> Head {
        *self.shared.head.borrow()
    }

    /// Follows the head: changes after every commit.
    pub fn watch_head(&self) -> watch::Receiver<Head> {
        self.shared.head.clone()
    }

    /// The log, for those who follow it.
    pub fn log(&self) -> &Arc<dyn Log> {
        &self.shared.log
    }

    /// The vault.
    pub fn vault(&self) -> &Vault {
        &self.shared.vault
    }

    /// The wall clock's time.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.shared.random.fill(&mut bytes);
        bytes
    }

    /// A new time-ordered id.
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().0 / 1_000).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random()).into_uuid()
    }

    /// Events from position `first`, `count` of them, as they are in the log.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn events(&self, first: u64, count: u64) -> Result<Vec<Recorded>, Fault> {
        let mut events = Vec::new();
        let mut next = first;
        while next < first + count {
            let frames = self.shared.log.read(next, READ_BYTES)?;
            let missing = || Fault::Damaged { position: next, what: "the event is missing".into() };
            let frame = frames.first().ok_or_else(missing)?;
            let wanted = |event: &Recorded| (first..first + count).contains(&event.position);
            events.extend(frame.records()?.into_iter().filter(wanted));
            next = frame.last() + 1;
        }
        Ok(events)
    }

    /// Has the writer look at the clock again; needed only when a test has moved it.
    pub fn wake(&self) {
        // A writer that has ended needs no waking.
        let _ = self.send(Message::Wake);
    }

    /// Whether the writer has ended.
    pub fn has_ended(&self) -> bool {
        self.shared.ended.borrow().is_some()
    }

    /// Waits until the writer has ended, and tells why: asked to, or by a fault.
    pub async fn ended(&self) -> Arc<Result<(), Fault>> {
        let mut ended = self.shared.ended.clone();
        let result = ended.wait_for(Option::is_some).await.map(|result| result.clone());
        let died = || Arc::new(Err(Fault::Store("the writer died".into())));
        result.ok().flatten().unwrap_or_else(died)
    }

    /// Finishes what is queued, saves the tables, and ends.
    ///
    /// # Errors
    /// [`Fault`] when the writer could not save, or had ended with a fault before.
    pub async fn close(&self) -> Result<(), Fault> {
        // A writer that has ended already is what we want.
        let _ = self.send(Message::Stop);
        let result = self.ended().await;
        if let Some(writer) =
            self.shared.writer.lock().expect("nothing panics while it holds the writer").take()
        {
            // Its end was reported above, and it does nothing after that.
            let _ = writer.join();
        }
        (*result).clone()
    }

    fn send(&self, message: Message) -> Result<(), mpsc::SendError<Message>> {
        self.shared.queue.lock().expect("nothing panics while it holds the queue").send(message)
    }

    fn receipt(&self, outcome: Outcome) -> Result<Receipt, SubmitError> {
        match outcome {
            Outcome::Accepted { recorded } => Ok(Receipt { events: recorded, repeated: false }),
            Outcome::Repeated { first, count } => {
                Ok(Receipt { events: self.events(first, u64::from(count))?, repeated: true })
            }
            Outcome::Rejected(rejection) => Err(SubmitError::Rejected(rejection)),
        }
    }
}

/// Nobody else on the machine has any business in the data folder.
pub(crate) fn make_private_folder(path: &Path) -> Result<(), Fault> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| Fault::file(path, &error))
}

/// One process at a time: held until the engine is gone.
fn lock(data: &Path) -> Result<File, Fault> {
    let path = data.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| Fault::file(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Fault::InUse(data.display().to_string())),
        Err(TryLockError::Error(error)) => Err(Fault::file(&path, &error)),
    }
}

/// A key beside the data it seals protects nothing, nor does a list of what is to be forgotten that is put back with it:
/// whoever copies the folder has both.
pub(crate) fn refuse_inside(data: &Path, path: &Path, what: &str) -> Result<(), Fault> {
    let resolve = |path: &Path| path.canonicalize().map_err(|error| Fault::file(path, &error));
    // What is not there yet is wherever the nearest folder is that is.
    let path = std::path::absolute(path).map_err(|error| Fault::file(path, &error))?;
    let folder = path.ancestors().skip(1).find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    if resolve(folder)?.starts_with(resolve(data)?) {
        return Err(Fault::MasterKey(format!("the {what} must be kept outside the data folder")));
    }
    Ok(())
}

/// Proves the chain from the tables' checkpoint to the head, and that the log still holds the commits that the
/// checkpoint and the witness saw last. The audit proves the rest.
fn prove_tail<S: Log + TableStore>(store: &S, witnessed: Head) -> Result<(), Fault> {
    let head = store.head()?;
    if head.position < witnessed.position {
        return Err(Fault::Missing { head: head.position, witnessed: witnessed.position });
    }
    let checkpoint = store.checkpoint()?.head;
    if checkpoint.position > head.position {
        return Err(Fault::Missing { head: head.position, witnessed: checkpoint.position });
    }
    // The witness may lag a little behind the checkpoint after a power cut: walking from the first event for that
    // would make opening take as long as the log is old.
    for (who, end) in [("tables", checkpoint), ("witness", witnessed)] {
        let is_there = end == Head::default()
            || store.read(end.position, READ_BYTES)?.first().is_some_and(|frame| frame.head() == end);
        if !is_there {
            let what = format!("the {who} ended with another commit");
            return Err(Fault::Damaged { position: end.position, what });
        }
    }
    prove(store, checkpoint).map(drop)
}

/// The tables at the head, and the time of its commit: those of the last checkpoint, with the tail folded in.
fn catch_up<S: Log + TableStore + 'static>(store: Arc<S>) -> Result<(State, Timestamp), Fault> {
    let mut checkpoint = store.checkpoint()?;
    if checkpoint.version != TABLES_VERSION && checkpoint.head.position > 0 {
        store.clear()?;
        checkpoint = store.checkpoint()?;
    }
    let rows: Arc<dyn TableRows> = store.clone();
    let mut state = State::load(&rows)?;
    let head = store.head()?;
    let mut committed_at = Timestamp::default();
    let mut walk = Walk::new(&*store, checkpoint.head, head.position);
    while let Some(frame) = walk.next_commit()? {
        for recorded in frame.records()? {
            state.fold(recorded.position, &recorded.header, &recorded.event);
        }
        // A replay from nothing holds no more in memory than the writer does.
        if frame.last() - checkpoint.head.position >= EVENTS_PER_CHECKPOINT {
            checkpoint = Checkpoint { head: frame.head(), version: TABLES_VERSION };
            store.save(checkpoint, state.drain_dirty())?;
            state.evict();
        }
    }
    if let Some(last) = store.read(head.position, READ_BYTES)?.pop().filter(|_| head.position > 0) {
        committed_at = last.recorded_at();
    }
    Ok((state, committed_at))
}
