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
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use tokio::sync::{Semaphore, oneshot, watch};
use uuid::Uuid;

use crate::{
    books::Realm,
    clock::Clock,
    domain::{Rejection, Timestamp, UserId},
    fault::Fault,
    log::{Frame, Head, Log, Recorded, RocksStore, RocksTables, Walk, Witness, prove},
    state::{self, Checkpoint, Past, State, TABLES_VERSION, TableRows, TableStore},
    vault::{Erasure, MasterKey, Random, Vault, VaultRows},
    writer::{
        Answer, Checkpoints, Ended, Envelope, LookedUp, Message, Outcome, Placed, Queue, Receipt, Seen,
        SeenSignature, Sender, Submission, Tools, Writer,
    },
};

pub use erasing::EraseError;

/// Envelopes that may wait for their answers at once; more are told to come back.
const WAITING_MAX: u32 = 65_536;
/// Request signatures remembered at once, in about half a gigabyte: while there are more, no request with another one is
/// taken. Each is remembered for some ten minutes, so these are 6,600 a second.
const SIGNATURES_MAX: usize = 4_000_000;
/// Bytes of commits read at once to find events again.
const READ_BYTES: usize = 1;
/// Commits decoded ahead of being folded.
const DECODED_MAX: usize = 2;

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

    /// The store of log and vault.
    pub fn ledger(&self) -> PathBuf {
        self.data.join("ledger")
    }

    /// The writer's tables, which may be deleted at any time.
    pub fn tables(&self) -> PathBuf {
        self.data.join("tables")
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
    /// The disk is as good as full; nothing changed, and reading goes on.
    #[error("there is no room on the disk for another command; try again when there is")]
    NoRoom,
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
    queue: Sender,
    places: Arc<Semaphore>,
    answered: state::Shared,
    signatures: Arc<AtomicUsize>,
    /// The number that nobody drew yet.
    next_user: AtomicU32,
    head: watch::Receiver<Head>,
    ended: watch::Receiver<Option<Arc<Result<(), Fault>>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    around: Around,
    /// Held by whoever copies the store's files, or sees to it that some go.
    upkeep: Arc<tokio::sync::Mutex<()>>,
    /// Goes after all that is above.
    held: watch::Sender<()>,
}

/// What an engine over files has, and one over a test's store does without.
#[derive(Default)]
struct Around {
    rocks: Option<Arc<RocksStore>>,
    erasures: Option<PathBuf>,
    data: Option<PathBuf>,
    _lock: Option<File>,
}

