//! Facts about custom tokens. Bodies are stored: a changed shape is a new schema.

use serde::{Deserialize, Serialize};

use crate::{
    books::Label,
    domain::{MerchantId, StreamId},
    money::Currency,
};

/// A fact about a custom token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A token was registered.
    Registered(Registered),
}

/// A token was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The currency it is from now on.
    pub token: Currency,
    /// Whose it is.
    pub tenant: MerchantId,
    /// Whether holders may give it to one another.
    pub is_transferable: bool,
    /// The network it lives on; without one, its tenant issues it.
    pub network: Option<Label>,
}

impl Event {
    /// `merchant-{merchant id}`: tokens are part of what a tenant has set up.
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Registered(event) => StreamId::Merchant(event.tenant),
        }
    }
}
