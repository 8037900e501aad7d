//! Commits read, verified and decoded ahead of who judges them, on as many threads as there are processors.
//!
//! Whichever thread is free reads the next page and, while nobody else can, queues where its result will come. So
//! results come in the order of the log, whoever is done first, and memory holds a few pages, however long the log is.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use super::{Level, facts::Commit};
use crate::{
    fault::Fault,
    log::{Frame, Log},
};

/// Read from the log at once; a full commit of small records is about as much.
const PAGE_BYTES: usize = 1024 * 1024;
/// Pages queued for each thread, besides the one it decodes: enough that none waits for a slower one.
const PAGES_QUEUED: usize = 2;

type Page = Result<Vec<Commit>, Fault>;

/// The log from its first event on, commit by commit.
pub(super) struct Ahead {
    pages: Receiver<Receiver<Page>>,
    page: VecDeque<Commit>,
}

/// Reads `log` up to position `until`, and has `judge` take what it wants of it.
pub(super) fn along(log: &dyn Log, level: Level, until: u64, judge: impl FnOnce(&mut Ahead)) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (queue, pages) = sync_channel(threads * PAGES_QUEUED);
    let source = Mutex::new(Source { log, next: 1, until, queue: Some(queue) });
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| decode_pages(&source, level));
        }
        let mut ahead = Ahead { pages, page: VecDeque::new() };
        judge(&mut ahead);
        // Nobody listens to the threads any more: they end, and so does the scope.
        drop(ahead);
    });
}

impl Ahead {
    /// The next commit there is, whether or not it follows from the one before; `None` if there is none.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read; nothing comes after that.
    pub(super) fn next(&mut self) -> Result<Option<Commit>, Fault> {
        while self.page.is_empty() {
            let Ok(page) = self.pages.recv() else { return Ok(None) };
            self.page = page.recv().expect("whoever reads a page hands it on")?.into();
        }
        Ok(self.page.pop_front())
    }
}

/// What is left to read.
struct Source<'a> {
    log: &'a dyn Log,
    next: u64,
    until: u64,
    /// Gone once there is nothing more.
    queue: Option<SyncSender<Receiver<Page>>>,
}

/// A page that was read, and where to send what comes of it.
struct Turn {
    frames: Result<Vec<Frame>, Fault>,
    result: SyncSender<Page>,
}

impl Source<'_> {
    /// The next page; `None` if there is none, or nobody wants it.
    fn turn(&mut self) -> Option<Turn> {
        let queue = self.queue.take()?;
        if self.next > self.until {
            return None;
        }
        let frames = self.log.read(self.next, PAGE_BYTES);
        let (result, results) = sync_channel(1);
        // Waits as long as enough is queued; whoever else would read waits with it.
        queue.send(results).ok()?;
        if let Some(last) = frames.as_ref().ok().and_then(|frames| frames.last()) {
            self.next = last.last() + 1;
            self.queue = Some(queue);
        }
        Some(Turn { frames, result })
    }
}

fn decode_pages(source: &Mutex<Source<'_>>, level: Level) {
    let turn = || source.lock().expect("a log that is read does not panic").turn();
    while let Some(Turn { frames, result }) = turn() {
        let page = frames.map(|frames| frames.into_iter().map(|frame| Commit::of(frame, level)).collect());
        // Whoever went away before does not want to know.
        let _ = result.send(page);
    }
}
