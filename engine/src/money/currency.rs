//! The currencies the books know: ISO 4217 where ISO has them, the documents' own where it has not.

use serde::{Deserialize, Serialize};

/// A currency, with a number that is stored and never reused.
///
/// Numbers 1 to 3 are the documents' `currency_id` (ito-japan-platform.txt).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
pub enum Currency {
    /// United States dollar.
    Usd,
    /// Japanese yen.
    Jpy,
    /// SGP points, worth one US cent each; never transferred, never cashed out.
    SgpUsd,
    /// South Korean won.
    Krw,
    /// Euro.
    Eur,
    /// New Taiwan dollar.
    Twd,
    /// Tether on Ethereum.
    Usdt,
    /// Toncoin.
    Ton,
}

impl Currency {
    /// Every currency, in the order of its number.
    pub const ALL: [Self; 8] =
        [Self::Usd, Self::Jpy, Self::SgpUsd, Self::Krw, Self::Eur, Self::Twd, Self::Usdt, Self::Ton];

    /// The stored number; the documents' `currency_id` for 1 to 3.
    pub const fn number(self) -> u16 {
        match self {
            Self::Usd => 1,
            Self::Jpy => 2,
            Self::SgpUsd => 3,
            Self::Krw => 4,
            Self::Eur => 5,
            Self::Twd => 6,
            Self::Usdt => 7,
            Self::Ton => 8,
        }
    }

    /// The code clients write, such as `USD` or `SGP-USD`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Jpy => "JPY",
            Self::SgpUsd => "SGP-USD",
            Self::Krw => "KRW",
            Self::Eur => "EUR",
            Self::Twd => "TWD",
            Self::Usdt => "USDT",
            Self::Ton => "TON",
        }
    }

    /// How many decimals the smallest unit stands behind the point.
    pub const fn digits(self) -> u32 {
        match self {
            Self::Jpy | Self::Krw => 0,
            Self::Usd | Self::SgpUsd | Self::Eur | Self::Twd => 2,
            Self::Usdt => 6,
            Self::Ton => 9,
        }
    }

    /// Smallest units in one whole unit: 100 for USD, 1 for JPY.
    pub const fn unit_minor(self) -> i128 {
        10i128.pow(self.digits())
    }

    /// The currency of a code, exactly as [`Self::code`] writes it.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }
}

impl From<Currency> for u16 {
    fn from(currency: Currency) -> Self {
        currency.number()
    }
}

impl TryFrom<u16> for Currency {
    type Error = String;

    fn try_from(number: u16) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.number() == number)
            .ok_or_else(|| format!("no currency has the number {number}"))
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_is_found_by_its_code_and_its_number() {
        for (at, currency) in Currency::ALL.into_iter().enumerate() {
            assert_eq!(Currency::from_code(currency.code()), Some(currency));
            assert_eq!(Currency::try_from(currency.number()), Ok(currency));
            assert_eq!(usize::from(currency.number()), at + 1, "numbers have no gap");
        }
        assert_eq!(Currency::from_code("usd"), None, "codes are written one way");
        assert!(Currency::try_from(0).is_err());
    }
}
