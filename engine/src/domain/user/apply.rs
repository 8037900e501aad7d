//! What the writer remembers of a user.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::{domain::MerchantId, state::State};

/// What rules need to know of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Whose user it is.
    pub tenant: MerchantId,
    /// Whether it neither gives nor takes any more.
    pub is_closed: bool,
}

/// Folds one fact into the users' table.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Registered(event) => {
            state.users.put(event.user, User { tenant: event.tenant, is_closed: false });
            state.count_user(event.user);
        }
        Event::ProfileSet(_) => {} // Who it is, no rule asks.
        Event::Closed(event) => state.users.change(&event.user, |known| known.is_closed = true),
    }
}
