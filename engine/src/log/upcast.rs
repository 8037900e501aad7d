//! Shapes that bodies were once stored in, and what they are today. Nothing here is ever changed.

use serde::Deserialize;

use crate::{
    books::Entry,
    domain::{
        MerchantId, PaymentId,
        payment::{Captured, Means, Source},
    },
    money::Money,
};

/// `payment.captured`, schema 1: money came by rails only.
#[derive(Deserialize)]
pub(super) struct CapturedV1 {
    payment: PaymentId,
    merchant: MerchantId,
    means: Means,
    total: Money,
    method_fee: Money,
    charge: Money,
    received: Money,
    entry: Entry,
}

impl From<CapturedV1> for Captured {
    fn from(old: CapturedV1) -> Self {
        let CapturedV1 { payment, merchant, means, total, method_fee, charge, received, entry } = old;
        Self { payment, merchant, source: Source::Rail(means), total, method_fee, charge, received, entry }
    }
}
