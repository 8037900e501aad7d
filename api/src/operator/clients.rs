//! Apps that users may let in: public OAuth clients.

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use choai_engine::{
    domain::{Command, Event, MerchantId, merchant},
    log::Actor,
};
use url::{Host, Url};

use super::{
    errors::{Error, ErrorBody, Unwritten},
    handlers::{find, keyed, read, submit},
    wire::{ClientMade, NewClient},
};
use crate::{app::App, http::idempotency::Scope};

/// Register an app
///
/// A public OAuth client, which keeps no secret: users of the merchant may let it in at `/oauth/authorize`.
#[utoipa::path(
    post,
    path = "/operator/oauth/clients",
    tag = "merchants",
    security(("operator_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key registers one app.")),
    request_body = NewClient,
    responses(
        (status = 200, body = ClientMade),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn register(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ClientMade>, Error> {
    let new: NewClient = read(&body)?;
    for uri in &new.redirect_uris {
        check_redirect_uri(uri)?;
    }
    let merchant = MerchantId(new.merchant_id);
    let command = merchant::Command::RegisterClient {
        merchant,
        client_id: uuid::Builder::from_random_bytes(app.engine().random()).into_uuid().to_string(),
        name: new.name.trim().to_owned(),
        redirect_uris: new.redirect_uris,
    };
    let envelope = app.envelope(Actor::Operator, None, Command::Merchant(command));
    let scope = Scope { realm: None, tenant: Some(merchant), endpoint: "POST /operator/oauth/clients" };
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &body)?).await?;
    let made = find(&receipt, |event| match event {
        Event::Merchant(merchant::Event::ClientRegistered(made)) => Some(made.clone()),
        _ => None,
    })?;
    Ok(Json(ClientMade {
        client_id: made.client_id,
        merchant_id: made.merchant.0,
        name: made.name,
        redirect_uris: made.redirect_uris,
    }))
}

/// A code that is sent in the clear, or to whichever program likes, is anybody's. Source: RFC 8252 §7.
fn check_redirect_uri(text: &str) -> Result<(), Error> {
    let wrong = |what: &str| Err(Error::Unreadable(format!("redirect_uris: {text} {what}")));
    let Ok(uri) = Url::parse(text) else { return wrong("is no absolute URI") };
    if uri.fragment().is_some() {
        return wrong("must have no fragment");
    }
    if !uri.username().is_empty() || uri.password().is_some() {
        return wrong("must have no user information");
    }
    let is_loopback = match uri.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match uri.scheme() {
        "https" => Ok(()),
        "http" if is_loopback => Ok(()),
        scheme if scheme.contains('.') => Ok(()),
        _ => wrong("must be https, http on loopback, or of a scheme of its own with a dot in it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_sent_only_where_it_is_nobody_elses() {
        for (uri, expected) in [
            ("https://app.example.com/callback", true),
            ("https://app.example.com/callback?tenant=1", true),
            ("http://127.0.0.1:8090/callback", true),
            ("http://localhost/callback", true),
            ("http://[::1]/callback", true),
            ("com.example.app:/callback", true),
            ("http://app.example.com/callback", false),
            ("https://app.example.com/callback#there", false),
            ("https://user@app.example.com/", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("app:/callback", false),
            ("/callback", false),
            ("", false),
        ] {
            assert_eq!(check_redirect_uri(uri).is_ok(), expected, "{uri}");
        }
    }
}
