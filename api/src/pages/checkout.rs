//! The hosted payment page: what each of its states shows, rendered to HTML without any script.
//!
//! Every form posts to `/process-checkout` with `payment_id`, `action` (`pay`, `pay_now`, `cancel`), `language`,
//! `revision`, and for `pay` also `method` and the fields of that method:
//!
//! | `method` | Fields |
//! | --- | --- |
//! | `credit_card` | `number`, `month`, `year` (two or four digits), `verification_value`, `name` |
//! | `konbini` | `store` |
//! | `pay_easy`, `bank_transfer` | none |
//! | `web_money`, `net_cash`, `nanaco`, `bit_cash` | `prepaid_number` |
//!
//! Numbers arrive as people type them: with spaces or hyphens, perhaps full-width. Amounts and times are handed in
//! as finished text. No view has a place for the customer's e-mail.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use sha2::{Digest, Sha256};

use methods::{Delayed, Method, Prepaid, Store};
use trouble::{Failure, ProblemKind};

pub mod methods;
mod render;
mod texts;
pub mod trouble;

#[cfg(test)]
mod tests;

/// What is to be paid, and to whom; part of every page about a payment that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The payment's id, carried by every form.
    pub payment_id: String,
    /// The payment's revision, carried by every form: one sent again is told from the first.
    pub revision: u64,
    /// The shop, as the customer knows it.
    pub merchant_name: String,
    /// The whole amount, as people read it: `¥1,000`, `$280.00`, `280.00 SGP-USD`.
    pub amount: String,
    /// What is bought, in the shop's words.
    pub details: Option<String>,
    /// Whether the payment lives in a test realm: the page says so and offers the documents' test numbers.
    pub test_mode: bool,
}

/// A payment the customer has yet to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pay {
    /// What is to be paid.
    pub bill: Bill,
    /// When the page stops accepting payment.
    pub expires: String,
    /// What may be chosen, in this order. None: the page says that the shop has switched nothing on yet.
    pub methods: Vec<Method>,
    /// The try that brought the customer back here, if one did.
    pub last_try: Option<LastTry>,
}

/// A try to pay that failed, and what need not be typed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastTry {
    /// With which method; its form is the one that is open.
    pub method: Method,
    /// What was wrong.
    pub failure: Failure,
    /// What goes back into the form.
    pub kept: Kept,
}

/// What may go back into a form after a failed try: never a card number, security code or prepaid number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The card's expiry month, as typed.
    pub month: String,
    /// The card's expiry year, as typed.
    pub year: String,
    /// The name on the card, as typed.
    pub name: String,
    /// The chosen store.
    pub store: Option<Store>,
}

/// A payment that waits for the customer to pay elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaiting {
    /// What is to be paid.
    pub bill: Bill,
    /// Where and how.
    pub method: Delayed,
    /// What the customer needs there, in the order to show it.
    pub codes: Vec<Code>,
    /// Until when.
    pub deadline: String,
}

/// One thing the customer must enter or show to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// What it is.
    pub label: CodeLabel,
    /// The number or name itself.
    pub value: String,
}

/// What a [`Code`] is, named as in komoju-v1.txt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeLabel {
    /// Konbini `receipt`.
    Receipt,
    /// Konbini `confirmation_code`, used by some stores.
    ConfirmationCode,
    /// Pay-easy `bank_id`.
    BankId,
    /// Pay-easy `customer_id`.
    CustomerId,
    /// Pay-easy `confirmation_id`.
    ConfirmationId,
    /// Bank transfer `order_id`, to be given as the remitter's name.
    OrderId,
    /// Bank transfer `bank_name`.
    BankName,
    /// Bank transfer `account_branch_name`.
    BranchName,
    /// Bank transfer `account_type`.
    AccountType,
    /// Bank transfer `account_number`.
    AccountNumber,
    /// Bank transfer `account_name`.
    AccountName,
}

/// A payment made in part with prepaid cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartlyPaid {
    /// What is to be paid in all.
    pub bill: Bill,
    /// The brand of the parts received, which the next one has to be of too. `None` if there can be no other:
    /// [`Prepaid::can_continue`].
    pub next: Option<Prepaid>,
    /// What has been received.
    pub paid: String,
    /// What is missing.
    pub short: String,
    /// When the page stops accepting the rest.
    pub expires: String,
    /// What was wrong with the last number, if something was.
    pub failure: Option<Failure>,
}

/// A payment that is over: its status, and nothing else about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// The payment's id, for the link that changes the language.
    pub payment_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Where "back to the shop" leads. Only an absolute http or https address becomes a link.
    pub shop_url: Option<String>,
    /// Whether the payment lives in a test realm.
    pub test_mode: bool,
}

/// How a payment ended, for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Captured.
    Paid,
    /// Authorised; the shop captures later.
    Authorized,
    /// Cancelled by the customer or the shop.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// Declined too often, or failed for good.
    Failed,
    /// Refunded in full.
    Refunded,
    /// Reversed through the card company.
    ChargedBack,
}

/// A page about something that is not a payment's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What happened.
    pub kind: ProblemKind,
    /// The payment to go back to, if there is one.
    pub payment_id: Option<String>,
}

/// The value of the `Content-Security-Policy` header for all of these pages: one style, by its hash; nothing else.
///
/// `form-action` is absent on purpose. Chromium applies it to the redirect that follows a form as well, and the
/// answers to our forms redirect to addresses of the shop's choosing.
pub fn content_security_policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash =
            base64::engine::general_purpose::STANDARD.encode(Sha256::digest(render::html(&Stylesheet)));
        format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'")
    });
    &POLICY
}

/// The style on its own, byte for byte as the pages include it.
#[derive(Template)]
#[template(path = "checkout/style.css", escape = "none", whitespace = "minimize")]
struct Stylesheet;
