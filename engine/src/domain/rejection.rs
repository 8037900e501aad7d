//! Why a command was refused: an answer, not an error.

use super::{
    StreamId, card, chain, deposit, kyc, listing, merchant, order, payment, payout, points, rail, realm,
    settlement, signer, subject, subscription, token, user, wallet, webhook, withdrawal,
};

/// Why a command was refused, in the order the checks are made; nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The request signature was used before, for another request.
    #[error("this signature was used for a different request")]
    SignatureReused,
    /// The idempotency key was used before, for another request.
    #[error("this idempotency key was used for a different request")]
    IdempotencyConflict,
    /// The stream is not where the caller expected it.
    #[error("{stream} is at revision {actual:?}, not {expected:?}")]
    WrongRevision {
        /// The stream asked about.
        stream: StreamId,
        /// Its last revision as the caller believed; `None` for no stream.
        expected: Option<u64>,
        /// Its last revision; `None` for no stream.
        actual: Option<u64>,
    },
    /// Identities live in no realm: recorded in one, they would be seen by whoever sees the realm.
    #[error("merchants, users, tokens and signing keys are in no realm")]
    InARealm,
    /// The listing room refused.
    #[error(transparent)]
    Listing(#[from] listing::Rejection),
    /// The order room refused.
    #[error(transparent)]
    Order(#[from] order::Rejection),
    /// The card room refused.
    #[error(transparent)]
    Card(#[from] card::Rejection),
    /// The chain room refused.
    #[error(transparent)]
    Chain(#[from] chain::Rejection),
    /// The deposit room refused.
    #[error(transparent)]
    Deposit(#[from] deposit::Rejection),
    /// The room of what users are asked refused.
    #[error(transparent)]
    Kyc(#[from] kyc::Rejection),
    /// The merchant room refused.
    #[error(transparent)]
    Merchant(#[from] merchant::Rejection),
    /// The payment room refused.
    #[error(transparent)]
    Payment(#[from] payment::Rejection),
    /// The payout room refused.
    #[error(transparent)]
    Payout(#[from] payout::Rejection),
    /// The points room refused.
    #[error(transparent)]
    Points(#[from] points::Rejection),
    /// The rail room refused.
    #[error(transparent)]
    Rail(#[from] rail::Rejection),
    /// The realm room refused.
    #[error(transparent)]
    Realm(#[from] realm::Rejection),
    /// The settlement room refused.
    #[error(transparent)]
    Settlement(#[from] settlement::Rejection),
    /// The signer room refused.
    #[error(transparent)]
    Signer(#[from] signer::Rejection),
    /// The subject room refused.
    #[error(transparent)]
    Subject(#[from] subject::Rejection),
    /// The subscription room refused.
    #[error(transparent)]
    Subscription(#[from] subscription::Rejection),
    /// The token room refused.
    #[error(transparent)]
    Token(#[from] token::Rejection),
    /// The user room refused.
    #[error(transparent)]
    User(#[from] user::Rejection),
    /// The wallet room refused.
    #[error(transparent)]
    Wallet(#[from] wallet::Rejection),
    /// The webhook room refused.
    #[error(transparent)]
    Webhook(#[from] webhook::Rejection),
    /// The withdrawal room refused.
    #[error(transparent)]
    Withdrawal(#[from] withdrawal::Rejection),
}
