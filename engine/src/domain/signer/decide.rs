//! What follows from a wish about a signing key.

use super::{Command, Event, KeyAdopted, Rejection, Signer};
use crate::{
    domain::{self, Context},
    proof::{Origin, endorsed_text},
    state::State,
};

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    let Command::AdoptKey { number, key, endorsement } = command;
    if context.tenant.is_some() {
        return Err(Rejection::Tenant);
    }
    let before = state.signer.get(&());
    let next = before.map_or(0, |before| before.number) + 1;
    if *number != next {
        return Err(Rejection::NotTheNext { next });
    }
    let is_endorsed = match (before, endorsement) {
        (None, None) => true,
        (Some(Signer { key: signing, first, .. }), Some(endorsement)) => {
            let text = endorsed_text(Origin::of(&first), next, key);
            signing.verify(text.as_bytes(), endorsement)
        }
        (None, Some(_)) | (Some(_), None) => false,
    };
    if !is_endorsed {
        return Err(Rejection::NotEndorsed);
    }
    let endorsement = endorsement.clone();
    Ok(vec![Event::KeyAdopted(KeyAdopted { number: next, key: *key, endorsement }).into()])
}
