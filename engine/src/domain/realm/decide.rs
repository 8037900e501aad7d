//! What follows from a wish about a realm.

use super::{ClockAdvanced, Command, Event, Rejection};
use crate::{
    books::Realm,
    domain::{self, Context, Span, Timestamp},
    state::State,
};

/// Ten years a call.
const STEP_MAX: Span = Span::days(3_653);
/// 9000-01-01T00:00:00Z: dates stay writable with room to spare.
const END_OF_TIME: Timestamp = Timestamp(221_845_392_000_000_000);

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    let Command::AdvanceClock { by } = *command;
    let Some(realm @ Realm::Test(tenant)) = context.realm else {
        return Err(Rejection::NotTest);
    };
    if !context.speaks_for(tenant) || state.merchants.get(&tenant).is_none() {
        return Err(Rejection::Unknown(realm));
    }
    if by <= Span::ZERO || by > STEP_MAX {
        return Err(Rejection::Step);
    }
    if context.now + by >= END_OF_TIME {
        return Err(Rejection::EndOfTime);
    }
    let ahead = state.clocks.get(&realm).unwrap_or_default().ahead + by;
    Ok(vec![Event::ClockAdvanced(ClockAdvanced { realm, by, ahead }).into()])
}
