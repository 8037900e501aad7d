//! What the pinned histories tell: every table is written to, and every way a row can come to look.
//!
//! A chapter begins with an empty ledger, so that one can be added without any line of another changing. A chapter
//! is added to at its end only.

mod cards;
mod coins;
mod elsewhere;
mod months;
mod shop;

use super::Chapter;
use crate::{
    books::{Holder, Label, Realm},
    domain::{
        Command, Day, DeliveryId, MerchantId, PayoutId, SecretId, Span, Subject, Timestamp, UserId, kyc,
        merchant::{self, Mode},
        payment::{self, Brand, CardSummary, DeclineReason, FailReason, Means, Method, Purpose, Purse},
        payout, points, rail, realm, settlement, subject, token, user, wallet,
        webhook::{self, Answer, Verdict},
    },
    money::{Currency, Money, Percent, Token},
    samples::{self, payment_id},
};

const SHOP: MerchantId = MerchantId(1);
const HERE: Realm = Realm::Test(SHOP);
const USER: Holder = Holder::User(UserId(1));

/// Every history, in the order of the file.
pub(super) fn all() -> [Chapter; 14] {
    [
        merchants(),
        payments(),
        payments_that_end(),
        payments_in_full(),
        holders(),
        earnings(),
        shop::orders(),
        coins::coins(),
        cards::cards(),
        months::months(),
        elsewhere::elsewhere(),
        signing_keys(),
        erasures(),
        answers(),
    ]
}

fn merchants() -> Chapter {
    let mut chapter = begin("merchants and users");
    let rules = [(Label::SANDBOX, 3, yen(30)), (Label::WALLET, 4, usd(50))]
        .map(|(rail, percent, fixed)| merchant::ChargeRule { rail, percent: Percent::whole(percent), fixed });
    let terms = merchant::Terms {
        percent: Percent::whole(6),
        rules: rules.into(),
        refund_returns_charge: true,
        receivable_percent: Percent::whole(20),
        receivable_floor_units: 300,
    };
    chapter.tell(None, Command::Merchant(merchant::Command::SetTerms { merchant: SHOP, terms }));
    let (secret, overlap) = (SecretId([4; 16]), Span::hours(1));
    chapter
        .tell(None, Command::Merchant(merchant::Command::RotateSecret { merchant: SHOP, secret, overlap }));
    let mode = Mode::Active;
    chapter.tell(None, Command::Merchant(merchant::Command::SetMode { merchant: SHOP, mode }));
    chapter.tell(None, Command::User(user::Command::Close { user: UserId(2) }));
    chapter.tell(Some(HERE), Command::Realm(realm::Command::AdvanceClock { by: Span::days(3) }));
    chapter
}

/// The first key, and one that follows it.
fn signing_keys() -> Chapter {
    let mut chapter = begin("signing keys");
    chapter.tell(None, Command::Signer(samples::adopt_key(1, 1, None)));
    chapter.tell(None, Command::Signer(samples::adopt_key(2, 2, Some(1))));
    chapter
}

/// A form that was replaced, and answers in every stage.
fn answers() -> Chapter {
    let mut chapter = begin("answers");
    for _ in 3..=4 {
        chapter.tell(None, Command::User(user::Command::Register { tenant: SHOP }));
    }
    let form = kyc::Form::default();
    chapter.tell(None, Command::Merchant(merchant::Command::SetKycForm { merchant: SHOP, form }));
    for number in 1..=4 {
        let (user, form, answers, documents) = (UserId(number), 2, samples::sealed(number), Vec::new());
        chapter.tell(None, Command::Kyc(kyc::Command::Save { user, form, answers, documents }));
    }
    for number in 2..=4 {
        chapter.tell(None, Command::Kyc(kyc::Command::Submit { user: UserId(number), form: 2 }));
    }
    chapter.tell(None, Command::Kyc(kyc::Command::Approve { user: UserId(3) }));
    let (user, reason) = (UserId(4), samples::sealed(4));
    chapter.tell(None, Command::Kyc(kyc::Command::Reject { user, reason }));
    chapter
}

/// A payer whose payment was called off, and a user who never had anything.
fn erasures() -> Chapter {
    let mut chapter = begin("erasures");
    chapter.create(1, usd(5_00));
    chapter.about(payment::Command::Cancel { payment: payment_id(1) });
    let (payer, closed) = (Subject::Payment(payment_id(1)), Subject::User(UserId(2)));
    chapter.tell(Some(HERE), Command::Subject(subject::Command::Erase { subject: payer }));
    chapter.tell(None, Command::User(user::Command::Close { user: UserId(2) }));
    chapter.tell(None, Command::Subject(subject::Command::Erase { subject: closed }));
    chapter
}

