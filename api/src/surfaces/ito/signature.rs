//! The HMAC in `X-Timestamp` and `X-Signature`, of requests to us and of webhooks from us.

mod php;

use crate::http::body::Fields;
use choai_engine::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far a request's timestamp may be from our wall clock, either way.
/// Source: ito-japan-platform.txt, "HMAC 署名": within five minutes.
pub const WINDOW_S: u64 = 300;
/// The longest body whose fields are encoded anew when it is not itself what was signed. Every encoding costs
/// an HMAC; the document's own samples are under 300 bytes.
pub const BODY_REENCODED_BYTES_MAX: usize = 64 * 1024;

/// Why a signature was refused, in the order the checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// `X-Timestamp` has anything but digits, or far too many.
    #[error("X-Timestamp must be Unix time in whole seconds")]
    MalformedTimestamp,
    /// The timestamp is too old, or too far ahead of our clock.
    #[error("X-Timestamp is more than {WINDOW_S} seconds from the server's clock")]
    OutsideWindow,
    /// `X-Signature` is not the hex of 32 bytes.
    #[error("X-Signature must be a SHA-256 HMAC in hex, optionally after sha256=")]
    MalformedSignature,
    /// Another secret, another timestamp or another body was signed.
    #[error("X-Signature does not match")]
    Mismatch,
}

