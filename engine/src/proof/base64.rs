//! Base64 as RFC 4648 has it first: padded, and every value written in one way only.

use base64::{Engine, engine::general_purpose::STANDARD};

/// `bytes` as text.
pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of `text`; `None` unless it is just what [`encode`] makes of them.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// As [`decode`], for so many bytes.
pub(super) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}
