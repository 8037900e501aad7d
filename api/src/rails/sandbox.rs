//! The sandbox rail: deterministic, moves no real money, knows the documents' test cards. Test realms only. It keeps no
//! state: a prepaid number never runs out, and what it took has not happened until it is in the books.
//! Source of cards and balances: komoju-v1.txt.

use choai_engine::{
    books::Label,
    domain::{
        PaymentId, Timestamp, UserId,
        payment::{Brand, CardSummary, DeclineReason, Instruction, InstructionKind, Means, Method},
    },
    money::{Currency, Money},
};
use sha2::{Digest, Sha256};

use super::card::Card;

/// What every good prepaid number holds.
const PREPAID_BALANCE: Money = Money::new(2_000, Currency::Jpy);

/// Charges a card: every card that is one is good, but for the documents' declining ones.
///
/// # Errors
/// The [`DeclineReason`] of that test card.
pub fn charge_card(card: &Card) -> Result<Means, DeclineReason> {
    let reason = match card.number() {
        "4123111111111000" => DeclineReason::InsufficientFunds,
        "4123111111111018" => DeclineReason::ExceedsLimit,
        "4123111111111034" => DeclineReason::BadVerificationValue,
        "4123111111111042" => DeclineReason::CardExpired,
        "4123111111111059" => DeclineReason::CardNotUsable,
        "4123111111111067" => DeclineReason::InvalidCard,
        _ => {
            let card = Some(card.summary());
            return Ok(Means { method: Method::CreditCard, rail: Label::SANDBOX, card });
        }
    };
    Err(reason)
}

/// Takes what is due, or all there is, off a prepaid number.
///
/// # Errors
/// The [`DeclineReason`] of that test number.
pub fn charge_prepaid(method: Method, number: &str, due: Money) -> Result<(Means, Money), DeclineReason> {
    match number {
        "1111111111111111" => {
            let taken = due.at_most(PREPAID_BALANCE).map_err(|_| DeclineReason::CardNotUsable)?;
            Ok((means(method), taken))
        }
        "e111111111111113" if method == Method::BitCash => Err(DeclineReason::Unknown),
        "e111111111111113" => Err(DeclineReason::UsedNumber),
        "e111111111111114" => Err(DeclineReason::Unknown),
        _ => Err(DeclineReason::InvalidNumber),
    }
}

/// The means of a method that needs no card.
pub const fn means(method: Method) -> Means {
    Means { method, rail: Label::SANDBOX, card: None }
}

/// What a customer must give where they pay; made from the payment id, so always the same.
pub fn instructions(payment: PaymentId, method: Method, store: Option<&str>) -> Vec<Instruction> {
    use InstructionKind as Kind;
    let code = |label: &str, digits: usize| numerals(payment, label, digits);
    let lines = match method {
        Method::Konbini => vec![
            (Kind::Store, store.unwrap_or_default().to_owned()),
            (Kind::Receipt, code("receipt", 6)),
            (Kind::ConfirmationCode, code("confirmation", 4)),
        ],
        Method::PayEasy => vec![
            (Kind::BankId, "58191".to_owned()),
            (Kind::CustomerId, code("customer", 20)),
            (Kind::ConfirmationId, code("confirmation", 6)),
        ],
        Method::BankTransfer => vec![
            (Kind::OrderId, format!("D{}", code("order", 10))),
            (Kind::BankName, "サンドボックス銀行".to_owned()),
            (Kind::BranchName, "テスト支店".to_owned()),
            (Kind::AccountType, "普通預金".to_owned()),
            (Kind::AccountNumber, code("account", 7)),
            (Kind::AccountName, "チョウアイ（テスト）".to_owned()),
        ],
        Method::CreditCard | Method::WebMoney | Method::NetCash | Method::Nanaco | Method::BitCash => {
            Vec::new()
        }
    };
    lines.into_iter().map(|(kind, value)| Instruction { kind, value }).collect()
}

/// What a card looks like that is issued at `now`: good for three years, and for one user and currency always the same.
pub fn issue_card(user: UserId, currency: Currency, now: Timestamp) -> CardSummary {
    let (year, month) = now.tokyo_month();
    let hash = Sha256::digest(format!("card {user} {currency}"));
    CardSummary {
        brand: Brand::Visa,
        last_four: u16::from_be_bytes([hash[0], hash[1]]) % 10_000,
        month,
        year: u16::try_from(year + 3).unwrap_or(u16::MAX),
    }
}

fn numerals(payment: PaymentId, label: &str, digits: usize) -> String {
    let hash = Sha256::digest(format!("{label} {payment}"));
    hash.iter().map(|byte| char::from(b'0' + byte % 10)).take(digits).collect()
}
