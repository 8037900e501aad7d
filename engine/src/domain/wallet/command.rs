//! Wishes about wallets.

use crate::{books::Holder, money::Money};

/// A wish about a wallet of the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Put money into a wallet from the sandbox rail; test realms only.
    Credit {
        /// Whose wallet.
        holder: Holder,
        /// How much.
        amount: Money,
    },
    /// Put newly issued tokens into a wallet.
    Issue {
        /// Whose wallet.
        holder: Holder,
        /// How much, of a token of the holder's tenant.
        amount: Money,
    },
    /// Give to another holder of the same tenant.
    Transfer {
        /// Who gives.
        from: Holder,
        /// Who takes.
        to: Holder,
        /// How much.
        amount: Money,
    },
}
