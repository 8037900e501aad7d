//! Wishes about custom tokens.

use crate::{books::Label, domain::MerchantId};

/// A wish about a custom token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Register a token; its number is the next free one.
    Register {
        /// Whose it is; nobody else's holders can have any.
        tenant: MerchantId,
        /// Decimals, at most 18.
        digits: u8,
        /// Whether holders may give it to one another.
        is_transferable: bool,
        /// The network it lives on, where it arrives and leaves as a jetton does; without one, its tenant issues it.
        network: Option<Label>,
    },
}
