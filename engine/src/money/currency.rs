//! The currencies the books know: ISO 4217 where ISO has them, the documents' own where it has not.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A token with decimals of its own: a jetton of a chain, or one that a tenant issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    id: u32,
    digits: u8,
}

/// The most decimals a token can have.
pub const TOKEN_DIGITS_MAX: u8 = 18;
/// Tokens there can be.
const TOKENS_MAX: u32 = 1 << 24;
/// Numbers of tokens begin here; below are the currencies named in the code.
const TOKEN_NUMBERS: u32 = 1 << 16;
/// Room in a token's number for its decimals.
const DIGITS_ROOM: u32 = 32;

impl Token {
    /// The `id`th token, with so many decimals; `None` beyond what can be.
    pub const fn new(id: u32, digits: u8) -> Option<Self> {
        if id == 0 || id > TOKENS_MAX || digits > TOKEN_DIGITS_MAX { None } else { Some(Self { id, digits }) }
    }

    /// Counted from 1 in the order of registration.
    pub const fn id(self) -> u32 {
        self.id
    }
}

/// A currency, with a number that is stored and never reused.
///
/// Numbers 1 to 3 are the documents' `currency_id` (ito-japan-platform.txt).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
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
    /// A token, printed `TOKEN-7.18`: the seventh, with 18 decimals.
    Token(Token),
}

impl Currency {
    /// Every currency that is named here, in the order of its number.
    pub const NAMED: [Self; 8] =
        [Self::Usd, Self::Jpy, Self::SgpUsd, Self::Krw, Self::Eur, Self::Twd, Self::Usdt, Self::Ton];

    /// The stored number; the documents' `currency_id` for 1 to 3.
    pub const fn number(self) -> u32 {
        match self {
            Self::Usd => 1,
            Self::Jpy => 2,
            Self::SgpUsd => 3,
            Self::Krw => 4,
            Self::Eur => 5,
            Self::Twd => 6,
            Self::Usdt => 7,
            Self::Ton => 8,
            Self::Token(token) => TOKEN_NUMBERS + token.id * DIGITS_ROOM + token.digits as u32,
        }
    }

    /// The code clients write, such as `USD` or `SGP-USD`.
    pub fn code(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Usd => "USD",
            Self::Jpy => "JPY",
            Self::SgpUsd => "SGP-USD",
            Self::Krw => "KRW",
            Self::Eur => "EUR",
            Self::Twd => "TWD",
            Self::Usdt => "USDT",
            Self::Ton => "TON",
            Self::Token(token) => return Cow::Owned(format!("TOKEN-{}.{}", token.id, token.digits)),
        })
    }

    /// How many decimals the smallest unit stands behind the point.
    pub const fn digits(self) -> u32 {
        match self {
            Self::Jpy | Self::Krw => 0,
            Self::Usd | Self::SgpUsd | Self::Eur | Self::Twd => 2,
            Self::Usdt => 6,
            Self::Ton => 9,
            Self::Token(token) => token.digits as u32,
        }
    }

    /// Smallest units in one whole unit: 100 for USD, 1 for JPY.
    pub const fn unit_minor(self) -> i128 {
        10i128.pow(self.digits())
    }

    /// The currency of a code, exactly as [`Self::code`] writes it.
    pub fn from_code(code: &str) -> Option<Self> {
        let token = || {
            let (id, digits) = code.strip_prefix("TOKEN-")?.split_once('.')?;
            let token = Self::Token(Token::new(id.parse().ok()?, digits.parse().ok()?)?);
            // Neither `07` nor `+7` is how 7 is written.
            (token.code() == code).then_some(token)
        };
        Self::NAMED.into_iter().find(|currency| currency.code() == code).or_else(token)
    }
}

impl From<Currency> for u32 {
    fn from(currency: Currency) -> Self {
        currency.number()
    }
}

impl TryFrom<u32> for Currency {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        let token = || {
            let rest = number.checked_sub(TOKEN_NUMBERS)?;
            Token::new(rest / DIGITS_ROOM, u8::try_from(rest % DIGITS_ROOM).ok()?).map(Self::Token)
        };
        let named = Self::NAMED.into_iter().find(|currency| currency.number() == number);
        named.or_else(token).ok_or_else(|| format!("no currency has the number {number}"))
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_is_found_by_its_code_and_its_number() {
        for (number, currency) in (1..).zip(Currency::NAMED) {
            assert_eq!(currency.number(), number, "numbers have no gap");
        }
        let tokens = [(1, 0), (7, 18), (TOKENS_MAX, TOKEN_DIGITS_MAX)];
        let tokens = tokens.map(|(id, digits)| Currency::Token(Token::new(id, digits).unwrap()));
        for currency in Currency::NAMED.into_iter().chain(tokens) {
            assert_eq!(Currency::from_code(&currency.code()), Some(currency));
            assert_eq!(Currency::try_from(currency.number()), Ok(currency));
        }
        for wrong in
            ["usd", "", "TOKEN-7", "TOKEN-07.2", "TOKEN-+7.2", "TOKEN-0.2", "TOKEN-7.19", "TOKEN-16777217.0"]
        {
            assert_eq!(Currency::from_code(wrong), None, "{wrong:?}: codes are written one way");
        }
        for wrong in [0, 9, TOKEN_NUMBERS, TOKEN_NUMBERS + DIGITS_ROOM + 19, u32::MAX] {
            assert!(Currency::try_from(wrong).is_err(), "{wrong}");
        }
    }
}
