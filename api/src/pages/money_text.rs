//! Amounts as customers read them.

use choai_engine::money::{Currency, Money};

/// `$1,280.00`, `¥1,000`, or the figure with its code.
pub fn money_text(money: Money) -> String {
    let decimal = money.to_decimal();
    let (whole, fraction) = decimal.split_once('.').map_or((decimal.as_str(), None), |(w, f)| (w, Some(f)));
    let mut figure = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            figure.push(',');
        }
        figure.push(digit);
    }
    if let Some(fraction) = fraction {
        figure.push('.');
        figure.push_str(fraction);
    }
    match money.currency {
        Currency::Usd => format!("${figure}"),
        Currency::Jpy => format!("¥{figure}"),
        Currency::Krw => format!("₩{figure}"),
        Currency::Eur => format!("€{figure}"),
        Currency::SgpUsd | Currency::Twd | Currency::Usdt | Currency::Ton | Currency::Token(_) => {
            format!("{figure} {}", money.currency)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        for (minor, currency, expected) in [
            (28_000, Currency::Usd, "$280.00"),
            (123_456_789, Currency::Usd, "$1,234,567.89"),
            (1_000, Currency::Jpy, "¥1,000"),
            (999, Currency::Jpy, "¥999"),
            (5, Currency::SgpUsd, "0.05 SGP-USD"),
        ] {
            assert_eq!(money_text(Money::new(minor, currency)), expected);
        }
    }
}
