//! What goes over the wire on the operator's port.

mod money_out;
mod people;
mod signing;
mod tokens;
mod upkeep;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use money_out::{
    ChargeBack, ChargebackAnswer, ChargebackWonAnswer, FiguresSeen, PayoutAnswer, Refund, RefundAnswer,
    SendPayout, Settle, SettlementMade,
};
pub use people::{
    ClientMade, DecideKyc, Decision, FormSet, KycDecided, KycSeen, LabelText, NewChoice, NewClient, NewField,
    NewForm, NewSection,
};
pub use signing::{SigningKeySeen, SigningKeys};
pub use tokens::{IssueToken, NewToken, TokenMade};
pub use upkeep::{BackupStands, BackupTaken, SubjectErased, SubjectSeen, TakeBackup};

/// A service mode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModeName {
    /// The merchant's own test realm.
    Test,
    /// The live realm.
    Active,
}

/// Where the address says it all.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A merchant to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMerchant {
    /// The business name, as the checkout page shows it.
    #[schema(example = "Sample Shop", min_length = 1, max_length = 100)]
    pub name: String,
    /// Refuse requests that are not signed.
    #[serde(default)]
    pub signature_required: bool,
    /// The service mode to begin with; `test` unless given.
    #[serde(default)]
    pub mode: Option<ModeName>,
}

/// A merchant with its secrets, shown this once: a repeat with the same Idempotency-Key has them null.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct MerchantMade {
    /// Counted from 1.
    pub merchant_id: u32,
    /// The business name.
    pub name: String,
    /// For `Authorization: Bearer`: a UUID.
    pub access_key: Option<String>,
    /// For signatures, ours and theirs.
    pub secret_key: Option<String>,
    /// The OAuth client's id.
    pub client_id: String,
    /// The OAuth client's secret.
    pub client_secret: Option<String>,
    /// The service mode.
    pub mode: ModeName,
    /// Whether requests that are not signed are refused.
    pub signature_required: bool,
}

/// A merchant as anyone may see it who has the operator's token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MerchantSeen {
    /// Counted from 1.
    pub merchant_id: u32,
    /// The business name.
    pub name: String,
    /// The OAuth client's id.
    pub client_id: String,
    /// The service mode.
    pub mode: ModeName,
    /// Whether requests that are not signed are refused.
    pub signature_required: bool,
}

/// A service mode to be selected.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMode {
    /// Which.
    pub mode: ModeName,
}

/// The mode now selected.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ModeAnswer {
    /// Whose.
    pub merchant_id: u32,
    /// Which.
    pub mode: ModeName,
}

/// Another HMAC secret to be issued.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateSecret {
    /// How long the earlier ones are still accepted; a day unless given, at most 30 days.
    #[serde(default)]
    pub overlap_seconds: Option<u32>,
}

/// The new secret, shown this once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SecretAnswer {
    /// Whose.
    pub merchant_id: u32,
    /// Counted from 1.
    pub number: u32,
    /// The secret.
    pub secret_key: Option<String>,
}

/// Money to arrive on the sandbox rail.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SandboxPaid {
    /// How much, as a decimal string; all that is due unless given.
    #[serde(default)]
    #[schema(example = "1000")]
    pub amount: Option<String>,
}

/// Where a payment stands.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentStands {
    /// Which payment.
    pub payment_id: String,
    /// Its stage, in the ledger's words.
    #[schema(example = "captured")]
    pub stage: String,
    /// Position of the last event about it.
    pub position: u64,
}

/// A test clock to be moved.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvanceClock {
    /// Whose test realm.
    pub merchant_id: u32,
    /// Forward by this many seconds, at most ten years.
    pub seconds: i64,
}

/// The clock now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ClockAnswer {
    /// Whose test realm.
    pub merchant_id: u32,
    /// The realm's time, RFC 3339 in UTC.
    pub now: String,
    /// How far it is ahead of the wall clock.
    pub ahead_seconds: i64,
}

/// The trial balance.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TrialBalance {
    /// Position up to which it holds everything.
    pub position: u64,
    /// Whether debits equal credits in every realm and currency.
    pub balanced: bool,
    /// One line for each realm, currency and class.
    pub lines: Vec<TrialLine>,
}

