//! What follows from a wish about a custom token.

use super::{Command, Event, Registered, Rejection};
use crate::{
    domain::{self, Context},
    money::{Currency, Token},
    state::State,
};

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    let Command::Register { tenant, digits, is_transferable, network } = *command;
    if !context.speaks_for(tenant) || state.merchants.get(&tenant).is_none() {
        return Err(Rejection::UnknownMerchant(tenant));
    }
    let token = Token::new(state.next_token(), digits).map(Currency::Token).ok_or(Rejection::NoSuchToken)?;
    Ok(vec![Event::Registered(Registered { token, tenant, is_transferable, network }).into()])
}
