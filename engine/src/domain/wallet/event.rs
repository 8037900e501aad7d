//! Facts about wallets. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Entry, Holder, Realm},
    domain::StreamId,
    money::Money,
};

/// A fact about a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Money came in from the sandbox rail.
    Credited(Credited),
    /// Tokens were issued into it.
    Issued(Issued),
    /// Its holder gave to another.
    Transferred(Transferred),
}

/// Money came in from the sandbox rail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credited {
    /// In which realm.
    pub realm: Realm,
    /// Whose wallet.
    pub holder: Holder,
    /// How much.
    pub amount: Money,
    /// Dr rail:sandbox · Cr receivable what the holder owes, wallet the rest.
    pub entry: Entry,
}

/// Tokens were issued into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// In which realm.
    pub realm: Realm,
    /// Whose wallet.
    pub holder: Holder,
    /// How much.
    pub amount: Money,
    /// Dr issuer · Cr receivable what the holder owes, wallet the rest.
    pub entry: Entry,
}

/// Its holder gave to another; told in the stream of the one who gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transferred {
    /// In which realm.
    pub realm: Realm,
    /// Who gave.
    pub from: Holder,
    /// Who took.
    pub to: Holder,
    /// How much.
    pub amount: Money,
    /// Dr wallet of the one · Cr receivable what the other owes, its wallet the rest.
    pub entry: Entry,
}

impl Event {
    /// `wallet-{holder}-{realm}`.
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Credited(event) => StreamId::Wallet(event.holder, event.realm),
            Self::Issued(event) => StreamId::Wallet(event.holder, event.realm),
            Self::Transferred(event) => StreamId::Wallet(event.from, event.realm),
        }
    }

    /// What the event posts.
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Credited(event) => Some(&event.entry),
            Self::Issued(event) => Some(&event.entry),
            Self::Transferred(event) => Some(&event.entry),
        }
    }
}
