//! Commits read and decoded ahead of who folds them: beyond the first page, on a thread of its own.

use std::{
    collections::VecDeque,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{self, Scope},
};

use choai_engine::{
    Fault,
    log::{Frame, Log, Recorded},
};

/// Read from the log at once. Whatever fills a page is likely not all there is.
const PAGE_BYTES: usize = 1024 * 1024;
/// Commits decoded and not yet folded, at the most: each takes several megabytes if it is full.
const COMMITS_MAX: usize = 2;

/// A commit and its events.
pub(crate) struct Commit {
    /// Its exact stored bytes.
    pub(crate) frame: Frame,
    /// Its events, in order.
    pub(crate) records: Vec<Recorded>,
}

/// What is left of a log, commit by commit, up to its end as it was when it was reached.
pub(crate) struct Ahead<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    log: &'env dyn Log,
    /// The position to go on from.
    next: u64,
    source: Source,
}

enum Source {
    /// Read when asked for.
    Here(VecDeque<Frame>),
    /// Read by a thread.
    There(Receiver<Result<Commit, Fault>>),
    /// This is told next, and nothing after it.
    Over(Option<Fault>),
}

/// Reads `log` from position `from` on, and has `fold` take what it wants of it.
///
/// # Errors
/// What `fold` gives.
pub(crate) fn along(
    log: &dyn Log,
    from: u64,
    fold: impl FnOnce(&mut Ahead<'_, '_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    thread::scope(|scope| {
        let mut ahead = Ahead { scope, log, next: from, source: Source::Here(VecDeque::new()) };
        let folded = fold(&mut ahead);
        // Nobody listens to the thread any more: it ends, and so does the scope.
        drop(ahead);
        folded
    })
}

impl Ahead<'_, '_> {
    /// The next commit; `None` at the end of the log.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read or decoded; nothing comes after that.
    pub(crate) fn next(&mut self) -> Result<Option<Commit>, Fault> {
        let commit = match &mut self.source {
            Source::There(commits) => commits.recv().ok().transpose(),
            Source::Here(frames) if !frames.is_empty() => frames.pop_front().map(decode).transpose(),
            Source::Here(_) => return self.turn_page(),
            Source::Over(fault) => return fault.take().map_or(Ok(None), Err),
        };
        if !matches!(commit, Ok(Some(_))) {
            self.source = Source::Over(None);
        }
        commit
    }

    /// Keeps a fault until the next commit is asked for.
    pub(crate) fn put_off(&mut self, fault: Fault) {
        self.source = Source::Over(Some(fault));
    }

    fn turn_page(&mut self) -> Result<Option<Commit>, Fault> {
        // Unless there is another page, there is nothing after this one.
        self.source = Source::Over(None);
        let page = self.log.read(self.next, PAGE_BYTES)?;
        let Some(last) = page.last() else { return Ok(None) };
        self.next = last.last() + 1;
        let is_full = page.iter().map(|frame| frame.bytes().len()).sum::<usize>() >= PAGE_BYTES;
        self.source = if is_full { Source::There(self.read_on(page)) } else { Source::Here(page.into()) };
        self.next()
    }

    /// Starts the thread that decodes `page` and all that comes after it.
    fn read_on(&self, page: Vec<Frame>) -> Receiver<Result<Commit, Fault>> {
        let (commits, receiver) = sync_channel(COMMITS_MAX);
        let (log, next) = (self.log, self.next);
        self.scope.spawn(move || {
            if let Err(fault) = decode_all(page, next, log, &commits) {
                // Whoever went away before does not want to know.
                let _ = commits.send(Err(fault));
            }
        });
        receiver
    }
}

/// Decodes `page` and what `log` has from position `next` on, until its end or until nobody takes it.
fn decode_all(
    mut page: Vec<Frame>,
    mut next: u64,
    log: &dyn Log,
    commits: &SyncSender<Result<Commit, Fault>>,
) -> Result<(), Fault> {
    while let Some(last) = page.last() {
        next = next.max(last.last() + 1);
        for frame in page {
            if commits.send(Ok(decode(frame)?)).is_err() {
                return Ok(());
            }
        }
        page = log.read(next, PAGE_BYTES)?;
    }
    Ok(())
}

fn decode(frame: Frame) -> Result<Commit, Fault> {
    Ok(Commit { records: frame.records()?, frame })
}
