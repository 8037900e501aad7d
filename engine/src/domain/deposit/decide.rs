//! What follows from a report of a chain worker.
//!
//! That coins arrived, and that their chain has taken them back, are facts: nothing that an owner has done or owes is a
//! reason to refuse them, and where the credit is gone by then the owner owes it. Refused is what makes no sense (coins
//! the network has not, an amount beyond counting), what comes out of turn and will come again, and what is known: an
//! output is one deposit, ever.

use super::{
    Action, Command, Deposit, Event, Rejection, Reported, Stage,
    credit::{assign, confirm, reorganise},
};
use crate::{
    books::{Label, Realm},
    domain::{
        self, Context, DepositId, Sealed,
        amount::check_amount,
        chain::{ChainAddress, Output, Told, check_platform, found_unowned, is_on},
    },
    money::Money,
    state::State,
};

pub(super) type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    let realm = check_platform(state, context)?;
    match command {
        Command::Report { network, output, address, amount, private } => {
            report(state, realm, (*network, address), output, *amount, private.as_ref())
        }
        Command::Confirm { deposit, block } => {
            let known = find(state, realm, *deposit, Action::Confirm)?;
            confirm(state, *deposit, &known, *block, context)
        }
        Command::Assign { deposit, owner } => {
            let known = find(state, realm, *deposit, Action::Assign)?;
            assign(state, *deposit, &known, *owner, context)
        }
        Command::Reorganise { deposit } => {
            reorganise(state, *deposit, &find(state, realm, *deposit, Action::Reorganise)?)
        }
    }
}

fn find(state: &State, realm: Realm, deposit: DepositId, action: Action) -> Result<Deposit, Rejection> {
    let known = state.deposits.get(&deposit).filter(|known| known.realm == realm);
    let known = known.ok_or(Rejection::Unknown(deposit))?;
    let stage: Stage = known.stage;
    if action.is_allowed(stage) { Ok(known) } else { Err(Rejection::NotAllowed { stage, action }) }
}

fn report(
    state: &State,
    realm: Realm,
    (network, address): (Label, &ChainAddress),
    output: &Output,
    amount: Money,
    private: Option<&Sealed>,
) -> Decision {
    check_amount(amount)?;
    let currency = amount.currency;
    if !is_on(state, network, currency, None) {
        return Err(Rejection::NotOn { currency, network });
    }
    if let Some(known) = state.deposit_of.get(&(realm, network, output.clone())) {
        return Err(Rejection::Known(known));
    }
    if state.told.get(&(realm, network, Told::Arrived(output.clone()))).is_some() {
        return Err(Rejection::Ours(output.clone()));
    }
    let mut events = Vec::with_capacity(2);
    let address = match state.address_of.get(&(realm, network, address.clone())) {
        Some(known) => known,
        None => {
            let (id, found) = found_unowned(state, realm, network, address, currency);
            events.push(found);
            id
        }
    };
    let (deposit, output, private) = (state.next_deposit(), output.clone(), private.cloned());
    let reported = Reported { deposit, realm, network, output, address, amount, private };
    events.push(Event::Reported(reported).into());
    Ok(events)
}
