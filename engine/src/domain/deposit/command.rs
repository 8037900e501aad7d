//! Reports of a chain worker, and the operator's word on whose coins are.

use crate::{
    books::Label,
    domain::{
        DepositId, Sealed,
        chain::{Block, ChainAddress, Output, Owner},
    },
    money::Money,
};

/// A wish about a deposit in the realm of its context.
///
/// A worker reports under a key of its own making, so that a copy that comes late is answered and does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Record that coins were seen on their way to an address of ours.
    Report {
        /// On which network.
        network: Label,
        /// What they are known by there, for ever.
        output: Output,
        /// Where they arrive.
        address: ChainAddress,
        /// How much.
        amount: Money,
        /// Who sent them and what was said with them, sealed.
        private: Option<Sealed>,
    },
    /// Record that they are there beyond doubt.
    Confirm {
        /// Which deposit.
        deposit: DepositId,
        /// In which block.
        block: Block,
    },
    /// Give coins that are nobody's to somebody.
    Assign {
        /// Which deposit.
        deposit: DepositId,
        /// To whom.
        owner: Owner,
    },
    /// Record that the chain no longer has them.
    Reorganise {
        /// Which deposit.
        deposit: DepositId,
    },
}
