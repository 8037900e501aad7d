//! Amounts as text: read strictly, written with exactly the currency's decimals.

use super::{Currency, Money};

/// Digits an amount may have in all; anything longer is refused before it is reckoned with.
pub const AMOUNT_DIGITS_MAX: usize = 30;

/// Why a text is not an amount of a currency, in the order the checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountText {
    /// Not plain decimal digits with at most one point between them.
    #[error("must be a plain decimal number, without sign, exponent or separators")]
    Malformed,
    /// More digits than any amount needs.
    #[error("has more than {AMOUNT_DIGITS_MAX} digits")]
    TooLong,
    /// More decimals than the currency has.
    #[error("may have at most {digits} decimals in {currency}")]
    TooPrecise {
        /// The currency asked for.
        currency: Currency,
        /// Its decimals.
        digits: u32,
    },
}

impl Money {
    /// Reads `text`, such as `280.00` or `1000`, as an amount of `currency`.
    ///
    /// # Errors
    /// [`AmountText`]; nothing is rounded, so `100.001` USD and `10.0` JPY are refused.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountText> {
        let (whole, fraction) = split(text).ok_or(AmountText::Malformed)?;
        if whole.len() + fraction.len() > AMOUNT_DIGITS_MAX {
            return Err(AmountText::TooLong);
        }
        let digits = currency.digits();
        let missing = usize::try_from(digits)
            .ok()
            .and_then(|digits| digits.checked_sub(fraction.len()))
            .ok_or(AmountText::TooPrecise { currency, digits })?;
        let minor = whole
            .bytes()
            .chain(fraction.bytes())
            .chain(std::iter::repeat_n(b'0', missing))
            // 30 digits and 9 zeros may still fit an i128, or may not.
            .try_fold(0i128, |sum, digit| sum.checked_mul(10)?.checked_add(i128::from(digit - b'0')))
            .ok_or(AmountText::TooLong)?;
        Ok(Self::new(minor, currency))
    }

    /// The amount with exactly the currency's decimals and no code: `280.00`, `1000`, `-0.05`.
    pub fn to_decimal(self) -> String {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let figure = format!("{:0>width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = figure.split_at(figure.len() - digits);
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

/// The digits before and after the point; `None` for anything but `1`, `0.5`, `12.34`.
fn split(text: &str) -> Option<(&str, &str)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let leads_with_zero = whole.len() > 1 && whole.starts_with('0');
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() && !leads_with_zero && all_digits).then_some((whole, fraction))
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_strictly() {
        use AmountText::{Malformed, TooLong};
        let too_precise =
            |currency: Currency| Err(AmountText::TooPrecise { currency, digits: currency.digits() });
        for (text, currency, expected) in [
            ("280.00", Currency::Usd, Ok(28_000)),
            ("280", Currency::Usd, Ok(28_000)),
            ("0.5", Currency::Usd, Ok(50)),
            ("0", Currency::Usd, Ok(0)),
            ("0.001", Currency::Usd, too_precise(Currency::Usd)),
            ("1000", Currency::Jpy, Ok(1_000)),
            ("10.5", Currency::Jpy, too_precise(Currency::Jpy)),
            ("10.0", Currency::Jpy, too_precise(Currency::Jpy)),
            ("0.000000001", Currency::Ton, Ok(1)),
            ("1e400", Currency::Usd, Err(Malformed)),
            ("1e3", Currency::Usd, Err(Malformed)),
            ("-1", Currency::Usd, Err(Malformed)),
            ("+1", Currency::Usd, Err(Malformed)),
            ("", Currency::Usd, Err(Malformed)),
            (".", Currency::Usd, Err(Malformed)),
            (".5", Currency::Usd, Err(Malformed)),
            ("5.", Currency::Usd, Err(Malformed)),
            ("007", Currency::Usd, Err(Malformed)),
            ("1,000", Currency::Usd, Err(Malformed)),
            (" 1", Currency::Usd, Err(Malformed)),
            ("１", Currency::Usd, Err(Malformed)),
            ("NaN", Currency::Usd, Err(Malformed)),
            ("1.2.3", Currency::Usd, Err(Malformed)),
            ("1234567890123456789012345678901", Currency::Jpy, Err(TooLong)),
            ("999999999999999999999999999999", Currency::Ton, Err(TooLong)),
        ] {
            assert_eq!(
                Money::parse(text, currency).map(|money| money.minor),
                expected,
                "{text:?} {currency}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(minor in 0..10i128.pow(20), at in 0..Currency::NAMED.len()) {
            let money = Money::new(minor, Currency::NAMED[at]);
            prop_assert_eq!(Money::parse(&money.to_decimal(), money.currency), Ok(money));
        }
    }
}
