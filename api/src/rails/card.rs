//! Card data on its way to a rail: checked, never printed, never kept.

use choai_engine::domain::payment::{Brand, CardSummary};

/// A card as a customer typed it. It lives for one request and has no `Debug`, so that it cannot be traced.
/// The security code is checked for its form and goes no further: the sandbox knows none.
pub struct Card {
    number: String,
    month: u8,
    year: u16,
}

/// Why what was typed is no card, in the order of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardError {
    /// No number.
    NumberMissing,
    /// Not a card number of any scheme taken here.
    NumberInvalid,
    /// No expiry.
    ExpiryMissing,
    /// Not a month and a year.
    ExpiryInvalid,
    /// The month is over.
    ExpiryPast,
    /// Not 3 or 4 digits.
    VerificationValueInvalid,
}

/// What a customer typed, as text.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    /// The card number, with or without spaces.
    pub number: &'a str,
    /// The expiry month.
    pub month: &'a str,
    /// The expiry year, two or four digits.
    pub year: &'a str,
    /// The security code.
    pub verification_value: &'a str,
}

impl Card {
    /// Reads what was typed; `this_month` is the current (year, month) in Asia/Tokyo.
    ///
    /// # Errors
    /// Every [`CardError`] there is, in the order of the form.
    pub fn read(typed: Typed<'_>, this_month: (u16, u8)) -> Result<Self, Vec<CardError>> {
        let (number, verification_value) = (digits(typed.number), digits(typed.verification_value));
        let mut errors = Vec::new();
        errors.extend(check_number(typed.number, &number));
        let expiry = read_expiry(typed.month, typed.year, this_month).map_err(|error| errors.push(error));
        let code_fits = |code: &String| matches!(code.len(), 3 | 4);
        if !verification_value.as_ref().is_some_and(code_fits) {
            errors.push(CardError::VerificationValueInvalid);
        }
        match (number, expiry) {
            (Some(number), Ok((year, month))) if errors.is_empty() => Ok(Self { number, month, year }),
            _ => Err(errors),
        }
    }

    /// The number's digits, for the rail only.
    pub(super) fn number(&self) -> &str {
        &self.number
    }

    /// All that may be kept of it.
    pub fn summary(&self) -> CardSummary {
        let last_four = self.number[self.number.len() - 4..].parse().expect("a card number is digits");
        let brand = brand(&self.number).expect("a card is of a scheme taken here");
        CardSummary { brand, last_four, month: self.month, year: self.year }
    }
}

fn check_number(typed: &str, number: &Option<String>) -> Option<CardError> {
    match number {
        _ if typed.trim().is_empty() => Some(CardError::NumberMissing),
        Some(number) if luhn(number) && brand(number).is_some() => None,
        Some(_) | None => Some(CardError::NumberInvalid),
    }
}

fn read_expiry(month: &str, year: &str, this_month: (u16, u8)) -> Result<(u16, u8), CardError> {
    if month.trim().is_empty() || year.trim().is_empty() {
        return Err(CardError::ExpiryMissing);
    }
    let read = |text: &str| digits(text)?.parse::<u16>().ok();
    let month =
        read(month).and_then(|month| u8::try_from(month).ok()).filter(|month| (1..=12).contains(month));
    let year = match read(year) {
        Some(short @ 0..100) => Some(2000 + short),
        Some(long @ 2000..2100) => Some(long),
        Some(_) | None => None,
    };
    match (year, month) {
        (Some(year), Some(month)) if (year, month) >= this_month => Ok((year, month)),
        (Some(_), Some(_)) => Err(CardError::ExpiryPast),
        _ => Err(CardError::ExpiryInvalid),
    }
}

/// Digits in a row, from which on they may be a card number.
const NUMBER_DIGITS_MIN: usize = 13;

/// Whether a card number may stand in `text`: that many digits, half or full width, with nothing but blanks and hyphens
/// between them. Neither scheme nor check digit is asked for: a number with a slip in it is nearly the number.
pub fn may_hold_number(text: &str) -> bool {
    let mut in_a_row = 0;
    text.chars().any(|letter| {
        match letter {
            '0'..='9' | '０'..='９' => in_a_row += 1,
            ' ' | '\u{3000}' | '-' | '－' | 'ー' => {}
            _ => in_a_row = 0,
        }
        in_a_row >= NUMBER_DIGITS_MIN
    })
}

