//! Facts about a realm.

use serde::{Deserialize, Serialize};

use crate::{
    books::Realm,
    domain::{Span, StreamId},
};

/// A fact about a realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A test realm's clock was moved forward.
    ClockAdvanced(ClockAdvanced),
}

/// A test realm's clock was moved forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockAdvanced {
    /// Whose clock.
    pub realm: Realm,
    /// By how much.
    pub by: Span,
    /// How far it is now ahead of the wall clock, in all.
    pub ahead: Span,
}

impl Event {
    /// `realm-{realm}`.
    pub fn stream(&self) -> StreamId {
        match self {
            Self::ClockAdvanced(event) => StreamId::Realm(event.realm),
        }
    }
}
