//! The notification of a captured payment, exactly as the document prints it.

use std::borrow::Cow;

use choai_engine::{
    domain::{PaymentId, Timestamp},
    money::Money,
};
use serde::Serialize;
use serde_json::value::RawValue;

/// A captured payment as its merchant is told of it.
pub struct Captured<'a> {
    /// Which payment.
    pub payment: PaymentId,
    /// The price.
    pub amount: Money,
    /// The platform's charge on it.
    pub charge: Money,
    /// The merchant's own identification.
    pub custom: &'a str,
    /// When it was captured, by the realm's clock.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct Body<'a> {
    code: u16,
    status: &'static str,
    payment_id: &'a str,
    transaction: &'a str,
    amount: Box<RawValue>,
    charge: Box<RawValue>,
    currency: Cow<'static, str>,
    custom: &'a str,
    date: String,
}

/// The exact bytes that are signed and sent.
pub fn render(captured: &Captured<'_>) -> Vec<u8> {
    let body = Body {
        code: 200,
        status: "ok",
        payment_id: captured.payment.as_str(),
        transaction: captured.payment.transaction(),
        amount: number(captured.amount),
        charge: number(captured.charge),
        currency: captured.amount.currency.code(),
        custom: captured.custom,
        date: tokyo_date(captured.at),
    };
    serde_json::to_vec(&body).expect("numbers and strings always become JSON")
}

/// A JSON number with exactly the currency's decimals, which no float could promise.
fn number(money: Money) -> Box<RawValue> {
    RawValue::from_string(money.to_decimal()).expect("a decimal is a JSON number")
}

/// Day, month, year in Asia/Tokyo, as in the document's `22-05-2022`.
fn tokyo_date(at: Timestamp) -> String {
    let tokyo = chrono::FixedOffset::east_opt(9 * 3_600).expect("nine hours are an offset");
    let instant = chrono::DateTime::from_timestamp_micros(at.0).unwrap_or_default();
    instant.with_timezone(&tokyo).format("%d-%m-%Y").to_string()
}

#[cfg(test)]
mod tests {
    use choai_engine::money::Currency;

    use super::*;

    fn rendered(minor: i128, charge: i128, currency: Currency) -> String {
        let body = render(&Captured {
            payment: "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap(),
            amount: Money::new(minor, currency),
            charge: Money::new(charge, currency),
            custom: "BVSUZ545XCS",
            // 2022-05-21T15:00:00Z is midnight of the 22nd in Tokyo.
            at: Timestamp(1_653_145_200_000_000),
        });
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn the_documents_sample_comes_out_to_the_byte() {
        assert_eq!(
            rendered(100_00, 5_00, Currency::Usd),
            r#"{"code":200,"status":"ok","payment_id":"AIYmQIOAz0GlmsjfhgiOeu304","transaction":"AIYmQIOAz0G","amount":100.00,"charge":5.00,"currency":"USD","custom":"BVSUZ545XCS","date":"22-05-2022"}"#
        );
    }

    #[test]
    fn yen_have_no_decimals() {
        assert!(rendered(1_000, 50, Currency::Jpy).contains(r#""amount":1000,"charge":50,"currency":"JPY""#));
    }
}
