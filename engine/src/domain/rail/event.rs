//! Facts about a rail.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Entry, Label},
    domain::StreamId,
    money::Money,
};

/// A fact about a rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The rail paid out what it owed.
    Settled(Settled),
}

/// The rail paid out what it owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Which rail.
    pub rail: Label,
    /// What arrived in the bank.
    pub net: Money,
    /// What the rail kept.
    pub fee: Money,
    /// Dr bank net · Dr expense:rail-fee fee · Cr rail gross.
    pub entry: Entry,
}

impl Event {
    /// `rail-{rail}`.
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Settled(event) => StreamId::Rail(event.rail),
        }
    }

    /// What the event posts.
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Settled(event) => Some(&event.entry),
        }
    }
}
