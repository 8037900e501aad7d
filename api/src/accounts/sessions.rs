//! Sessions of people in browsers: a cookie that holds a random token, and who that is in the vault.

use axum::http::{HeaderMap, HeaderValue, header};
use choai_engine::{
    Fault,
    domain::{MerchantId, Span, Timestamp, UserId},
    vault::VaultFamily,
};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    tokens::{Fresh, Writes, key_of, read},
};

/// How long somebody stays logged in.
const SESSION_LIFETIME: Span = Span::hours(12);
/// Browsers take a cookie with this prefix from us alone: over TLS, for this host, for all of it.
const COOKIE: &str = "__Host-choai_session";
/// What a session's token begins with.
const PREFIX: &str = "ss_";

/// Who is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// A user.
    User(UserId),
    /// The owner of a merchant.
    Owner(MerchantId),
}

/// A session's row.
#[derive(Serialize, Deserialize)]
struct Session {
    who: Who,
    ends_at: Timestamp,
}

/// Logs somebody in; gives the value for `Set-Cookie`.
///
/// # Errors
/// [`Fault`] when it cannot be written.
pub async fn begin(app: &App, who: Who) -> Result<HeaderValue, Fault> {
    let engine = app.engine().clone();
    let begun = tokio::task::spawn_blocking(move || {
        let Fresh { token, key } = Fresh::draw(&engine, PREFIX);
        let ends_at = engine.now() + SESSION_LIFETIME;
        let mut writes = Writes::default();
        writes.put_until(VaultFamily::Token, &key, &Session { who, ends_at }, ends_at);
        writes.write(engine.vault().rows()).map(|()| token)
    });
    let token = begun.await.expect("writing a session does not panic")?;
    let seconds = SESSION_LIFETIME.0 / 1_000_000;
    Ok(cookie(&token, seconds))
}

/// Who is logged in, by these headers.
///
/// # Errors
/// [`Fault`] when the vault cannot be read.
pub fn current(app: &App, headers: &HeaderMap) -> Result<Option<Who>, Fault> {
    let Some(key) = key(headers) else { return Ok(None) };
    let session: Option<Session> = read(app.engine().vault().rows(), VaultFamily::Token, &key)?;
    Ok(session.filter(|session| session.ends_at > app.engine().now()).map(|session| session.who))
}

/// Logs out; gives the value for `Set-Cookie`.
///
/// # Errors
/// [`Fault`] when the vault cannot be written.
pub async fn end(app: &App, headers: &HeaderMap) -> Result<HeaderValue, Fault> {
    if let Some(key) = key(headers) {
        let engine = app.engine().clone();
        let ended = tokio::task::spawn_blocking(move || {
            let mut writes = Writes::default();
            writes.delete(VaultFamily::Token, &key);
            writes.write(engine.vault().rows())
        });
        ended.await.expect("ending a session does not panic")?;
    }
    Ok(cookie("", 0))
}

fn cookie(token: &str, seconds: i64) -> HeaderValue {
    let cookie = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    HeaderValue::from_str(&cookie).expect("tokens are plain ASCII")
}

fn key(headers: &HeaderMap) -> Option<[u8; 32]> {
    key_of(PREFIX, token(headers)?)
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, token)| token).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        for (lines, expected) in [
            (&["__Host-choai_session=abc"][..], Some("abc")),
            (&["a=b; __Host-choai_session=abc; c=d"], Some("abc")),
            (&["a=b", "__Host-choai_session=abc"], Some("abc")),
            (&["choai_session=abc"], None),
            (&["__Host-choai_session="], None),
            (&["__Host-choai_session"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            assert_eq!(token(&headers), expected, "{lines:?}");
        }
    }
}
