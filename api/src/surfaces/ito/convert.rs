//! From fields to a payment: every rule of the document, every failing field named.

use std::collections::BTreeMap;

use choai_engine::{
    books::Realm,
    money::{Currency, Money},
};
use email_address::{EmailAddress, Options};
use url::Url;

use super::errors::Error;
use crate::{
    http::body::{Fields, Value},
    private::Private,
    webhooks::guard::Guard,
};

/// Characters in `custom` and in `details`.
const TEXT_CHARS_MAX: usize = 255;
/// Characters in a URL: what every browser and server takes.
const URL_CHARS_MAX: usize = 2_048;
/// The largest amount, in smallest units. Source: surfaces.md.
const ITO_AMOUNT_MINOR_MAX: i128 = 10i128.pow(15);

/// A payment as asked for, every field checked.
pub struct Asked {
    /// What is to be paid.
    pub amount: Money,
    /// All that is sealed.
    pub private: Private,
}

impl Asked {
    /// Reads the fields of `POST /payment/process`.
    ///
    /// # Errors
    /// [`Error::Fields`] with everything that fails.
    pub fn read(fields: &Fields, realm: Realm, guard: &Guard) -> Result<Self, Error> {
        let mut reader = Reader { fields, failed: BTreeMap::new() };
        let custom = reader.required("custom", TEXT_CHARS_MAX);
        let currency = reader.currency();
        let amount = reader.amount(currency);
        let details = reader.optional("details", TEXT_CHARS_MAX);
        let web_hook = reader.url("web_hook", realm);
        let cancel_url = reader.url("cancel_url", realm);
        let success_url = reader.url("success_url", realm);
        let customer_email = reader.email();
        if let Some(url) = &web_hook
            && guard.check_url(url).is_err()
        {
            reader.fail::<()>("web_hook", "must be an address that can be reached from the internet");
        }
        if !reader.failed.is_empty() {
            return Err(Error::Fields(reader.failed));
        }
        let private = Private {
            custom: custom.unwrap_or_default(),
            details,
            customer_email: customer_email.unwrap_or_default(),
            web_hook: web_hook.map(String::from).unwrap_or_default(),
            cancel_url: cancel_url.map(String::from).unwrap_or_default(),
            success_url: success_url.map(String::from).unwrap_or_default(),
        };
        let amount = amount.ok_or_else(|| Error::field("amount", "The amount field is required."))?;
        Ok(Self { amount, private })
    }

    /// What must be the same when an idempotency key comes again: the meaning, however it was encoded.
    pub fn fingerprint(&self) -> Vec<u8> {
        let private = serde_json::to_vec(&self.private).expect("strings always become JSON");
        [self.amount.to_string().into_bytes(), private].join(&b'\n')
    }
}

/// The `payment_id` of `/payment/check-validity`, as text.
///
/// # Errors
/// [`Error::Fields`] if it is absent or no text.
pub fn payment_id(fields: &Fields) -> Result<String, Error> {
    let mut reader = Reader { fields, failed: BTreeMap::new() };
    reader.required("payment_id", TEXT_CHARS_MAX).ok_or(Error::Fields(reader.failed))
}

/// The web address that `text` is as it stands.
///
/// The parser alone repairs a good deal: `https:shop.jp`, `http:/\shop.jp`, blanks around it, tabs within. What was
/// repaired is not what was written, and others who read it make something else of it.
fn literal_url(text: &str) -> Option<Url> {
    let (scheme, rest) = text.split_once("://")?;
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let is_mended = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\';
    if !is_web || rest.starts_with('/') || text.contains(is_mended) {
        return None;
    }
    Url::parse(text).ok().filter(Url::has_host)
}

struct Reader<'a> {
    fields: &'a Fields,
    failed: BTreeMap<&'static str, Vec<String>>,
}

impl Reader<'_> {
    fn fail<T>(&mut self, name: &'static str, what: impl std::fmt::Display) -> Option<T> {
        self.failed.entry(name).or_default().push(format!("The {name} field {what}."));
        None
    }

    /// The field's text; absent, null and empty are all absent, as in a form.
    fn text(&mut self, name: &'static str) -> Option<String> {
        match self.fields.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) if text.is_empty() => None,
            Some(Value::Text(text)) => Some(text.clone()),
            Some(Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) | Value::File { .. }) => {
                self.fail(name, "must be a string")
            }
        }
    }

    fn optional(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        let text = self.text(name)?;
        if text.chars().count() > chars_max {
            return self.fail(name, format_args!("may have at most {chars_max} characters"));
        }
        if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
            return self.fail(name, "may not have control characters");
        }
        Some(text)
    }

    fn required(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        let failures = self.failed.get(name).map_or(0, Vec::len);
        let text = self.optional(name, chars_max);
        if text.is_none() && self.failed.get(name).map_or(0, Vec::len) == failures {
            return self.fail(name, "is required");
        }
        text
    }

    fn currency(&mut self) -> Option<Currency> {
        let failures = self.failed.len();
        let Some(code) = self.text("currency_code") else {
            // The parameter table leaves it out; the sample sends USD.
            return (self.failed.len() == failures).then_some(Currency::Usd);
        };
        // The document lists these three; points cannot be paid with before users have a page to pay on.
        match Currency::from_code(&code) {
            Some(currency @ (Currency::Usd | Currency::Jpy)) => Some(currency),
            Some(Currency::SgpUsd) => {
                self.fail("currency_code", "names a currency that is not switched on yet")
            }
            Some(_) | None => self.fail("currency_code", "must be USD or JPY"),
        }
    }

    fn amount(&mut self, currency: Option<Currency>) -> Option<Money> {
        let text = match self.fields.get("amount") {
            None | Some(Value::Null) => return self.fail("amount", "is required"),
            Some(Value::Text(text)) if text.is_empty() => return self.fail("amount", "is required"),
            Some(Value::Text(text) | Value::Number(text)) => text.clone(),
            Some(Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::File { .. }) => {
                return self.fail("amount", "must be a number");
            }
        };
        // In an unknown currency the amount is still checked for its form, in the most precise one.
        match Money::parse(&text, currency.unwrap_or(Currency::Ton)) {
            Err(error) => self.fail("amount", error),
            Ok(money) if money.minor <= 0 => self.fail("amount", "must be more than zero"),
            Ok(_) if currency.is_none() => None,
            Ok(money) if money.minor > ITO_AMOUNT_MINOR_MAX => {
                let most = Money::new(ITO_AMOUNT_MINOR_MAX, money.currency);
                self.fail("amount", format_args!("may be at most {}", most.to_decimal()))
            }
            Ok(money) => Some(money),
        }
    }

    fn url(&mut self, name: &'static str, realm: Realm) -> Option<Url> {
        let text = self.required(name, URL_CHARS_MAX)?;
        let url = literal_url(&text);
        match url.as_ref().map(Url::scheme) {
            Some("https") => url,
            Some("http") if realm.is_test() => url,
            Some("http") => self.fail(name, "must be an https URL in active mode"),
            Some(_) | None => self.fail(name, "must be an absolute http or https URL"),
        }
    }

    fn email(&mut self) -> Option<String> {
        let text = self.required("customer_email", 254)?;
        let options =
            Options::default().with_minimum_sub_domains(2).without_display_text().without_domain_literal();
        if EmailAddress::parse_with_options(&text, options).is_ok() {
            Some(text)
        } else {
            self.fail("customer_email", "must be a valid e-mail address")
        }
    }
}