/// By card, at a konbini and with prepaid numbers; refunds, chargebacks, money that was not due, notifications.
fn payments() -> Chapter {
    let mut chapter = begin("payments");
    chapter.create(1, usd(100_00));
    chapter.receive(1, Method::CreditCard, usd(100_00));
    chapter.about(payment::Command::Refund { payment: payment_id(1), amount: Some(usd(30_00)) });
    let (amount, fee, rail) = (usd(100_00), usd(15_00), Label::SANDBOX);
    chapter.about(payment::Command::ChargeBack { payment: payment_id(1), amount, fee, rail });
    chapter.about(payment::Command::WinChargeback { payment: payment_id(1) });
    chapter.create(2, usd(50_00));
    let means = by(Method::CreditCard);
    chapter.about(payment::Command::Authorize { payment: payment_id(2), means, amount: usd(50_00) });
    chapter.about(payment::Command::Capture { payment: payment_id(2), amount: Some(usd(20_00)) });
    chapter.create(3, yen(1_200));
    let (means, instructions) = (by(Method::Konbini), Vec::new());
    chapter.about(payment::Command::Await { payment: payment_id(3), means, instructions });
    chapter.receive(3, Method::Konbini, yen(1_200));
    chapter.receive(3, Method::Konbini, yen(1_200));
    chapter.about(payment::Command::ReturnExcess { payment: payment_id(3) });
    chapter.create(4, yen(5_000));
    chapter.receive(4, Method::WebMoney, yen(2_000));
    chapter.receive(4, Method::BitCash, yen(3_000));
    chapter.attempt(1, Verdict::RetryAt(Timestamp(0)));
    chapter.attempt(2, Verdict::GaveUp);
    let requeue = webhook::Command::Requeue { delivery: delivery() };
    chapter.tell(Some(HERE), Command::Webhook(requeue));
    chapter.attempt(3, Verdict::Delivered);
    let (bank, net, fee) = (Label::MAIN, yen(900), yen(100));
    chapter.tell(Some(HERE), Command::Rail(rail::Command::Settle { rail, bank, net, fee }));
    chapter
}

/// Those that nobody paid, or not in full.
fn payments_that_end() -> Chapter {
    let mut chapter = begin("payments that end");
    chapter.create(1, yen(9_000));
    chapter.receive(1, Method::WebMoney, yen(2_000));
    chapter.about(payment::Command::Cancel { payment: payment_id(1) });
    chapter.create(2, usd(1_00));
    let (method, reason) = (Method::CreditCard, DeclineReason::InsufficientFunds);
    for _ in 0..payment::DECLINES_MAX {
        chapter.about(payment::Command::Decline { payment: payment_id(2), method, reason });
    }
    chapter.create(3, usd(1_00));
    chapter.about(payment::Command::Fail { payment: payment_id(3), reason: FailReason::Rail });
    chapter.create(4, usd(1_00));
    chapter.wait(HERE, Span::days(1));
    chapter
}

/// With tax and a fee, of the platform's own making, set aside in a wallet; and charges that go back with refunds.
fn payments_in_full() -> Chapter {
    let mut chapter = begin("payments in full");
    let terms = merchant::Terms { refund_returns_charge: true, ..merchant::Terms::default() };
    chapter.tell(None, Command::Merchant(merchant::Command::SetTerms { merchant: SHOP, terms }));
    chapter.credit(usd(100_00));
    for (number, origin) in [(1, payment::Origin::ItoPayment), (2, payment::Origin::Platform)] {
        let (tax, method_fee) = (usd(2_00), usd(1_00));
        let whole = samples::create(number, SHOP, usd(20_00));
        chapter.about(payment::Command::Create(payment::Create { tax, method_fee, origin, ..whole }));
        let payment = payment_id(number);
        chapter.about(payment::Command::AuthorizeByUser { payment, payer: UserId(1) });
        chapter.about(payment::Command::Capture { payment, amount: Some(usd(15_00)) });
        chapter.about(payment::Command::Refund { payment, amount: Some(usd(5_00)) });
    }
    chapter.about(payment::Command::Refund { payment: payment_id(1), amount: None });
    chapter
}

