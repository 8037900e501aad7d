//! Fifty at once for what one can have: exactly one gets it, the rest are told why not, and the books agree.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::*;
use crate::{
    audit::{Level, audit},
    books::{Holder, Label, Realm},
    clock::ManualClock,
    domain::{
        AuthorizationId, CardId, Command, DepositId, Digest, ListingId, MerchantId, Month, UserId, card,
        chain::{self, Block, Custody, Owner},
        deposit, listing, merchant, order,
        payment::{self, Brand, CardSummary, Purse},
        points, subscription, user, wallet, withdrawal,
    },
    log::{Actor, MemoryStore},
    money::{Currency, Money},
    samples,
    writer::Provenance,
};

const SHOP: MerchantId = MerchantId(1);
const USER: UserId = UserId(1);
const WALLET: Custody = Custody::Wallet(Holder::User(USER));
const AT_ONCE: u64 = 50;

fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}

/// The month in which all of this happens.
const JANUARY: Month = Month((2026 - 1970) * 12);

fn ton(minor: i128) -> Money {
    Money::new(minor, Currency::Ton)
}

/// The user's address for TON.
fn assign() -> chain::Command {
    let owner = Owner::Keeps(WALLET);
    let (network, address, currency) = (Label::TON, samples::chain_address(1), Currency::Ton);
    chain::Command::Assign { network, address, currency, owner, private: None }
}

/// 10 arrive there, as the deposit with this number.
fn report(number: u64) -> Command {
    let (output, address) = (samples::output(number), samples::chain_address(1));
    let report =
        deposit::Command::Report { network: Label::TON, output, address, amount: ton(10), private: None };
    Command::Deposit(report)
}

fn confirm(number: u32) -> Command {
    let block = Block { number: 1, at: Timestamp(0) };
    Command::Deposit(deposit::Command::Confirm { deposit: DepositId(number), block })
}

fn withdraw(minor: i128, query: Option<Digest>) -> Command {
    let (from, network, amount, destination) = (WALLET, Label::TON, ton(minor), samples::sealed(1));
    let request = withdrawal::Request { from, network, amount, query, destination };
    Command::Withdrawal(withdrawal::Command::Request(request))
}

/// A shop in test mode, with one piece in stock at 10.00, and a user who has 10.00 in the wallet and a card that spends
/// it, 10.00 in points, and fifty payments of 10.00 to pay; who has subscribed at 0.50 a month, and has fifty payments to
/// pay for January too; and who has 10 of TON in the wallet and 10 more that were seen to arrive.
async fn begun(store: &Arc<MemoryStore>) -> Engine {
    // 2026-01-05T00:00:00Z
    let clock = Arc::new(ManualClock::new(Timestamp(1_767_571_200_000_000)));
    let options = Options { clock, random: Arc::new(samples::Counting::default()) };
    let engine = Engine::over(store.clone(), MasterKey::from_bytes([7; 32]), options).unwrap();
    let here = Some(Realm::Test(SHOP));
    let holder = Holder::User(USER);
    let mut commands = vec![
        (None, Command::Merchant(samples::register(merchant::Mode::Test))),
        (None, Command::User(user::Command::Register { tenant: SHOP })),
        (None, Command::User(user::Command::Register { tenant: SHOP })),
        (here, Command::Wallet(wallet::Command::Credit { holder, amount: usd(20_00) })),
        (here, Command::Points(points::Command::Buy { holder: USER, price: usd(10_00) })),
        (here, issue("card")),
        (here, Command::Chain(assign())),
        (here, report(1)),
        (here, confirm(1)),
        (here, report(2)),
    ];
    let price = usd(10_00);
    let list = listing::Command::List { merchant: SHOP, price, stock: 1, is_shippable: true };
    commands.push((here, Command::Listing(list)));
    for number in 0..AT_ONCE {
        let wish = samples::create(number, SHOP, usd(10_00));
        commands.push((here, Command::Payment(payment::Command::Create(wish))));
    }
    let plan = merchant::Plan { price: usd(50), earner: merchant::Earner::Platform };
    commands.push((None, Command::Merchant(merchant::Command::SetPlan { merchant: SHOP, plan })));
    commands.push((here, Command::Subscription(subscription::Command::Start { user: USER })));
    for number in AT_ONCE..2 * AT_ONCE {
        let purpose = payment::Purpose::Subscription(USER, JANUARY);
        let wish = payment::Create { purpose, ..samples::create(number, SHOP, usd(50)) };
        commands.push((here, Command::Payment(payment::Command::Create(wish))));
    }
    for (realm, command) in commands {
        engine.submit(envelope(&engine, realm, command)).await.unwrap();
    }
    engine
}

fn envelope(engine: &Engine, realm: Option<Realm>, command: Command) -> Envelope {
    Envelope::new(Provenance::new(engine.new_id(), Actor::Operator, realm), command)
}

/// Sends the fifty at once.
async fn answers(engine: &Engine, wish: impl Fn(u64) -> Command) -> Vec<Result<Receipt, SubmitError>> {
    let mut answers = JoinSet::new();
    for number in 0..AT_ONCE {
        let (engine, command) = (engine.clone(), wish(number));
        answers.spawn(async move {
            let envelope = envelope(&engine, Some(Realm::Test(SHOP)), command);
            engine.submit(envelope).await
        });
    }
    answers.join_all().await
}

/// Of fifty at once, one is accepted, and the rest are refused with this reason.
async fn check(wish: impl Fn(u64) -> Command, reason: &str) {
    let store = Arc::new(MemoryStore::new());
    let engine = begun(&store).await;
    check_in(&store, &engine, wish, reason).await;
}