/// The digits of `text`, half or full width; `None` if anything but spaces and hyphens stands between.
fn digits(text: &str) -> Option<String> {
    let mut digits = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '０'..='９' => {
                digits.push(char::from(b'0' + u8::try_from(u32::from(letter) - u32::from('０')).ok()?))
            }
            ' ' | '\u{3000}' | '-' | '－' | 'ー' => {}
            _ => return None,
        }
    }
    Some(digits)
}

/// The scheme of a number, by its leading digits and length.
fn brand(number: &str) -> Option<Brand> {
    let lead = |count: usize| number.get(..count).and_then(|lead| lead.parse::<u16>().ok());
    match (number.len(), lead(2)?, lead(3)?, lead(4)?) {
        (13 | 16 | 19, 40..=49, ..) => Some(Brand::Visa),
        (16, 51..=55, ..) | (16, _, _, 2221..=2720) => Some(Brand::Master),
        (16..=19, _, _, 3528..=3589) => Some(Brand::Jcb),
        (15, 34 | 37, ..) => Some(Brand::AmericanExpress),
        (14..=19, 36 | 38 | 39, ..) | (14..=19, _, 300..=305 | 309, _) => Some(Brand::DinersClub),
        _ => None,
    }
}

/// The check digit that every card number ends with.
fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(digit - b'0')) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    !number.is_empty() && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(number: &str, month: &str, year: &str, code: &str) -> Result<CardSummary, Vec<CardError>> {
        let typed = Typed { number, month, year, verification_value: code };
        Card::read(typed, (2026, 11)).map(|card| card.summary())
    }

    #[test]
    fn the_documents_test_cards_are_cards() {
        for (number, brand, last_four) in [
            ("3530111333300000", Brand::Jcb, 0),
            ("378282246310005", Brand::AmericanExpress, 5),
            ("4111111111111111", Brand::Visa, 1111),
            ("5555555555554444", Brand::Master, 4444),
            ("30569309025904", Brand::DinersClub, 5904),
            ("4123111111111000", Brand::Visa, 1000),
            ("４１１１ 1111-1111　1111", Brand::Visa, 1111),
        ] {
            let expected = CardSummary { brand, last_four, month: 12, year: 2030 };
            assert_eq!(read(number, "12", "30", "123"), Ok(expected), "{number}");
        }
    }

    #[test]
    fn thirteen_digits_in_a_row_may_be_a_card_number() {
        for (text, expected) in [
            ("4111111111111", true),
            ("411111111111", false),
            ("4111-1111 1111\u{3000}1111", true),
            ("４１１１１１１１１１１１１", true),
            ("card 4111111111111, please", true),
            ("1000.00", false),
            ("411111111111x1", false),
            ("", false),
        ] {
            assert_eq!(may_hold_number(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_card_says_why() {
        use CardError::{
            ExpiryInvalid, ExpiryMissing, ExpiryPast, NumberInvalid, NumberMissing, VerificationValueInvalid,
        };
        const GOOD: &str = "4111111111111111";
        for (number, month, year, code, expected) in [
            ("", "", "", "", vec![NumberMissing, ExpiryMissing, VerificationValueInvalid]),
            ("4111111111111112", "12", "30", "123", vec![NumberInvalid]),
            ("4111x11111111111", "12", "30", "123", vec![NumberInvalid]),
            ("0000000000000000", "12", "30", "123", vec![NumberInvalid]),
            (GOOD, "13", "30", "123", vec![ExpiryInvalid]),
            (GOOD, "0", "30", "123", vec![ExpiryInvalid]),
            (GOOD, "10", "2026", "123", vec![ExpiryPast]),
            (GOOD, "12", "130", "123", vec![ExpiryInvalid]),
            (GOOD, "12", "30", "12", vec![VerificationValueInvalid]),
            (GOOD, "12", "30", "12345", vec![VerificationValueInvalid]),
        ] {
            assert_eq!(read(number, month, year, code), Err(expected), "{number} {month}/{year} {code}");
        }
        assert!(read(GOOD, "11", "2026", "123").is_ok(), "a card works to the end of its month");
    }
}
