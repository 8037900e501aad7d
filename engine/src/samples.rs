//! What the tests of several modules send: a shop's registration, a payment's creation, and ids that count.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    domain::{
        Digest, MerchantId, PaymentId, Sealed, SecretId, Subject, UserId,
        chain::{ChainAddress, ChainHash, Output},
        merchant, payment, signer,
    },
    money::Money,
    proof::{Origin, SecretKey, endorsed_text},
    vault::Random,
};

/// A shop that has not yet been registered.
pub(crate) fn register(mode: merchant::Mode) -> merchant::Command {
    merchant::Command::Register {
        name: "Shop".into(),
        access_key: Digest([1; 32]),
        client_id: "client".into(),
        client_secret: Digest([2; 32]),
        secret: SecretId([3; 16]),
        signature_required: false,
        mode,
    }
}

/// The payment with this number.
pub(crate) fn payment_id(number: u64) -> PaymentId {
    format!("P{number:024}").parse().expect("25 letters and digits")
}

/// A payment without tax, fee or anything private.
pub(crate) fn create(number: u64, merchant: MerchantId, amount: Money) -> payment::Create {
    let nothing = Money::zero(amount.currency);
    payment::Create {
        payment: payment_id(number),
        merchant,
        purpose: payment::Purpose::Sale,
        amount,
        tax: nothing,
        method_fee: nothing,
        origin: payment::Origin::ItoPayment,
        private: None,
    }
}

/// The address with this number.
pub(crate) fn chain_address(number: u64) -> ChainAddress {
    format!("0Q{number:046}").parse().expect("48 letters and digits")
}

/// The hash with this number.
pub(crate) fn chain_hash(number: u64) -> ChainHash {
    format!("{number:064x}").parse().expect("32 bytes")
}

/// The first output of the transaction with this number.
pub(crate) fn output(number: u64) -> Output {
    Output { transaction: chain_hash(number), index: 0 }
}

/// Something about a user that nobody here can read.
pub(crate) fn sealed(user: u32) -> Sealed {
    Sealed { subject: Subject::User(UserId(user)), bytes: vec![7; 48] }
}

/// Random bytes for tests: no two alike, and the same in every run.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Counting {
    /// The next number.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.next().to_le_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, digit)| *byte = *digit);
    }
}

/// A key that signs, by its number.
pub(crate) fn secret_key(number: u8) -> SecretKey {
    SecretKey::of_seed(&[number; 32])
}

/// The wish to sign with `key` from now on, as number `number`, vouched for by `by`; key 1 was the first.
pub(crate) fn adopt_key(number: u32, key: u8, by: Option<u8>) -> signer::Command {
    let (origin, key) = (Origin::of(&secret_key(1).public()), secret_key(key).public());
    let text = endorsed_text(origin, number, &key);
    let endorsement = by.map(|by| secret_key(by).sign(text.as_bytes()));
    signer::Command::AdoptKey { number, key, endorsement }
}
