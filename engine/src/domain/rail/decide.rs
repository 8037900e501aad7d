//! What follows from a wish about a rail.

use super::{Command, Event, Rejection, Settled};
use crate::{
    books::{Account, Entry, Expense, Label, Realm},
    domain::{
        self, AMOUNT_MINOR_MAX, Context,
        chain::{PlatformRejection, check_platform},
    },
    state::State,
};

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    let Command::Settle { rail, bank, net, fee } = *command;
    let realm = check_platform(state, context).map_err(|refused| match refused {
        PlatformRejection::NoRealm => Rejection::NoRealm,
        PlatformRejection::Tenant => Rejection::Tenant,
        PlatformRejection::Unknown(tenant) => Rejection::Unknown(tenant),
    })?;
    if realm == Realm::Live && rail == Label::SANDBOX {
        return Err(Rejection::SandboxInLive);
    }
    if net.minor < 0 || fee.minor < 0 || (net.is_zero() && fee.is_zero()) {
        return Err(Rejection::Amount);
    }
    let gross = net.plus(fee)?;
    if gross.minor > AMOUNT_MINOR_MAX {
        return Err(Rejection::Amount);
    }
    let entry = Entry::write()
        .debit(Account::Bank(bank), net)
        .debit(Account::Expense(Expense::RailFee), fee)
        .credit(Account::Rail(rail), gross)
        .close();
    Ok(vec![Event::Settled(Settled { rail, net, fee, entry }).into()])
}
