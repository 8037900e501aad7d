//! Who is asking: the access key, and the signature where there is one.

use axum::http::{HeaderMap, Method};
use choai_engine::{
    SeenSignature,
    books::Realm,
    domain::{Digest, MerchantId, Span},
};
use choai_projections::MerchantView;
use sha2::{Digest as _, Sha256};

use super::{errors::Error, signature};
use crate::{
    app::App,
    http::{body::Fields, idempotency::half},
};

/// How long a signature that opened a request is remembered: twice the window in which it is accepted, and the
/// parts of a second by which whole-second timestamps stretch it.
const SIGNATURE_MEMORY: Span = Span::seconds(602);

/// The merchant behind a request.
pub struct Caller {
    /// As the read model knows it.
    pub merchant: MerchantView,
}

impl Caller {
    /// Its id, and so its tenant.
    pub fn id(&self) -> MerchantId {
        self.merchant.merchant
    }

    /// The realm its service mode selects.
    pub fn realm(&self) -> Realm {
        self.merchant.mode.realm(self.merchant.merchant)
    }
}

/// What a signature covers, and what must be the same when it comes again.
pub struct Signed<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The request's path and query.
    pub target: &'a str,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, as it came.
    pub body: &'a [u8],
    /// The body's fields.
    pub fields: &'a Fields,
}

/// The merchant whose access key the request carries.
///
/// # Errors
/// [`Error::Credentials`] for no key, a malformed one, and one that is nobody's.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, Error> {
    let key = bearer(headers).ok_or(Error::Credentials)?;
    // Only the hash is stored, so only hashes are compared.
    let (digest, now) = (Digest(Sha256::digest(key.as_bytes()).into()), app.engine().now());
    let merchant = match app.models().merchants().by_access_key(&digest, now)? {
        Some(merchant) => merchant,
        // Models that are being rebuilt know nobody yet: only current ones may turn a key away.
        None => {
            app.current_models().await?.merchants().by_access_key(&digest, now)?.ok_or(Error::Credentials)?
        }
    };
    Ok(Caller { merchant })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get("authorization")?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// Checks the signature, if there is one or there must be.
///
/// # Errors
/// [`Error::Signature`] if it is missing where it must be, stale, or does not hold under any secret in force.
pub fn check_signature(
    app: &App,
    caller: &Caller,
    signed: &Signed<'_>,
) -> Result<Option<SeenSignature>, Error> {
    let header =
        |name| signed.headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or(""));
    let (timestamp, signature) = match (header("x-timestamp"), header("x-signature")) {
        (None, None) if !caller.merchant.signature_required => return Ok(None),
        (Some(timestamp), Some(signature)) => (timestamp, signature),
        _ => return Err(Error::Signature("X-Timestamp and X-Signature are required, both of them.".into())),
    };
    let now = app.engine().now();
    let mut refused = None;
    for secret in caller.merchant.secrets.iter().filter(|secret| secret.until.is_none_or(|until| now < until))
    {
        let key = app.engine().vault().secret(secret.secret)?;
        let Some(key) = key else { continue };
        match signature::verify(&key, timestamp, signature, signed.body, signed.fields, now.unix_s()) {
            Ok(()) => return Ok(Some(seen(app, caller, signed, timestamp, signature))),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    let what = refused.map_or("the merchant has no secret key".to_owned(), |error| error.to_string());
    Err(Error::Signature(format!("Invalid signature: {what}.")))
}

/// The signature as the engine remembers it: by its value, for this one request.
fn seen(app: &App, caller: &Caller, signed: &Signed<'_>, timestamp: &str, signature: &str) -> SeenSignature {
    let vault = app.engine().vault();
    let merchant = caller.id().to_string();
    let value = signature.trim_start_matches("sha256=").to_ascii_lowercase();
    let key = vault.keyed_hash("signature 1", &[merchant.as_bytes(), timestamp.as_bytes(), value.as_bytes()]);
    let idempotency = signed.headers.get("idempotency-key").map_or(&b""[..], |value| value.as_bytes());
    let request = [signed.method.as_str().as_bytes(), signed.target.as_bytes(), signed.body, idempotency];
    SeenSignature {
        key: half(key),
        request: half(vault.keyed_hash("signed request 1", &request)),
        until: app.engine().now() + SIGNATURE_MEMORY,
    }
}
