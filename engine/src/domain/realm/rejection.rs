//! Why a wish about a realm was refused.

use crate::books::Realm;

/// Why a wish about a realm was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The live clock is the wall clock.
    #[error("only a test realm's clock can be moved")]
    NotTest,
    /// It is another tenant's, or nobody's.
    #[error("there is no realm {0}")]
    Unknown(Realm),
    /// Zero, backwards, or too far.
    #[error("a clock moves forward, by at most 3653 days at once")]
    Step,
    /// Beyond the last year that dates can be written in.
    #[error("the clock would pass the year 9000")]
    EndOfTime,
}
