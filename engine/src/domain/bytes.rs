//! Bytes that people read as hex and the log stores as they are.

use serde::{Serialize, Serializer};

/// For `#[serde(serialize_with)]`: hex where people read it, otherwise exactly as without.
pub(crate) fn readable<S, T>(bytes: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: AsRef<[u8]> + Serialize,
{
    if !serializer.is_human_readable() {
        return bytes.serialize(serializer);
    }
    serializer.collect_str(&crate::hex(bytes.as_ref()))
}
