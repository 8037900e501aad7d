//! Personal data as the log sees it: ciphertext under the key of its subject.

use serde::{Deserialize, Serialize};

use super::{Digest, PaymentId, UserId};

/// Whose key seals a piece of personal data; erasing the subject is deleting that key.
/// Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A guest payer, known only by the payment.
    Payment(PaymentId),
    /// A user.
    User(UserId),
    /// Somebody known by a keyed hash only: of a tenant's own name for a customer, or of what coins came with.
    Customer(Digest),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Payment(payment) => write!(f, "payment-{payment}"),
            Self::User(user) => write!(f, "user-{user}"),
            Self::Customer(customer) => write!(f, "customer-{}", crate::hex(&customer.0)),
        }
    }
}

/// The text names no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no subject; that is payment- and its id, or user- and its number")]
pub struct ParseSubjectError(pub String);

impl std::str::FromStr for Subject {
    type Err = ParseSubjectError;

    fn from_str(text: &str) -> Result<Self, ParseSubjectError> {
        let subject = text.split_once('-').and_then(|(kind, id)| match kind {
            "payment" => id.parse().ok().map(Self::Payment),
            "user" => id.parse().ok().map(Self::User),
            "customer" => Digest::from_hex(id).map(Self::Customer),
            _ => None,
        });
        subject.ok_or_else(|| ParseSubjectError(text.to_owned()))
    }
}

/// Sealed bytes (XChaCha20-Poly1305): the nonce, then ciphertext and tag. The log never sees more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Whose key opens it.
    pub subject: Subject,
    /// 24 bytes of nonce, then the ciphertext with its 16-byte tag.
    #[serde(serialize_with = "super::bytes::readable")]
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.subject, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_parses_back_from_its_name() {
        let payment = "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap();
        for subject in
            [Subject::Payment(payment), Subject::User(UserId(5)), Subject::Customer(Digest([0xD5; 32]))]
        {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
        for wrong in ["", "5", "user-", "user-05", "payment-AIY", "merchant-1", "customer-d5"] {
            assert!(wrong.parse::<Subject>().is_err(), "{wrong:?}");
        }
    }
}