/// Checks that whoever knows `secret` signed this body at this time.
///
/// What is signed is the timestamp, a dot, and either `raw_body` or PHP's `json_encode` of the fields, because
/// the document's own sample signs JSON and then sends a form. `fields` must be those of `raw_body`. Neither
/// method, path nor query is covered, so the caller keeps the signatures it has seen.
///
/// # Errors
/// [`SignatureError`], one variant per reason.
pub fn verify(
    secret: &[u8],
    timestamp: &str,
    signature: &str,
    raw_body: &[u8],
    fields: &Fields,
    now_unix_s: i64,
) -> Result<(), SignatureError> {
    let signed_at = unix_seconds(timestamp).ok_or(SignatureError::MalformedTimestamp)?;
    if signed_at.abs_diff(now_unix_s) > WINDOW_S {
        return Err(SignatureError::OutsideWindow);
    }
    let signature = bytes_from_hex(signature.strip_prefix("sha256=").unwrap_or(signature))
        .ok_or(SignatureError::MalformedSignature)?;
    // Which candidate matches is no secret; how much of one matches is, and `verify_slice` takes constant time.
    let matches = |body: &[u8]| mac(secret, timestamp, body).verify_slice(&signature).is_ok();
    let reencodable = raw_body.len() <= BODY_REENCODED_BYTES_MAX;
    if matches(raw_body) || (reencodable && php::encodings(fields).any(|json| matches(json.as_bytes()))) {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// Signs `body`: lower-case hex without the `sha256=` that a webhook's header puts before it.
pub fn sign(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    hex(&mac(secret, timestamp, body).finalize().into_bytes())
}

fn mac(secret: &[u8], timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("an HMAC key may have any length");
    mac.chain_update(timestamp).chain_update(b".").chain_update(body)
}

/// None for a sign, a space or anything else that `parse` might let through beside digits.
fn unix_seconds(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn bytes_from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: [u8; 64] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? << 4 | low?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::parse;

    const SECRET: &[u8] = b"test_secret";
    const AT: &str = "1700000000";
    const NOW: i64 = 1_700_000_000;
    const FORM: &str = "application/x-www-form-urlencoded";

    /// The document's sample form, as PHP's `http_build_query` sends it.
    fn sample_form(email: &str) -> String {
        format!(
            "custom=DFU80XZIKS&currency_code=USD&amount=280&details=Digital+Product\
             &web_hook=https%3A%2F%2Fyoursite.com%2Fweb_hook.php\
             &cancel_url=https%3A%2F%2Fyoursite.com%2Fcancel_url.php\
             &success_url=https%3A%2F%2Fyoursite.com%2Fsuccess_url.php&customer_email={email}"
        )
    }

    fn verified(content_type: &str, body: &str, signature: &str) -> Result<(), SignatureError> {
        let fields = parse(Some(content_type), body.as_bytes()).expect("the test's body is well formed");
        verify(SECRET, AT, signature, body.as_bytes(), &fields, NOW)
    }

    fn check(content_type: &str, body: &str, signed: &str, expected: Result<(), SignatureError>) {
        let signature = sign(SECRET, AT, signed.as_bytes());
        assert_eq!(verified(content_type, body, &signature), expected, "{body} signed as {signed}");
    }

    #[test]
    fn the_documents_samples_verify() {
        for (email, signature) in [
            (
                "%5Bemail%C2%A0protected%5D",
                "d71900643630c7b1e427d8401b086e84b5c20711db110abf5fe52edd914be99a",
            ),
            ("buyer%40example.com", "2d90718495f6b97588b1a2062d9b5422e553f861f2a01e5324c2f7bf53346ec6"),
        ] {
            assert_eq!(verified(FORM, &sample_form(email), signature), Ok(()), "{email}");
        }
        assert_eq!(sample_form("%5Bemail%C2%A0protected%5D").len(), 275);
    }

    #[test]
    fn the_ship_order_sample_verifies_and_is_what_we_would_sign() {
        let body = r#"{"tracking_number":"1234567890","carrier":"DHL"}"#;
        let signature = "da560caecf4efcd5d233b0241f9d3b36ec1b93de0ae83ab03d17a1a6e80eec9d";
        assert_eq!(verified("application/json", body, signature), Ok(()));
        assert_eq!(sign(SECRET, AT, body.as_bytes()), signature);
        assert_eq!(verified(FORM, "tracking_number=1234567890&carrier=DHL", signature), Ok(()));
    }

    #[test]
    fn hex_is_taken_in_any_case_with_or_without_its_prefix() {
        let hex = sign(SECRET, AT, b"a=1");
        for signature in [
            hex.clone(),
            hex.to_uppercase(),
            format!("sha256={hex}"),
            format!("sha256={}", hex.to_uppercase()),
        ] {
            assert_eq!(verified(FORM, "a=1", &signature), Ok(()), "{signature}");
        }
    }

    #[test]
    fn what_is_not_the_hex_of_32_bytes_is_malformed() {
        let hex = sign(SECRET, AT, b"a=1");
        for signature in [
            String::new(),
            "sha256=".to_owned(),
            hex[1..].to_owned(),
            hex[2..].to_owned(),
            format!("{hex}00"),
            format!("{hex}0"),
            format!("sha1={hex}"),
            format!(" {hex}"),
            format!("+{}", &hex[1..]),
            format!("g{}", &hex[1..]),
            format!("０{}", &hex[1..]),
        ] {
            assert_eq!(
                verified(FORM, "a=1", &signature),
                Err(SignatureError::MalformedSignature),
                "{signature}"
            );
        }
    }

    #[test]
    fn a_timestamp_holds_for_300_seconds_either_way() {
        let signature = sign(SECRET, AT, b"");
        for (seconds, expected) in [(299, Ok(())), (300, Ok(())), (301, Err(SignatureError::OutsideWindow))] {
            for now in [NOW - seconds, NOW + seconds] {
                assert_eq!(
                    verify(SECRET, AT, &signature, b"", &Fields::default(), now),
                    expected,
                    "at {now}"
                );
            }
        }
    }

    #[test]
    fn a_timestamp_is_digits_and_nothing_else() {
        for timestamp in [
            "",
            "now",
            "+1700000000",
            "-1700000000",
            " 1700000000",
            "1700000000.0",
            "１７",
            "9999999999999999999",
        ] {
            let signature = sign(SECRET, timestamp, b"");
            let verified = verify(SECRET, timestamp, &signature, b"", &Fields::default(), NOW);
            assert_eq!(verified, Err(SignatureError::MalformedTimestamp), "{timestamp:?}");
        }
    }

    #[test]
    fn a_form_may_have_been_signed_as_numbers_or_as_strings() {
        for signed in [
            "amount=280.00&custom=7",
            r#"{"amount":280,"custom":7}"#,
            r#"{"amount":280,"custom":"7"}"#,
            r#"{"amount":"280.00","custom":7}"#,
            r#"{"amount":"280.00","custom":"7"}"#,
        ] {
            check(FORM, "amount=280.00&custom=7", signed, Ok(()));
        }
    }

    #[test]
    fn anything_else_signed_is_a_mismatch() {
        for signed in [
            r#"{"amount":281,"custom":7}"#,
            r#"{"custom":7,"amount":280}"#,
            r#"{"amount": 280,"custom":7}"#,
            r#"{"amount":280}"#,
            "amount=280.00",
            "",
        ] {
            check(FORM, "amount=280.00&custom=7", signed, Err(SignatureError::Mismatch));
        }
        let signature = sign(b"another_secret", AT, b"a=1");
        assert_eq!(verified(FORM, "a=1", &signature), Err(SignatureError::Mismatch));
        let signature = sign(SECRET, "1700000001", b"a=1");
        assert_eq!(verified(FORM, "a=1", &signature), Err(SignatureError::Mismatch));
    }

    #[test]
    fn json_may_be_sent_in_another_layout_but_its_types_stand() {
        let body = r#"{ "url": "https://a.jp/日", "amount": 280.00 }"#;
        check("application/json", body, r#"{"url":"https:\/\/a.jp\/\u65e5","amount":280}"#, Ok(()));
        check("application/json", r#"{"a": "1"}"#, r#"{"a":1}"#, Err(SignatureError::Mismatch));
    }

    #[test]
    fn a_long_body_is_taken_only_as_it_is() {
        for (length, expected) in [
            (BODY_REENCODED_BYTES_MAX, Ok(())),
            (BODY_REENCODED_BYTES_MAX + 1, Err(SignatureError::Mismatch)),
        ] {
            let text = "x".repeat(length - "a=".len());
            check(FORM, &format!("a={text}"), &format!(r#"{{"a":"{text}"}}"#), expected);
            check(FORM, &format!("a={text}"), &format!("a={text}"), Ok(()));
        }
    }
}
