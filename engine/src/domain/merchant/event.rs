//! Facts about a merchant.

use serde::{Deserialize, Serialize};

use super::{Deadlines, Mode, Plan, Terms};
use crate::domain::{Digest, MerchantId, SecretId, StreamId, Timestamp, kyc::Form};

/// A fact about a merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A merchant was registered.
    Registered(Registered),
    /// The service mode was selected.
    ModeSet(ModeSet),
    /// Terms were agreed on.
    TermsSet(TermsSet),
    /// An HMAC secret was issued.
    SecretIssued(SecretIssued),
    /// The deadlines of its orders were agreed on.
    OrderDeadlinesSet(OrderDeadlinesSet),
    /// What its users subscribe to was set.
    PlanSet(PlanSet),
    /// An access key was issued.
    AccessKeyIssued(AccessKeyIssued),
    /// An OAuth client secret was issued.
    ClientSecretIssued(ClientSecretIssued),
    /// A public OAuth client was registered.
    ClientRegistered(ClientRegistered),
    /// What its users are asked was set.
    KycFormSet(KycFormSet),
}

/// A merchant was registered, with its first HMAC secret, number 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The next free number.
    pub merchant: MerchantId,
    /// The business name.
    pub name: String,
    /// SHA-256 of the access key.
    pub access_key: Digest,
    /// The OAuth client id.
    pub client_id: String,
    /// SHA-256 of the OAuth client secret.
    pub client_secret: Digest,
    /// Where its first HMAC secret is kept.
    pub secret: SecretId,
    /// Whether every request must be signed.
    pub signature_required: bool,
    /// The service mode to begin with.
    pub mode: Mode,
    /// The terms to begin with.
    pub terms: Terms,
}

/// The service mode was selected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeSet {
    /// Whose.
    pub merchant: MerchantId,
    /// To what.
    pub mode: Mode,
}

/// Terms were agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsSet {
    /// Whose.
    pub merchant: MerchantId,
    /// Replacing the earlier ones whole.
    pub terms: Terms,
}

/// An HMAC secret was issued; the secret itself is sealed in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretIssued {
    /// Whose.
    pub merchant: MerchantId,
    /// Counted from 1 within the merchant.
    pub number: u32,
    /// Where it is kept.
    pub secret: SecretId,
    /// Until when earlier secrets are still accepted, by the wall clock.
    pub earlier_until: Timestamp,
}

/// The deadlines of its orders were agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDeadlinesSet {
    /// Whose.
    pub merchant: MerchantId,
    /// Replacing the earlier ones, of steps to come.
    pub deadlines: Deadlines,
}

/// What its users subscribe to was set, for the months billed from then on. Before, it is the plan of
/// [`Plan::default`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSet {
    /// Whose.
    pub merchant: MerchantId,
    /// Replacing the earlier one.
    pub plan: Plan,
}

/// An access key was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeyIssued {
    /// Whose.
    pub merchant: MerchantId,
    /// SHA-256 of it.
    pub access_key: Digest,
    /// Until when earlier keys are still accepted, by the wall clock.
    pub earlier_until: Timestamp,
}

/// An OAuth client secret was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecretIssued {
    /// Whose.
    pub merchant: MerchantId,
    /// SHA-256 of it.
    pub client_secret: Digest,
    /// Until when earlier secrets are still accepted, by the wall clock.
    pub earlier_until: Timestamp,
}

/// A public OAuth client was registered: an app that users of the merchant may authorise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRegistered {
    /// Whose.
    pub merchant: MerchantId,
    /// The OAuth client id.
    pub client_id: String,
    /// What users are told it is called.
    pub name: String,
    /// Where users may be sent back to.
    pub redirect_uris: Vec<String>,
}

/// What its users are asked was set. Before, it is the form of [`Form::default`], version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KycFormSet {
    /// Whose.
    pub merchant: MerchantId,
    /// Counted from 1 within the merchant.
    pub version: u32,
    /// Replacing the earlier one.
    pub form: Form,
}

impl Event {
    /// `merchant-{merchant id}`.
    pub fn stream(&self) -> StreamId {
        StreamId::Merchant(match self {
            Self::Registered(event) => event.merchant,
            Self::ModeSet(event) => event.merchant,
            Self::TermsSet(event) => event.merchant,
            Self::SecretIssued(event) => event.merchant,
            Self::OrderDeadlinesSet(event) => event.merchant,
            Self::PlanSet(event) => event.merchant,
            Self::AccessKeyIssued(event) => event.merchant,
            Self::ClientSecretIssued(event) => event.merchant,
            Self::ClientRegistered(event) => event.merchant,
            Self::KycFormSet(event) => event.merchant,
        })
    }
}
