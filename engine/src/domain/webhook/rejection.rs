//! Why a wish about a delivery was refused.

use crate::domain::DeliveryId;

/// Why a wish about a delivery was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing is owed under this id, in this realm, to this tenant.
    #[error("no delivery has the id {0}")]
    Unknown(DeliveryId),
    /// It is over, so no attempt can follow.
    #[error("the delivery is over; resend it to have it tried again")]
    Over,
    /// Another attempt was recorded meanwhile.
    #[error("the next attempt is number {next}")]
    NotTheNextAttempt {
        /// The number it would have to have.
        next: u32,
    },
    /// It is still being tried by itself.
    #[error("the delivery is still being tried")]
    StillTrying,
}
