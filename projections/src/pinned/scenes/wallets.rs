//! What is pinned of coins, cards and months: what comes into a wallet from a chain, and leaves it by all of them.

use choai_engine::{
    books::{Holder, Label},
    domain::{
        AddressId, AuthorizationId, CardId, Command, DepositId, Digest, MerchantId, Month, Sealed, Span,
        Subject, UserId, WithdrawalId, card,
        chain::{self, Block, ChainAddress, ChainHash, Custody, Output, Owner},
        deposit,
        merchant::{self, Earner, Plan},
        payment::{self, Brand, CardSummary, Method, Purpose, Purse},
        points, subscription, user, wallet,
        withdrawal::{self, Request},
    },
    money::{Currency, Money},
};

use crate::scene::{Scene, create, id, receive, usd};

const SHOP: MerchantId = MerchantId(1);
const USER: UserId = UserId(1);
const WALLET: Holder = Holder::User(USER);

/// A shop, and its user with 100.00 USD.
async fn begin() -> Scene {
    let scene = Scene::new();
    scene.register("Tea").await;
    scene.submit(None, Command::User(user::Command::Register { tenant: SHOP })).await;
    let credit = wallet::Command::Credit { holder: WALLET, amount: usd(100_00) };
    submit(&scene, Command::Wallet(credit)).await;
    scene
}

async fn submit(scene: &Scene, command: Command) {
    scene.submit(Some(scene.realm()), command).await;
}

/// Deposits that are kept, that buy points, that buy nothing and that are nobody's; what a chain takes back; and
/// coins that leave.
pub(crate) async fn coins() -> Scene {
    let scene = begin().await;
    for (number, owner, amount) in [
        (1, Some(Owner::Keeps(Custody::Wallet(WALLET))), 50_000_000),
        (2, Some(Owner::Buys(USER)), 10_505_000),
        (3, Some(Owner::Keeps(Custody::Processor(SHOP))), 70_000_000),
        (4, None, 1_000_000),
    ] {
        if let Some(owner) = owner {
            assign(&scene, number, owner).await;
        }
        arrive(&scene, number, number, amount).await;
    }
    arrive(&scene, 5, 2, 5_000).await; // Under a cent.
    let owner = Owner::Keeps(Custody::Processor(SHOP));
    for command in [
        deposit::Command::Assign { deposit: DepositId(4), owner },
        deposit::Command::Reorganise { deposit: DepositId(2) },
        deposit::Command::Reorganise { deposit: DepositId(1) },
    ] {
        submit(&scene, Command::Deposit(command)).await;
    }
    leave(&scene).await;
    scene
}

async fn assign(scene: &Scene, number: u64, owner: Owner) {
    let (network, address, currency) = (Label::ETHEREUM, address(number), Currency::Usdt);
    let assign = chain::Command::Assign { network, address, currency, owner, private: None };
    submit(scene, Command::Chain(assign)).await;
}

async fn arrive(scene: &Scene, number: u64, at: u64, minor: i128) {
    let (network, address, amount) = (Label::ETHEREUM, address(at), usdt(minor));
    let report = deposit::Command::Report { network, output: output(number), address, amount, private: None };
    submit(scene, Command::Deposit(report)).await;
    let (deposit, block) = (DepositId(number as u32), Block { number: 9, at: scene.engine.now() });
    submit(scene, Command::Deposit(deposit::Command::Confirm { deposit, block })).await;
}

/// One leaves, and once more; one is given up. What arrived is swept.
async fn leave(scene: &Scene) {
    let (network, address, amount) = (Label::ETHEREUM, AddressId(3), usdt(60_000_000));
    let sweep = chain::Command::Sweep { network, address, amount, output: output(20) };
    submit(scene, Command::Chain(sweep)).await;
    let from = Custody::Processor(SHOP);
    for (query, minor) in [(1, 3_000_000), (2, 4_000_000)] {
        let destination = Sealed { subject: Subject::User(USER), bytes: vec![7; 48] };
        let (amount, query) = (usdt(minor), Some(Digest([query; 32])));
        let wish = Request { from, network, amount, query, destination };
        submit(scene, Command::Withdrawal(withdrawal::Command::Request(wish))).await;
    }
    let (withdrawal, message) = (WithdrawalId(1), hash(30));
    let expires_at = scene.engine.now() + Span::hours(1);
    let fee = Some(usdt(20_000));
    for command in [
        withdrawal::Command::Send { withdrawal, message, expires_at },
        withdrawal::Command::Process { withdrawal, output: output(31), fee },
        withdrawal::Command::Process { withdrawal, output: output(32), fee: None },
        withdrawal::Command::GiveUp { withdrawal: WithdrawalId(2) },
    ] {
        submit(scene, Command::Withdrawal(command)).await;
    }
}

