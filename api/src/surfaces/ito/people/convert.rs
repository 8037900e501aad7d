//! From fields to what is wished for, every failing field named.

use std::collections::BTreeMap;

use axum::{extract::Request, http::header};

use super::errors::Error;
use crate::{
    accounts::{
        email,
        kyc::{DOCUMENT_BYTES_MAX, is_phone},
        passwords::PASSWORD_CHARS,
        profile::Profile,
    },
    http::{
        body::{self, Fields, Value},
        bounded, idempotency,
    },
};

/// Bytes of a body with documents: three of the longest, and what goes around them.
pub const UPLOAD_BYTES_MAX: usize = 3 * DOCUMENT_BYTES_MAX + 1024 * 1024;
/// Characters of a name.
const NAME_CHARS_MAX: usize = 255;

/// A request that was read.
pub struct Sent {
    /// Its body's fields.
    pub fields: Fields,
    /// Its `Idempotency-Key`.
    pub key: Option<String>,
}

/// Reads a request whose body has at most so many bytes.
///
/// # Errors
/// [`Error`].
pub async fn sent(request: Request, bytes_max: usize) -> Result<Sent, Error> {
    let (parts, body) = request.into_parts();
    let key = idempotency::key(&parts.headers)?.map(str::to_owned);
    let body = bounded::read_up_to(body, bytes_max).await?;
    let content_type = parts.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
    let fields = body::parse(content_type, &body)?;
    Ok(Sent { fields, key })
}

/// A user to be made.
pub struct NewUser {
    /// Who it is.
    pub profile: Profile,
    /// What it logs in with.
    pub password: Option<String>,
}

impl NewUser {
    /// Reads the fields of `POST /api/oauth/merchant/users`.
    ///
    /// # Errors
    /// [`Error::Fields`] with everything that fails.
    pub fn read(fields: &Fields) -> Result<Self, Error> {
        let mut reader = Reader { fields, failed: BTreeMap::new() };
        let (name, email) = (reader.name(), reader.email());
        let (phone, password) = (reader.phone(), reader.password());
        for (field, value) in [("name", &name), ("email", &email)] {
            if value.is_none() && !reader.failed.contains_key(field) {
                reader.fail::<()>(field, "is required");
            }
        }
        reader.finish()?;
        let (name, email) = (name.unwrap_or_default(), email.unwrap_or_default());
        Ok(Self { profile: Profile { name, email, phone }, password })
    }

    /// What must be the same when an idempotency key comes again; of a password, that one was given.
    pub fn fingerprint(&self) -> Vec<u8> {
        [self.profile.plain(), self.password.clone().unwrap_or_default().into_bytes()].join(&b'\n')
    }
}

/// A change to a profile: what is absent stays.
pub struct ProfileChange {
    name: Option<String>,
    email: Option<String>,
    /// Inside: `None` takes it away.
    phone: Option<Option<String>>,
}

impl ProfileChange {
    /// Reads the fields of `PATCH /api/oauth/merchant/users/{user}/profile`.
    ///
    /// # Errors
    /// [`Error::Fields`] with everything that fails.
    pub fn read(fields: &Fields) -> Result<Self, Error> {
        let mut reader = Reader { fields, failed: BTreeMap::new() };
        let (name, email, phone) = (reader.name(), reader.email(), reader.phone());
        for (field, value) in [("name", &name), ("email", &email)] {
            if value.is_none() && fields.get(field).is_some() && !reader.failed.contains_key(field) {
                reader.fail::<()>(field, "must not be empty");
            }
        }
        for (field, _) in fields.iter() {
            if !["name", "email", "phone"].contains(&field) {
                reader.failed.insert(field.to_owned(), vec![format!("The {field} field cannot be changed.")]);
            }
        }
        reader.finish()?;
        Ok(Self { name, email, phone: fields.get("phone").map(|_| phone) })
    }

    /// Makes the change.
    pub fn apply(&self, profile: &mut Profile) {
        if let Some(name) = &self.name {
            profile.name.clone_from(name);
        }
        if let Some(email) = &self.email {
            profile.email.clone_from(email);
        }
        if let Some(phone) = &self.phone {
            profile.phone.clone_from(phone);
        }
    }

    /// What must be the same when an idempotency key comes again.
    pub fn fingerprint(&self) -> Vec<u8> {
        format!("{:?}", (&self.name, &self.email, &self.phone)).into_bytes()
    }
}

struct Reader<'a> {
    fields: &'a Fields,
    failed: BTreeMap<String, Vec<String>>,
}

impl Reader<'_> {
    fn fail<T>(&mut self, name: &str, what: impl std::fmt::Display) -> Option<T> {
        self.failed.entry(name.to_owned()).or_default().push(format!("The {name} field {what}."));
        None
    }

    /// The field's text; absent, null and empty are all absent, as in a form.
    fn text(&mut self, name: &str) -> Option<String> {
        match self.fields.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) if text.trim().is_empty() => None,
            Some(Value::Text(text)) => Some(text.clone()),
            Some(Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) | Value::File { .. }) => {
                self.fail(name, "must be a string")
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let name = self.text("name")?.trim().to_owned();
        if name.chars().count() > NAME_CHARS_MAX {
            return self.fail("name", format!("must not be greater than {NAME_CHARS_MAX} characters"));
        }
        if name.chars().any(char::is_control) {
            return self.fail("name", "must not have control characters");
        }
        Some(name)
    }

    fn email(&mut self) -> Option<String> {
        let text = self.text("email")?;
        match email::read(text.trim()) {
            Some(email) => Some(email),
            None => self.fail("email", "must be a valid email address"),
        }
    }

    fn phone(&mut self) -> Option<String> {
        let phone = self.text("phone")?.trim().to_owned();
        if is_phone(&phone) { Some(phone) } else { self.fail("phone", "must be a telephone number") }
    }

    fn password(&mut self) -> Option<String> {
        let password = self.text("password")?;
        match password.chars().count() {
            count if count < *PASSWORD_CHARS.start() => {
                self.fail("password", format!("must be at least {} characters", PASSWORD_CHARS.start()))
            }
            count if count > *PASSWORD_CHARS.end() => {
                self.fail("password", format!("must not be greater than {} characters", PASSWORD_CHARS.end()))
            }
            _ => Some(password),
        }
    }

    fn finish(self) -> Result<(), Error> {
        if self.failed.is_empty() { Ok(()) } else { Err(Error::Fields(self.failed)) }
    }
}
