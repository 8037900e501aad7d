//! Streams: every event stands in one, named `category-id`, with revisions counted from 0.

use serde::{Deserialize, Serialize};

use super::{
    CardId, DeliveryId, DepositId, Digest, ListingId, MerchantId, OrderNumber, PaymentId, PayoutId, UserId,
    WithdrawalId, ids::counted,
};
use crate::{
    books::{Holder, Label, Realm},
    money::Currency,
};

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
    /// `user-{user id}`
    User(UserId),
    /// `points-{user id}-{realm}`
    Points(UserId, Realm),
    /// `wallet-{holder}-{realm}`, such as `wallet-user-5-test-1`
    Wallet(Holder, Realm),
    /// `settlement-{merchant id}-{currency}-{realm}`, such as `settlement-1-USD-live`
    Settlement(MerchantId, Currency, Realm),
    /// `payout-{payout id}`
    Payout(PayoutId),
    /// `listing-{listing id}`
    Listing(ListingId),
    /// `order-{order number}`, such as `order-ORD-AB12CD34`
    Order(OrderNumber),
    /// `chain-{network}`
    Chain(Label),
    /// `deposit-{deposit id}`
    Deposit(DepositId),
    /// `withdrawal-{withdrawal id}`
    Withdrawal(WithdrawalId),
    /// `card-{card id}`
    Card(CardId),
    /// `subscription-{user id}-{realm}`
    Subscription(UserId, Realm),
    /// `signer-ledger`: the keys that sign for all of it
    Signer,
    /// `subject-{customer}`, for somebody known by a keyed hash only
    Subject(Digest),
}

/// The text names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no stream")]
pub struct ParseStreamError(pub String);

impl StreamId {
    /// Appends the name. It is part of every event that is recorded, so it does not go the way of `Display`, which
    /// takes longer than to hash the record.
    pub fn append_name(&self, out: &mut Vec<u8>) {
        let name = Name(out);
        match self {
            Self::Payment(payment) => name.text("payment-").text(payment.as_str()),
            Self::Merchant(merchant) => name.text("merchant-").number(merchant.0),
            Self::Webhook(delivery) => {
                let payment = name.text("webhook-").text(delivery.payment.as_str());
                payment.text("-").number(delivery.number.into())
            }
            Self::Realm(realm) => name.text("realm-").realm(*realm),
            Self::Rail(rail) => name.text("rail-").text(rail.as_str()),
            Self::User(user) => name.text("user-").number(user.0),
            Self::Points(user, realm) => name.text("points-").number(user.0).text("-").realm(*realm),
            Self::Wallet(holder, realm) => name.text("wallet-").holder(*holder).text("-").realm(*realm),
            Self::Settlement(merchant, currency, realm) => {
                let merchant = name.text("settlement-").number(merchant.0);
                merchant.text("-").text(&currency.code()).text("-").realm(*realm)
            }
            Self::Payout(payout) => name.text("payout-").number(payout.0),
            Self::Listing(listing) => name.text("listing-").number(listing.0),
            Self::Order(order) => name.text("order-").text(&order.to_string()),
            Self::Chain(network) => name.text("chain-").text(network.as_str()),
            Self::Deposit(deposit) => name.text("deposit-").number(deposit.0),
            Self::Withdrawal(withdrawal) => name.text("withdrawal-").number(withdrawal.0),
            Self::Card(card) => name.text("card-").number(card.0),
            Self::Signer => name.text("signer-ledger"),
            Self::Subscription(user, realm) => {
                name.text("subscription-").number(user.0).text("-").realm(*realm)
            }
            Self::Subject(customer) => name.text("subject-").text(&crate::hex(&customer.0)),
        };
    }
}

/// A name being written.
struct Name<'a>(&'a mut Vec<u8>);

impl Name<'_> {
    fn text(self, text: &str) -> Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn number(self, number: u32) -> Self {
        self.text(itoa::Buffer::new().format(number))
    }

    fn realm(self, realm: Realm) -> Self {
        match realm {
            Realm::Live => self.text("live"),
            Realm::Test(tenant) => self.text("test-").number(tenant.0),
        }
    }

    fn holder(self, holder: Holder) -> Self {
        match holder {
            Holder::User(user) => self.text("user-").number(user.0),
            Holder::Merchant(merchant) => self.text("merchant-").number(merchant.0),
        }
    }
}

