//! Why a wish about a subject was refused.

use crate::{
    books::{Account, Realm},
    domain::{OrderNumber, Subject, payment::Stage},
    money::Money,
};

/// Why a wish about a subject was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody is known by this, here and to whoever asks.
    #[error("there is no {0}")]
    Unknown(Subject),
    /// It was erased before.
    #[error("{0} is erased already")]
    Erased(Subject),
    /// The user has not been closed, and could still give and take.
    #[error("{0} is not closed; close it first")]
    NotClosed(Subject),
    /// Something of the user's is left, or owed by it.
    #[error("{realm}/{account} still holds {amount}")]
    Balance {
        /// Where.
        realm: Realm,
        /// In which account.
        account: Account,
        /// How much.
        amount: Money,
    },
    /// Orders, holds, withdrawals or subscriptions of the user's go on.
    #[error("{count} orders, holds, withdrawals or subscriptions are still open")]
    Undertakings {
        /// How many.
        count: u32,
    },
    /// The payment can still be paid.
    #[error("the payment is {0} and not at its end")]
    Open(Stage),
    /// The order that it paid for is not over.
    #[error("order {0} is not over")]
    Order(OrderNumber),
    /// Money that was not due has to go back first.
    #[error("money that was not due has not gone back")]
    Excess,
    /// Its merchant has not been told of it yet; what is told, and where to, is sealed.
    #[error("a notification is still being delivered; that ends within three days")]
    Notification,
}