/// One line of the trial balance; amounts are decimal strings.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TrialLine {
    /// `live`, or `test-` and the merchant's id.
    #[schema(example = "test-1")]
    pub realm: String,
    /// The currency's code.
    #[schema(example = "USD")]
    pub currency: String,
    /// asset, liability, equity, income or expense.
    #[schema(example = "asset")]
    pub class: String,
    /// Sum of the balances on the debit side.
    #[schema(example = "280.00")]
    pub debit: String,
    /// Sum of the balances on the credit side.
    #[schema(example = "0.00")]
    pub credit: String,
}

/// A user to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Whose user it is, for ever.
    #[schema(example = 1)]
    pub merchant_id: u32,
}

/// A user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct UserMade {
    /// Counted from 1, over all merchants.
    pub user_id: u32,
    /// Whose user it is.
    pub merchant_id: u32,
}

/// Money for a wallet, from the sandbox rail.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditWallet {
    /// Such as `JPY`.
    #[schema(example = "JPY")]
    pub currency_code: String,
    /// How much, as a decimal string.
    #[schema(example = "1000")]
    pub amount: String,
}

/// What was put into a wallet.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WalletAnswer {
    /// Whose.
    pub user_id: u32,
    /// In which realm.
    pub realm: String,
    /// In which currency.
    pub currency_code: String,
    /// What came in, as a decimal string.
    pub amount: String,
    /// The position of this in the log.
    pub position: u64,
}

/// Points to be given away.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantPoints {
    /// To whom.
    pub user_id: u32,
    /// How many, as a decimal string.
    #[schema(example = "15.00")]
    pub amount: String,
}

/// A lot of points that was issued.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PointsGranted {
    /// To whom.
    pub user_id: u32,
    /// In which realm: the one that the merchant's service mode selects.
    pub realm: String,
    /// The lot, counted from 1 within user and realm.
    pub lot: u32,
    /// How many.
    pub amount: String,
    /// From when on they cannot be spent: 180 days later.
    pub expires_at: String,
}

/// A user's points in the realm that its merchant's service mode selects.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PointsSeen {
    /// Whose.
    pub user_id: u32,
    /// In which realm.
    pub realm: String,
    /// What can be spent now.
    pub live: String,
    /// What of it lapses within 30 days.
    pub lapsing_within_30_days: String,
    /// Lots with anything left, in the order they are drawn from.
    pub lots: Vec<LotSeen>,
}

/// A lot of points.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LotSeen {
    /// Counted from 1 within user and realm.
    pub lot: u32,
    /// `free` or `paid`.
    pub kind: String,
    /// What is left.
    pub remaining: String,
    /// When it was issued.
    pub issued_at: String,
    /// From when on it cannot be spent.
    pub expires_at: String,
}

/// A card scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BrandName {
    /// Visa.
    Visa,
    /// Mastercard.
    Master,
    /// JCB.
    Jcb,
    /// American Express.
    AmericanExpress,
    /// Diners Club.
    DinersClub,
}

/// A card for the sandbox to issue. No field takes a card number.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCard {
    /// To whom.
    #[schema(example = 1)]
    pub user_id: u32,
    /// Which of the user's wallets it spends from: `USD` or `JPY`.
    #[schema(example = "JPY")]
    pub currency_code: String,
    /// The scheme; `visa` unless given.
    #[serde(default)]
    pub brand: Option<BrandName>,
    /// Four digits; made from the user's number and the currency unless given.
    #[serde(default)]
    #[schema(example = "0042")]
    pub last_four: Option<String>,
    /// 1 to 12; this month, by the realm's clock, unless given.
    #[serde(default)]
    pub expiry_month: Option<u8>,
    /// Four digits; three years on unless given.
    #[serde(default)]
    pub expiry_year: Option<u16>,
}

/// An issued card.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CardIssued {
    /// Counted from 1, over all users.
    pub card_id: u32,
    /// Who holds it.
    pub user_id: u32,
    /// In which realm: the test realm of the user's merchant.
    pub realm: String,
    /// Which of the user's wallets it spends from.
    pub currency_code: String,
    /// The scheme.
    pub brand: BrandName,
    /// The last four digits.
    pub last_four: String,
    /// The month at whose end, in Asia/Tokyo, it expires.
    pub expiry_month: u8,
    /// And the year.
    pub expiry_year: u16,
    /// The position of its issue in the log.
    pub position: u64,
}

/// A purchase to be authorised.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorizeCard {
    /// How much, as a decimal string.
    #[schema(example = "1000")]
    pub amount: String,
    /// The authorisation to be raised by it; a new one unless given.
    #[serde(default)]
    pub authorization_id: Option<u32>,
}

