//! The exit: another encoder reads and writes the same bytes, so the log outlives the one it was written with.
//!
//! The shapes are written down a second time here, as whoever leaves would have to write them.

use wincode::{SchemaRead, SchemaWrite, config::Configuration};

use super::*;

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct MoneyShape {
    minor: i128,
    currency: u32,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum AccountShape {
    Rail(String),
    Bank(String),
    Receivable(u32),
    PaymentHeld(String),
    MerchantPending(u32),
    MerchantAvailable(u32),
    Suspense(String),
    Income(IncomeShape),
    Expense(ExpenseShape),
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum IncomeShape {
    Charge,
    MethodFee,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum ExpenseShape {
    RailFee,
    Chargeback,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct PostingShape {
    account: AccountShape,
    currency: u32,
    debit_minor: i128,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum OriginShape {
    ItoPayment,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum SubjectShape {
    Payment(String),
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct SealedShape {
    subject: SubjectShape,
    bytes: Vec<u8>,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum PurposeShape {
    Sale,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct CreatedShape {
    payment: String,
    merchant: u32,
    purpose: PurposeShape,
    amount: MoneyShape,
    tax: MoneyShape,
    method_fee: MoneyShape,
    origin: OriginShape,
    deadline: i64,
    private: Option<SealedShape>,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum MethodShape {
    CreditCard,
    Konbini,
    BankTransfer,
    PayEasy,
    WebMoney,
    NetCash,
    Nanaco,
    BitCash,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum BrandShape {
    Visa,
    Master,
    Jcb,
    AmericanExpress,
    DinersClub,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct CardShape {
    brand: BrandShape,
    last_four: u16,
    month: u8,
    year: u16,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct MeansShape {
    method: MethodShape,
    rail: String,
    card: Option<CardShape>,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum SourceShape {
    Rail(MeansShape),
    Wallet(u32),
    Points(u32),
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct CapturedShape {
    payment: String,
    merchant: u32,
    source: SourceShape,
    total: MoneyShape,
    method_fee: MoneyShape,
    charge: MoneyShape,
    received: MoneyShape,
    entry: Vec<PostingShape>,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct TermsShape {
    percent: String,
    rules: Vec<RuleShape>,
    refund_returns_charge: bool,
    receivable_percent: String,
    receivable_floor_units: u32,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct RuleShape {
    rail: String,
    percent: String,
    fixed: MoneyShape,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
struct RegisteredShape {
    merchant: u32,
    name: String,
    access_key: [u8; 32],
    client_id: String,
    client_secret: [u8; 32],
    secret: [u8; 16],
    signature_required: bool,
    mode: ModeShape,
    terms: TermsShape,
}

#[derive(Debug, PartialEq, SchemaRead, SchemaWrite)]
enum ModeShape {
    Test,
    Active,
}

fn money(minor: i128) -> MoneyShape {
    MoneyShape { minor, currency: 2 }
}

fn line(account: AccountShape, debit_minor: i128) -> PostingShape {
    PostingShape { account, currency: 2, debit_minor }
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// `shape` is what `ours` is, and both directions of both encoders agree on its bytes.
macro_rules! check {
    ($ours:expr, $shape:ty, $expected:expr) => {
        let config = Configuration::default().with_varint_encoding();
        let bytes = codec::to_bytes(&$ours);
        let read: $shape = wincode::config::deserialize_exact(&bytes, config).unwrap();
        assert_eq!(read, $expected);
        let written = wincode::config::serialize(&read, config).unwrap();
        assert_eq!(hex(&written), hex(&bytes));
        assert_eq!(codec::from_bytes(&written).map(|back| $ours == back).unwrap(), true);
    };
}

#[test]
fn another_encoder_reads_and_writes_a_creation() {
    let expected = CreatedShape {
        payment: text("AIYmQIOAz0GlmsjfhgiOeu304"),
        merchant: 7,
        purpose: PurposeShape::Sale,
        amount: money(280_000),
        tax: money(0),
        method_fee: money(190),
        origin: OriginShape::ItoPayment,
        deadline: 1_767_668_400_000_001,
        private: Some(SealedShape {
            subject: SubjectShape::Payment(text("AIYmQIOAz0GlmsjfhgiOeu304")),
            bytes: (0..48).collect(),
        }),
    };
    check!(created(), CreatedShape, expected);
}

#[test]
fn another_encoder_reads_and_writes_a_capture() {
    let card = CardShape { brand: BrandShape::Visa, last_four: 1111, month: 12, year: 2030 };
    let expected = CapturedShape {
        payment: text("AIYmQIOAz0GlmsjfhgiOeu304"),
        merchant: 7,
        source: SourceShape::Rail(MeansShape {
            method: MethodShape::CreditCard,
            rail: text("sandbox"),
            card: Some(card),
        }),
        total: money(280_190),
        method_fee: money(190),
        charge: money(14_000),
        received: money(200_000),
        entry: vec![
            line(AccountShape::PaymentHeld(text("AIYmQIOAz0GlmsjfhgiOeu304")), 80_190),
            line(AccountShape::Rail(text("sandbox")), 200_000),
            line(AccountShape::Receivable(7), -1_000),
            line(AccountShape::MerchantPending(7), -265_000),
            line(AccountShape::Income(IncomeShape::Charge), -14_000),
            line(AccountShape::Income(IncomeShape::MethodFee), -190),
        ],
    };
    check!(captured(), CapturedShape, expected);
}

#[test]
fn another_encoder_reads_and_writes_a_registration() {
    let expected = RegisteredShape {
        merchant: 7,
        name: text("合同会社 帳合"),
        access_key: [0xA1; 32],
        client_id: text("018f2f70-0000-7000-8000-000000000000"),
        client_secret: [0xB2; 32],
        secret: [0xC3; 16],
        signature_required: true,
        mode: ModeShape::Test,
        terms: TermsShape {
            percent: text("5"),
            rules: vec![RuleShape { rail: text("sandbox"), percent: text("3.65"), fixed: money(30) }],
            refund_returns_charge: true,
            receivable_percent: text("10"),
            receivable_floor_units: 100,
        },
    };
    check!(registered(), RegisteredShape, expected);
}

#[test]
fn another_encoder_reads_and_writes_amounts_of_every_width() {
    for bits in [0, 6, 7, 8, 15, 16, 31, 32, 63, 64, 100, 125] {
        for minor in [(1i128 << bits) - 1, 1 << bits, (1 << bits) + 1] {
            let expected = vec![
                line(AccountShape::Rail(text("sandbox")), minor),
                line(AccountShape::Suspense(text(payment_id().as_str())), -minor),
            ];
            // Lines of zero are left out.
            let expected = if minor == 0 { Vec::new() } else { expected };
            check!(entry(minor), Vec<PostingShape>, expected);
        }
    }
}