/// Wallets, tokens and points, and what is paid from them.
fn holders() -> Chapter {
    let mut chapter = begin("holders");
    let (tenant, holder) = (SHOP, UserId(1));
    let here = Some(HERE);
    chapter.tell(here, Command::Wallet(wallet::Command::Credit { holder: USER, amount: usd(100_00) }));
    let register = token::Command::Register { tenant, digits: 18, is_transferable: true, network: None };
    chapter.tell(None, Command::Token(register));
    let tokens = |minor| Money::new(minor, Currency::Token(Token::new(1, 18).unwrap()));
    chapter.tell(here, Command::Wallet(wallet::Command::Issue { holder: USER, amount: tokens(5) }));
    let (from, to) = (USER, Holder::Merchant(SHOP));
    chapter.tell(here, Command::Wallet(wallet::Command::Transfer { from, to, amount: tokens(2) }));
    let quantity = Money::new(5_00, Currency::SgpUsd);
    chapter.tell(here, Command::Points(points::Command::Grant { holder, quantity }));
    chapter.wait(HERE, Span::hours(1));
    chapter.tell(here, Command::Points(points::Command::Buy { holder, price: usd(20_00) }));
    for (number, purse) in [(1, Purse::Wallet), (2, Purse::Points)] {
        chapter.create(number, usd(10_00));
        let payment = payment_id(number);
        chapter.about(payment::Command::PayByUser { payment, payer: holder, purse });
        chapter.about(payment::Command::Refund { payment, amount: Some(usd(4_00)) });
    }
    let top_up = samples::create(3, SHOP, usd(30_00));
    chapter.about(payment::Command::Create(payment::Create { purpose: Purpose::TopUp(holder), ..top_up }));
    chapter.receive(3, Method::CreditCard, usd(30_00));
    let (amount, fee, rail) = (usd(30_00), usd(15_00), Label::SANDBOX);
    chapter.about(payment::Command::ChargeBack { payment: payment_id(3), amount, fee, rail });
    chapter.wait(HERE, Span::days(180));
    chapter
}

/// What is earned is settled, and paid out; then some of it is given back.
fn earnings() -> Chapter {
    let mut chapter = begin("earnings");
    chapter.create(1, usd(100_00));
    chapter.receive(1, Method::CreditCard, usd(100_00));
    let through = Day::of(chapter.now);
    chapter.wait(HERE, Span::days(1));
    let (merchant, currency) = (SHOP, Currency::Usd);
    let settle = settlement::Command::Settle { merchant, currency, through };
    chapter.tell(Some(HERE), Command::Settlement(settle));
    let send = payout::Command::Send { merchant, amount: usd(40_00), bank: Label::MAIN };
    for end in
        [payout::Command::Confirm { payout: PayoutId(1) }, payout::Command::Return { payout: PayoutId(2) }]
    {
        chapter.tell(Some(HERE), Command::Payout(send.clone()));
        chapter.tell(Some(HERE), Command::Payout(end));
    }
    chapter.about(payment::Command::Refund { payment: payment_id(1), amount: Some(usd(60_00)) });
    chapter
}

/// Two shops in test mode; the first has two users.
fn begin(name: &str) -> Chapter {
    let mut chapter = Chapter::begin(name);
    for _ in 0..2 {
        chapter.tell(None, Command::Merchant(samples::register(Mode::Test)));
    }
    for _ in 0..2 {
        chapter.tell(None, Command::User(user::Command::Register { tenant: SHOP }));
    }
    chapter
}

impl Chapter {
    /// Of the first shop's test realm.
    fn here(&mut self, command: Command) {
        self.tell(Some(HERE), command);
    }

    fn credit(&mut self, amount: Money) {
        self.here(Command::Wallet(wallet::Command::Credit { holder: USER, amount }));
    }

    fn about(&mut self, command: payment::Command) {
        self.here(Command::Payment(command));
    }

    fn create(&mut self, number: u64, amount: Money) {
        self.about(payment::Command::Create(samples::create(number, SHOP, amount)));
    }

    fn receive(&mut self, number: u64, method: Method, amount: Money) {
        self.about(payment::Command::Receive { payment: payment_id(number), means: by(method), amount });
    }

    fn attempt(&mut self, number: u32, verdict: Verdict) {
        let command = webhook::Command::RecordAttempt {
            delivery: delivery(),
            number,
            started_at: self.now,
            duration_ms: 7,
            answer: Answer::Status(if verdict == Verdict::Delivered { 200 } else { 500 }),
            verdict,
        };
        self.tell(Some(HERE), Command::Webhook(command));
    }
}

fn delivery() -> DeliveryId {
    DeliveryId { payment: payment_id(1), number: 1 }
}

fn by(method: Method) -> Means {
    let card = CardSummary { brand: Brand::Visa, last_four: 1111, month: 12, year: 2030 };
    Means { method, rail: Label::SANDBOX, card: (method == Method::CreditCard).then_some(card) }
}

const fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}

const fn yen(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}
