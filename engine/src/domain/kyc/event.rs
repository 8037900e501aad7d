//! Facts about what a user was asked. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::domain::{Digest, DocumentId, Sealed, StreamId, UserId};

/// A fact about what a user was asked, told in the user's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Answers were kept.
    Saved(Saved),
    /// They were handed in.
    Submitted(Submitted),
    /// They were accepted.
    Approved(Approved),
    /// They were sent back.
    Rejected(Rejected),
}

/// What kind of document it is, by its content. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaType {
    /// `image/jpeg`.
    Jpeg,
    /// `image/png`.
    Png,
    /// `application/pdf`.
    Pdf,
}

impl MediaType {
    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }
}

/// A document that came with answers. It is sealed in the vault, under its user's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which.
    pub document: DocumentId,
    /// SHA-256 of the sealed bytes, which tells nothing of what they say.
    pub hash: Digest,
    /// What it is.
    pub media_type: MediaType,
    /// How long it is, before it was sealed.
    pub length_bytes: u32,
}

/// Answers were kept, in place of all earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Whose.
    pub user: UserId,
    /// The version of the tenant's form that they answer.
    pub form: u32,
    /// All of them, sealed.
    pub answers: Sealed,
    /// Those that came with them.
    pub documents: Vec<Document>,
}

/// The answers were handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// Whose.
    pub user: UserId,
}

/// The answers were accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Whose.
    pub user: UserId,
}

/// The answers were sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Whose.
    pub user: UserId,
    /// Why, sealed.
    pub reason: Sealed,
}

impl Event {
    /// Whose.
    pub const fn user(&self) -> UserId {
        match self {
            Self::Saved(event) => event.user,
            Self::Submitted(event) => event.user,
            Self::Approved(event) => event.user,
            Self::Rejected(event) => event.user,
        }
    }

    /// `user-{user id}`.
    pub const fn stream(&self) -> StreamId {
        StreamId::User(self.user())
    }
}
