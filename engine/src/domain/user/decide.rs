//! What follows from a wish about a user.

use super::{Closed, Command, Event, Registered, Rejection};
use crate::{
    domain::{self, Context},
    state::State,
};

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    match *command {
        Command::Register { tenant } => {
            if !context.speaks_for(tenant) || state.merchants.get(&tenant).is_none() {
                return Err(Rejection::UnknownMerchant(tenant));
            }
            Ok(vec![Event::Registered(Registered { user: state.next_user(), tenant }).into()])
        }
        Command::Close { user } => {
            let known = state.users.get(&user).filter(|known| context.speaks_for(known.tenant));
            match known.ok_or(Rejection::Unknown(user))?.is_closed {
                true => Err(Rejection::Closed(user)),
                false => Ok(vec![Event::Closed(Closed { user }).into()]),
            }
        }
    }
}
