//! What a merchant has and which of its days are open, reckoned a second time from the facts.

use std::collections::BTreeMap;

use crate::domain::{
    Span, Timestamp,
    settlement::{Closed, Figures, OpenDays},
};

/// The lines of a settlement: gross, charges, charges returned, refunds, chargebacks, won back, out of available,
/// out of receivable, receivable cleared.
type Lines = [i128; 9];

/// How each line counts for the net.
const SIGNS: Lines = [1, -1, 1, -1, -1, 1, 1, 1, -1];

fn lines(figures: &Figures) -> Lines {
    let Figures {
        gross,
        charges,
        charges_returned,
        refunds,
        chargebacks,
        won_back,
        from_available,
        from_receivable,
        receivable_cleared,
    } = figures;
    [
        gross,
        charges,
        charges_returned,
        refunds,
        chargebacks,
        won_back,
        from_available,
        from_receivable,
        receivable_cleared,
    ]
    .map(|money| money.minor)
}

fn net(lines: &Lines) -> i128 {
    lines.iter().zip(SIGNS).map(|(minor, sign)| minor * sign).sum()
}

fn sum(days: &BTreeMap<i64, Lines>) -> Lines {
    let mut sum = Lines::default();
    for (at, line) in sum.iter_mut().enumerate() {
        *line = days.values().map(|lines| lines[at]).sum();
    }
    sum
}

/// The calendar day in Asia/Tokyo.
pub(super) fn day(at: Timestamp) -> i64 {
    (at + Span::hours(9)).0.div_euclid(Span::days(1).0)
}

/// A merchant's three accounts in one realm and currency, and what its open days say.
#[derive(Default)]
pub(super) struct Earnings {
    pub(super) pending: i128,
    pub(super) available: i128,
    pub(super) owed: i128,
    days: BTreeMap<i64, Lines>,
    settled_through: Option<i64>,
    carried: i128,
}

impl Earnings {
    pub(super) fn capture(&mut self, day: i64, gross: i128, charge: i128) {
        let cleared = self.earn(gross - charge);
        self.add(day, [gross, charge, 0, 0, 0, 0, 0, 0, cleared]);
    }

    pub(super) fn win(&mut self, day: i64, won: i128) {
        let cleared = self.earn(won);
        self.add(day, [0, 0, 0, 0, 0, won, 0, 0, cleared]);
    }

    pub(super) fn refund(&mut self, day: i64, amount: i128, charge_returned: i128) {
        let [available, owed] = self.bear(amount - charge_returned);
        self.add(day, [0, 0, charge_returned, amount, 0, 0, available, owed, 0]);
    }

    pub(super) fn charge_back(&mut self, day: i64, bears: i128) {
        let [available, owed] = self.bear(bears);
        self.add(day, [0, 0, 0, 0, bears, 0, available, owed, 0]);
    }

    /// What comes into the wallet clears what is owed; tells how much.
    pub(super) fn clear(&mut self, minor: i128) -> i128 {
        let cleared = minor.min(self.owed);
        self.owed -= cleared;
        cleared
    }

    /// What is owed is cleared first; tells how much.
    fn earn(&mut self, minor: i128) -> i128 {
        let cleared = self.clear(minor);
        self.pending += minor - cleared;
        cleared
    }

    /// Pending, then available, then owed; tells what the last two gave.
    fn bear(&mut self, minor: i128) -> [i128; 2] {
        let pending = minor.min(self.pending);
        let available = (minor - pending).min(self.available);
        let owed = minor - pending - available;
        (self.pending, self.available) = (self.pending - pending, self.available - available);
        self.owed += owed;
        [available, owed]
    }

    fn add(&mut self, day: i64, lines: Lines) {
        if lines != Lines::default() {
            let sum = self.days.entry(day).or_default();
            sum.iter_mut().zip(lines).for_each(|(sum, minor)| *sum += minor);
        }
    }

    pub(super) fn close(&mut self, fact: &Closed, today: i64) {
        let (from, through) = (fact.from.0, fact.through.0);
        assert!(through < today, "a day was settled before it was over");
        match self.settled_through {
            Some(last) => {
                assert!(last + 1 == from && from <= through, "a day was left out, or settled twice")
            }
            None => assert_eq!(self.days.first_key_value().map(|(day, _)| *day), Some(from)),
        }
        let later = self.days.split_off(&(through + 1));
        let closed = std::mem::replace(&mut self.days, later);
        assert_eq!(lines(&fact.figures), sum(&closed), "the figures of {from} to {through}");
        let net = net(&sum(&closed));
        let whole = self.carried + net;
        let moved = whole.min(self.pending).max(0);
        assert!(moved > 0 || !closed.is_empty(), "there was nothing to settle");
        assert_eq!(
            [fact.net, fact.carried_in, fact.moved, fact.carried_out].map(|money| money.minor),
            [net, self.carried, moved, whole - moved]
        );
        (self.settled_through, self.carried) = (Some(through), whole - moved);
        (self.pending, self.available) = (self.pending - moved, self.available + moved);
    }

    pub(super) fn send(&mut self, minor: i128) {
        self.available -= minor;
        assert!(minor > 0 && self.available >= 0, "more was sent than was ready");
    }

    /// What is owed by now is cleared first.
    pub(super) fn take_back(&mut self, minor: i128) {
        let cleared = minor.min(self.owed);
        self.owed -= cleared;
        self.available += minor - cleared;
    }

    /// However much is settled and carried, what is pending is what the open days are still good for.
    pub(super) fn check(&self) {
        assert_eq!(self.pending, self.carried + net(&sum(&self.days)), "pending and the open days");
    }

    /// What the writer remembers is what the facts say.
    pub(super) fn check_row(&self, row: &OpenDays) {
        let days: Vec<_> = row.days().iter().map(|(day, figures)| (day.0, lines(figures))).collect();
        assert!(days.iter().copied().eq(self.days.iter().map(|(day, lines)| (*day, *lines))), "{days:?}");
        assert_eq!(row.settled_through().map(|day| day.0), self.settled_through);
        assert_eq!(row.carried().minor, self.carried);
    }
}
