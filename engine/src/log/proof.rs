//! Proof of the chain: every commit carries its own hash, names the one before, and leaves no position out.

use super::{Frame, Head, Log};
use crate::fault::Fault;

/// Bytes of commits held in memory while walking.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// How far the chain is proved.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chain {
    at: Head,
}

impl Chain {
    /// Goes on after `from`, which is trusted.
    pub const fn after(from: Head) -> Self {
        Self { at: from }
    }

    /// Everything up to here is proved.
    pub const fn head(&self) -> Head {
        self.at
    }

    /// Takes the next commit, which is known to carry its own hash; `None` is one that is not there.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if it is not the one that comes next.
    pub fn link(&mut self, frame: Option<&Frame>) -> Result<(), Fault> {
        let position = self.at.position + 1;
        let damaged = |what: &str| Fault::Damaged { position, what: what.to_owned() };
        let frame = frame.ok_or_else(|| damaged("the commit is missing"))?;
        if frame.first() != position {
            return Err(damaged("the commit does not begin where the one before ended"));
        }
        if frame.previous() != self.at.hash {
            return Err(damaged("the commit does not follow from the one before"));
        }
        self.at = frame.head();
        Ok(())
    }
}

/// Walks a log commit by commit, proving each link before it is handed out.
pub struct Walk<'a> {
    log: &'a dyn Log,
    chain: Chain,
    until: u64,
    page: std::collections::VecDeque<Frame>,
}

impl<'a> Walk<'a> {
    /// Starts after `from`, which is trusted, and goes as far as position `until`.
    pub fn new(log: &'a dyn Log, from: Head, until: u64) -> Self {
        Self { log, chain: Chain::after(from), until, page: std::collections::VecDeque::new() }
    }

    /// Where the walk stands: everything up to here is proved.
    pub const fn head(&self) -> Head {
        self.chain.head()
    }

    /// The next commit; `None` at the end.
    ///
    /// # Errors
    /// [`Fault::Damaged`] with the first position that cannot be trusted.
    pub fn next_commit(&mut self) -> Result<Option<Frame>, Fault> {
        if self.head().position >= self.until {
            return Ok(None);
        }
        if self.page.is_empty() {
            self.page.extend(self.log.read(self.head().position + 1, PAGE_BYTES)?);
        }
        let frame = self.page.pop_front();
        self.chain.link(frame.as_ref())?;
        Ok(frame)
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
