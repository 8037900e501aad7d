//! Facts about a delivery. All instants here are the wall clock's.

use serde::{Deserialize, Serialize};

use crate::domain::{DeliveryId, MerchantId, StreamId, Timestamp};

/// A fact about a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A notification is owed.
    Owed(Owed),
    /// An attempt was made.
    Attempted(Attempted),
    /// It is to be delivered once more.
    Requeued(Requeued),
}

/// What a notification tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// ITO's notification of a captured payment.
    ItoPaymentCaptured,
}

/// A notification is owed, from the commit that gave rise to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Which one.
    pub delivery: DeliveryId,
    /// To whom.
    pub merchant: MerchantId,
    /// Telling what.
    pub topic: Topic,
}

/// How a receiver answered. Never what it said: that is none of the log's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// An HTTP status.
    Status(u16),
    /// Its address is not one that may be called.
    Refused,
    /// Its name did not resolve, or there was no connection, or it broke.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The destination has been erased or cannot be read.
    NoDestination,
}

/// What follows from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// To be tried again at this instant.
    RetryAt(Timestamp),
    /// Not tried again by itself.
    GaveUp,
}

/// An attempt was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempted {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// Counted from 1.
    pub number: u32,
    /// When it was begun.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u32,
    /// What the receiver answered, or why it did not.
    pub answer: Answer,
    /// What follows from that.
    pub verdict: Verdict,
}

/// It is to be delivered once more, at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requeued {
    /// Which one.
    pub delivery: DeliveryId,
}

impl Event {
    /// `webhook-{delivery id}`.
    pub fn stream(&self) -> StreamId {
        StreamId::Webhook(match self {
            Self::Owed(event) => event.delivery,
            Self::Attempted(event) => event.delivery,
            Self::Requeued(event) => event.delivery,
        })
    }
}
