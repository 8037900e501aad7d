//! How a payment is paid: the method, the rail it runs on, and what may be known of it afterwards.

use serde::{Deserialize, Serialize};

use crate::{
    books::Label,
    domain::{Timestamp, UserId},
    money::{Currency, Money},
};

/// A way to pay that a customer can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Method {
    /// Credit card.
    CreditCard,
    /// Cash at a convenience store.
    Konbini,
    /// Transfer from a bank account.
    BankTransfer,
    /// Online banking or an ATM.
    PayEasy,
    /// Prepaid card.
    WebMoney,
    /// Prepaid card.
    NetCash,
    /// Prepaid card.
    Nanaco,
    /// Prepaid card.
    BitCash,
}

/// What there is to know of a method. Source: komoju-v1.txt, and reference/komoju.md for Pay-easy.
struct Traits {
    word: &'static str,
    takes: Takes,
    /// Days until the end of which it can be paid; `None` for methods that pay at once.
    delayed_days: Option<i64>,
    /// A number that may hold less than the total.
    is_prepaid: bool,
    /// The rail can give money back by itself. Cash and transfers need a bank account to go to.
    is_returnable: bool,
}

/// Which totals a method takes.
enum Takes {
    /// Any money; points are none.
    Money,
    Yen,
    YenUpTo(i128),
}

impl Method {
    /// Every method, in the order a customer is offered them.
    pub const ALL: [Self; 8] = [
        Self::CreditCard,
        Self::Konbini,
        Self::PayEasy,
        Self::BankTransfer,
        Self::WebMoney,
        Self::NetCash,
        Self::Nanaco,
        Self::BitCash,
    ];

    const fn traits(self) -> Traits {
        const fn delayed(word: &'static str, takes: Takes, days: i64) -> Traits {
            Traits { word, takes, delayed_days: Some(days), is_prepaid: false, is_returnable: false }
        }
        const fn prepaid(word: &'static str) -> Traits {
            Traits { word, takes: Takes::Yen, delayed_days: None, is_prepaid: true, is_returnable: false }
        }
        match self {
            Self::CreditCard => Traits {
                word: "credit_card",
                takes: Takes::Money,
                delayed_days: None,
                is_prepaid: false,
                is_returnable: true,
            },
            Self::Konbini => delayed("konbini", Takes::YenUpTo(299_999), 3),
            Self::BankTransfer => delayed("bank_transfer", Takes::Yen, 14),
            Self::PayEasy => delayed("pay_easy", Takes::YenUpTo(999_999), 10),
            Self::WebMoney => prepaid("web_money"),
            Self::NetCash => prepaid("net_cash"),
            Self::Nanaco => prepaid("nanaco"),
            Self::BitCash => prepaid("bit_cash"),
        }
    }

    /// The documents' word, such as `credit_card`.
    pub const fn word(self) -> &'static str {
        self.traits().word
    }

    /// The method of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }

    /// Whether the customer pays elsewhere, later.
    pub const fn is_delayed(self) -> bool {
        self.traits().delayed_days.is_some()
    }

    /// Whether it is a prepaid number that may hold less than the total.
    pub const fn is_prepaid(self) -> bool {
        self.traits().is_prepaid
    }

    /// Whether the rail can give money back by itself. Cash and transfers need a bank account to go to.
    pub const fn is_returnable(self) -> bool {
        self.traits().is_returnable
    }

    /// Whether `total` can be paid this way: cards in any money, all else in yen within its limit.
    pub fn accepts(self, total: Money) -> bool {
        match self.traits().takes {
            Takes::Money => total.currency != Currency::SgpUsd,
            Takes::Yen => total.currency == Currency::Jpy,
            Takes::YenUpTo(most) => total.currency == Currency::Jpy && total.minor <= most,
        }
    }

    /// Until when it can be paid this way, when chosen at `now`; `None` for methods that pay at once.
    pub fn deadline(self, now: Timestamp) -> Option<Timestamp> {
        self.traits().delayed_days.map(|days| now.tokyo_end_of_day(days))
    }
}

/// The scheme of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Brand {
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

/// All that is kept of a card: its number never gets here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CardSummary {
    /// The scheme.
    pub brand: Brand,
    /// The last four digits, 0 to 9,999.
    pub last_four: u16,
    /// Expiry month, 1 to 12.
    pub month: u8,
    /// Expiry year, such as 2030.
    pub year: u16,
}

/// How money comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Means {
    /// What the customer chose.
    pub method: Method,
    /// The rail it runs on.
    pub rail: Label,
    /// The card, for card payments.
    pub card: Option<CardSummary>,
}

/// Where the money of a capture came from. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// A rail; earlier parts may have come on others.
    Rail(Means),
    /// The wallet of a user of the merchant.
    Wallet(UserId),
    /// The points of a user of the merchant.
    Points(UserId),
}

impl Source {
    /// The label under which a merchant's terms speak of it.
    pub const fn label(self) -> Label {
        match self {
            Self::Rail(means) => means.rail,
            Self::Wallet(_) => Label::WALLET,
            Self::Points(_) => Label::POINTS,
        }
    }
}

/// What a user pays with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purse {
    /// The wallet, in its own currency.
    Wallet,
    /// Points, at par: prices in USD and SGP-USD.
    Points,
}

/// What a line of payment instructions is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InstructionKind {
    /// The konbini chain, as its slug.
    Store,
    /// The number to give at the till.
    Receipt,
    /// A second number some chains ask for.
    ConfirmationCode,
    /// Pay-easy: the collecting institution.
    BankId,
    /// Pay-easy: the customer number.
    CustomerId,
    /// Pay-easy: the confirmation number.
    ConfirmationId,
    /// The name to give as the remitter's.
    OrderId,
    /// The bank to transfer to.
    BankName,
    /// Its branch.
    BranchName,
    /// The kind of account.
    AccountType,
    /// The account's number.
    AccountNumber,
    /// The account's holder.
    AccountName,
}

/// A line of payment instructions: what the customer must give where they pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// What it is.
    pub kind: InstructionKind,
    /// As the rail gave it.
    pub value: String,
}

/// Why a rail declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeclineReason {
    /// Not enough on the card or account.
    InsufficientFunds,
    /// Over the card's limit.
    ExceedsLimit,
    /// The security code is wrong.
    BadVerificationValue,
    /// The card is past its expiry.
    CardExpired,
    /// The card cannot be used here.
    CardNotUsable,
    /// There is no such card.
    InvalidCard,
    /// The prepaid number was used up before.
    UsedNumber,
    /// There is no such prepaid number.
    InvalidNumber,
    /// The rail gave no reason.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn konbini_and_pay_easy_have_the_documents_limits() {
        for (method, most) in [(Method::Konbini, 299_999), (Method::PayEasy, 999_999)] {
            assert!(method.accepts(Money::new(most, Currency::Jpy)));
            assert!(!method.accepts(Money::new(most + 1, Currency::Jpy)));
            assert!(!method.accepts(Money::new(1, Currency::Usd)));
        }
    }

    #[test]
    fn every_method_is_found_by_its_word() {
        for method in Method::ALL {
            assert_eq!(Method::from_word(method.word()), Some(method));
        }
    }
}
