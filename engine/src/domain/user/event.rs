//! Facts about a user. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::domain::{MerchantId, Sealed, StreamId, UserId};

/// A fact about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A user was registered.
    Registered(Registered),
    /// It was closed.
    Closed(Closed),
    /// Who it is was told anew.
    ProfileSet(ProfileSet),
}

/// A user was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// A number of its own.
    pub user: UserId,
    /// Whose user it is.
    pub tenant: MerchantId,
    /// The OAuth client that made it: the documents' `created_by_client_id`. None where the operator did.
    pub client: Option<String>,
    /// Who it is, sealed, as far as that was told.
    pub profile: Option<Sealed>,
}

/// It was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Which user.
    pub user: UserId,
}

/// Who it is was told anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSet {
    /// Which user.
    pub user: UserId,
    /// The whole of it, sealed.
    pub profile: Sealed,
}

impl Event {
    /// `user-{user id}`.
    pub fn stream(&self) -> StreamId {
        StreamId::User(match self {
            Self::Registered(event) => event.user,
            Self::Closed(event) => event.user,
            Self::ProfileSet(event) => event.user,
        })
    }
}
