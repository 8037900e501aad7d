//! Wishes about addresses, and reports of coins of ours that moved.

use super::{ChainAddress, ChainHash, Output, Owner};
use crate::{
    books::{Label, Place},
    domain::{AddressId, Sealed},
    money::{Currency, Money},
};

/// A wish about a network in the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Give an address an owner: one made for the purpose, or one that has none yet.
    Assign {
        /// On which network.
        network: Label,
        /// Which address; its keys are ours.
        address: ChainAddress,
        /// What it was made for. Other currencies of the network that arrive all the same are the owner's too.
        currency: Currency,
        /// Whose it is from now on, for ever.
        owner: Owner,
        /// Which of the tenant's own customers it was made for, sealed under the customer's name.
        private: Option<Sealed>,
    },
    /// Record that coins were collected from a deposit address into the hot wallet.
    Sweep {
        /// On which network.
        network: Label,
        /// From where.
        address: AddressId,
        /// How much.
        amount: Money,
        /// Where the chain has it.
        output: Output,
    },
    /// Record that coins were moved between places of ours.
    Move {
        /// On which network.
        network: Label,
        /// From where.
        from: Place,
        /// To where.
        to: Place,
        /// How much.
        amount: Money,
        /// Where the chain has it.
        output: Output,
    },
    /// Record what the chain took for a transaction of ours.
    PayFee {
        /// On which network.
        network: Label,
        /// Which place it was taken from.
        place: Place,
        /// How much.
        amount: Money,
        /// For which transaction.
        transaction: ChainHash,
    },
}
