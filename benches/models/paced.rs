//! A log whose commits come in at a given pace, though they were all written before.

use std::{
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use choai_engine::{
    Fault,
    log::{Frame, Head, Log},
    vault::VaultWrite,
};
use tokio::sync::watch;

use std::sync::Arc;

/// The beginning of a log.
pub struct Paced {
    log: Arc<dyn Log>,
    /// What has come in; gone once nothing more will.
    head: Mutex<Option<watch::Sender<Head>>>,
    seen: watch::Receiver<Head>,
}

impl Paced {
    pub fn over(log: Arc<dyn Log>) -> Self {
        let (head, seen) = watch::channel(Head::default());
        Self { log, head: Mutex::new(Some(head)), seen }
    }

    pub fn watch(&self) -> watch::Receiver<Head> {
        self.seen.clone()
    }

    /// Lets everything in, so many events a second.
    pub fn come_in(&self, per_second: u64) {
        let begun = Instant::now();
        let head = self.head.lock().expect("one caller").take().expect("everything comes in once");
        let end = self.log.head().expect("the log has a head").position;
        let mut position = 0;
        while position < end {
            let frames = self.log.read(position + 1, 1).expect("the log reads");
            let frame = frames.first().expect("positions are dense");
            position = frame.last();
            let due = Duration::from_micros(position * 1_000_000 / per_second);
            thread::sleep(due.saturating_sub(begun.elapsed()));
            head.send_replace(frame.head());
        }
    }
}

impl Log for Paced {
    fn head(&self) -> Result<Head, Fault> {
        Ok(*self.seen.borrow())
    }

    fn append(&self, _: Head, _: &Frame, _: &[VaultWrite]) -> Result<(), Fault> {
        Err(Fault::Store("what was written before is not added to".into()))
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, Fault> {
        let end = self.head()?.position;
        if from > end {
            return Ok(Vec::new());
        }
        let mut frames = self.log.read(from, bytes_max)?;
        frames.retain(|frame| frame.last() <= end);
        Ok(frames)
    }
}
