//! What can go wrong on the hosted page, in kinds; the words for each are in `texts.rs`.

/// Why a rail declined, as far as a customer can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclineReason {
    /// The card's or prepaid number's balance does not cover the payment.
    InsufficientFunds,
    /// Above the card's limit.
    ExceedsLimit,
    /// The security code does not match.
    BadVerificationValue,
    /// The issuer says the card has expired.
    CardExpired,
    /// The card may not be used here.
    CardNotUsable,
    /// The issuer does not know the card.
    InvalidCard,
    /// The prepaid number has been used up.
    UsedNumber,
    /// There is no such prepaid number.
    InvalidNumber,
    /// The rail gave no reason we know.
    Unknown,
}

/// A mistake in one field of a form, found before any rail was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldError {
    /// No card number.
    NumberMissing,
    /// Not 14 to 19 digits, or a wrong check digit (Luhn).
    NumberInvalid,
    /// No month or no year.
    ExpiryMissing,
    /// Not a month and a year.
    ExpiryInvalid,
    /// The month is over.
    ExpiryPast,
    /// No security code, or not 3 or 4 digits.
    VerificationValueInvalid,
    /// No name on the card.
    NameMissing,
    /// A name longer than is accepted.
    NameTooLong,
    /// No store chosen, or none of the seven.
    StoreMissing,
    /// No prepaid number, or not 16 characters.
    PrepaidNumberInvalid,
}

/// A place in a form where a [`FieldError`] is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Number,
    Expiry,
    VerificationValue,
    Name,
    Store,
    PrepaidNumber,
}

impl FieldError {
    pub(super) fn field(self) -> Field {
        match self {
            FieldError::NumberMissing | FieldError::NumberInvalid => Field::Number,
            FieldError::ExpiryMissing | FieldError::ExpiryInvalid | FieldError::ExpiryPast => Field::Expiry,
            FieldError::VerificationValueInvalid => Field::VerificationValue,
            FieldError::NameMissing | FieldError::NameTooLong => Field::Name,
            FieldError::StoreMissing => Field::Store,
            FieldError::PrepaidNumberInvalid => Field::PrepaidNumber,
        }
    }
}

/// What came of a try to pay that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The rail said no. `attempts_left` is at least 1: without any left the payment has failed and is over.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// How many more declines there may be, this one already counted.
        attempts_left: u8,
    },
    /// The form had mistakes and nothing was tried.
    Invalid(Vec<FieldError>),
    /// The payment had changed since the page was made, and nothing was tried.
    Overtaken,
}

/// A page about something that is not a payment's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// No such payment.
    NotFound,
    /// The request or form could not be read.
    Unreadable,
    /// Rate limited.
    TooManyRequests,
    /// Nothing was done just now, and a later try may work.
    Unavailable,
    /// We cannot say whether the payment was recorded; the customer must look before paying again.
    OutcomeUnknown,
}
