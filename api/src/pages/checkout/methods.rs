//! The ways to pay that the hosted page can offer, and the documents' test numbers for each.

/// A way to pay, as the hosted page offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A card, authorised while the customer waits.
    CreditCard,
    /// Cash at a convenience store; yen only.
    Konbini,
    /// An ATM or online banking, with three numbers; yen only.
    PayEasy,
    /// A transfer to an account of ours; yen only.
    BankTransfer,
    /// A prepaid card's number; yen only.
    Prepaid(Prepaid),
}

/// A brand of prepaid card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepaid {
    /// WebMoney.
    WebMoney,
    /// NET CASH.
    NetCash,
    /// nanaco.
    Nanaco,
    /// BitCash, the only one that must cover the payment with one number.
    BitCash,
}

/// A method where the customer pays later and elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delayed {
    /// At this store.
    Konbini(Store),
    /// At an ATM or in online banking.
    PayEasy,
    /// By transfer.
    BankTransfer,
}

/// A convenience store. Source: komoju-v1.txt, "Convenience Stores", in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// サークルK.
    CircleK,
    /// デイリーヤマザキ.
    DailyYamazaki,
    /// ファミリーマート.
    FamilyMart,
    /// ローソン.
    Lawson,
    /// ミニストップ.
    Ministop,
    /// セブンイレブン.
    SevenEleven,
    /// サンクス.
    Sunkus,
}

impl Method {
    /// Every method, in the order the page prefers.
    pub const ALL: [Method; 8] = [
        Method::CreditCard,
        Method::Konbini,
        Method::PayEasy,
        Method::BankTransfer,
        Method::Prepaid(Prepaid::WebMoney),
        Method::Prepaid(Prepaid::NetCash),
        Method::Prepaid(Prepaid::Nanaco),
        Method::Prepaid(Prepaid::BitCash),
    ];

    /// The word for it in the `method` field, as in komoju-v1.txt's `type`.
    pub fn slug(self) -> &'static str {
        match self {
            Method::CreditCard => "credit_card",
            Method::Konbini => "konbini",
            Method::PayEasy => "pay_easy",
            Method::BankTransfer => "bank_transfer",
            Method::Prepaid(card) => card.slug(),
        }
    }

    /// The method with this word.
    pub fn from_slug(slug: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.slug() == slug)
    }
}

impl Prepaid {
    /// The word for it in the `method` field.
    pub fn slug(self) -> &'static str {
        match self {
            Prepaid::WebMoney => "web_money",
            Prepaid::NetCash => "net_cash",
            Prepaid::Nanaco => "nanaco",
            Prepaid::BitCash => "bit_cash",
        }
    }

    /// Whether a payment that is still short can go on with another number. Source: komoju-v1.txt, "BitCash".
    pub fn can_continue(self) -> bool {
        match self {
            Prepaid::WebMoney | Prepaid::NetCash | Prepaid::Nanaco => true,
            Prepaid::BitCash => false,
        }
    }

    /// The documents' test numbers for this brand.
    pub(super) fn test_numbers(self) -> &'static [TestNumber] {
        const ENOUGH: TestNumber =
            TestNumber { number: "1111111111111111", result: TestResult::Holds2000Yen };
        const INVALID: TestNumber =
            TestNumber { number: "e111111111111112", result: TestResult::InvalidNumber };
        match self {
            Prepaid::WebMoney => &[
                ENOUGH,
                INVALID,
                TestNumber { number: "e111111111111113", result: TestResult::UsedNumber },
                TestNumber { number: "e111111111111114", result: TestResult::Unknown },
            ],
            Prepaid::NetCash | Prepaid::Nanaco => &[ENOUGH],
            Prepaid::BitCash => {
                &[ENOUGH, INVALID, TestNumber { number: "e111111111111113", result: TestResult::Unknown }]
            }
        }
    }
}

impl Store {
    /// Every store, in the document's order.
    pub const ALL: [Store; 7] = [
        Store::CircleK,
        Store::DailyYamazaki,
        Store::FamilyMart,
        Store::Lawson,
        Store::Ministop,
        Store::SevenEleven,
        Store::Sunkus,
    ];

    /// The document's slug, for the `store` field.
    pub fn slug(self) -> &'static str {
        match self {
            Store::CircleK => "circle-k",
            Store::DailyYamazaki => "daily-yamazaki",
            Store::FamilyMart => "family-mart",
            Store::Lawson => "lawson",
            Store::Ministop => "ministop",
            Store::SevenEleven => "seven-eleven",
            Store::Sunkus => "sunkus",
        }
    }

    /// The store with this slug.
    pub fn from_slug(slug: &str) -> Option<Store> {
        Store::ALL.into_iter().find(|store| store.slug() == slug)
    }
}

/// A number the sandbox rail knows, and what it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct TestNumber {
    pub(super) number: &'static str,
    pub(super) result: TestResult,
}

/// What the sandbox rail does with a test number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TestResult {
    /// Paid, by a card of this brand.
    Paid(&'static str),
    InsufficientFunds,
    ExceedsLimit,
    BadVerificationValue,
    CardExpired,
    CardNotUsable,
    InvalidCard,
    Holds2000Yen,
    InvalidNumber,
    UsedNumber,
    Unknown,
}

/// Source: komoju-v1.txt, "Credit Card", "Test Cards", in its order.
pub(super) const TEST_CARDS: [TestNumber; 11] = [
    TestNumber { number: "3530111333300000", result: TestResult::Paid("JCB") },
    TestNumber { number: "378282246310005", result: TestResult::Paid("American Express") },
    TestNumber { number: "4111111111111111", result: TestResult::Paid("Visa") },
    TestNumber { number: "5555555555554444", result: TestResult::Paid("Mastercard") },
    TestNumber { number: "30569309025904", result: TestResult::Paid("Diners Club") },
    TestNumber { number: "4123111111111000", result: TestResult::InsufficientFunds },
    TestNumber { number: "4123111111111018", result: TestResult::ExceedsLimit },
    TestNumber { number: "4123111111111034", result: TestResult::BadVerificationValue },
    TestNumber { number: "4123111111111042", result: TestResult::CardExpired },
    TestNumber { number: "4123111111111059", result: TestResult::CardNotUsable },
    TestNumber { number: "4123111111111067", result: TestResult::InvalidCard },
];
