//! XChaCha20-Poly1305: nonce, then ciphertext and tag; what it belongs to is authenticated with it.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};

const NONCE_BYTES: usize = 24;
/// Separates these bytes from any other use of the same key.
const PURPOSE: &[u8] = b"choai sealed 1 ";

/// Seals `plain`, bound to `name`.
pub(super) fn seal(key: &[u8; 32], name: &[u8], plain: &[u8], nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
    let aad = [PURPOSE, name].concat();
    let sealed = XChaCha20Poly1305::new(key.into()).encrypt(&nonce.into(), Payload { msg: plain, aad: &aad });
    let sealed = sealed.expect("only a message of 256 GiB cannot be sealed");
    [&nonce[..], &sealed].concat()
}

/// Opens what [`seal`] made for `name`; `None` for anything else.
pub(super) fn open(key: &[u8; 32], name: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let aad = [PURPOSE, name].concat();
    XChaCha20Poly1305::new(key.into()).decrypt(nonce.into(), Payload { msg: ciphertext, aad: &aad }).ok()
}
