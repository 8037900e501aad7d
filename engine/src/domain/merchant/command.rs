//! Wishes about a merchant.

use super::{Deadlines, Mode, Plan, Terms};
use crate::domain::{Digest, MerchantId, SecretId, Span, kyc::Form};

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
    /// Issue another access key; the earlier ones work on for `overlap`.
    RotateAccessKey {
        /// Whose.
        merchant: MerchantId,
        /// SHA-256 of the new one.
        access_key: Digest,
        /// How long earlier keys are still accepted.
        overlap: Span,
    },
    /// Issue another OAuth client secret; the earlier ones work on for `overlap`.
    RotateClientSecret {
        /// Whose.
        merchant: MerchantId,
        /// SHA-256 of the new one.
        client_secret: Digest,
        /// How long earlier secrets are still accepted.
        overlap: Span,
    },
    /// Register an app of its own that its users may authorise: a public OAuth client.
    RegisterClient {
        /// Whose.
        merchant: MerchantId,
        /// The OAuth client id: a UUID.
        client_id: String,
        /// What users are told it is called: 1 to 100 characters.
        name: String,
        /// Where users may be sent back to, each as it will be compared: letter by letter. One to ten.
        redirect_uris: Vec<String>,
    },
    /// Ask its users for something else.
    SetKycForm {
        /// Whose.
        merchant: MerchantId,
        /// Replacing the earlier one.
        form: Form,
    },
    /// Set what its users subscribe to, for the months billed from now on.
    SetPlan {
        /// Whose.
        merchant: MerchantId,
        /// Replacing the earlier one.
        plan: Plan,
    },
}