/// A purchase to be cleared.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearCard {
    /// Which authorisation of the card.
    pub authorization_id: u32,
    /// How much, as a decimal string; more than is held comes from the wallet, and is owed beyond.
    #[schema(example = "1000")]
    pub amount: String,
}

/// An authorisation to be reversed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReverseCard {
    /// Which authorisation of the card.
    pub authorization_id: u32,
    /// How much, as a decimal string; all that is held unless given.
    #[serde(default)]
    #[schema(example = "1000")]
    pub amount: Option<String>,
}

/// What became of an authorisation; amounts are decimal strings.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuthorizationAnswer {
    /// On which card.
    pub card_id: u32,
    /// Which; counted from 1, over all cards.
    pub authorization_id: u32,
    /// In which currency.
    pub currency_code: String,
    /// What was authorised, cleared or reversed.
    pub amount: String,
    /// What of a clearing was no longer held.
    pub excess: String,
    /// What is held after it.
    pub held: String,
    /// The position of it in the log.
    pub position: u64,
}

/// What becomes of coins that arrive at an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeptName {
    /// They are kept in the owner's wallet.
    #[default]
    Wallet,
    /// USDT buys a user points as it arrives; anything else goes into the wallet.
    Points,
    /// They are kept in a merchant's payment processor.
    Processor,
}

/// A deposit address to be assigned, to a user or a merchant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddress {
    /// Whose, if a user's.
    #[serde(default)]
    #[schema(example = 1)]
    pub user_id: Option<u32>,
    /// Whose, if a merchant's own.
    #[serde(default)]
    pub merchant_id: Option<u32>,
    /// What becomes of coins that arrive; `wallet` unless given.
    #[serde(default)]
    pub kept: KeptName,
    /// The address as its network writes it: 1 to 128 visible ASCII characters.
    #[schema(example = "0x07fd8aba0000000000000000000000000000abcd", min_length = 1, max_length = 128)]
    pub address: String,
    /// What it is for: `USDT` on `ethereum`, `TON` on `ton`, or a token that lives on the network.
    #[schema(example = "USDT")]
    pub currency_code: String,
}

/// An address and its owner.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AddressAnswer {
    /// Counted from 1, over all networks and merchants.
    pub address_id: u32,
    /// In which realm: the one that the merchant's service mode selects.
    pub realm: String,
    /// On which network.
    pub network: String,
    /// The address as its network writes it.
    pub address: String,
    /// What it is for.
    pub currency_code: String,
    /// `user-` or `merchant-` and its number.
    #[schema(example = "user-1")]
    pub owner: String,
    /// What becomes of coins that arrive.
    pub kept: KeptName,
}

/// Coins to arrive on a sandbox of a chain.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SandboxDeposit {
    /// In whose test realm.
    #[schema(example = 1)]
    pub merchant_id: u32,
    /// Where they arrive; at an address that has no owner they wait for one.
    #[schema(example = "0x07fd8aba0000000000000000000000000000abcd")]
    pub address: String,
    /// Such as `USDT`.
    #[schema(example = "USDT")]
    pub currency_code: String,
    /// How many, as a decimal string.
    #[schema(example = "10.50")]
    pub amount: String,
    /// The transaction's hash, 32 to 64 bytes as hex; drawn at random unless given.
    #[serde(default)]
    pub tx_hash: Option<String>,
    /// Which of the transaction's outputs or log entries; 0 unless given.
    #[serde(default)]
    pub index: u32,
}

/// Coins that arrived, and what became of them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DepositAnswer {
    /// Counted from 1, over all networks.
    pub deposit_id: u32,
    /// In which realm.
    pub realm: String,
    /// On which network.
    pub network: String,
    /// Where they arrived.
    pub address: String,
    /// The transaction's hash.
    pub tx_hash: String,
    /// Which of its outputs.
    pub index: u32,
    /// In which currency.
    pub currency_code: String,
    /// How many, as a decimal string.
    pub amount: String,
    /// `confirmed`, `granted` if they bought points, `skipped` if they should have and could not, or `unowned`.
    #[schema(example = "granted")]
    pub status: String,
    /// The points that were bought.
    pub points: Option<String>,
    /// What the platform kept of a purchase.
    pub fee: Option<String>,
    /// The lot that was bought.
    pub lot: Option<u32>,
    /// Position of the last event about it.
    pub position: u64,
}
