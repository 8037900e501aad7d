//! Wishes about a user.

use crate::domain::{MerchantId, UserId};

/// A wish about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Register a user; its number is the next free one.
    Register {
        /// Whose user it is, for ever.
        tenant: MerchantId,
    },
    /// Close a user: what it holds stays its own, but it neither gives nor takes any more.
    Close {
        /// Which user.
        user: UserId,
    },
}
