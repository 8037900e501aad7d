//! Wishes about settlements.

use crate::{
    domain::{Day, MerchantId},
    money::Currency,
};

/// A wish about settlements in the realm of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Close every day that is still open, up to and including one that is over.
    Settle {
        /// Whose days.
        merchant: MerchantId,
        /// Paid out in this.
        currency: Currency,
        /// The last day to be closed.
        through: Day,
    },
}
