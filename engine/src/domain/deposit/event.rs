//! Facts about deposits. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use super::Purchase;
use crate::{
    books::{Entry, Label, Realm},
    domain::{
        AddressId, DepositId, Sealed, StreamId, UserId,
        chain::{Block, Output, Owner},
    },
    money::Money,
};

/// A fact about a deposit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was seen.
    Reported(Reported),
    /// It is there beyond doubt.
    Confirmed(Confirmed),
    /// It bought points.
    Granted(Granted),
    /// It was to buy points and did not.
    Skipped(Skipped),
    /// It got its owner.
    Assigned(Assigned),
    /// The chain has taken it back.
    Reorganised(Reorganised),
}

/// It was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// Counted from 1 over all networks.
    pub deposit: DepositId,
    /// In which realm.
    pub realm: Realm,
    /// On which network.
    pub network: Label,
    /// What it is known by there.
    pub output: Output,
    /// Where it arrives.
    pub address: AddressId,
    /// How much.
    pub amount: Money,
    /// Who sent it and what was said with it.
    pub private: Option<Sealed>,
}

/// It is there beyond doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Which deposit.
    pub deposit: DepositId,
    /// In which block.
    pub block: Block,
    /// Whose it is, as far as anybody knows.
    pub owner: Option<Owner>,
    /// Dr chain · Cr receivable what the owner owes, wallet or processor the rest; nobody's: Cr suspense. Of a purchase
    /// nothing: what it came to is told next.
    pub entry: Entry,
}

/// It bought points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Which deposit.
    pub deposit: DepositId,
    /// Who bought.
    pub holder: UserId,
    /// Which lot, within holder and realm.
    pub lot: u32,
    /// What of it went where.
    pub purchase: Purchase,
    /// Dr chain, or suspense · Cr receivable what the buyer owed · Cr exchange cost · Cr income:exchange-fee fee ·
    /// Cr income:rounding rest; all in USDT.
    pub entry: Entry,
}

/// Why a purchase came to nothing. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SkipReason {
    /// It is worth less than one cent.
    UnderACent,
    /// The buyer has as many lots as are kept.
    TooManyLots,
    /// The buyer is closed.
    Closed,
}

/// It was to buy points and did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Which deposit.
    pub deposit: DepositId,
    /// Why.
    pub reason: SkipReason,
    /// Dr chain, or suspense · Cr receivable what the owner owes, wallet the rest.
    pub entry: Entry,
}

/// It got its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// Which deposit.
    pub deposit: DepositId,
    /// Whose it is.
    pub owner: Owner,
    /// Dr suspense · Cr receivable what the owner owes, wallet or processor the rest. Of a purchase nothing: what it
    /// came to is told next.
    pub entry: Entry,
}

/// The chain has taken it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reorganised {
    /// Which deposit.
    pub deposit: DepositId,
    /// The credit in reverse: Dr wallet or processor, then receivable, or suspense · Cr chain. Of a purchase also
    /// Dr exchange what is left of its lot, income:exchange-fee, income:rounding. Nothing, where nothing was credited.
    pub entry: Entry,
}

impl Event {
    /// Which deposit it is about.
    pub const fn deposit(&self) -> DepositId {
        match self {
            Self::Reported(event) => event.deposit,
            Self::Confirmed(event) => event.deposit,
            Self::Granted(event) => event.deposit,
            Self::Skipped(event) => event.deposit,
            Self::Assigned(event) => event.deposit,
            Self::Reorganised(event) => event.deposit,
        }
    }

    /// `deposit-{deposit id}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::Deposit(self.deposit())
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Reported(_) => None,
            Self::Confirmed(event) => Some(&event.entry),
            Self::Granted(event) => Some(&event.entry),
            Self::Skipped(event) => Some(&event.entry),
            Self::Assigned(event) => Some(&event.entry),
            Self::Reorganised(event) => Some(&event.entry),
        }
    }
}