/// A card is cleared in part, for more than is there, and not at all; then money comes back.
pub(crate) async fn cards() -> Scene {
    let scene = begin().await;
    let summary = CardSummary { brand: Brand::Visa, last_four: 42, month: 3, year: 2029 };
    let (user, rail, token) = (USER, Label::ISSUING, "card-a".parse().unwrap());
    let issue = card::Issue { user, rail, token, summary, currency: Currency::Usd };
    submit(&scene, Command::Card(card::Command::Issue(issue))).await;
    let card = CardId(1);
    for amount in [usd(30_00), usd(50_00)] {
        submit(&scene, Command::Card(card::Command::Authorize { card, amount })).await;
    }
    let authorization = AuthorizationId(1);
    for command in [
        card::Command::Increase { card, authorization, amount: usd(5_00) },
        card::Command::Clear { card, authorization, amount: usd(10_00) },
        card::Command::Reverse { card, authorization, amount: Some(usd(5_00)) },
        card::Command::Clear { card, authorization, amount: usd(90_00) },
        card::Command::Refund { card, amount: usd(3_00) },
    ] {
        submit(&scene, Command::Card(command)).await;
    }
    scene.advance(scene.realm(), Span::days(8)).await; // What is left of the second goes back.
    scene
}

/// Months paid from the wallet, with points and by a card; given back, charged back, unpaid and called off.
pub(crate) async fn months() -> Scene {
    let scene = begin().await;
    let plan = Plan { price: usd(8_00), earner: Earner::Tenant };
    let set_plan = merchant::Command::SetPlan { merchant: SHOP, plan };
    scene.submit(None, Command::Merchant(set_plan)).await;
    let quantity = Money::new(20_00, Currency::SgpUsd);
    submit(&scene, Command::Points(points::Command::Grant { holder: USER, quantity })).await;
    submit(&scene, Command::Subscription(subscription::Command::Start { user: USER })).await;
    let mut month = Month::of(scene.engine.now());
    for purse in [Purse::Wallet, Purse::Points] {
        let pay = subscription::Command::Pay { user: USER, month, purse };
        submit(&scene, Command::Subscription(pay)).await;
        let refund = subscription::Command::Refund { user: USER, month };
        submit(&scene, Command::Subscription(refund)).await;
        scene.advance(scene.realm(), Span::days(31)).await;
        month = month.next();
    }
    paid_by_cards(&scene, month).await;
    scene.advance(scene.realm(), Span::days(62)).await;
    submit(&scene, Command::Subscription(subscription::Command::Stop { user: USER })).await;
    scene
}

async fn paid_by_cards(scene: &Scene, month: Month) {
    let amount = usd(8_00);
    for number in [1, 2] {
        let payment::Command::Create(sale) = create(number, 1, amount) else {
            unreachable!("a creation creates");
        };
        let purpose = Purpose::Subscription(USER, month);
        scene.pay(payment::Command::Create(payment::Create { purpose, ..sale })).await;
    }
    for number in [1, 2] {
        scene.pay(receive(number, Method::CreditCard, amount)).await;
    }
    let (payment, rail) = (id(1), Label::SANDBOX);
    scene.pay(payment::Command::ChargeBack { payment, amount, fee: usd(15_00), rail }).await;
    scene.pay(payment::Command::WinChargeback { payment }).await;
}

fn address(number: u64) -> ChainAddress {
    format!("0x{number:040}").parse().unwrap()
}

fn hash(number: u64) -> ChainHash {
    format!("{number:064x}").parse().unwrap()
}

fn output(number: u64) -> Output {
    Output { transaction: hash(number), index: 0 }
}

fn usdt(minor: i128) -> Money {
    Money::new(minor, Currency::Usdt)
}
