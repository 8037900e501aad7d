//! Lots, and the order in which they are drawn from.

use serde::{Deserialize, Serialize};

use crate::{
    domain::Timestamp,
    money::{Currency, Money},
};

/// How points were come by; never mixed in a lot. Variants are stored by position, and drawn from in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Given away.
    Free,
    /// Paid for.
    Paid,
}

impl Kind {
    /// The kind in lower case.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Paid => "paid",
        }
    }
}

/// Points issued together, as far as they have not been spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Counted from 1 within holder and realm.
    pub number: u32,
    /// How it was come by.
    pub kind: Kind,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it cannot be spent: nothing ever changes that.
    pub expires_at: Timestamp,
    /// What is left of it.
    pub remaining: Money,
}

impl Lot {
    /// What it gives when `minor` of it are taken.
    pub(super) const fn drawn(&self, minor: i128) -> Draw {
        Draw {
            lot: self.number,
            kind: self.kind,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            quantity: Money::new(minor, self.remaining.currency),
        }
    }
}

/// What was taken from one lot: all it takes to give it back, however long the lot has been gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// From which lot.
    pub lot: u32,
    /// Of which kind.
    pub kind: Kind,
    /// When the lot was issued.
    pub issued_at: Timestamp,
    /// From when on it cannot be spent.
    pub expires_at: Timestamp,
    /// How much of it.
    pub quantity: Money,
}

/// A holder's lots in one realm.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lots {
    /// Those with anything left, in the order they are drawn from.
    open: Vec<Lot>,
    /// Lots issued so far.
    issued: u32,
}

impl Lots {
    /// Those with anything left, in the order they are drawn from; among them such as have expired and were not
    /// swept yet.
    pub fn open(&self) -> &[Lot] {
        &self.open
    }

    /// The lot of this number, if anything is left of it.
    pub fn get(&self, number: u32) -> Option<&Lot> {
        self.open.iter().find(|lot| lot.number == number)
    }

    /// The number the next lot gets.
    pub const fn next(&self) -> u32 {
        self.issued + 1
    }

    /// What can be spent at `now`, whether or not the sweep has run.
    pub fn spendable(&self, now: Timestamp) -> Money {
        let live = self.open.iter().filter(|lot| now < lot.expires_at);
        Money::new(live.map(|lot| lot.remaining.minor).sum(), Currency::SgpUsd)
    }

    /// Takes `quantity` of what can be spent at `now`; `None` if there is less.
    ///
    /// First what expires first; of equal expiry free before paid, then the oldest.
    pub fn draw(&self, quantity: Money, now: Timestamp) -> Option<Vec<Draw>> {
        let (mut draws, mut wanted) = (Vec::new(), quantity.minor);
        for lot in self.open.iter().filter(|lot| now < lot.expires_at) {
            let taken = lot.remaining.minor.min(wanted);
            if taken == 0 {
                break;
            }
            wanted -= taken;
            draws.push(lot.drawn(taken));
        }
        (wanted == 0).then_some(draws)
    }

    /// Adds what was issued as the next lot, or given back to an earlier one.
    pub(super) fn add(&mut self, draw: &Draw) {
        self.issued = self.issued.max(draw.lot);
        if let Some(lot) = self.open.iter_mut().find(|lot| lot.number == draw.lot) {
            lot.remaining.minor += draw.quantity.minor;
            return;
        }
        let lot = Lot {
            number: draw.lot,
            kind: draw.kind,
            issued_at: draw.issued_at,
            expires_at: draw.expires_at,
            remaining: draw.quantity,
        };
        let order = |lot: &Lot| (lot.expires_at, lot.kind, lot.issued_at, lot.number);
        let at = self.open.partition_point(|other| order(other) < order(&lot));
        self.open.insert(at, lot);
    }

    /// Takes `minor` from a lot, which is gone when nothing is left.
    ///
    /// # Panics
    /// If the lot has less: a rule drew what was not there.
    pub(super) fn take(&mut self, number: u32, minor: i128) {
        let at = self.open.iter().position(|lot| lot.number == number);
        let at = at.expect("only what is in a lot is taken from it");
        let left = self.open[at].remaining.minor - minor;
        assert!(left >= 0, "lot {number} went below zero by {left}");
        if left == 0 {
            self.open.remove(at);
        } else {
            self.open[at].remaining.minor = left;
        }
    }
}
