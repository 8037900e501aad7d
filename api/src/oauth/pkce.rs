//! Proof that whoever exchanges a code is who asked for it (RFC 7636), by SHA-256 and no other way.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::errors::Error;

/// Whether it can be a challenge, or a verifier: 43 to 128 letters, digits, `-`, `.`, `_` or `~`.
pub fn is_well_formed(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved)
}

/// Whether `verifier` is what `challenge` was made of.
///
/// # Errors
/// [`Error`], as Passport says it.
pub fn check(verifier: Option<&str>, challenge: &str) -> Result<(), Error> {
    let verifier = verifier.ok_or_else(|| Error::parameter("code_verifier"))?;
    if !is_well_formed(verifier) {
        return Err(Error::InvalidRequest(
            "Code Verifier must follow the specifications of RFC-7636.".into(),
        ));
    }
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    match made.as_bytes().ct_eq(challenge.as_bytes()).into() {
        true => Ok(()),
        false => Err(Error::InvalidGrant("Failed to verify `code_verifier`.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn only_what_the_challenge_was_made_of_is_its_verifier() {
        assert_eq!(check(Some(VERIFIER), CHALLENGE), Ok(()));
        let other = VERIFIER.replace('d', "e");
        assert_eq!(
            check(Some(&other), CHALLENGE),
            Err(Error::InvalidGrant("Failed to verify `code_verifier`."))
        );
        assert_eq!(check(None, CHALLENGE), Err(Error::parameter("code_verifier")));
        // The plain method: the challenge is no proof of itself.
        assert!(check(Some(CHALLENGE), CHALLENGE).is_err());
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        for (text, expected) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("a".repeat(128), true),
            ("a".repeat(129), false),
            (format!("{}-._~", "9".repeat(40)), true),
            (format!("{}+", "a".repeat(43)), false),
            (format!("{}é", "a".repeat(43)), false),
            (String::new(), false),
        ] {
            assert_eq!(is_well_formed(&text), expected, "{text}");
        }
    }
}
