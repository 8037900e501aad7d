//! A percentage, such as a charge or a tax rate.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount::divide_half_up;

/// A percentage from 0 to 100 with at most six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Percent(Decimal);

impl Percent {
    /// Nothing at all.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A whole percentage, 0 to 100.
    ///
    /// # Panics
    /// Above 100: constants are checked where they are written.
    pub fn whole(percent: u8) -> Self {
        assert!(percent <= 100, "a percentage is at most 100");
        Self(Decimal::from(percent))
    }

    /// This percentage of `minor` smallest units, rounded half up; `None` if the product does not fit.
    pub(super) fn of(self, minor: i128) -> Option<i128> {
        let divisor = 10i128.checked_pow(self.0.scale() + 2)?;
        divide_half_up(minor.checked_mul(self.0.mantissa())?, divisor)
    }
}

impl TryFrom<Decimal> for Percent {
    type Error = &'static str;

    fn try_from(percent: Decimal) -> Result<Self, &'static str> {
        let percent = percent.normalize();
        if percent.is_sign_negative() && !percent.is_zero() || percent > Decimal::ONE_HUNDRED {
            return Err("a percentage is from 0 to 100");
        }
        if percent.scale() > 6 {
            return Err("a percentage has at most six decimals");
        }
        Ok(Self(percent))
    }
}

impl From<Percent> for Decimal {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} %", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_sample_charge_comes_out() {
        for (percent, minor, expected) in
            [("5", 100_00, 5_00), ("5", 1, 0), ("5", 10, 1), ("3.65", 1_000, 37), ("100", 7, 7)]
        {
            let percent = Percent::try_from(percent.parse::<Decimal>().unwrap()).unwrap();
            assert_eq!(percent.of(minor), Some(expected), "{percent} of {minor}");
        }
    }

    #[test]
    fn a_percentage_has_bounds() {
        for refused in ["-1", "100.000001", "1.0000001"] {
            assert!(Percent::try_from(refused.parse::<Decimal>().unwrap()).is_err(), "{refused}");
        }
    }
}
