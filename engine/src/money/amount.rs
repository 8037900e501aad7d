//! An amount of money and its checked arithmetic.

use serde::{Deserialize, Serialize};

use super::{Currency, Percent};

/// An amount in the currency's smallest unit: cents for USD, yen for JPY, nanoton for TON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Count of smallest units; may be negative only where the context says so.
    pub minor: i128,
    /// What is counted.
    pub currency: Currency,
}

/// Why two amounts could not be reckoned together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The two amounts are in different currencies.
    #[error("{left} and {right} cannot be reckoned together")]
    Currency {
        /// Of the first amount.
        left: Currency,
        /// Of the second amount.
        right: Currency,
    },
    /// The result does not fit 127 bits.
    #[error("the amount is too large to be counted")]
    Overflow,
}

impl Money {
    /// `minor` smallest units of `currency`.
    pub const fn new(minor: i128, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// True for exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError`] for different currencies, or a sum that does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i128::checked_add)
    }

    /// The difference of two amounts of one currency; it may be negative.
    ///
    /// # Errors
    /// [`MoneyError`] for different currencies, or a difference that does not fit.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i128::checked_sub)
    }

    /// The smaller of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::Currency`] for different currencies.
    pub fn at_most(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, |left, right| Some(left.min(right)))
    }

    /// `percent` of this amount, rounded half up to the smallest unit.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] if the product does not fit.
    pub fn percent(self, percent: Percent) -> Result<Self, MoneyError> {
        let minor = percent.of(self.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// This amount × `part` ÷ `whole`, rounded half up to the smallest unit.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] if the share does not fit, `part` is negative or `whole` is not above zero.
    pub fn share(self, part: i128, whole: i128) -> Result<Self, MoneyError> {
        let minor = multiply_divide_half_up(self.minor, part, whole).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    fn combine(self, other: Self, by: impl Fn(i128, i128) -> Option<i128>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currency { left: self.currency, right: other.currency });
        }
        let minor = by(self.minor, other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }
}

/// `dividend ÷ divisor` for a positive divisor, a half going away from zero; `None` where it cannot be.
pub(super) fn divide_half_up(dividend: i128, divisor: i128) -> Option<i128> {
    if divisor <= 0 {
        return None;
    }
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    // rest ≥ divisor − rest is 2·rest ≥ divisor without the overflow.
    let carries = rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs();
    if carries { quotient.checked_add(dividend.signum()) } else { Some(quotient) }
}

/// `factor × part ÷ whole`, a half going away from zero; `None` where it cannot be.
///
/// The product may be far beyond an `i128` (18 decimals leave room for ten whole tokens), so where it is,
/// it is divided as it grows, bit by bit of `part`.
fn multiply_divide_half_up(factor: i128, part: i128, whole: i128) -> Option<i128> {
    if part < 0 || whole <= 0 {
        return None;
    }
    if let Some(product) = factor.checked_mul(part) {
        return divide_half_up(product, whole);
    }
    // Throughout, quotient × whole + rest is factor × the bits of `part` seen so far.
    let (mut quotient, mut rest) = (0i128, 0i128);
    for bit in (0..i128::BITS - 1).rev() {
        let seen = (part >> bit) & 1;
        rest = rest.checked_mul(2)?.checked_add(seen * (factor % whole))?;
        quotient =
            quotient.checked_mul(2)?.checked_add(seen * (factor / whole))?.checked_add(rest / whole)?;
        rest %= whole;
    }
    let carries = rest.unsigned_abs() >= whole.unsigned_abs() - rest.unsigned_abs();
    if carries { quotient.checked_add(factor.signum()) } else { Some(quotient) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_half_rounds_up() {
        for (dividend, divisor, expected) in [
            (0, 2, Some(0)),
            (1, 2, Some(1)),
            (1, 3, Some(0)),
            (2, 3, Some(1)),
            (49, 100, Some(0)),
            (50, 100, Some(1)),
            (-1, 2, Some(-1)),
            (-49, 100, Some(0)),
            (i128::MAX, 1, Some(i128::MAX)),
            (i128::MAX, i128::MAX, Some(1)),
            (1, 0, None),
        ] {
            assert_eq!(divide_half_up(dividend, divisor), expected, "{dividend} / {divisor}");
        }
    }

    #[test]
    fn sums_are_checked() {
        let most = Money::new(i128::MAX, Currency::Jpy);
        assert_eq!(most.plus(Money::new(1, Currency::Jpy)), Err(MoneyError::Overflow));
        assert_eq!(
            most.plus(Money::new(1, Currency::Usd)),
            Err(MoneyError::Currency { left: Currency::Jpy, right: Currency::Usd })
        );
        assert_eq!(most.share(2, 2), Ok(most));
        assert_eq!(most.share(3, 2), Err(MoneyError::Overflow));
        assert_eq!(most.share(1, 0), Err(MoneyError::Overflow));
        assert_eq!(most.share(-1, 2), Err(MoneyError::Overflow));
    }

    #[test]
    fn shares_of_the_largest_amounts_are_exact() {
        let large = 10i128.pow(24);
        for (minor, part, whole, expected) in [
            (large, large, large, large),
            (large, large - 1, large, large - 1),
            (large, large / 2, large, large / 2),
            (large - 1, large / 2, large, large / 2),
            (-large, large / 4, large, -large / 4),
            (large / 3, large / 3, large, 111_111_111_111_111_111_111_111),
            (large, large, 3 * large, 333_333_333_333_333_333_333_333),
            (large, 2 * large, 3 * large, 666_666_666_666_666_666_666_667),
        ] {
            assert_eq!(
                Money::new(minor, Currency::Ton).share(part, whole).map(|share| share.minor),
                Ok(expected)
            );
        }
    }

    proptest! {
        #[test]
        fn a_share_is_the_same_by_either_way(
            factor in -(10i128.pow(14))..10i128.pow(14),
            part in 0..10i128.pow(6),
            whole in 1..10i128.pow(6),
        ) {
            // Scaled alike, part and whole give the same share by a product that no longer fits.
            let scale = 10i128.pow(24);
            let scaled = multiply_divide_half_up(factor, part * scale, whole * scale);
            prop_assert_eq!(scaled, divide_half_up(factor * part, whole));
        }
    }
}
