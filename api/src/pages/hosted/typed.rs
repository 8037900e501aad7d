//! What a customer typed, read from the posted form.

use choai_engine::domain::Timestamp;

use super::{field_error, tokyo_month};
use crate::{
    http::body::{Fields, Value},
    pages::checkout::{Kept, methods::Store, trouble::FieldError},
    rails::card::{Card, Typed},
};

/// Characters a name on a card may have.
const NAME_CHARS_MAX: usize = 100;
/// Characters every prepaid number has.
const PREPAID_CHARS: usize = 16;

/// What the form gives as the page's revision is none.
pub(super) struct NoRevision;

/// The posted form.
pub(super) struct Form<'a>(&'a Fields);

impl<'a> Form<'a> {
    pub(super) const fn new(fields: &'a Fields) -> Self {
        Self(fields)
    }

    /// A field's text; `None` for anything that is no text.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        match self.0.get(name)? {
            Value::Text(text) => Some(text.as_str()),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::File { .. } => None,
        }
    }

    /// The revision that the page was made of; `None` if the form says none.
    ///
    /// # Errors
    /// [`NoRevision`] if it says something else.
    pub(super) fn revision(&self) -> Result<Option<u64>, NoRevision> {
        match self.0.get("revision") {
            None => Ok(None),
            Some(Value::Text(text) | Value::Number(text)) => text.parse().map(Some).map_err(|_| NoRevision),
            Some(Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::File { .. }) => {
                Err(NoRevision)
            }
        }
    }

    fn typed(&self, name: &str) -> &'a str {
        self.text(name).unwrap_or_default()
    }

    /// The card.
    pub(super) fn card(&self, now: Timestamp) -> Result<Card, Vec<FieldError>> {
        let typed = Typed {
            number: self.typed("number"),
            month: self.typed("month"),
            year: self.typed("year"),
            verification_value: self.typed("verification_value"),
        };
        let name = match self.typed("name").trim().chars().count() {
            0 => Some(FieldError::NameMissing),
            1..=NAME_CHARS_MAX => None,
            _ => Some(FieldError::NameTooLong),
        };
        match (Card::read(typed, tokyo_month(now)), name) {
            (Ok(card), None) => Ok(card),
            (card, name) => {
                let errors = card.err().unwrap_or_default().into_iter().map(field_error);
                Err(errors.chain(name).collect())
            }
        }
    }

    /// The chosen konbini.
    pub(super) fn store(&self) -> Result<Store, Vec<FieldError>> {
        Store::from_slug(self.typed("store")).ok_or_else(|| vec![FieldError::StoreMissing])
    }

    /// The prepaid number, without spaces and hyphens.
    pub(super) fn prepaid_number(&self) -> Result<String, Vec<FieldError>> {
        let number: String = self
            .typed("prepaid_number")
            .chars()
            .filter(|letter| !matches!(letter, ' ' | '-' | '\u{3000}'))
            .collect();
        let fits = number.len() == PREPAID_CHARS && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(number.to_ascii_lowercase()) } else { Err(vec![FieldError::PrepaidNumberInvalid]) }
    }

    /// What goes back into the form after a failed try: nothing secret.
    pub(super) fn kept(&self) -> Kept {
        let short = |name| self.typed(name).chars().take(NAME_CHARS_MAX).collect();
        Kept { month: short("month"), year: short("year"), name: short("name"), store: self.store().ok() }
    }
}
