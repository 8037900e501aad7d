//! What the writer remembers of a network: whose its addresses are, and what was told of it.

use serde::{Deserialize, Serialize};

use super::{Event, Owner, Told};
use crate::{
    books::{Label, Place, Realm},
    domain::Context,
    state::State,
};

/// What rules need to know of an address of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Where its value lives.
    pub realm: Realm,
    /// On which network it is.
    pub network: Label,
    /// Whose it is.
    pub owner: Option<Owner>,
}

/// Folds one fact into the tables of addresses and of what was told.
pub fn apply(state: &mut State, event: &Event, context: &Context) {
    let realm = context.realm.expect("coins are moved in their realm");
    match event {
        Event::AddressAssigned(event) => {
            let address = Address { realm: event.realm, network: event.network, owner: event.owner };
            state.address_of.put((event.realm, event.network, event.address.clone()), event.id);
            state.addresses.put(event.id, address);
            state.count_address(event.id);
        }
        Event::Swept(event) => {
            state.told.put((realm, event.network, Told::Moved(event.output.clone())), ());
        }
        Event::Moved(event) => {
            state.told.put((realm, event.network, Told::Moved(event.output.clone())), ());
            if let Place::Address(_) = event.to {
                state.told.put((realm, event.network, Told::Arrived(event.output.clone())), ());
            }
        }
        Event::FeePaid(event) => {
            state.told.put((realm, event.network, Told::Fee(event.transaction.clone())), ());
        }
    }
}
