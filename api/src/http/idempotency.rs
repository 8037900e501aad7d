//! `Idempotency-Key`: read, hashed under the node's key, and handed to the engine (law 7).

use axum::http::HeaderMap;
use choai_engine::{books::Realm, domain::MerchantId, state::IdempotencyKey, vault::Vault};

/// Characters a key may have.
pub const KEY_CHARS_MAX: usize = 255;

/// The header is there and is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Idempotency-Key must be 1 to {KEY_CHARS_MAX} visible ASCII characters")]
pub struct BadKey;

/// The header's value, if the header is there.
///
/// # Errors
/// [`BadKey`] if it is empty, too long, repeated, or not visible ASCII.
pub fn key(headers: &HeaderMap) -> Result<Option<&str>, BadKey> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().map_err(|_| BadKey)?;
    let well_formed =
        (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if well_formed && values.next().is_none() { Ok(Some(key)) } else { Err(BadKey) }
}

/// What surrounds a key: the same key elsewhere is another key.
pub struct Scope<'a> {
    /// The realm the request is for.
    pub realm: Option<Realm>,
    /// The tenant that sent it; `None` for the operator.
    pub tenant: Option<MerchantId>,
    /// Method and path.
    pub endpoint: &'a str,
}

impl Scope<'_> {
    /// The key as the engine knows it; `request` is what must be the same when the key is.
    pub fn hash(&self, vault: &Vault, key: &str, request: &[u8]) -> IdempotencyKey {
        let realm = self.realm.map(|realm| realm.to_string()).unwrap_or_default();
        let tenant = self.tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
        let parts = [realm.as_bytes(), tenant.as_bytes(), self.endpoint.as_bytes(), key.as_bytes()];
        IdempotencyKey {
            key: half(vault.keyed_hash("idempotency key 1", &parts)),
            request: half(vault.keyed_hash("idempotent request 1", &[request])),
        }
    }
}

/// 128 bits of a keyed hash: nobody without the key can look for two alike.
pub fn half(hash: [u8; 32]) -> [u8; 16] {
    let (half, _) = hash.split_first_chunk().expect("32 bytes have a first half");
    *half
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_bounded_length() {
        let longest = "k".repeat(KEY_CHARS_MAX);
        for (value, expected) in [
            (Some("order-1"), Ok(Some("order-1"))),
            (None, Ok(None)),
            (Some(""), Err(BadKey)),
            (Some("two words"), Err(BadKey)),
            (Some(longest.as_str()), Ok(Some(longest.as_str()))),
            (Some(&*format!("{longest}k")), Err(BadKey)),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.append("idempotency-key", HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(key(&headers), expected, "{value:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append("idempotency-key", HeaderValue::from_static("a"));
        twice.append("idempotency-key", HeaderValue::from_static("a"));
        assert_eq!(key(&twice), Err(BadKey));
    }
}
