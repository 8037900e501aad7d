//! Par: a point is worth one US cent, and both count cents.

use crate::money::{Currency, Money};

/// What an amount is in money: points in dollars, money as it is.
pub const fn in_money(amount: Money) -> Money {
    match amount.currency {
        Currency::SgpUsd => Money::new(amount.minor, Currency::Usd),
        Currency::Usd
        | Currency::Jpy
        | Currency::Krw
        | Currency::Eur
        | Currency::Twd
        | Currency::Usdt
        | Currency::Ton
        | Currency::Token(_) => amount,
    }
}

/// How many points pay this much; `None` for money that points do not pay.
pub const fn in_points(amount: Money) -> Option<Money> {
    match amount.currency {
        Currency::Usd | Currency::SgpUsd => Some(Money::new(amount.minor, Currency::SgpUsd)),
        Currency::Jpy
        | Currency::Krw
        | Currency::Eur
        | Currency::Twd
        | Currency::Usdt
        | Currency::Ton
        | Currency::Token(_) => None,
    }
}
