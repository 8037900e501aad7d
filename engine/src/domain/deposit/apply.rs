//! What the writer remembers of a deposit.

use serde::{Deserialize, Serialize};

use super::{Event, Purchase, Stage};
use crate::{
    books::{Account, Label, Place, Realm},
    domain::{AddressId, chain::Owner},
    money::Money,
    state::State,
};

/// What rules need to know of a deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// Where its value lives.
    pub realm: Realm,
    /// On which network.
    pub network: Label,
    /// Where it arrived.
    pub address: AddressId,
    /// How much.
    pub amount: Money,
    /// Whose it was when it was last credited.
    pub owner: Option<Owner>,
    /// The lot it bought, and what of it went where; while it is granted.
    pub bought: Option<(u32, Purchase)>,
    /// How far it has come.
    pub stage: Stage,
}

impl Deposit {
    /// The account of the address it arrived at.
    pub const fn place(&self) -> Account {
        Account::Chain(self.network, Place::Address(self.address))
    }
}

/// Folds one fact into the deposits' tables.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Reported(event) => {
            let deposit = Deposit {
                realm: event.realm,
                network: event.network,
                address: event.address,
                amount: event.amount,
                owner: None,
                bought: None,
                stage: Stage::Pending,
            };
            state.deposit_of.put((event.realm, event.network, event.output.clone()), event.deposit);
            state.deposits.put(event.deposit, deposit);
            state.count_deposit(event.deposit);
        }
        Event::Confirmed(event) => state.deposits.change(&event.deposit, |known| {
            known.owner = event.owner;
            known.stage = if event.owner.is_some() { Stage::Confirmed } else { Stage::Unowned };
        }),
        Event::Granted(event) => state.deposits.change(&event.deposit, |known| {
            known.bought = Some((event.lot, event.purchase));
            known.stage = Stage::Granted;
        }),
        Event::Skipped(event) => {
            state.deposits.change(&event.deposit, |known| known.stage = Stage::Skipped);
        }
        Event::Assigned(event) => state.deposits.change(&event.deposit, |known| {
            known.owner = Some(event.owner);
            known.stage = Stage::Confirmed;
        }),
        Event::Reorganised(event) => state.deposits.change(&event.deposit, |known| {
            known.bought = None;
            known.stage = Stage::Reorganised;
        }),
    }
}
