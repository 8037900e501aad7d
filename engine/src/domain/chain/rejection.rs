//! Why a wish about a network was refused.

use super::{ChainAddress, Output};
use crate::{
    books::{Holder, Label, Place, Shortfall},
    domain::{AddressId, AmountRejection, PartyRejection, chain::ChainHash},
    money::Currency,
};

/// Why a chain's word is not taken, in the order the checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlatformRejection {
    /// Value lives in a realm, and the command is for none.
    #[error("value lives in a realm: live, or a tenant's test realm")]
    NoRealm,
    /// It was sent for a tenant.
    #[error("only the platform tells what a chain says")]
    Tenant,
    /// The realm would be nobody's.
    #[error("there is no {0}")]
    Unknown(Holder),
}

/// Why a wish about a network was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The owner cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// It is not for the caller to tell.
    #[error(transparent)]
    Platform(#[from] PlatformRejection),
    /// There is no such address on this network, in this realm.
    #[error("there is no address {id} on {network}")]
    UnknownAddress {
        /// Which was named.
        id: AddressId,
        /// Where.
        network: Label,
    },
    /// Coins do not go this way by themselves.
    #[error("coins are not moved from {from} to {to}")]
    NoSuchMove {
        /// From where.
        from: Place,
        /// To where.
        to: Place,
    },
    /// The amount cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// The network has no such coins.
    #[error("{currency} is not on {network}")]
    NotOn {
        /// Of what.
        currency: Currency,
        /// Where.
        network: Label,
    },
    /// Points are bought with USDT.
    #[error("{0} buys no points")]
    BuysNothing(Currency),
    /// The address has an owner.
    #[error("{0} is taken")]
    Taken(ChainAddress),
    /// It was told before: nothing was lost, and nothing is posted twice.
    #[error("{0} was told before")]
    Known(Output),
    /// The fee of the transaction was told before.
    #[error("the fee of {0} was told before")]
    KnownFee(ChainHash),
    /// Less arrived there than was swept, as far as it was told.
    #[error(transparent)]
    Short(#[from] Shortfall),
}
