//! Wishes about withdrawals, and reports of a chain worker.

use crate::{
    books::Label,
    domain::{
        Digest, Sealed, Timestamp, WithdrawalId,
        chain::{ChainHash, Custody, Output},
    },
    money::Money,
};

/// A wish about a withdrawal in the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send coins out.
    Request(Request),
    /// Record that it goes into a message, before the message is let go.
    Send {
        /// Which withdrawal.
        withdrawal: WithdrawalId,
        /// The message's own hash, so that its fate can be looked up after a crash.
        message: ChainHash,
        /// From when on no chain runs it any more. A worker adds as much as its view of the chain may lag behind.
        expires_at: Timestamp,
    },
    /// Record that the chain has moved the coins.
    Process {
        /// Which withdrawal.
        withdrawal: WithdrawalId,
        /// Where the chain has it.
        output: Output,
        /// What of the transaction's fee is told with it. Of a transaction that carries several, each tells its part,
        /// or the fee is told by itself.
        fee: Option<Money>,
    },
    /// Record that the chain ran its message and did not move the coins.
    Fail {
        /// Which withdrawal.
        withdrawal: WithdrawalId,
        /// Which message: only the last one says anything.
        message: ChainHash,
        /// The transaction that ran it.
        transaction: ChainHash,
    },
    /// Give back what cannot be sent.
    GiveUp {
        /// Which withdrawal.
        withdrawal: WithdrawalId,
    },
}

/// Coins to be sent out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whose they are, and where they are now.
    pub from: Custody,
    /// Over which network.
    pub network: Label,
    /// How much.
    pub amount: Money,
    /// A keyed hash of the tenant's own name for it, which the tenant uses once; whatever the surface counts as that
    /// name, such as `user_id` and `query_id` together.
    pub query: Option<Digest>,
    /// Where to, and what is said with it: somebody's, and so sealed.
    pub destination: Sealed,
}
