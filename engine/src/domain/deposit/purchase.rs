//! What coins buy: points at a cent each, less the fee.

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money, MoneyError};

/// What of a USDT deposit goes where. The four parts add up to it: fee, cost of the points, and rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// What the platform keeps: 1 %.
    pub fee: Money,
    /// What the points cost, at par.
    pub cost: Money,
    /// The points.
    pub granted: Money,
    /// What is left over, below a cent.
    pub rest: Money,
}

/// One in a hundred. Source: ito-japan-platform.txt, Crypto Wallet API, `fee_amount`.
const FEE_DIVISOR: i128 = 100;
/// Smallest units of USDT in a cent, and so in a point's smallest unit.
const CENT: i128 = Currency::Usdt.unit_minor() / Currency::SgpUsd.unit_minor();

impl Purchase {
    /// What `amount` of USDT buys. The fee is rounded half up to the cent, the points are cut to it.
    ///
    /// # Errors
    /// [`MoneyError`] for amounts that cannot be reckoned.
    pub fn of(amount: Money) -> Result<Self, MoneyError> {
        // At once to the cent: rounded to a millionth first, half a cent could come of less.
        let fee = amount.share(1, FEE_DIVISOR * CENT)?.minor * CENT;
        let left = amount.minor - fee;
        let granted = Money::new(left / CENT, Currency::SgpUsd);
        let usdt = |minor| Money::new(minor, amount.currency);
        Ok(Self { fee: usdt(fee), cost: Self::cost_of(granted), granted, rest: usdt(left % CENT) })
    }

    /// What so many points cost.
    pub const fn cost_of(points: Money) -> Money {
        Money::new(points.minor * CENT, Currency::Usdt)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::AMOUNT_MINOR_MAX;

    fn of(minor: i128) -> Purchase {
        Purchase::of(Money::new(minor, Currency::Usdt)).unwrap()
    }

    #[test]
    fn the_fee_is_one_percent_to_the_cent_and_points_are_cut_to_it() {
        for (minor, fee, granted, rest) in [
            (100_000_000, "1.000000", "99.00", "0.000000"),
            (10_500_000, "0.110000", "10.39", "0.000000"),
            // Half a cent of fee at 0.50; a millionth less is none.
            (500_000, "0.010000", "0.49", "0.000000"),
            (499_999, "0.000000", "0.49", "0.009999"),
            // 0.49999950: rounded to a millionth first, it would be half a cent.
            (499_999_950 / 1_000, "0.000000", "0.49", "0.009999"),
            (1_499_999, "0.010000", "1.48", "0.009999"),
            (1_500_000, "0.020000", "1.48", "0.000000"),
            (10_000, "0.000000", "0.01", "0.000000"),
            (9_999, "0.000000", "0.00", "0.009999"),
            (1, "0.000000", "0.00", "0.000001"),
        ] {
            let bought = of(minor);
            let told = [bought.fee, bought.granted, bought.rest].map(Money::to_decimal);
            assert_eq!(told, [fee, granted, rest], "of {minor}");
        }
    }

    proptest! {
        #[test]
        fn the_parts_add_up(minor in 0..=AMOUNT_MINOR_MAX) {
            let bought = of(minor);
            prop_assert_eq!(bought.fee.minor + bought.cost.minor + bought.rest.minor, minor);
            prop_assert_eq!(bought.granted.minor * CENT, bought.cost.minor);
            prop_assert!((0..CENT).contains(&bought.rest.minor) && bought.fee.minor >= 0);
            // Half up: the fee is off by at most half a cent, and never by half a cent below.
            let off = bought.fee.minor * FEE_DIVISOR - minor;
            prop_assert!((-FEE_DIVISOR * CENT / 2 + 1..=FEE_DIVISOR * CENT / 2).contains(&off));
        }
    }
}
