//! What follows from a wish about a user.

use super::{Closed, Command, Enrol, Event, ProfileSet, Registered, Rejection, User};
use crate::{
    domain::{self, Context, MerchantId, Sealed, Subject, UserId},
    state::State,
};

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    match command {
        Command::Register { tenant } => {
            check_tenant(state, *tenant, context)?;
            let (user, client, profile) = (state.next_user(), None, None);
            Ok(vec![Event::Registered(Registered { user, tenant: *tenant, client, profile }).into()])
        }
        Command::Enrol(wish) => enrol(state, wish, context),
        Command::SetProfile { user, profile } => {
            open(state, *user, context)?;
            check_subject(*user, profile)?;
            Ok(vec![Event::ProfileSet(ProfileSet { user: *user, profile: profile.clone() }).into()])
        }
        Command::Close { user } => {
            open(state, *user, context)?;
            Ok(vec![Event::Closed(Closed { user: *user }).into()])
        }
    }
}

fn enrol(state: &State, wish: &Enrol, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    let Enrol { user, tenant, ref client, ref profile } = *wish;
    check_tenant(state, tenant, context)?;
    if user.0 == 0 || state.users.get(&user).is_some() {
        return Err(Rejection::Taken(user));
    }
    check_subject(user, profile)?;
    let (client, profile) = (client.clone(), Some(profile.clone()));
    Ok(vec![Event::Registered(Registered { user, tenant, client, profile }).into()])
}

fn check_tenant(state: &State, tenant: MerchantId, context: &Context) -> Result<(), Rejection> {
    let is_there = context.speaks_for(tenant) && state.merchants.get(&tenant).is_some();
    if is_there { Ok(()) } else { Err(Rejection::UnknownMerchant(tenant)) }
}

/// What somebody else's key seals would outlive the user's erasure.
pub(in crate::domain) fn check_subject(user: UserId, sealed: &Sealed) -> Result<(), Rejection> {
    if sealed.subject == Subject::User(user) { Ok(()) } else { Err(Rejection::NotItsOwn(user)) }
}

/// The user, while it takes part.
pub(in crate::domain) fn open(state: &State, user: UserId, context: &Context) -> Result<User, Rejection> {
    let known = state.users.get(&user).filter(|known| context.speaks_for(known.tenant));
    let known = known.ok_or(Rejection::Unknown(user))?;
    if known.is_closed { Err(Rejection::Closed(user)) } else { Ok(known) }
}
