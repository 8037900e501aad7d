//! Wishes about a user.

use crate::domain::{MerchantId, Sealed, UserId};

/// A wish about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Register a user of whom nothing personal is known; its number is the next free one.
    Register {
        /// Whose user it is, for ever.
        tenant: MerchantId,
    },
    /// Register a user with its profile. Sealing needs the number, so it comes with the wish.
    Enrol(Enrol),
    /// Replace what is known of who a user is.
    SetProfile {
        /// Which user.
        user: UserId,
        /// The whole of it, sealed.
        profile: Sealed,
    },
    /// Close a user: what it holds stays its own, but it neither gives nor takes any more.
    Close {
        /// Which user.
        user: UserId,
    },
}

/// A user with a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrol {
    /// A number that nobody has.
    pub user: UserId,
    /// Whose user it is, for ever.
    pub tenant: MerchantId,
    /// The OAuth client that makes it, and owns it.
    pub client: Option<String>,
    /// Who it is, sealed.
    pub profile: Sealed,
}
