//! Something of everything in the first shop's test realm, in whatever stage the next wish needs it.

use crate::{
    books::{Holder, Label},
    domain::{
        AddressId, CardId, Command, Day, DeliveryId, DepositId, Digest, ListingId, Month, OrderNumber,
        PaymentId, Span, UserId, WithdrawalId, card,
        chain::{self, Block, Custody, Owner},
        deposit, kyc, listing, order,
        payment::{self, Brand, CardSummary, Means, Method, Purse},
        payout, points, settlement,
        story::{HERE, SHOP, START, Story, sgp, usd, user},
        subscription, token, user as users, wallet,
        webhook::{self, Answer, Verdict},
        withdrawal::{self, Request},
    },
    money::{Currency, Money},
    samples::{self, chain_address, chain_hash, output, payment_id, sealed},
};

pub(super) const USER: UserId = UserId(1);
pub(super) const OTHER: UserId = UserId(2);
/// Another user of the first shop, who does nothing.
pub(super) const IDLE: UserId = UserId(5);
/// A user of the first shop who is closed, and never had anything.
pub(super) const GONE: UserId = UserId(6);
/// One whose answers are handed in; the idle one's are a draft.
pub(super) const ASKED: UserId = UserId(7);
pub(super) const WALLET: Custody = Custody::Wallet(Holder::User(USER));