/// An engine whose writer has not begun.
struct Made {
    engine: Engine,
    writer: Writer,
    /// How whoever runs the writer tells of its end.
    end: watch::Sender<Option<Arc<Result<(), Fault>>>>,
    /// Erasures that the log does not tell of, because it was restored from before them.
    restored: Vec<(Erasure, Option<Realm>)>,
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
        if !exists {
            RocksStore::make(&paths.ledger())?;
        }
        let tables = Arc::new(RocksTables::open(&paths.tables())?);
        prove_tail(&RocksStore::open_read_only(&paths.ledger())?, &*tables, witnessed)?;
        let store = Arc::new(RocksStore::open(&paths.ledger())?);
        let witness = Witness::open(&paths.witness)?;
        let around = Around {
            rocks: Some(store.clone()),
            erasures: Some(paths.erasures.clone()),
            data: Some(paths.data.clone()),
            _lock: Some(lock),
        };
        Self::start(store, tables, master, Some(witness), options, around)
    }

    /// Starts the writer over any store, without witness or lock.
    ///
    /// # Errors
    /// [`Fault`] when anything in it is damaged.
    pub fn over<S>(store: Arc<S>, master: MasterKey, options: Options) -> Result<Self, Fault>
    where
        S: Log + TableStore + VaultRows + 'static,
    {
        prove_tail(&*store, &*store, Head::default())?;
        Self::start(store.clone(), store, master, None, options, Around::default())
    }

    /// As [`Self::over`], with a writer that is at rest: whoever tests it has it take its rounds.
    ///
    /// # Errors
    /// [`Fault`] when anything in the store is damaged.
    #[cfg(test)]
    pub(crate) fn at_rest<S>(
        store: Arc<S>,
        master: MasterKey,
        options: Options,
        checkpoints: Checkpoints,
    ) -> Result<(Self, Writer), Fault>
    where
        S: Log + TableStore + VaultRows + 'static,
    {
        prove_tail(&*store, &*store, Head::default())?;
        let around = Around::default();
        let made = Self::make(store.clone(), store, master, None, options, around, checkpoints)?;
        Ok((made.engine, made.writer))
    }

    fn start<S>(
        store: Arc<S>,
        tables: Arc<dyn TableStore>,
        master: MasterKey,
        witness: Option<Witness>,
        options: Options,
        around: Around,
    ) -> Result<Self, Fault>
    where
        S: Log + VaultRows + 'static,
    {
        let made = Self::make(store, tables, master, witness, options, around, Checkpoints::DEFAULT)?;
        let Made { engine, writer, end, restored } = made;
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| writer.run()));
            let result =
                result.unwrap_or_else(|_| Err(Fault::Store("the writer met a bug and stopped".into())));
            end.send_replace(Some(Arc::new(result)));
        });
        let thread = thread.map_err(|error| Fault::Store(error.to_string()))?;
        *engine.shared.writer.lock().expect("nothing panics while it holds the writer") = Some(thread);
        engine.record_again(restored)?;
        Ok(engine)
    }

    fn make<S>(
        store: Arc<S>,
        tables: Arc<dyn TableStore>,
        master: MasterKey,
        witness: Option<Witness>,
        options: Options,
        around: Around,
        checkpoints: Checkpoints,
    ) -> Result<Made, Fault>
    where
        S: Log + VaultRows + 'static,
    {
        let vault = Vault::open(master, store.clone(), options.random.clone())?;
        erasing::finish(&vault, around.erasures.as_deref(), options.clock.now())?;
        let (state, committed_at) = catch_up(&*store, &tables, checkpoints)?;
        let restored = erasing::restored(&vault, &state)?;
        let answered = state.answered.shared();
        let next_user = AtomicU32::new(state.next_user().0);
        let queue = Queue::new();
        let sender = queue.sender();
        let (publish, head) = watch::channel(store.head()?);
        let (end, ended) = watch::channel(None);
        let tools = Tools {
            log: store.clone(),
            tables,
            vault: store.clone(),
            clock: options.clock.clone(),
            random: options.random.clone(),
            witness,
            checkpoints,
        };
        let writer = Writer::new(tools, state, committed_at, queue, publish)?;
        let signatures = writer.signatures();
        let engine = Self {
            shared: Arc::new(Shared {
                log: store.clone(),
                vault,
                vault_rows: store,
                clock: options.clock,
                random: options.random,
                queue: sender,
                places: Arc::new(Semaphore::new(WAITING_MAX as usize)),
                answered,
                signatures,
                next_user,
                head,
                ended,
                writer: Mutex::new(None),
                around,
                upkeep: Arc::default(),
                held: watch::Sender::default(),
            }),
        };
        Ok(Made { engine, writer, end, restored })
    }

    /// Submits one command and waits until what follows from it is durable.
    ///
    /// # Errors
    /// [`SubmitError`]; unless it is `OutcomeUnknown`, nothing changed.
    pub async fn submit(&self, envelope: Envelope) -> Result<Receipt, SubmitError> {
        let Answer { mut outcomes, frame } = self.answer(vec![envelope]).await?;
        match outcomes.pop().expect("every envelope has an outcome") {
            Outcome::Accepted(placed) => {
                let frame = frame.filter(|frame| placed.count == 0 || frame.first() <= placed.first);
                match frame {
                    Some(frame) => receipt_in(&frame, placed),
                    None => self.receipt(placed, false).await,
                }
                // It was done: that it cannot be told is no reason to say otherwise.
                .map_err(|_| SubmitError::OutcomeUnknown)
            }
            Outcome::Repeated(placed) => self.receipt(placed, true).await,
            Outcome::Rejected(rejection) => Err(SubmitError::Rejected(*rejection)),
        }
    }

    /// Submits commands together, to be decided in order; each has an outcome of its own. They may be committed in
    /// several commits, and those of others with them.
    ///
    /// # Errors
    /// [`SubmitError`] when they did not get as far as being decided.
    pub async fn submit_all(&self, envelopes: Vec<Envelope>) -> Result<Vec<Outcome>, SubmitError> {
        Ok(self.answer(envelopes).await?.outcomes)
    }

    async fn answer(&self, envelopes: Vec<Envelope>) -> Result<Answer, SubmitError> {
        let count = u32::try_from(envelopes.len()).unwrap_or(u32::MAX);
        let places = self.shared.places.clone().try_acquire_many_owned(count);
        let places = places.map_err(|_| SubmitError::Busy)?;
        if !self.has_room().unwrap_or(false) {
            return Err(SubmitError::NoRoom);
        }
        if self.shared.signatures.load(Ordering::Relaxed) >= SIGNATURES_MAX
            && envelopes.iter().any(|envelope| envelope.signature.is_some())
        {
            // Some may have had their time, and nobody else may come.
            self.wake();
            return Err(SubmitError::Busy);
        }
        let looked_up = self.look_up(&envelopes)?;
        let (reply, answer) = oneshot::channel();
        let submission = Submission { envelopes, looked_up, reply, places };
        self.send(Message::Submit(submission)).map_err(|_| SubmitError::Stopped)?;
        answer.await.map_err(|_| SubmitError::OutcomeUnknown)
    }

    /// What the envelopes' keys have led to. What we look at may be merged meanwhile, and deleted: then we look again.
    fn look_up(&self, envelopes: &[Envelope]) -> Result<LookedUp, Fault> {
        let mut past = self.shared.answered.now();
        loop {
            let looked_up = look_up(&past, envelopes);
            let now = self.shared.answered.now();
            if looked_up.is_ok() || Arc::ptr_eq(&past, &now) {
                return looked_up;
            }
            past = now;
        }
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
        let seen = seen.filter(|seen| seen.placed.first <= head);
        match seen.map(|seen| seen.outcome(signature.request)) {
            None => Ok(None),
            Some(Outcome::Accepted(placed) | Outcome::Repeated(placed)) => {
                self.receipt(placed, true).await.map(Some)
            }
            Some(Outcome::Rejected(rejection)) => Err(SubmitError::Rejected(*rejection)),
        }
    }

    /// Where the log ends, as far as it is durable.
    pub fn head(&self) -> Head {
        *self.shared.head.borrow()
    }

    /// Whether there is room on the disk for more events.
    ///
    /// # Errors
    /// [`Fault`] when the system does not say.
    pub fn has_room(&self) -> Result<bool, Fault> {
        self.shared.log.has_room()
    }

    /// From now on commands are refused while less than this is free on the ledger's disk.
    pub fn keep_free(&self, bytes: u64) {
        if let Some(rocks) = &self.shared.around.rocks {
            rocks.keep_free(bytes);
        }
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

    /// A number for a user: nobody has been given it since the ledger was opened, and hardly anybody has it. Of two who
    /// enrol under one, the writer takes the first.
    pub fn draw_user_id(&self) -> UserId {
        UserId(self.shared.next_user.fetch_add(1, Ordering::Relaxed))
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
            events.extend(frame.records_at(first, count)?);
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

    /// Gives this handle back, and waits until all others have been: then the store is closed, and can be opened
    /// again.
    pub async fn let_go(self) {
        let mut held = self.shared.held.subscribe();
        drop(self);
        // Nobody ever sends anything: it ends when the sender goes.
        let _ = held.changed().await;
    }

    fn send(&self, message: Message) -> Result<(), Ended> {
        self.shared.queue.send(message)
    }

    /// A receipt read from the log: a whole commit at least, and from disk.
    async fn receipt(&self, placed: Placed, repeated: bool) -> Result<Receipt, SubmitError> {
        let engine = self.clone();
        let read = move || engine.events(placed.first, u64::from(placed.count));
        let events = tokio::task::spawn_blocking(read).await.expect("reading events does not panic")?;
        Ok(Receipt { events, repeated })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // A writer that has ended already is what we want.
        let _ = self.queue.send(Message::Stop);
    }
}

/// Looks up what the envelopes' keys have led to, as far as the store has it: by the filters, and for those few that
/// pass them, on disk, which is short enough for whoever submits to wait for.
fn look_up(past: &Past, envelopes: &[Envelope]) -> Result<LookedUp, Fault> {
    let mut found = Vec::new();
    for (at, envelope) in envelopes.iter().enumerate() {
        let Some(idempotency) = envelope.provenance.idempotency else { continue };
        if let Some(answered) = past.get(&idempotency.key)? {
            found.push((at, answered));
        }
    }
    Ok(LookedUp { drain: Some(past.drain()), found })
}

/// The receipt of events in a commit that was just made.
fn receipt_in(frame: &Frame, placed: Placed) -> Result<Receipt, SubmitError> {
    let events = frame.records_at(placed.first, u64::from(placed.count))?;
    Ok(Receipt { events, repeated: false })
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
pub(crate) fn prove_tail(log: &dyn Log, tables: &dyn TableStore, witnessed: Head) -> Result<(), Fault> {
    let head = log.head()?;
    if head.position < witnessed.position {
        return Err(Fault::Missing { head: head.position, witnessed: witnessed.position });
    }
    let checkpoint = tables.checkpoint()?.head;
    if checkpoint.position > head.position {
        return Err(Fault::Missing { head: head.position, witnessed: checkpoint.position });
    }
    // The witness may lag a little behind the checkpoint after a power cut: walking from the first event for that
    // would make opening take as long as the log is old.
    for (who, end) in [("tables", checkpoint), ("witness", witnessed)] {
        let is_there = end == Head::default()
            || log.read(end.position, READ_BYTES)?.first().is_some_and(|frame| frame.head() == end);
        if !is_there {
            let what = format!("the {who} ended with another commit");
            return Err(Fault::Damaged { position: end.position, what });
        }
    }
    prove(log, checkpoint).map(drop)
}

/// Decodes every commit, until there is a fault or nobody wants any more.
fn decode(mut walk: Walk<'_>, decoded: &SyncSender<Result<(Head, Vec<Recorded>), Fault>>) {
    let mut next = || -> Result<Option<(Head, Vec<Recorded>)>, Fault> {
        let Some(frame) = walk.next_commit()? else { return Ok(None) };
        Ok(Some((frame.head(), frame.records()?)))
    };
    while let Some(commit) = next().transpose() {
        let is_fault = commit.is_err();
        if decoded.send(commit).is_err() || is_fault {
            return;
        }
    }
}

/// The tables at the head, and the time of its commit: those of the last checkpoint, with the tail folded in.
fn catch_up(
    log: &dyn Log,
    tables: &Arc<dyn TableStore>,
    checkpoints: Checkpoints,
) -> Result<(State, Timestamp), Fault> {
    let mut checkpoint = tables.checkpoint()?;
    if checkpoint.version != TABLES_VERSION && checkpoint.head.position > 0 {
        tables.clear()?;
        checkpoint = tables.checkpoint()?;
    }
    let rows: Arc<dyn TableRows> = tables.clone();
    let mut state = State::load(&rows)?;
    let head = log.head()?;
    let mut committed_at = Timestamp::default();
    let walk = Walk::new(log, checkpoint.head, head.position);
    std::thread::scope(|scope| {
        // Reading and decoding take as long as folding.
        let (decoded, commits) = sync_channel(DECODED_MAX);
        scope.spawn(move || decode(walk, &decoded));
        for commit in commits {
            let (end, records): (Head, Vec<Recorded>) = commit?;
            for Recorded { position, header, event, .. } in &records {
                state.fold(*position, header, event);
            }
            // A replay from nothing holds no more in memory than the writer does.
            if checkpoints.are_overdue(end.position - checkpoint.head.position, state.changed()) {
                checkpoint = Checkpoint::at(end);
                let unsaved = state.drain();
                let drain = unsaved.drain();
                unsaved.save(&**tables, checkpoint)?;
                state.evict(drain);
            }
        }
        Ok::<(), Fault>(())
    })?;
    if let Some(last) = log.read(head.position, READ_BYTES)?.pop().filter(|_| head.position > 0) {
        committed_at = last.recorded_at();
    }
    Ok((state, committed_at))
}
