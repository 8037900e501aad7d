//! Facts about withdrawals. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Entry, Label, Realm},
    domain::{
        Digest, MerchantId, Sealed, StreamId, Timestamp, WithdrawalId,
        chain::{ChainHash, Custody, Output},
    },
    money::Money,
};

/// A fact about a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was asked for, and its coins were set aside.
    Requested(Requested),
    /// It was put into a message.
    Sent(Sent),
    /// Its message expired unseen.
    Expired(Expired),
    /// The coins have left.
    Processed(Processed),
    /// The coins have not left, and were given back.
    Failed(Failed),
    /// The coins have left though nothing was set aside for it any more.
    SentAnyway(SentAnyway),
}

/// It was asked for, and its coins were set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// Counted from 1.
    pub withdrawal: WithdrawalId,
    /// In which realm.
    pub realm: Realm,
    /// Whose tenant it is.
    pub tenant: MerchantId,
    /// Where the coins were.
    pub from: Custody,
    /// Over which network.
    pub network: Label,
    /// How much.
    pub amount: Money,
    /// A keyed hash of the tenant's own name for it.
    pub query: Option<Digest>,
    /// Where to, and what is said with it.
    pub destination: Sealed,
    /// Dr wallet, or processor · Cr withdrawal.
    pub entry: Entry,
}

/// It was put into a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Which withdrawal.
    pub withdrawal: WithdrawalId,
    /// The message's own hash.
    pub message: ChainHash,
    /// From when on no chain runs it.
    pub expires_at: Timestamp,
}

/// Its message expired unseen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// Which withdrawal.
    pub withdrawal: WithdrawalId,
}

/// The coins have left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processed {
    /// Which withdrawal.
    pub withdrawal: WithdrawalId,
    /// On which network.
    pub network: Label,
    /// Where the chain has it.
    pub output: Output,
    /// What of the transaction's fee was told with it.
    pub fee: Option<Money>,
    /// Dr withdrawal · Cr chain hot; Dr expense:network-fee · Cr chain hot, the fee.
    pub entry: Entry,
}

/// The coins have not left, and were given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Which withdrawal.
    pub withdrawal: WithdrawalId,
    /// The transaction that ran its message without it; none for one that was given up.
    pub transaction: Option<ChainHash>,
    /// Dr withdrawal · Cr receivable what the holder owes by now, wallet or processor the rest.
    pub entry: Entry,
}

/// The coins have left though nothing was set aside for it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentAnyway {
    /// Which withdrawal.
    pub withdrawal: WithdrawalId,
    /// On which network.
    pub network: Label,
    /// Where the chain has it.
    pub output: Output,
    /// What of the transaction's fee was told with it.
    pub fee: Option<Money>,
    /// Dr wallet or processor what is there, receivable the rest · Cr chain hot; Dr expense:network-fee · Cr chain hot,
    /// the fee.
    pub entry: Entry,
}

impl Event {
    /// Which withdrawal it is about.
    pub const fn withdrawal(&self) -> WithdrawalId {
        match self {
            Self::Requested(event) => event.withdrawal,
            Self::Sent(event) => event.withdrawal,
            Self::Expired(event) => event.withdrawal,
            Self::Processed(event) => event.withdrawal,
            Self::Failed(event) => event.withdrawal,
            Self::SentAnyway(event) => event.withdrawal,
        }
    }

    /// `withdrawal-{withdrawal id}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::Withdrawal(self.withdrawal())
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Requested(event) => Some(&event.entry),
            Self::Sent(_) | Self::Expired(_) => None,
            Self::Processed(event) => Some(&event.entry),
            Self::Failed(event) => Some(&event.entry),
            Self::SentAnyway(event) => Some(&event.entry),
        }
    }
}
