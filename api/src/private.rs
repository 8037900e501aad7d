//! What a payment keeps sealed: everything its merchant said about it that may be personal.

use std::collections::BTreeMap;

use choai_engine::{
    Fault,
    domain::{PaymentId, Sealed, Subject},
    vault::{Vault, VaultWrite},
};
use serde::{Deserialize, Serialize};

/// The private side of a payment, sealed under the payment's own key before the engine sees it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private {
    /// The merchant's own identification.
    pub custom: String,
    /// What is bought.
    pub details: Option<String>,
    /// Who buys.
    pub customer_email: String,
    /// Where the notification goes.
    pub web_hook: String,
    /// Where a cancelled customer goes.
    pub cancel_url: String,
    /// Where a customer who paid goes.
    pub success_url: String,
}

/// The names of its fields, in the documents' words.
pub const FIELDS: [&str; 6] =
    ["custom", "details", "customer_email", "web_hook", "cancel_url", "success_url"];

/// None of it is fit for a trace.
impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Private(…)")
    }
}

impl Private {
    /// Seals it under a new key of `payment`; the row must go into the commit that carries it.
    pub fn seal(&self, vault: &Vault, payment: PaymentId) -> (Sealed, VaultWrite) {
        let plain = serde_json::to_vec(self).expect("strings always become JSON");
        vault.seal_new(Subject::Payment(payment), &plain)
    }

    /// What each field says.
    pub fn fields(self) -> BTreeMap<String, Option<String>> {
        let Self { custom, details, customer_email, web_hook, cancel_url, success_url } = self;
        let said = [
            Some(custom),
            details,
            Some(customer_email),
            Some(web_hook),
            Some(cancel_url),
            Some(success_url),
        ];
        FIELDS.map(str::to_owned).into_iter().zip(said).collect()
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
