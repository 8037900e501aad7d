//! Facts about issued cards. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use super::CardToken;
use crate::{
    books::{Entry, Label, Realm},
    domain::{AuthorizationId, CardId, MerchantId, StreamId, Timestamp, UserId, payment::CardSummary},
    money::{Currency, Money},
};

/// A fact about an issued card, told in the card's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was issued.
    Issued(Issued),
    /// It was blocked.
    Blocked(Blocked),
    /// It was unblocked.
    Unblocked(Unblocked),
    /// It was closed.
    Closed(Closed),
    /// Money was set aside on it.
    Authorized(Authorized),
    /// More was set aside.
    AuthorizationIncreased(AuthorizationIncreased),
    /// What was set aside was given back.
    Reversed(Reversed),
    /// The scheme collected.
    Cleared(Cleared),
    /// What nobody collected was given back.
    AuthorizationExpired(AuthorizationExpired),
    /// The scheme brought money back.
    Refunded(Refunded),
}

/// It was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Counted from 1 over all users.
    pub card: CardId,
    /// In which realm.
    pub realm: Realm,
    /// Whose user the holder is.
    pub tenant: MerchantId,
    /// Who holds it.
    pub user: UserId,
    /// The rail that issued it.
    pub rail: Label,
    /// What the rail calls it.
    pub token: CardToken,
    /// Its scheme, last four digits and month of expiry.
    pub summary: CardSummary,
    /// Which of the user's wallets it spends from.
    pub currency: Currency,
}

/// It was blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// Which card.
    pub card: CardId,
}

/// It was unblocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unblocked {
    /// Which card.
    pub card: CardId,
}

/// It was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Which card.
    pub card: CardId,
}

/// Money was set aside on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorized {
    /// On which card.
    pub card: CardId,
    /// Counted from 1 over all cards.
    pub authorization: AuthorizationId,
    /// How much.
    pub amount: Money,
    /// When it is given back, unless something is cleared before.
    pub expires_at: Timestamp,
    /// Dr wallet · Cr wallet-held.
    pub entry: Entry,
}

/// More was set aside; the seven days go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationIncreased {
    /// On which card.
    pub card: CardId,
    /// Which authorisation.
    pub authorization: AuthorizationId,
    /// How much more.
    pub amount: Money,
    /// What is held after it.
    pub held: Money,
    /// Dr wallet · Cr wallet-held.
    pub entry: Entry,
}

/// What was set aside was given back, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversed {
    /// On which card.
    pub card: CardId,
    /// Which authorisation.
    pub authorization: AuthorizationId,
    /// How much.
    pub amount: Money,
    /// What is held after it.
    pub held: Money,
    /// Dr wallet-held · Cr receivable what the user owes by now, wallet the rest.
    pub entry: Entry,
}

/// The scheme collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    /// On which card.
    pub card: CardId,
    /// Which authorisation.
    pub authorization: AuthorizationId,
    /// How much.
    pub amount: Money,
    /// What of it was no longer held.
    pub excess: Money,
    /// What is held after it.
    pub held: Money,
    /// When that is given back, unless more is cleared before; `None` where nothing is held.
    pub expires_at: Option<Timestamp>,
    /// Dr wallet-held, then for the excess wallet, then receivable · Cr rail.
    pub entry: Entry,
}

/// Seven days went by without a clearing: what was left was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationExpired {
    /// On which card.
    pub card: CardId,
    /// Which authorisation.
    pub authorization: AuthorizationId,
    /// How much.
    pub amount: Money,
    /// Dr wallet-held · Cr receivable what the user owes by now, wallet the rest.
    pub entry: Entry,
}

/// The scheme brought money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// To which card.
    pub card: CardId,
    /// How much.
    pub amount: Money,
    /// Dr rail · Cr receivable what the user owes by now, wallet the rest.
    pub entry: Entry,
}

impl Event {
    /// Which card it is about.
    pub const fn card(&self) -> CardId {
        match self {
            Self::Issued(event) => event.card,
            Self::Blocked(event) => event.card,
            Self::Unblocked(event) => event.card,
            Self::Closed(event) => event.card,
            Self::Authorized(event) => event.card,
            Self::AuthorizationIncreased(event) => event.card,
            Self::Reversed(event) => event.card,
            Self::Cleared(event) => event.card,
            Self::AuthorizationExpired(event) => event.card,
            Self::Refunded(event) => event.card,
        }
    }

    /// Which authorisation it is about, if it is about one.
    pub const fn authorization(&self) -> Option<AuthorizationId> {
        match self {
            Self::Issued(_) | Self::Blocked(_) | Self::Unblocked(_) | Self::Closed(_) | Self::Refunded(_) => {
                None
            }
            Self::Authorized(event) => Some(event.authorization),
            Self::AuthorizationIncreased(event) => Some(event.authorization),
            Self::Reversed(event) => Some(event.authorization),
            Self::Cleared(event) => Some(event.authorization),
            Self::AuthorizationExpired(event) => Some(event.authorization),
        }
    }

    /// `card-{card id}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::Card(self.card())
    }

    /// What the event posts.
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Issued(_) | Self::Blocked(_) | Self::Unblocked(_) | Self::Closed(_) => None,
            Self::Authorized(event) => Some(&event.entry),
            Self::AuthorizationIncreased(event) => Some(&event.entry),
            Self::Reversed(event) => Some(&event.entry),
            Self::Cleared(event) => Some(&event.entry),
            Self::AuthorizationExpired(event) => Some(&event.entry),
            Self::Refunded(event) => Some(&event.entry),
        }
    }
}