impl std::fmt::Display for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut name = Vec::new();
        self.append_name(&mut name);
        f.write_str(&String::from_utf8_lossy(&name))
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
            "user" => id.parse().ok().map(Self::User),
            "points" => numbered(id).map(|(user, realm)| Self::Points(UserId(user), realm)),
            "wallet" => wallet(id),
            "settlement" => settlement(id),
            "payout" => id.parse().ok().map(Self::Payout),
            "listing" => id.parse().ok().map(Self::Listing),
            "order" => id.parse().ok().map(Self::Order),
            "chain" => id.parse().ok().map(Self::Chain),
            "deposit" => id.parse().ok().map(Self::Deposit),
            "withdrawal" => id.parse().ok().map(Self::Withdrawal),
            "card" => id.parse().ok().map(Self::Card),
            "signer" => (id == "ledger").then_some(Self::Signer),
            "subscription" => numbered(id).map(|(user, realm)| Self::Subscription(UserId(user), realm)),
            "subject" => Digest::from_hex(id).map(Self::Subject),
            _ => None,
        }
        .ok_or_else(unknown)
    }
}

/// A number, a dash and a realm.
fn numbered(text: &str) -> Option<(u32, Realm)> {
    let (number, realm) = text.split_once('-')?;
    Some((counted(number)?, realm.parse().ok()?))
}

fn wallet(text: &str) -> Option<StreamId> {
    let (kind, rest) = text.split_once('-')?;
    let (number, realm) = numbered(rest)?;
    let holder = match kind {
        "user" => Holder::User(UserId(number)),
        "merchant" => Holder::Merchant(MerchantId(number)),
        _ => return None,
    };
    Some(StreamId::Wallet(holder, realm))
}

/// Codes of currencies have dashes too, so the realm is what stands at the end.
fn settlement(text: &str) -> Option<StreamId> {
    let (merchant, rest) = text.split_once('-')?;
    let at = rest.strip_suffix("-live").map(str::len).or_else(|| rest.rfind("-test-"))?;
    let (currency, realm) = (Currency::from_code(&rest[..at])?, rest[at + 1..].parse().ok()?);
    Some(StreamId::Settlement(merchant.parse().ok()?, currency, realm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Token;

    #[test]
    fn every_stream_parses_back_from_its_name() {
        let payment: PaymentId = "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap();
        let token = Currency::Token(Token::new(1, 18).unwrap());
        for stream in [
            StreamId::Payment(payment),
            StreamId::Merchant(MerchantId(7)),
            StreamId::Webhook(DeliveryId { payment, number: 1 }),
            StreamId::Realm(Realm::Live),
            StreamId::Realm(Realm::Test(MerchantId(7))),
            StreamId::Rail(Label::SANDBOX),
            StreamId::User(UserId(5)),
            StreamId::Points(UserId(5), Realm::Live),
            StreamId::Points(UserId(5), Realm::Test(MerchantId(7))),
            StreamId::Wallet(Holder::User(UserId(5)), Realm::Test(MerchantId(7))),
            StreamId::Wallet(Holder::Merchant(MerchantId(7)), Realm::Live),
            StreamId::Settlement(MerchantId(7), Currency::Usd, Realm::Live),
            StreamId::Settlement(MerchantId(7), Currency::SgpUsd, Realm::Test(MerchantId(7))),
            StreamId::Settlement(MerchantId(7), token, Realm::Live),
            StreamId::Settlement(MerchantId(7), token, Realm::Test(MerchantId(7))),
            StreamId::Payout(PayoutId(5)),
            StreamId::Listing(ListingId(5)),
            StreamId::Order("ORD-AB12CD34".parse().unwrap()),
            StreamId::Chain("ton".parse().unwrap()),
            StreamId::Deposit(DepositId(5)),
            StreamId::Withdrawal(WithdrawalId(5)),
            StreamId::Card(CardId(5)),
            StreamId::Signer,
            StreamId::Subscription(UserId(5), Realm::Test(MerchantId(7))),
            StreamId::Subject(Digest([0xD5; 32])),
        ] {
            assert_eq!(stream.to_string().parse(), Ok(stream));
        }
        for wrong in [
            "",
            "payment",
            "payment-",
            "order-1",
            "merchant-07",
            "points-5",
            "points-05-live",
            "wallet-5-live",
            "wallet-shop-5-live",
            "settlement-7-USD",
            "settlement-07-USD-live",
            "settlement-7-usd-live",
            "settlement-7--live",
            "settlement-7-USD-test-07",
            "settlement-7-USD-live-live",
            "payout-05",
            "payout-0",
            "signer-1",
            "subject-d5",
        ] {
            assert!(wrong.parse::<StreamId>().is_err(), "{wrong:?}");
        }
        for number in ["0", "01", "+1", "65536", ""] {
            let wrong = format!("webhook-{payment}-{number}");
            assert!(wrong.parse::<StreamId>().is_err(), "{wrong:?}");
        }
    }
}