async fn check_in(store: &Arc<MemoryStore>, engine: &Engine, wish: impl Fn(u64) -> Command, reason: &str) {
    let (won, lost): (Vec<_>, Vec<_>) = answers(engine, wish).await.into_iter().partition(Result::is_ok);
    let reasons: Vec<String> = lost.into_iter().map(|lost| lost.unwrap_err().to_string()).collect();
    assert_eq!((won.len(), reasons.len()), (1, AT_ONCE as usize - 1), "{reasons:?}");
    assert!(reasons.iter().all(|given| given == reason), "{reasons:?}");
    engine.close().await.unwrap();
    let report = audit(&**store, Level::Full, |_| ()).unwrap();
    assert!(report.is_clean(), "{:?}", report.checks);
}

fn pay(number: u64, purse: Purse) -> Command {
    let payment = samples::payment_id(number);
    Command::Payment(payment::Command::PayByUser { payment, payer: USER, purse })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_lot_is_spent_once() {
    check(|number| pay(number, Purse::Points), "at most 0.00 SGP-USD can be spent").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_wallet_is_spent_once() {
    check(|number| pay(number, Purse::Wallet), "test-1/wallet:user-1/USD is short of 10.00").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_wallet_is_given_away_once() {
    let (from, to) = (Holder::User(USER), Holder::User(UserId(2)));
    let transfer = |_| Command::Wallet(wallet::Command::Transfer { from, to, amount: usd(10_00) });
    check(transfer, "test-1/wallet:user-1/USD is short of 10.00").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_piece_in_stock_is_ordered_once() {
    let place = |number: u64| {
        Command::Order(order::Command::Place(order::Place {
            order: format!("ORD-{number:08}").parse().unwrap(),
            buyer: USER,
            listing: ListingId(1),
            quantity: 1,
            total: usd(10_00),
            points: Money::zero(Currency::SgpUsd),
            payment: samples::payment_id(100 + number),
            private: None,
        }))
    };
    check(place, "only 0 are left").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_payment_is_paid_once() {
    check(|_| pay(0, Purse::Points), "a payment that is captured cannot be paid by a user").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_month_is_paid_once() {
    for purse in [Purse::Wallet, Purse::Points] {
        let pay = subscription::Command::Pay { user: USER, month: JANUARY, purse };
        let wish = |_| Command::Subscription(pay.clone());
        check(wish, "2026-01 is paid: 0.50 USD, at 2026-01-05T00:00:00Z").await;
    }
}

/// Money that comes in is a fact: all are captured, one completes the month, and the others go back with their capture.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_month_keeps_one_payment() {
    let store = Arc::new(MemoryStore::new());
    let engine = begun(&store).await;
    let means = payment::Means { method: payment::Method::CreditCard, rail: Label::SANDBOX, card: None };
    let receive = |number| {
        let payment = samples::payment_id(AT_ONCE + number);
        Command::Payment(payment::Command::Receive { payment, means, amount: usd(50) })
    };
    let mut last: Vec<&str> = Vec::new();
    for answer in answers(&engine, receive).await {
        last.push(answer.unwrap().events.last().unwrap().kind.name());
    }
    last.sort_unstable();
    assert_eq!(last.split_off(AT_ONCE as usize - 1), ["subscription.paid"]);
    assert!(last.iter().all(|kind| *kind == "payment.refunded"), "{last:?}");
    engine.close().await.unwrap();
    let report = audit(&*store, Level::Full, |_| ()).unwrap();
    assert!(report.is_clean(), "{:?}", report.checks);
}

fn issue(token: &str) -> Command {
    Command::Card(card::Command::Issue(card::Issue {
        user: USER,
        rail: Label::ISSUING,
        token: token.parse().unwrap(),
        summary: CardSummary { brand: Brand::Visa, last_four: 1, month: 12, year: 2030 },
        currency: Currency::Usd,
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_wallet_is_authorised_once_on_a_card() {
    let authorize = |_| Command::Card(card::Command::Authorize { card: CardId(1), amount: usd(10_00) });
    check(authorize, "test-1/wallet:user-1/USD is short of 10.00").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_wallet_is_set_aside_for_one_payment() {
    let set_aside = |number| {
        let payment = samples::payment_id(number);
        Command::Payment(payment::Command::AuthorizeByUser { payment, payer: USER })
    };
    check(set_aside, "test-1/wallet:user-1/USD is short of 10.00").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_token_is_issued_once() {
    check(|_| issue("another"), "the rail's token is that of card 2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_authorisation_is_reversed_once() {
    let store = Arc::new(MemoryStore::new());
    let engine = begun(&store).await;
    let (card, authorization) = (CardId(1), AuthorizationId(1));
    let authorize = Command::Card(card::Command::Authorize { card, amount: usd(10_00) });
    engine.submit(envelope(&engine, Some(Realm::Test(SHOP)), authorize)).await.unwrap();
    let reverse = |_| Command::Card(card::Command::Reverse { card, authorization, amount: None });
    check_in(&store, &engine, reverse, "an authorization that is reversed cannot be reversed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_output_is_one_deposit() {
    check(|_| report(3), "this was reported before, as deposit 3").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_deposit_is_credited_once() {
    check(|_| confirm(2), "a deposit that is confirmed cannot be confirmed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_wallet_is_withdrawn_once() {
    check(|_| withdraw(10, None), "test-1/wallet:user-1/TON is short of 0.000000010").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_query_is_asked_once() {
    let query = Some(Digest([7; 32]));
    check(|_| withdraw(1, query), "this query was used before, for withdrawal 1").await;
}