pub(super) const fn yen(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

pub(super) const fn ton(minor: i128) -> Money {
    Money::new(minor, Currency::Ton)
}

/// A token that the first shop issues.
pub(super) fn tokens(minor: i128) -> Money {
    Money::new(minor, Currency::Token(crate::money::Token::new(1, 9).unwrap()))
}

pub(super) fn number(of: u32) -> OrderNumber {
    format!("ORD-{of:08}").parse().unwrap()
}

/// The payment of an order.
pub(super) fn payment_of(order: u32) -> PaymentId {
    payment_id(100 + u64::from(order))
}

pub(super) fn delivery(number: u64) -> DeliveryId {
    DeliveryId { payment: payment_id(number), number: 1 }
}

pub(super) fn by(method: Method) -> Means {
    Means { method, rail: "acquirer".parse().unwrap(), card: None }
}

pub(super) fn issue(token: &str) -> card::Issue {
    let summary = CardSummary { brand: Brand::Visa, last_four: 42, month: 3, year: 2029 };
    let (user, rail, token) = (USER, Label::ISSUING, token.parse().unwrap());
    card::Issue { user, rail, token, summary, currency: Currency::Usd }
}

pub(super) fn place(order: u32) -> order::Place {
    order::Place {
        order: number(order),
        buyer: USER,
        listing: ListingId(1),
        quantity: 1,
        total: usd(10_00),
        points: sgp(1_00),
        payment: payment_of(order),
        private: None,
    }
}

pub(super) fn request(query: u8) -> Request {
    let (amount, query) = (ton(10), Some(Digest([query; 32])));
    Request { from: WALLET, network: Label::TON, amount, query, destination: sealed(1) }
}

pub(super) fn attempt(number: u64, verdict: Verdict) -> Command {
    Command::Webhook(webhook::Command::RecordAttempt {
        delivery: delivery(number),
        number: 1,
        started_at: START,
        duration_ms: 7,
        answer: Answer::Status(200),
        verdict,
    })
}

pub(super) fn create(number: u64, amount: Money) -> Command {
    Command::Payment(payment::Command::Create(samples::create(number, SHOP, amount)))
}

pub(super) fn receive(payment: PaymentId, amount: Money) -> Command {
    let means = by(Method::CreditCard);
    Command::Payment(payment::Command::Receive { payment, means, amount })
}

pub(super) fn begin() -> Story {
    let mut story = Story::begin();
    story.context.realm = None;
    let (tenant, network) = (SHOP, None);
    let register = token::Command::Register { tenant, digits: 9, is_transferable: true, network };
    story.given(Command::Token(register));
    for _ in [IDLE, GONE, ASKED] {
        story.given(Command::User(users::Command::Register { tenant }));
    }
    story.given(Command::User(users::Command::Close { user: GONE }));
    for user in [IDLE, ASKED] {
        let (form, answers, documents) = (1, sealed(user.0), Vec::new());
        story.given(Command::Kyc(kyc::Command::Save { user, form, answers, documents }));
    }
    story.given(Command::Kyc(kyc::Command::Submit { user: ASKED, form: 1 }));
    story.context.realm = Some(HERE);
    earnings(&mut story);
    for amount in [usd(500_00), yen(100_000), ton(10_000)] {
        story.given(Command::Wallet(wallet::Command::Credit { holder: user(1), amount }));
    }
    story.given(Command::Wallet(wallet::Command::Credit { holder: user(2), amount: yen(5_000) }));
    story.given(Command::Points(points::Command::Grant { holder: USER, quantity: sgp(50_00) }));
    payments(&mut story);
    orders(&mut story);
    cards(&mut story);
    coins(&mut story);
    months(&mut story);
    story
}

/// One day is settled, of which a payout is on its way; another is over.
fn earnings(story: &mut Story) {
    for number in [1, 2] {
        story.given(create(number, usd(100_00)));
        story.given(receive(payment_id(number), usd(100_00)));
        let through = Day::of(story.context.now);
        story.wait(Span::days(1));
        if number == 1 {
            let (merchant, currency) = (SHOP, Currency::Usd);
            let settle = settlement::Command::Settle { merchant, currency, through };
            story.given(Command::Settlement(settle));
            let send = payout::Command::Send { merchant, amount: usd(10_00), bank: Label::MAIN };
            story.given(Command::Payout(send));
        }
    }
    story.given(attempt(2, Verdict::Delivered));
}

/// 3 is paid twice, 4 charged back, 5 authorised, 6 and 7 wait.
fn payments(story: &mut Story) {
    for (number, amount) in
        [(3, yen(1_200)), (4, usd(20_00)), (5, usd(20_00)), (6, usd(20_00)), (7, yen(1_200))]
    {
        story.given(create(number, amount));
    }
    let (payment, means, amount) = (payment_id(3), by(Method::Konbini), yen(1_200));
    for _ in 0..2 {
        story.given(Command::Payment(payment::Command::Receive { payment, means, amount }));
    }
    story.given(receive(payment_id(4), usd(20_00)));
    let (amount, fee, rail) = (usd(20_00), usd(15_00), by(Method::CreditCard).rail);
    let charge_back = payment::Command::ChargeBack { payment: payment_id(4), amount, fee, rail };
    story.given(Command::Payment(charge_back));
    let means = by(Method::CreditCard);
    let authorize = payment::Command::Authorize { payment: payment_id(5), means, amount };
    story.given(Command::Payment(authorize));
}

/// 1 is pending, 2 holding, 3 shipped, 4 delivered, 5 disputed, 6 released.
fn orders(story: &mut Story) {
    let list = listing::Command::List { merchant: SHOP, price: usd(10_00), stock: 100, is_shippable: true };
    story.given(Command::Listing(list));
    for of in 1..=6 {
        let (order, buyer, payment) = (number(of), USER, payment_of(of));
        let pay = payment::Command::PayByUser { payment, payer: buyer, purse: Purse::Wallet };
        let (carrier, tracking_number) = ("Yamato".into(), "4711".into());
        story.given(Command::Order(order::Command::Place(place(of))));
        let steps = [
            Command::Payment(pay),
            Command::Order(order::Command::Ship { order, carrier, tracking_number }),
            Command::Order(order::Command::ConfirmDelivery { order, buyer }),
            Command::Order(if of == 5 {
                order::Command::Dispute { order, buyer, private: None }
            } else {
                order::Command::Release { order, buyer }
            }),
        ];
        let taken = if of < 5 { of as usize - 1 } else { steps.len() };
        steps.into_iter().take(taken).for_each(|command| story.given(command));
    }
}

/// The first has an authorisation, the second is blocked.
fn cards(story: &mut Story) {
    for token in ["card-a", "card-b"] {
        story.given(Command::Card(card::Command::Issue(issue(token))));
    }
    let authorize = card::Command::Authorize { card: CardId(1), amount: usd(30_00) };
    story.given(Command::Card(authorize));
    story.given(Command::Card(card::Command::Block { card: CardId(2) }));
}

/// Deposit 1 is credited, 2 pending, 3 nobody's; withdrawal 1 is pending, 2 in a message.
fn coins(story: &mut Story) {
    let (network, block) = (Label::TON, Block { number: 1, at: START });
    for number in 1..=3 {
        let address = chain_address(number);
        if number < 3 {
            let (address, owner) = (address.clone(), Owner::Keeps(WALLET));
            let currency = Currency::Ton;
            let assign = chain::Command::Assign { network, address, currency, owner, private: None };
            story.given(Command::Chain(assign));
        }
        let (output, amount) = (output(number), ton(500));
        let report = deposit::Command::Report { network, output, address, amount, private: None };
        story.given(Command::Deposit(report));
        if number != 2 {
            let deposit = DepositId(number as u32);
            story.given(Command::Deposit(deposit::Command::Confirm { deposit, block }));
        }
    }
    for query in [1, 2] {
        story.given(Command::Withdrawal(withdrawal::Command::Request(request(query))));
    }
    story.given(send(story, 2));
}

pub(super) fn send(story: &Story, withdrawal: u32) -> Command {
    let (withdrawal, message) = (WithdrawalId(withdrawal), chain_hash(90));
    let expires_at = story.context.now + Span::hours(1);
    Command::Withdrawal(withdrawal::Command::Send { withdrawal, message, expires_at })
}

/// The first user's month waits, the second's is paid.
fn months(story: &mut Story) {
    for user in [USER, OTHER] {
        story.given(Command::Subscription(subscription::Command::Start { user }));
    }
    let (month, purse) = (month(story), Purse::Wallet);
    let pay = subscription::Command::Pay { user: OTHER, month, purse };
    story.given(Command::Subscription(pay));
}

pub(super) fn month(story: &Story) -> Month {
    Month::of(story.context.now)
}

/// Where the coins of deposit 1 are.
pub(super) const ADDRESS: AddressId = AddressId(1);
