//! Audit: re-proves on real data what the laws promise, position by position, trusting nothing but the bytes.

mod ahead;
mod auditor;
mod books;
mod coins;
mod ever;
mod facts;
mod history;
mod holdings;
mod law;
mod lots;
mod months;
mod movements;
mod orders;
mod report;
mod settlements;
mod tables;
#[cfg(test)]
mod tests;
mod underway;
mod wallet_holds;

use crate::{fault::Fault, log::Log};

use self::auditor::Auditor;
pub use self::{
    law::Level,
    report::{Broken, Check, Report},
    tables::{RowDifference, TablesFound, compare_tables},
};

/// Walks the whole log and checks the laws of `level` that can be checked from it alone.
///
/// Commits are read, verified and decoded on as many threads as there are processors; what depends on their order is
/// checked by the caller's. Damage ends the walk: the checks hold up to the position it names.
///
/// # Errors
/// [`Fault`] when it is not known where the log ends.
pub fn audit(log: &dyn Log, level: Level, mut progress: impl FnMut(u64)) -> Result<Report, Fault> {
    let until = log.head()?.position;
    let mut auditor = Auditor::new(level);
    ahead::along(log, level, until, |ahead| {
        while auditor.head().position < until {
            let goes_on = match ahead.next() {
                Ok(commit) => auditor.commit(commit),
                Err(fault) => auditor.unreadable(fault),
            };
            if !goes_on {
                break;
            }
            progress(auditor.head().position);
        }
    });
    Ok(auditor.close())
}
