//! Identifiers: every one its own type, made at the edge and handed in.

use serde::{Deserialize, Deserializer, Serialize};

use crate::spelled;

/// A merchant, and so a tenant: counted from 1 in the order of registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MerchantId(pub u32);

/// A user of a merchant: counted from 1 in the order of registration, over all merchants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UserId(pub u32);

/// A settlement: counted from 1 in the order they were made, over all merchants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SettlementId(pub u32);

/// A payout: counted from 1 in the order they were sent, over all merchants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PayoutId(pub u32);

/// A listing of a merchant's marketplace: counted from 1 in the order they were made, over all merchants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ListingId(pub u32);

/// An address on a chain that deposits are sent to: counted from 1, over all networks and tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AddressId(pub u32);

/// Coins that arrived on a chain: counted from 1 in the order they were seen, over all networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DepositId(pub u32);

/// Coins on their way out to a chain: counted from 1 in the order they were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WithdrawalId(pub u32);

/// A card issued to a user: counted from 1 in the order they were issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CardId(pub u32);

/// An authorisation on an issued card: counted from 1 in the order they were made, over all cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AuthorizationId(pub u32);

/// The number that `text` writes in its only way; none for 0, signs and leading zeros.
pub(super) fn counted(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}

impl std::fmt::Display for MerchantId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for MerchantId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("a merchant id is a whole number from 1")
    }
}

impl std::fmt::Display for UserId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for UserId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("a user id is a whole number from 1")
    }
}

impl std::fmt::Display for SettlementId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Display for PayoutId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for PayoutId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("a payout id is a whole number from 1")
    }
}

impl std::fmt::Display for ListingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for ListingId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("a listing id is a whole number from 1")
    }
}

impl std::fmt::Display for AddressId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for AddressId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("an address id is a whole number from 1")
    }
}

impl std::fmt::Display for DepositId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for DepositId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("a deposit id is a whole number from 1")
    }
}

impl std::fmt::Display for WithdrawalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for WithdrawalId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("a withdrawal id is a whole number from 1")
    }
}

impl std::fmt::Display for CardId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for CardId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("a card id is a whole number from 1")
    }
}

impl std::fmt::Display for AuthorizationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for AuthorizationId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        counted(text).map(Self).ok_or("an authorization id is a whole number from 1")
    }
}

/// 25 of `A-Z`, `a-z` and `0-9`, drawn at random; the documents' `payment_id`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct PaymentId([u8; 25]);

/// The text is not a payment id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a payment id is 25 letters and digits")]
pub struct ParsePaymentIdError;

impl PaymentId {
    /// The letters an id is made of.
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// The id that `random` bytes spell. Bytes of 248 and above are passed over, so that no letter is
    /// likelier than another; `None` when fewer than 25 are left.
    pub fn from_random(random: &[u8]) -> Option<Self> {
        let mut fair = random.iter().filter(|byte| **byte < 248);
        let mut id = [0; 25];
        for letter in &mut id {
            *letter = Self::ALPHABET[usize::from(*fair.next()?) % 62];
        }
        Some(Self(id))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("payment ids are made from ASCII only")
    }

    /// The documents' `transaction`: the first 11 letters.
    pub fn transaction(&self) -> &str {
        &self.as_str()[..11]
    }
}

impl std::str::FromStr for PaymentId {
    type Err = ParsePaymentIdError;

    fn from_str(text: &str) -> Result<Self, ParsePaymentIdError> {
        let id = text.as_bytes().try_into().map_err(|_| ParsePaymentIdError)?;
        if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self(id))
        } else {
            Err(ParsePaymentIdError)
        }
    }
}

impl<'de> Deserialize<'de> for PaymentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        spelled::read(deserializer, "a payment id")
    }
}

impl From<PaymentId> for String {
    fn from(id: PaymentId) -> Self {
        id.as_str().to_owned()
    }
}

impl std::fmt::Display for PaymentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for PaymentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// An order: `ORD-` and 8 of `A-Z` and `0-9`, drawn at random; the documents' `order_number`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderNumber([u8; 8]);

/// The text is not an order number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order number is ORD- and 8 capital letters and digits")]
pub struct ParseOrderNumberError;

impl OrderNumber {
    /// The letters a number is made of.
    const ALPHABET: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// The number that `random` bytes spell. Bytes of 252 and above are passed over, so that no letter is
    /// likelier than another; `None` when fewer than 8 are left.
    pub fn from_random(random: &[u8]) -> Option<Self> {
        let mut fair = random.iter().filter(|byte| **byte < 252);
        let mut number = [0; 8];
        for letter in &mut number {
            *letter = Self::ALPHABET[usize::from(*fair.next()?) % 36];
        }
        Some(Self(number))
    }

