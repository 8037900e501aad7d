//! Who somebody is, as it is sealed.

use choai_engine::{Fault, domain::Sealed, vault::Vault};
use serde::{Deserialize, Serialize};

/// What is known of somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What they are called.
    pub name: String,
    /// Where they are written to, and what they log in with.
    pub email: String,
    /// Where they are called, in the way they wrote it.
    pub phone: Option<String>,
}

/// None of it is fit for a trace.
impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Profile(…)")
    }
}

impl Profile {
    /// Of whom nothing was told.
    pub const fn unknown() -> Self {
        Self { name: String::new(), email: String::new(), phone: None }
    }

    /// What is sealed.
    pub fn plain(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings always become JSON")
    }

    /// Opens it; `None` if it was erased.
    ///
    /// # Errors
    /// [`Fault`] if it cannot be read.
    pub fn open(vault: &Vault, sealed: &Sealed) -> Result<Option<Self>, Fault> {
        let Some(plain) = vault.open_sealed(sealed)? else { return Ok(None) };
        let unreadable = |_| Fault::Undecodable(format!("what is sealed of {}", sealed.subject));
        serde_json::from_slice(&plain).map(Some).map_err(unreadable)
    }
}
