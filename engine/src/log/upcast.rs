//! Shapes that bodies were once stored in, and what they are today. Nothing here is ever changed.

use serde::Deserialize;

use crate::{
    books::Entry,
    domain::{
        MerchantId, PaymentId, Sealed, Timestamp, UserId,
        payment::{Authorized, Captured, Created, Means, Origin, Purpose, Source},
        token, user,
    },
    money::{Currency, Money},
};

/// `payment.created`, schema 1: every payment was a sale.
#[derive(Deserialize)]
pub(super) struct CreatedV1 {
    payment: PaymentId,
    merchant: MerchantId,
    amount: Money,
    tax: Money,
    method_fee: Money,
    origin: Origin,
    deadline: Timestamp,
    private: Option<Sealed>,
}

impl From<CreatedV1> for Created {
    fn from(old: CreatedV1) -> Self {
        let CreatedV1 { payment, merchant, amount, tax, method_fee, origin, deadline, private } = old;
        let purpose = Purpose::Sale;
        Self { payment, merchant, purpose, amount, tax, method_fee, origin, deadline, private }
    }
}

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

/// `payment.authorized`, schema 1: only cards were authorised.
#[derive(Deserialize)]
pub(super) struct AuthorizedV1 {
    payment: PaymentId,
    means: Means,
    amount: Money,
}

impl From<AuthorizedV1> for Authorized {
    fn from(old: AuthorizedV1) -> Self {
        let AuthorizedV1 { payment, means, amount } = old;
        Self { payment, source: Source::Rail(means), amount, entry: Entry::default() }
    }
}

/// `token.registered`, schema 1: every token was issued by its tenant.
#[derive(Deserialize)]
pub(super) struct TokenRegisteredV1 {
    token: Currency,
    tenant: MerchantId,
    is_transferable: bool,
}

impl From<TokenRegisteredV1> for token::Registered {
    fn from(old: TokenRegisteredV1) -> Self {
        let TokenRegisteredV1 { token, tenant, is_transferable } = old;
        Self { token, tenant, is_transferable, network: None }
    }
}

/// `user.registered`, schema 1: nothing was known of anybody but a number.
#[derive(Deserialize)]
pub(super) struct UserRegisteredV1 {
    user: UserId,
    tenant: MerchantId,
}

impl From<UserRegisteredV1> for user::Registered {
    fn from(old: UserRegisteredV1) -> Self {
        let UserRegisteredV1 { user, tenant } = old;
        Self { user, tenant, client: None, profile: None }
    }
}
