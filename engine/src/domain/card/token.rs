//! A rail's token of a card: what it is called between the rail and us, instead of its number.

use serde::{Deserialize, Serialize};

/// 1 to 64 visible ASCII characters that are no card number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardToken(String);

const TOKEN_CHARS_MAX: usize = 64;

/// Why a text is no token. Never says which text: it may be a card number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseCardTokenError {
    /// Empty, too long, or of other characters.
    #[error("a card's token is 1 to {TOKEN_CHARS_MAX} visible ASCII characters")]
    Form,
    /// It may be a card number.
    #[error("a card's token must not look like a card number")]
    CardNumber,
}

impl CardToken {
    /// The token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for CardToken {
    type Err = ParseCardTokenError;

    fn from_str(text: &str) -> Result<Self, ParseCardTokenError> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible || text.is_empty() || text.len() > TOKEN_CHARS_MAX {
            return Err(ParseCardTokenError::Form);
        }
        if may_be_card_number(text) {
            return Err(ParseCardTokenError::CardNumber);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether the whole text, or a part of it between other signs than letters and digits, is 13 to 19 digits. The check
/// digit is not asked for: a number with a slip in it is nearly the number, and a rail whose tokens are whole numbers
/// has to learn it at the first one rather than at every tenth.
fn may_be_card_number(text: &str) -> bool {
    let is_number =
        |part: &str| (13..=19).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let whole: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    is_number(&whole) || text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_number)
}

impl TryFrom<String> for CardToken {
    type Error = ParseCardTokenError;

    fn try_from(text: String) -> Result<Self, ParseCardTokenError> {
        text.parse()
    }
}

impl From<CardToken> for String {
    fn from(token: CardToken) -> Self {
        token.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_opaque_and_no_card_number() {
        use ParseCardTokenError::{CardNumber, Form};
        let (longest, digits) = ("t".repeat(64), "0".repeat(64));
        for (text, expected) in [
            ("tok_8f2K", Ok(())),
            ("018f2f70-0000-7000-8000-000000000000", Ok(())),
            ("4", Ok(())),
            ("411111111111", Ok(())),
            ("x4111111111111111", Ok(())),
            (longest.as_str(), Ok(())),
            (digits.as_str(), Ok(())),
            ("", Err(Form)),
            ("two words", Err(Form)),
            ("トークン", Err(Form)),
            (&*format!("{longest}t"), Err(Form)),
            ("4111111111111", Err(CardNumber)),
            ("4111111111111111", Err(CardNumber)),
            ("4111111111111112", Err(CardNumber)),
            ("4111-1111-1111-1111", Err(CardNumber)),
            ("tok_4111111111111111", Err(CardNumber)),
            ("6304111111111111111", Err(CardNumber)),
        ] {
            assert_eq!(text.parse::<CardToken>().map(|_| ()), expected, "{text:?}");
        }
    }
}
