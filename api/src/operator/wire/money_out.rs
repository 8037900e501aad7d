//! Refunds, chargebacks, settlements and payouts on the wire. Amounts are decimal strings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ModeName;

/// A refund.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// How much; all that is left unless given.
    #[serde(default)]
    #[schema(example = "30.00")]
    pub amount: Option<String>,
}

/// What a refund did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RefundAnswer {
    /// Of which payment.
    pub payment_id: String,
    /// In which currency.
    pub currency_code: String,
    /// What went back to the customer.
    pub amount: String,
    /// What of the charge the merchant got back.
    pub charge_returned: String,
    /// The position of the refund in the log.
    pub position: u64,
}

/// A chargeback.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargeBack {
    /// How much was taken back; all that was captured unless given.
    #[serde(default)]
    #[schema(example = "280.00")]
    pub amount: Option<String>,
    /// What the rail asks for the trouble; nothing unless given.
    #[serde(default)]
    #[schema(example = "15.00")]
    pub fee: Option<String>,
    /// The rail that took it; the one that the payment came by unless given.
    #[serde(default)]
    #[schema(example = "sandbox")]
    pub rail: Option<String>,
}

/// What a chargeback did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChargebackAnswer {
    /// Of which payment.
    pub payment_id: String,
    /// In which currency.
    pub currency_code: String,
    /// What was taken back.
    pub amount: String,
    /// What the rail asked for the trouble.
    pub fee: String,
    /// The rail that took both.
    pub rail: String,
    /// What the merchant bears of both; the rest is the platform's expense.
    pub merchant_bears: String,
    /// The position of the chargeback in the log.
    pub position: u64,
}

/// A dispute that was won.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChargebackWonAnswer {
    /// Over which payment.
    pub payment_id: String,
    /// The position of this in the log.
    pub position: u64,
}

/// Days to be closed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// Whose.
    #[schema(example = 1)]
    pub merchant_id: u32,
    /// In which currency.
    #[schema(example = "JPY")]
    pub currency_code: String,
    /// The last of the days, in Asia/Tokyo; yesterday by the realm's clock unless given.
    #[serde(default)]
    #[schema(example = "2026-01-31")]
    pub through: Option<String>,
    /// In the realm of this service mode; of the one that is selected unless given.
    #[serde(default)]
    pub mode: Option<ModeName>,
}

/// A settlement. `carried_in` + `net` = `moved` + `carried_out`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SettlementMade {
    /// Counted from 1, over all merchants.
    pub settlement_id: u32,
    /// Whose.
    pub merchant_id: u32,
    /// In which realm.
    #[schema(example = "test-1")]
    pub realm: String,
    /// In which currency.
    pub currency_code: String,
    /// The first of the days.
    #[schema(example = "2026-01-01")]
    pub from: String,
    /// The last of the days.
    #[schema(example = "2026-01-31")]
    pub through: String,
    /// What happened on these days.
    pub figures: FiguresSeen,
    /// What the figures come to; below zero where more was given back than earned.
    pub net: String,
    /// What the settlement before did not move; below zero where it had too little.
    pub carried_in: String,
    /// What is now ready to be paid out.
    pub moved: String,
    /// What is left for the settlement after.
    pub carried_out: String,
    /// The position of the settlement in the log.
    pub position: u64,
}

/// What happened to a merchant's earnings, none of it below zero.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FiguresSeen {
    /// Captured, less the fees for the method.
    pub gross: String,
    /// The platform's charges on it.
    pub charges: String,
    /// What of them was given back with refunds.
    pub charges_returned: String,
    /// Refunded to customers.
    pub refunds: String,
    /// What the merchant bears of chargebacks.
    pub chargebacks: String,
    /// What it got back for disputes won.
    pub won_back: String,
    /// How much of refunds and chargebacks came out of what was ready to be paid out.
    pub from_available: String,
    /// How much of them the merchant was left owing.
    pub from_receivable: String,
    /// How much of what was earned and won went to clear what the merchant owed.
    pub receivable_cleared: String,
}

/// A payout to be sent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendPayout {
    /// To whom.
    #[schema(example = 1)]
    pub merchant_id: u32,
    /// In which currency.
    #[schema(example = "JPY")]
    pub currency_code: String,
    /// How much.
    #[schema(example = "950")]
    pub amount: String,
    /// From which bank account of the platform; `main` unless given.
    #[serde(default)]
    #[schema(example = "main")]
    pub bank: Option<String>,
    /// In the realm of this service mode; of the one that is selected unless given.
    #[serde(default)]
    pub mode: Option<ModeName>,
}

/// A payout.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PayoutAnswer {
    /// Counted from 1, over all merchants.
    pub payout_id: u32,
    /// To whom.
    pub merchant_id: u32,
    /// In which realm.
    #[schema(example = "test-1")]
    pub realm: String,
    /// In which currency.
    pub currency_code: String,
    /// How much.
    pub amount: String,
    /// From which bank account of the platform.
    pub bank: String,
    /// `sent`, `confirmed` or `returned`.
    #[schema(example = "sent")]
    pub stage: String,
    /// The position in the log of the event that led there.
    pub position: u64,
}
