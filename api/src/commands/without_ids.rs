//! Text as whoever reads logs may have it: a payment's id is the key to its checkout page.

use choai_engine::domain::PaymentId;

/// `text` with `…` for every word that could be a payment's id.
pub fn without_ids(text: &str) -> String {
    // What sets a colour ends in letters that would else count as part of the word it colours.
    let mut pieces = text.split_inclusive("\x1b[");
    let mut masked = pieces.next().map(without_plain_ids).unwrap_or_default();
    for piece in pieces {
        let rest = piece.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';');
        let rest = rest.strip_prefix('m').unwrap_or(rest);
        let (colour, rest) = piece.split_at(piece.len() - rest.len());
        masked += colour;
        masked += &without_plain_ids(rest);
    }
    masked
}

fn without_plain_ids(text: &str) -> String {
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
        for (text, expected) in [
            (
                Fault::Incomplete(StreamId::Payment(payment)).to_string(),
                "payment-… lacks an event that another one speaks of",
            ),
            (
                Fault::Undecodable(format!("what is sealed of {payment}")).to_string(),
                "undecodable: what is sealed of …",
            ),
            (format!("{payment}, webhook-{payment}-1: {payment}"), "…, webhook-…-1: …"),
            (
                format!("\x1b[3mid\x1b[0m\x1b[2m=\x1b[0m{payment}\x1b[0m"),
                "\x1b[3mid\x1b[0m\x1b[2m=\x1b[0m…\x1b[0m",
            ),
            (format!("one letter more: {payment}5"), "one letter more: AIYmQIOAz0GlmsjfhgiOeu3045"),
            (
                Fault::Store("no such file: /srv/000004.sst".into()).to_string(),
                "the store failed: no such file: /srv/000004.sst",
            ),
            (String::new(), ""),
        ] {
            assert_eq!(without_ids(&text), expected);
        }
    }
}
