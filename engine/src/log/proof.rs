//! Proof of the chain: every commit carries its own hash, names the one before, and leaves no position out.

use super::{Frame, Head, Log};
use crate::fault::Fault;

/// Bytes of commits held in memory while walking.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Walks a log commit by commit, proving each link before it is handed out.
pub struct Walk<'a> {
    log: &'a dyn Log,
    at: Head,
    until: u64,
    page: std::collections::VecDeque<Frame>,
}

impl<'a> Walk<'a> {
    /// Starts after `from`, which is trusted, and goes as far as position `until`.
    pub fn new(log: &'a dyn Log, from: Head, until: u64) -> Self {
        Self { log, at: from, until, page: std::collections::VecDeque::new() }
    }

    /// Where the walk stands: everything up to here is proved.
    pub const fn head(&self) -> Head {
        self.at
    }

    /// The next commit; `None` at the end.
    ///
    /// # Errors
    /// [`Fault::Damaged`] with the first position that cannot be trusted.
    pub fn next_commit(&mut self) -> Result<Option<Frame>, Fault> {
        if self.at.position >= self.until {
            return Ok(None);
        }
        let position = self.at.position + 1;
        if self.page.is_empty() {
            self.page.extend(self.log.read(position, PAGE_BYTES)?);
        }
        let damaged = |what: &str| Fault::Damaged { position, what: what.to_owned() };
        let frame = self.page.pop_front().ok_or_else(|| damaged("the commit is missing"))?;
        if frame.first() != position {
            return Err(damaged("the commit does not begin where the one before ended"));
        }
        if frame.previous() != self.at.hash {
            return Err(damaged("the commit does not follow from the one before"));
        }
        self.at = frame.head();
        Ok(Some(frame))
    }
}

/// Proves the chain from `from` to the head, and gives the head.
///
/// # Errors
/// [`Fault::Damaged`] with the first position that cannot be trusted.
pub fn prove(log: &dyn Log, from: Head) -> Result<Head, Fault> {
    let mut walk = Walk::new(log, from, log.head()?.position);
    while walk.next_commit()?.is_some() {}
    Ok(walk.head())
}
