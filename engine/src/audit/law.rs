//! The laws an audit checks, at which level each, and what was found to break them.

use std::collections::BTreeMap;

use super::report::{Broken, Check};

/// How much an audit checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The chain, the books, and everything that is under way: what needs no memory of what is over.
    Books,
    /// Every law, those too that need to remember everything there ever was.
    Full,
}

impl Level {
    /// How many laws only [`Level::Full`] checks, and this one does not.
    pub fn left_out(self) -> usize {
        LAWS.iter().filter(|(_, level, _)| *level > self).count()
    }
}

/// A law that the log alone can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Law {
    Chain,
    Decoding,
    Entries,
    TrialBalance,
    Guards,
    Realms,
    Streams,
    Time,
    Idempotency,
    Holdings,
    Lots,
    Settlements,
    Payouts,
    Orders,
    Months,
    WalletHolds,
    Deposits,
    Withdrawals,
    Movements,
    Erasures,
}

/// In the order they are printed, each with the level from which on it is checked.
const LAWS: [(Law, Level, &str); 20] = [
    (Law::Chain, Level::Books, "every commit carries its own hash and follows from the one before"),
    (Law::Decoding, Level::Books, "every record decodes, to its last byte"),
    (Law::Entries, Level::Books, "every entry balances in every currency"),
    (Law::TrialBalance, Level::Books, "the trial balance of every realm and currency is zero"),
    (Law::Guards, Level::Books, "no guarded account was ever beyond its guard"),
    (
        Law::Realms,
        Level::Books,
        "no tenant has an account in another tenant's realm, and no entry has two tenants",
    ),
    (Law::Streams, Level::Full, "revisions of every stream are dense from 0"),
    (Law::Time, Level::Books, "recorded time never falls, nor effective time within a realm"),
    (Law::Idempotency, Level::Full, "one idempotency key, one effect"),
    (Law::Holdings, Level::Books, "held and suspense accounts hold what their payments say"),
    (
        Law::Lots,
        Level::Full,
        "every lot of points gives what was issued to it and no more, and lapses at its expiry",
    ),
    (
        Law::Settlements,
        Level::Books,
        "every settlement comes to what its days posted, and moves no more than was there",
    ),
    (Law::Payouts, Level::Books, "payout accounts hold what their payouts say"),
    (Law::Orders, Level::Books, "escrow and held points are what their orders say"),
    (
        Law::Months,
        Level::Full,
        "every month of a subscription is billed as it begins, paid once, and worth its price",
    ),
    (
        Law::WalletHolds,
        Level::Full,
        "wallet-held accounts hold what their payments and authorizations say, and no longer",
    ),
    (
        Law::Deposits,
        Level::Full,
        "every output of a chain is one deposit, credited once, and unowned coins are what deposits say",
    ),
    (Law::Withdrawals, Level::Books, "withdrawal accounts hold what their withdrawals say"),
    (
        Law::Movements,
        Level::Full,
        "every movement of our coins is booked once, as no deposit, and so is every fee of a chain",
    ),
    (Law::Erasures, Level::Books, "nobody is erased twice"),
];

/// Of each law the first thing found that breaks it.
#[derive(Default)]
pub(super) struct Findings(BTreeMap<Law, Broken>);

impl Findings {
    /// `law` is broken at `position`. Whatever breaks one often is worded once.
    pub(super) fn find(&mut self, law: Law, position: u64, what: impl FnOnce() -> String) {
        self.0.entry(law).or_insert_with(|| Broken { position, what: what() });
    }

    /// Takes what one check found, if it found anything.
    pub(super) fn note(&mut self, law: Law, position: u64, outcome: Result<(), String>) {
        if let Err(what) = outcome {
            self.find(law, position, || what);
        }
    }

    /// Every check of `level` with its outcome.
    pub(super) fn into_checks(mut self, level: Level) -> Vec<Check> {
        let made = LAWS.iter().filter(|(_, from, _)| *from <= level);
        made.map(|(law, _, name)| Check { name, broken: self.0.remove(law) }).collect()
    }
}
