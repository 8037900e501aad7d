//! Why a wish about a signing key was refused.

/// Why a wish about a signing key was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It was sent for a tenant.
    #[error("only the platform says which key signs")]
    Tenant,
    /// Another key came first, or one is missing.
    #[error("the next signing key is number {next}")]
    NotTheNext {
        /// Its number.
        next: u32,
    },
    /// The key before did not sign for it; or there is none, and somebody did.
    #[error("a signing key is vouched for by the one before it, and the first by none")]
    NotEndorsed,
}
