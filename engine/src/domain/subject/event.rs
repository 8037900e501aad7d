//! Facts about a subject. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::domain::{StreamId, Subject};

/// A fact about a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its key was deleted: what is sealed under it can never be opened again.
    Erased(Erased),
}

/// Why a subject was erased. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// The operator asked for it.
    Asked,
    /// It had been erased after the backup was taken that this log was restored from.
    Restored,
}

/// Its key was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Whose.
    pub subject: Subject,
    /// Why.
    pub cause: Cause,
}

impl Event {
    /// The subject's own.
    pub const fn stream(&self) -> StreamId {
        let Self::Erased(event) = self;
        stream(event.subject)
    }
}

/// A subject's own stream: `payment-{payment id}`, `user-{user id}`; `subject-{customer}` for whom there is no other.
pub const fn stream(subject: Subject) -> StreamId {
    match subject {
        Subject::Payment(payment) => StreamId::Payment(payment),
        Subject::User(user) => StreamId::User(user),
        Subject::Customer(customer) => StreamId::Subject(customer),
    }
}
