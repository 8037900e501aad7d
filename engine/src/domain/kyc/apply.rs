//! What the writer remembers of a user's answers: how far they have come.

use super::{Action, Event};
use crate::state::State;

/// Folds one fact into the table of answers.
pub fn apply(state: &mut State, event: &Event) {
    let action = match event {
        Event::Saved(_) => Action::Save,
        Event::Submitted(_) => Action::Submit,
        Event::Approved(_) => Action::Approve,
        Event::Rejected(_) => Action::Reject,
    };
    let stage = state.kyc.get(&event.user()).unwrap_or_default();
    state.kyc.put(event.user(), action.leads_to(stage).expect("what was recorded was allowed"));
}
