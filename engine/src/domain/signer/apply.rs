//! What the writer remembers of the signing keys.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::{proof::PublicKey, state::State};

/// Which key signs, and which was the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// How many keys there were: the number of the one that signs.
    pub number: u32,
    /// The key that signs.
    pub key: PublicKey,
    /// The first key, which the ledger is named after.
    pub first: PublicKey,
}

/// Folds one fact into the signer's table.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::KeyAdopted(event) => {
            let first = state.signer.get(&()).map_or(event.key, |before| before.first);
            state.signer.put((), Signer { number: event.number, key: event.key, first });
        }
    }
}
