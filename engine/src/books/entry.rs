//! Entries: postings that add up to zero in every currency, or they cannot be made.

use serde::{Deserialize, Serialize, Serializer};

use super::Account;
use crate::money::{Currency, Money};

/// One line of an entry: debits are positive, credits negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The account debited or credited, in the realm of the event that carries the entry.
    pub account: Account,
    /// In which currency.
    pub currency: Currency,
    /// Smallest units: above zero a debit, below zero a credit.
    pub debit_minor: i128,
}

/// Balanced postings, in the order they were written; possibly none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "Vec<Posting>")]
pub struct Entry {
    postings: Vec<Posting>,
}

/// The postings do not add up to zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry is out of balance in {0}")]
pub struct Unbalanced(pub Currency);

impl Entry {
    /// The entry of exactly these postings.
    ///
    /// # Errors
    /// [`Unbalanced`] with the first currency posted that does not add up to zero, or does not fit.
    pub fn balanced(postings: Vec<Posting>) -> Result<Self, Unbalanced> {
        // Entries are short and in one or two currencies: looking again costs less than a map of sums.
        for (at, Posting { currency, .. }) in postings.iter().enumerate() {
            let is_of_it = |posting: &&Posting| posting.currency == *currency;
            if postings[..at].iter().any(|posting| is_of_it(&posting)) {
                continue;
            }
            let mut lines = postings[at..].iter().filter(is_of_it);
            let sum = lines.try_fold(0i128, |sum, posting| sum.checked_add(posting.debit_minor));
            if sum != Some(0) {
                return Err(Unbalanced(*currency));
            }
        }
        Ok(Self { postings })
    }

    /// Starts an entry, to be written line by line. One in two currencies is two halves, each balanced.
    pub const fn write() -> Draft {
        Draft { postings: Vec::new() }
    }

    /// The postings, in the order they were written.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// True when nothing is posted.
    pub fn is_empty(&self) -> bool {
        self.postings.is_empty()
    }
}

impl TryFrom<Vec<Posting>> for Entry {
    type Error = Unbalanced;

    fn try_from(postings: Vec<Posting>) -> Result<Self, Unbalanced> {
        Self::balanced(postings)
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.postings.serialize(serializer)
    }
}

/// An entry being written. Lines of zero are left out.
#[derive(Debug)]
pub struct Draft {
    postings: Vec<Posting>,
}

impl Draft {
    /// Debits `account`.
    ///
    /// # Panics
    /// If `amount` is negative: a rule above got its sides wrong.
    #[must_use]
    pub fn debit(self, account: Account, amount: Money) -> Self {
        self.line(account, amount, 1)
    }

    /// Credits `account`.
    ///
    /// # Panics
    /// As [`Self::debit`].
    #[must_use]
    pub fn credit(self, account: Account, amount: Money) -> Self {
        self.line(account, amount, -1)
    }

    /// The finished entry.
    ///
    /// # Panics
    /// If it does not balance: a rule above reckoned wrongly.
    pub fn close(self) -> Entry {
        Entry::balanced(self.postings).expect("a rule wrote an entry that does not balance")
    }

    fn line(mut self, account: Account, amount: Money, sign: i128) -> Self {
        assert!(amount.minor >= 0, "a posting's side is debit or credit, never a negative amount");
        if !amount.is_zero() {
            let debit_minor = amount.minor * sign;
            self.postings.push(Posting { account, currency: amount.currency, debit_minor });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::{Income, Label};

    const RAIL: Account = Account::Rail(Label::SANDBOX);
    const CHARGE: Account = Account::Income(Income::Charge);

    fn posting(account: Account, currency: Currency, debit_minor: i128) -> Posting {
        Posting { account, currency, debit_minor }
    }

    #[test]
    fn an_entry_that_does_not_balance_cannot_be_made() {
        use Currency::{Jpy, Usd};
        for (postings, expected) in [
            (vec![], Ok(0)),
            (vec![posting(RAIL, Usd, 5), posting(CHARGE, Usd, -5)], Ok(2)),
            (vec![posting(RAIL, Usd, 5), posting(CHARGE, Usd, -4)], Err(Unbalanced(Usd))),
            (vec![posting(RAIL, Usd, 5), posting(CHARGE, Jpy, -5)], Err(Unbalanced(Usd))),
            (vec![posting(RAIL, Jpy, i128::MAX), posting(RAIL, Jpy, 1)], Err(Unbalanced(Jpy))),
        ] {
            assert_eq!(
                Entry::balanced(postings.clone()).map(|entry| entry.postings.len()),
                expected,
                "{postings:?}"
            );
        }
    }

    #[test]
    fn lines_of_zero_are_left_out() {
        let nothing = Money::zero(Currency::Usd);
        assert!(Entry::write().debit(RAIL, nothing).credit(CHARGE, nothing).close().is_empty());
    }
}
