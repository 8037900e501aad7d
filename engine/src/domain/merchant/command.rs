//! Wishes about a merchant.

use super::{Deadlines, Mode, Plan, Terms};
use crate::domain::{Digest, MerchantId, SecretId, Span};

/// A wish about a merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Register a merchant; its number is the next free one. Secrets come hashed or not at all.
    Register {
        /// The business name, as the checkout page shows it: 1 to 100 characters.
        name: String,
        /// SHA-256 of the access key.
        access_key: Digest,
        /// The OAuth client id: a UUID.
        client_id: String,
        /// SHA-256 of the OAuth client secret.
        client_secret: Digest,
        /// Where its first HMAC secret is kept.
        secret: SecretId,
        /// Whether every request must be signed.
        signature_required: bool,
        /// The service mode to begin with.
        mode: Mode,
    },
    /// Select the service mode.
    SetMode {
        /// Whose.
        merchant: MerchantId,
        /// To what.
        mode: Mode,
    },
    /// Agree on terms.
    SetTerms {
        /// Whose.
        merchant: MerchantId,
        /// Replacing the earlier ones whole.
        terms: Terms,
    },
    /// Agree on the deadlines of its orders.
    SetOrderDeadlines {
        /// Whose.
        merchant: MerchantId,
        /// Replacing the earlier ones, of steps to come.
        deadlines: Deadlines,
    },
    /// Issue another HMAC secret; the earlier ones work on for `overlap`.
    RotateSecret {
        /// Whose.
        merchant: MerchantId,
        /// Where the new one is kept.
        secret: SecretId,
        /// How long earlier secrets are still accepted.
        overlap: Span,
    },
    /// Set what its users subscribe to, for the months billed from now on.
    SetPlan {
        /// Whose.
        merchant: MerchantId,
        /// Replacing the earlier one.
        plan: Plan,
    },
}
