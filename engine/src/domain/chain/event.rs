//! Facts about a network. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use super::{ChainAddress, ChainHash, Output, Owner};
use crate::{
    books::{Entry, Label, Place, Realm},
    domain::{AddressId, Sealed, StreamId},
    money::{Currency, Money},
};

/// A fact about a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An address of ours became known, or got its owner.
    AddressAssigned(AddressAssigned),
    /// Coins were collected into the hot wallet.
    Swept(Swept),
    /// Coins were moved between places of ours.
    Moved(Moved),
    /// The chain took something for a transaction.
    FeePaid(FeePaid),
}

/// An address of ours became known, or got its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressAssigned {
    /// Counted from 1 over all networks and tenants.
    pub id: AddressId,
    /// In which realm.
    pub realm: Realm,
    /// On which network.
    pub network: Label,
    /// The address as its network writes it.
    pub address: ChainAddress,
    /// What it was made for; without an owner, what first arrived.
    pub currency: Currency,
    /// Whose it is; nobody's, where coins arrived at one that nobody had been given.
    pub owner: Option<Owner>,
    /// Which of the tenant's own customers it was made for.
    pub private: Option<Sealed>,
}

/// Coins were collected into the hot wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// On which network.
    pub network: Label,
    /// From where.
    pub address: AddressId,
    /// How much.
    pub amount: Money,
    /// Where the chain has it.
    pub output: Output,
    /// Dr chain hot · Cr chain address.
    pub entry: Entry,
}

/// Coins were moved between places of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// On which network.
    pub network: Label,
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// How much.
    pub amount: Money,
    /// Where the chain has it.
    pub output: Output,
    /// Dr chain, the one place · Cr chain, the other.
    pub entry: Entry,
}

/// The chain took something for a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeePaid {
    /// On which network.
    pub network: Label,
    /// Which place it was taken from.
    pub place: Place,
    /// How much.
    pub amount: Money,
    /// For which transaction.
    pub transaction: ChainHash,
    /// Dr expense:network-fee · Cr chain.
    pub entry: Entry,
}

impl Event {
    /// `chain-{network}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::Chain(match self {
            Self::AddressAssigned(event) => event.network,
            Self::Swept(event) => event.network,
            Self::Moved(event) => event.network,
            Self::FeePaid(event) => event.network,
        })
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::AddressAssigned(_) => None,
            Self::Swept(event) => Some(&event.entry),
            Self::Moved(event) => Some(&event.entry),
            Self::FeePaid(event) => Some(&event.entry),
        }
    }
}
