//! What a merchant agreed to: the service mode, the charge, and how far refunds may run ahead of sales.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Label, Realm},
    domain::MerchantId,
    money::{Currency, Money, MoneyError, Percent},
};

/// The service mode, which selects the realm that the merchant's access key sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mode {
    /// The merchant's own test realm; no real money moves.
    Test,
    /// The live realm.
    Active,
}

impl Mode {
    /// The word of the documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Active => "active",
        }
    }

    /// The realm this mode selects for `merchant`.
    pub const fn realm(self, merchant: MerchantId) -> Realm {
        match self {
            Self::Test => Realm::Test(merchant),
            Self::Active => Realm::Live,
        }
    }
}

/// A charge for payments over one rail in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeRule {
    /// The rail it is for.
    pub rail: Label,
    /// Of what the customer paid, less the method fee.
    pub percent: Percent,
    /// Added to it, in the currency the rule is for.
    pub fixed: Money,
}

/// The terms a merchant is paid on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The charge where no rule says otherwise.
    pub percent: Percent,
    /// Charges of particular rails and currencies.
    pub rules: Vec<ChargeRule>,
    /// Whether a refund gives back its share of the charge.
    pub refund_returns_charge: bool,
    /// How much a merchant may owe after refunds, of its last 30 days' sales.
    pub receivable_percent: Percent,
    /// What it may owe in any case, in whole units of the currency.
    pub receivable_floor_units: u32,
}

impl Default for Terms {
    /// The document's sample charges 5.00 on 100.00; the ceiling is accounting rule 4.1's.
    fn default() -> Self {
        Self {
            percent: Percent::whole(5),
            rules: Vec::new(),
            refund_returns_charge: false,
            receivable_percent: Percent::whole(10),
            receivable_floor_units: 100,
        }
    }
}

impl Terms {
    /// The charge on `base` over `rail`: percent, half up, plus fixed, at most `base`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for amounts that cannot be reckoned.
    pub fn charge(&self, rail: Label, base: Money) -> Result<Money, MoneyError> {
        let rule = self.rules.iter().find(|rule| rule.rail == rail && rule.fixed.currency == base.currency);
        match rule {
            // Cut to the base before it is added, a fixed charge cannot be too large to be counted.
            Some(rule) => base.percent(rule.percent)?.plus(rule.fixed.at_most(base)?)?.at_most(base),
            None => base.percent(self.percent)?.at_most(base),
        }
    }

    /// The most a merchant may owe, given its sales of the last 30 days.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for sales that cannot be reckoned.
    pub fn receivable_max(&self, sales: Money) -> Result<Money, MoneyError> {
        let floor = i128::from(self.receivable_floor_units) * sales.currency.unit_minor();
        let share = sales.percent(self.receivable_percent)?;
        Ok(Money::new(share.minor.max(floor), sales.currency))
    }
}

/// Currencies a rule may be written in: points are never charged.
pub(super) fn is_chargeable(currency: Currency) -> bool {
    currency != Currency::SgpUsd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_percent_plus_fixed_and_never_more_than_the_payment() {
        let rule = |fixed| ChargeRule {
            rail: Label::SANDBOX,
            percent: Percent::whole(10),
            fixed: Money::new(fixed, Currency::Usd),
        };
        for (rules, base, expected) in [
            (vec![], 100_00, 5_00),
            (vec![], 0, 0),
            (vec![rule(30)], 100_00, 10_30),
            (vec![rule(30)], 20, 20),
            (vec![rule(i128::MAX)], 20, 20),
        ] {
            let terms = Terms { rules, ..Terms::default() };
            let charge = terms.charge(Label::SANDBOX, Money::new(base, Currency::Usd)).unwrap();
            assert_eq!(charge.minor, expected, "on {base}");
        }
    }

    #[test]
    fn the_ceiling_is_a_tenth_of_sales_and_at_least_a_hundred_units() {
        for (sales, currency, expected) in [
            (0, Currency::Usd, 100_00),
            (1_000_00, Currency::Usd, 100_00),
            (1_000_10, Currency::Usd, 100_01),
            (0, Currency::Jpy, 100),
            (1_000_000, Currency::Jpy, 100_000),
        ] {
            assert_eq!(Terms::default().receivable_max(Money::new(sales, currency)).unwrap().minor, expected);
        }
    }
}
