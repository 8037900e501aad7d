//! Parties: holders that may take part in something, and the tenant they have in common.

use super::{Context, MerchantId};
use crate::{
    books::{Holder, Realm},
    state::State,
};

/// Why a holder cannot take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PartyRejection {
    /// Value lives in a realm, and the command is for none.
    #[error("value lives in a realm: live, or a tenant's test realm")]
    NoRealm,
    /// There is no such holder, of this tenant, in this realm.
    #[error("there is no {0}")]
    Unknown(Holder),
    /// It was closed.
    #[error("{0} is closed")]
    Closed(Holder),
}

/// The realm of the command, and the tenant of `holder`, who takes part in it.
pub(super) fn party(
    state: &State,
    holder: Holder,
    context: &Context,
) -> Result<(Realm, MerchantId), PartyRejection> {
    let realm = context.realm.ok_or(PartyRejection::NoRealm)?;
    let (tenant, is_closed) = match holder {
        Holder::Merchant(merchant) => (state.merchants.get(&merchant).map(|_| merchant), false),
        Holder::User(user) => {
            let known = state.users.get(&user);
            (known.as_ref().map(|known| known.tenant), known.is_some_and(|known| known.is_closed))
        }
    };
    let tenant = tenant.filter(|tenant| realm.admits(*tenant) && context.speaks_for(*tenant));
    let tenant = tenant.ok_or(PartyRejection::Unknown(holder))?;
    if is_closed { Err(PartyRejection::Closed(holder)) } else { Ok((realm, tenant)) }
}
