//! Streams: every event stands in one, named `category-id`, with revisions counted from 0.

use serde::{Deserialize, Serialize};

use super::{DeliveryId, MerchantId, PaymentId};
use crate::books::{Label, Realm};

/// The stream of one aggregate; printed as an EventStore user expects, such as `merchant-7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StreamId {
    /// `payment-{payment id}`
    Payment(PaymentId),
    /// `merchant-{merchant id}`
    Merchant(MerchantId),
    /// `webhook-{payment id}-{number}`
    Webhook(DeliveryId),
    /// `realm-live`, `realm-test-{merchant id}`
    Realm(Realm),
    /// `rail-{rail}`
    Rail(Label),
}

/// The text names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no stream")]
pub struct ParseStreamError(pub String);

impl std::fmt::Display for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Payment(payment) => write!(f, "payment-{payment}"),
            Self::Merchant(merchant) => write!(f, "merchant-{merchant}"),
            Self::Webhook(delivery) => write!(f, "webhook-{delivery}"),
            Self::Realm(realm) => write!(f, "realm-{realm}"),
            Self::Rail(rail) => write!(f, "rail-{rail}"),
        }
    }
}

impl std::str::FromStr for StreamId {
    type Err = ParseStreamError;

    fn from_str(text: &str) -> Result<Self, ParseStreamError> {
        let unknown = || ParseStreamError(text.to_owned());
        let (category, id) = text.split_once('-').ok_or_else(unknown)?;
        match category {
            "payment" => id.parse().ok().map(Self::Payment),
            "merchant" => id.parse().ok().map(Self::Merchant),
            "webhook" => id.parse().ok().map(Self::Webhook),
            "realm" => id.parse().ok().map(Self::Realm),
            "rail" => id.parse().ok().map(Self::Rail),
            _ => None,
        }
        .ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stream_parses_back_from_its_name() {
        let payment: PaymentId = "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap();
        for stream in [
            StreamId::Payment(payment),
            StreamId::Merchant(MerchantId(7)),
            StreamId::Webhook(DeliveryId { payment, number: 1 }),
            StreamId::Realm(Realm::Live),
            StreamId::Realm(Realm::Test(MerchantId(7))),
            StreamId::Rail(Label::SANDBOX),
        ] {
            assert_eq!(stream.to_string().parse(), Ok(stream));
        }
        for wrong in ["", "payment", "payment-", "order-1", "merchant-07"] {
            assert!(wrong.parse::<StreamId>().is_err(), "{wrong:?}");
        }
        for number in ["0", "01", "+1", "65536", ""] {
            let wrong = format!("webhook-{payment}-{number}");
            assert!(wrong.parse::<StreamId>().is_err(), "{wrong:?}");
        }
    }
}
