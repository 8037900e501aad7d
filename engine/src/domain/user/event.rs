//! Facts about a user. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::domain::{MerchantId, StreamId, UserId};

/// A fact about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A user was registered.
    Registered(Registered),
    /// It was closed.
    Closed(Closed),
}

/// A user was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The next free number.
    pub user: UserId,
    /// Whose user it is.
    pub tenant: MerchantId,
}

/// It was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Which user.
    pub user: UserId,
}

impl Event {
    /// `user-{user id}`.
    pub fn stream(&self) -> StreamId {
        StreamId::User(match self {
            Self::Registered(event) => event.user,
            Self::Closed(event) => event.user,
        })
    }
}