    /// The 8 letters behind `ORD-`.
    pub fn letters(&self) -> &str {
        std::str::from_utf8(&self.0).expect("order numbers are made from ASCII only")
    }
}

impl std::str::FromStr for OrderNumber {
    type Err = ParseOrderNumberError;

    fn from_str(text: &str) -> Result<Self, ParseOrderNumberError> {
        let letters = text.strip_prefix("ORD-").ok_or(ParseOrderNumberError)?;
        let number = letters.as_bytes().try_into().map_err(|_| ParseOrderNumberError)?;
        let plain = letters.bytes().all(|byte| Self::ALPHABET.contains(&byte));
        if plain { Ok(Self(number)) } else { Err(ParseOrderNumberError) }
    }
}

impl TryFrom<String> for OrderNumber {
    type Error = ParseOrderNumberError;

    fn try_from(text: String) -> Result<Self, ParseOrderNumberError> {
        text.parse()
    }
}

impl From<OrderNumber> for String {
    fn from(number: OrderNumber) -> Self {
        number.to_string()
    }
}

impl std::fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ORD-{}", self.letters())
    }
}

impl std::fmt::Debug for OrderNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// One notification owed to a merchant: the payment it tells of, and which of that payment's it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryId {
    /// The payment told of.
    pub payment: PaymentId,
    /// Counted from 1 within the payment.
    pub number: u16,
}

impl std::fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.payment, self.number)
    }
}

impl std::str::FromStr for DeliveryId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "a delivery id is a payment id, a dash and a number";
        let (payment, number) = text.split_once('-').ok_or(WRONG)?;
        let id =
            Self { payment: payment.parse().map_err(|_| WRONG)?, number: number.parse().map_err(|_| WRONG)? };
        // One id, one text: neither `007` nor `+7` is how 7 is printed, and there is no 0th.
        if id.number == 0 || id.to_string() != text { Err(WRONG) } else { Ok(id) }
    }
}

/// A document that a user handed in: 16 random bytes, printed as 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentId(#[serde(serialize_with = "super::bytes::readable")] pub [u8; 16]);

impl std::fmt::Display for DocumentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::hex(&self.0))
    }
}

impl std::str::FromStr for DocumentId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        from_hex(text).map(Self).ok_or("a document id is 32 lower-case hex digits")
    }
}

/// Where in the vault a merchant's HMAC secret is kept; drawn at random by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SecretId(#[serde(serialize_with = "super::bytes::readable")] pub [u8; 16]);

/// The SHA-256 of a secret (an access key, a client secret), or a keyed hash of something private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(#[serde(serialize_with = "super::bytes::readable")] pub [u8; 32]);

impl Digest {
    /// The digest that 64 lower-case hex digits write.
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

/// The bytes that `text` writes in lower-case hex digits, two each.
fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_plain = text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != 2 * N || !is_plain {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_id_is_25_letters_and_digits() {
        let sample: PaymentId = "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap();
        assert_eq!(sample.transaction(), "AIYmQIOAz0G", "as in the document's sample");
        for wrong in [
            "",
            "AIYmQIOAz0GlmsjfhgiOeu30",
            "AIYmQIOAz0GlmsjfhgiOeu3045",
            "AIYmQIOAz0GlmsjfhgiOeu30-",
            "ＡAIYmQIOAz0GlmsjfhgiOeu3",
        ] {
            assert_eq!(wrong.parse::<PaymentId>(), Err(ParsePaymentIdError), "{wrong:?}");
        }
    }

    #[test]
    fn an_order_number_is_ord_and_8_capitals_and_digits() {
        let sample = "ORD-AB12CD34";
        assert_eq!(sample.parse::<OrderNumber>().unwrap().to_string(), sample);
        for wrong in ["", "ORD-", "ORD-AB12CD3", "ORD-AB12CD345", "ORD-ab12cd34", "ord-AB12CD34", "AB12CD34"]
        {
            assert_eq!(wrong.parse::<OrderNumber>(), Err(ParseOrderNumberError), "{wrong:?}");
        }
        assert_eq!(OrderNumber::from_random(&[255; 64]), None);
        assert_eq!(OrderNumber::from_random(&[251; 8]).unwrap().to_string(), "ORD-99999999");
    }

    #[test]
    fn random_bytes_that_would_favour_a_letter_are_passed_over() {
        assert_eq!(PaymentId::from_random(&[255; 64]), None);
        let mut random = [248; 30];
        random[..25].copy_from_slice(&[247; 25]);
        assert_eq!(PaymentId::from_random(&random).unwrap().as_str(), "9".repeat(25));
    }
}
