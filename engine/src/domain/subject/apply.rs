//! What the writer remembers of subjects that are erased.

use super::Event;
use crate::state::State;

/// Folds one fact into the table of those erased.
pub fn apply(state: &mut State, event: &Event) {
    let Event::Erased(event) = event;
    state.erased.put(event.subject, ());
}
