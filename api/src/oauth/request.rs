//! What OAuth's endpoints are asked: fields of a body, and who asks.

use axum::{
    extract::Request,
    http::{HeaderMap, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;

use super::{
    clients::{Client, proves},
    errors::Error,
};
use crate::{
    app::{App, ReadError},
    http::{
        body::{self, Fields, Value},
        bounded,
    },
};

/// Characters of any parameter.
const PARAMETER_CHARS_MAX: usize = 4_096;

/// A request to one of the endpoints that apps call.
pub struct Asked {
    fields: Fields,
    /// Id and secret of an `Authorization: Basic` header.
    basic: Option<(String, String)>,
}

impl Asked {
    /// Reads a form or JSON, and the header.
    ///
    /// # Errors
    /// [`Error`] for a body that cannot be read, and [`Error::InvalidClient`] for a header that cannot.
    pub async fn read(request: Request) -> Result<Self, Error> {
        let (parts, body) = request.into_parts();
        let body = bounded::read(body).await?;
        let content_type = parts.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
        Ok(Self { fields: body::parse(content_type, &body)?, basic: basic(&parts.headers)? })
    }

    /// A parameter; absent, null and empty are all absent.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if it is anything but a text of bearable length.
    pub fn optional(&self, name: &str) -> Result<Option<&str>, Error> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Text(text)) if text.is_empty() => Ok(None),
            Some(Value::Text(text) | Value::Number(text)) if text.chars().count() <= PARAMETER_CHARS_MAX => {
                Ok(Some(text))
            }
            Some(
                Value::Text(_)
                | Value::Number(_)
                | Value::Bool(_)
                | Value::List(_)
                | Value::Map(_)
                | Value::File { .. },
            ) => Err(Error::parameter(name)),
        }
    }

    /// A parameter that has to be there.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if it is not.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        self.optional(name)?.ok_or_else(|| Error::parameter(name))
    }

    /// The app that asks, proven by its secret if it keeps one.
    ///
    /// # Errors
    /// [`Error`], in the order in which Passport looks.
    pub async fn client(&self, app: &App) -> Result<Client, Error> {
        let by_header = self.basic.is_some();
        let (id, secret) = match &self.basic {
            Some((id, secret)) => (id.as_str(), Some(secret.as_str()).filter(|secret| !secret.is_empty())),
            None => (self.required("client_id")?, self.optional("client_secret")?),
        };
        let client = find(app, id).await?;
        let proven = proves(client.as_ref(), secret.unwrap_or_default());
        match client {
            Some(client) if !client.is_confidential() => Ok(client),
            Some(_) if secret.is_none() => Err(Error::parameter("client_secret")),
            Some(client) if proven => Ok(client),
            Some(_) | None => Err(Error::InvalidClient(by_header)),
        }
    }

    /// Whether the app tried to prove itself by a header.
    pub const fn is_by_header(&self) -> bool {
        self.basic.is_some()
    }

    /// There are no scopes: an empty one is none.
    ///
    /// # Errors
    /// [`Error::InvalidScope`] for the first that is asked for.
    pub fn check_scope(&self) -> Result<(), Error> {
        check_scope(self.optional("scope")?)
    }
}

/// There are no scopes: an empty one is none.
///
/// # Errors
/// [`Error::InvalidScope`] for the first that is asked for.
pub fn check_scope(scope: Option<&str>) -> Result<(), Error> {
    match scope.unwrap_or_default().split(' ').find(|scope| !scope.is_empty()) {
        Some(scope) => Err(Error::InvalidScope(scope.to_owned())),
        None => Ok(()),
    }
}

/// The app of this id. One that was registered a moment ago is known.
pub async fn find(app: &App, id: &str) -> Result<Option<Client>, ReadError> {
    let now = app.engine().now();
    if let Some(client) = Client::find(app.models(), id, now)? {
        return Ok(Some(client));
    }
    Ok(Client::find(app.current_models().await?, id, now)?)
}

fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Error> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let wrong = || Error::InvalidClient(true);
    let (scheme, credentials) =
        value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(wrong());
    }
    let decoded = STANDARD.decode(credentials.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(wrong)?;
    let (id, secret) = decoded.split_once(':').ok_or_else(wrong)?;
    // Both are form-encoded before they are joined. Source: RFC 6749 §2.3.1.
    let plain = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().map(|text| text.into_owned()).map_err(|_| wrong())
    };
    Ok(Some((plain(id)?, plain(secret)?)))
}
