//! Request bodies, read whole and bounded.

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;

/// The longest body any surface reads.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Bodies beyond this are large. Hardly any is.
const LARGE_BYTES: usize = 16 * 1024;
/// Large bodies that are read at once: everybody who may connect could send one, and be slow about it.
const LARGE_MAX: usize = 128;
/// Bodies beyond [`BODY_BYTES_MAX`] that are read at once, where they may be so long.
const UPLOADS_MAX: usize = 4;

static LARGE: Semaphore = Semaphore::const_new(LARGE_MAX);
static UPLOADS: Semaphore = Semaphore::const_new(UPLOADS_MAX);

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Longer than any may be here.
    #[error("the request body is longer than {bytes_max} bytes")]
    TooLong {
        /// How long it may be.
        bytes_max: usize,
    },
    /// Too many large ones are being read.
    #[error("too many large requests are being read; try again")]
    TooMany,
    /// The client broke off, or sent what is not HTTP.
    #[error("the request body broke off")]
    Broken,
}

/// Reads all of `body`.
///
/// # Errors
/// [`Unread`] if it is too long or breaks off, or is one large body too many.
pub async fn read(body: Body) -> Result<Bytes, Unread> {
    read_up_to(body, BODY_BYTES_MAX).await
}

/// Reads all of `body`, which may have another bound: that of uploads.
///
/// # Errors
/// As [`read`].
pub async fn read_up_to(body: Body, bytes_max: usize) -> Result<Bytes, Unread> {
    read_among(body, bytes_max, &LARGE).await
}

async fn read_among(mut body: Body, bytes_max: usize, large: &Semaphore) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(Unread::TooLong { bytes_max });
    }
    let (mut read, mut place, mut upload) = (BytesMut::new(), None, None);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        let bytes = read.len() + data.len();
        if bytes > bytes_max {
            return Err(Unread::TooLong { bytes_max });
        }
        if bytes > LARGE_BYTES && place.is_none() {
            place = Some(large.try_acquire().map_err(|_| Unread::TooMany)?);
        }
        if bytes > BODY_BYTES_MAX && upload.is_none() {
            upload = Some(UPLOADS.try_acquire().map_err(|_| Unread::TooMany)?);
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(bytes: usize, places: usize, expected: Result<usize, Unread>) {
        let (large, sent) = (Semaphore::new(places), vec![b'x'; bytes]);
        let in_pieces =
            sent.chunks(10_000).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)));
        let in_pieces = Body::from_stream(futures::stream::iter(in_pieces.collect::<Vec<_>>()));
        for body in [Body::from(sent), in_pieces] {
            let read = read_among(body, BODY_BYTES_MAX, &large).await.map(|body| body.len());
            assert_eq!(read, expected, "{bytes} bytes with {places} places");
        }
        assert_eq!(large.available_permits(), places, "whatever came of it, its place is free again");
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_bound() {
        for (bytes, expected) in [
            (0, Ok(0)),
            (BODY_BYTES_MAX, Ok(BODY_BYTES_MAX)),
            (BODY_BYTES_MAX + 1, Err(Unread::TooLong { bytes_max: BODY_BYTES_MAX })),
        ] {
            check(bytes, 1, expected).await;
        }
    }

    #[tokio::test]
    async fn only_so_many_large_bodies_are_read_at_once() {
        check(LARGE_BYTES, 0, Ok(LARGE_BYTES)).await;
        check(LARGE_BYTES + 1, 0, Err(Unread::TooMany)).await;
        check(LARGE_BYTES + 1, 1, Ok(LARGE_BYTES + 1)).await;
    }
}
