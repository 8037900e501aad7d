//! The node's master key: 32 bytes in a file of their own, outside the data folder.

use std::{io::ErrorKind, os::unix::fs::PermissionsExt, path::Path};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Random;
use crate::{fault::Fault, hex, private_file};

/// The master key and what is derived from it.
pub struct MasterKey {
    wrapping: Zeroizing<[u8; 32]>,
    hashing: Zeroizing<[u8; 32]>,
}

impl MasterKey {
    /// Reads the key file; makes one, mode 0600, if `may_create` and there is none.
    ///
    /// # Errors
    /// [`Fault::MasterKey`] if it is missing, is not 64 hex digits, or others may read it.
    pub fn load(path: &Path, may_create: bool, random: &dyn Random) -> Result<Self, Fault> {
        let refused = |what: String| Fault::MasterKey(format!("master key {}: {what}", path.display()));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound && may_create => create(path, random)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(refused(
                    "not found, and there is data sealed under it; put the file back".into(),
                ));
            }
            Err(error) => return Err(refused(error.to_string())),
        };
        let mode = std::fs::metadata(path).map_err(|error| refused(error.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(refused("others may read it; run chmod 600 on it".into()));
        }
        let key = parse(text.trim()).ok_or_else(|| refused("is not 64 hex digits".into()))?;
        Ok(Self::from_bytes(*key))
    }

    /// The key of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        let derive = |purpose: &str| Zeroizing::new(mac(&bytes, &[purpose.as_bytes()]));
        Self { wrapping: derive("choai wrapping key 1"), hashing: derive("choai hashing key 1") }
    }

    pub(super) fn wrapping(&self) -> &[u8; 32] {
        &self.wrapping
    }

    pub(super) fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut all = vec![purpose.as_bytes()];
        all.extend_from_slice(parts);
        mac(&self.hashing, &all)
    }
}

/// HMAC-SHA-256 over the parts, each behind its length, so that no two lists of parts look alike.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn create(path: &Path, random: &dyn Random) -> Result<Zeroizing<String>, Fault> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill(&mut key[..]);
    let text = Zeroizing::new(hex(&key[..]));
    private_file::create(path, &text).map_err(|error| Fault::file(path, &error))?;
    Ok(text)
}

fn parse(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(key)
}
