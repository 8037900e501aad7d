//! The rules: pure functions from state and command to events, one folder per room.
//!
//! Nothing in here knows a file, a socket, a thread, a clock, a key or a random number: time, ids and
//! ciphertext are handed in with the command.

mod amount;
#[cfg(test)]
mod apart;
mod burden;
mod bytes;
mod calendar;
pub mod card;
pub mod chain;
mod command;
pub mod deposit;
#[cfg(test)]
mod docs;
mod event;
mod ids;
pub mod kyc;
pub mod listing;
pub mod merchant;
pub mod order;
mod party;
pub mod payment;
pub mod payout;
pub mod points;
pub mod rail;
pub mod realm;
mod rejection;
mod sealed;
pub mod settlement;
pub mod signer;
#[cfg(test)]
pub(crate) mod story;
mod stream;
pub mod subject;
pub mod subscription;
mod time;
pub mod token;
pub mod user;
pub mod wallet;
pub mod webhook;
pub mod withdrawal;

pub use amount::{AMOUNT_MINOR_MAX, AmountRejection};
pub(crate) use bytes::readable;
pub use calendar::{Day, Month, ParseDayError};
pub use command::{Command, Context, Due, decide, decide_due, is_about_identity, whose_dues};
pub use event::{Event, apply};
pub use ids::{
    AddressId, AuthorizationId, CardId, DeliveryId, DepositId, Digest, DocumentId, ListingId, MerchantId,
    OrderNumber, ParseOrderNumberError, ParsePaymentIdError, PaymentId, PayoutId, SecretId, SettlementId,
    UserId, WithdrawalId,
};
pub use party::PartyRejection;
pub use rejection::Rejection;
pub use sealed::{ParseSubjectError, Sealed, Subject};
pub use stream::{ParseStreamError, StreamId};
pub use time::{ParseTimestampError, Span, Timestamp};
