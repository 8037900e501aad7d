//! Errors as a trace may have them: a payment's id is the key to its checkout page.

use std::fmt::Display;

use choai_engine::domain::PaymentId;

/// The text of `error`, with `…` for every word that could be a payment's id.
pub fn without_ids(error: &impl Display) -> String {
    let text = error.to_string();
    let words = text.split_inclusive(|letter: char| !letter.is_alphanumeric());
    words
        .map(|word| {
            let bare = word.trim_end_matches(|letter: char| !letter.is_alphanumeric());
            if bare.parse::<PaymentId>().is_ok() { word.replace(bare, "…") } else { word.to_owned() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use choai_engine::{Fault, domain::StreamId};

    use super::*;

    #[test]
    fn only_payments_lose_their_names() {
        let payment: PaymentId = "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap();
        for (fault, expected) in [
            (
                Fault::Incomplete(StreamId::Payment(payment)),
                "payment-… lacks an event that another one speaks of",
            ),
            (Fault::Undecodable(format!("what is sealed of {payment}")), "undecodable: what is sealed of …"),
            (
                Fault::Store("no such file: /srv/000004.sst".into()),
                "the store failed: no such file: /srv/000004.sst",
            ),
        ] {
            assert_eq!(without_ids(&fault), expected);
        }
    }
}
