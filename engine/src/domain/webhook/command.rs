//! Wishes about a delivery.

use super::{Answer, Verdict};
use crate::domain::{DeliveryId, Timestamp};

/// A wish about a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Record what became of an attempt.
    RecordAttempt {
        /// Of which delivery.
        delivery: DeliveryId,
        /// Which attempt: one more than are on record.
        number: u32,
        /// When it was begun, by the wall clock.
        started_at: Timestamp,
        /// How long it took.
        duration_ms: u32,
        /// What the receiver answered, or why it did not.
        answer: Answer,
        /// What follows from that.
        verdict: Verdict,
    },
    /// Deliver once more, whatever became of it so far.
    Requeue {
        /// Which delivery.
        delivery: DeliveryId,
    },
}
