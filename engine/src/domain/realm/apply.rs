//! What the writer remembers of a realm: its clock.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::{
    domain::{Span, Timestamp},
    state::State,
};

/// A realm's time: the wall clock plus what it was advanced, and never before its last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clock {
    /// How far the realm is ahead of the wall clock; always zero in live.
    pub ahead: Span,
    /// Effective time of the realm's last event.
    pub last: Timestamp,
}

impl Clock {
    /// The realm's time when the wall clock shows `wall`.
    pub fn now(self, wall: Timestamp) -> Timestamp {
        self.last.max(wall + self.ahead)
    }
}

/// Folds one fact into the clocks' table.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::ClockAdvanced(event) => {
            let clock = state.clocks.get(&event.realm).unwrap_or_default();
            state.clocks.put(event.realm, Clock { ahead: event.ahead, ..clock });
            state.dues.set_ahead(event.realm, event.ahead);
        }
    }
}
