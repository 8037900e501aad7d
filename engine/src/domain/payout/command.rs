//! Wishes about payouts.

use crate::{
    books::Label,
    domain::{MerchantId, PayoutId},
    money::Money,
};

/// A wish about a payout in the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send what is ready to be paid out.
    Send {
        /// To whom.
        merchant: MerchantId,
        /// How much.
        amount: Money,
        /// From which bank account of the platform.
        bank: Label,
    },
    /// Record that the bank has paid it.
    Confirm {
        /// Which payout.
        payout: PayoutId,
    },
    /// Record that the bank has sent it back.
    Return {
        /// Which payout.
        payout: PayoutId,
    },
}
