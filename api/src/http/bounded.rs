//! Request bodies, read whole and bounded.

use axum::body::Body;
use bytes::Bytes;

/// The longest body any surface reads.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Longer than [`BODY_BYTES_MAX`].
    #[error("the request body is longer than {BODY_BYTES_MAX} bytes")]
    TooLong,
    /// The client broke off, or sent what is not HTTP.
    #[error("the request body broke off")]
    Broken,
}

/// Reads all of `body`.
///
/// # Errors
/// [`Unread`] if it is too long or breaks off.
pub async fn read(body: Body) -> Result<Bytes, Unread> {
    axum::body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            if error.is::<http_body_util::LengthLimitError>() {
                return Unread::TooLong;
            }
            cause = error.source();
        }
        Unread::Broken
    })
}
