//! What is pinned beside the busy scene: holders and what they hold, and earnings on their way to the bank.
//!
//! A scene is a ledger of its own, so that one can be added without any line of another changing. A scene is added
//! to at its end only.

pub(super) mod shop;
pub(super) mod wallets;

use choai_engine::{
    books::{Holder, Label},
    domain::{
        Command, Day, DeliveryId, MerchantId, PayoutId, SecretId, Span, UserId,
        merchant::{self, Terms},
        payment::{self, Method, Purpose, Purse},
        payout, points, settlement, token, user, wallet, webhook,
    },
    money::{Currency, Money, Token},
};

use crate::scene::{Scene, create, id, receive, usd};

const SHOP: MerchantId = MerchantId(1);
const USER: UserId = UserId(1);
const WALLET: Holder = Holder::User(USER);

/// Wallets, tokens and points, what is paid from them, and what lapses.
pub(super) async fn holders() -> Scene {
    let scene = Scene::new();
    scene.register("Fruit").await;
    for _ in 0..2 {
        scene.submit(None, Command::User(user::Command::Register { tenant: SHOP })).await;
    }
    scene.submit(None, Command::User(user::Command::Close { user: UserId(2) })).await;
    let register =
        token::Command::Register { tenant: SHOP, digits: 18, is_transferable: true, network: None };
    scene.submit(None, Command::Token(register)).await;
    let tokens = |minor| Money::new(minor, Currency::Token(Token::new(1, 18).unwrap()));
    for command in [
        wallet::Command::Credit { holder: WALLET, amount: usd(100_00) },
        wallet::Command::Issue { holder: WALLET, amount: tokens(5) },
        wallet::Command::Transfer { from: WALLET, to: Holder::Merchant(SHOP), amount: tokens(2) },
    ] {
        scene.submit(Some(scene.realm()), Command::Wallet(command)).await;
    }
    for command in [
        points::Command::Grant { holder: USER, quantity: Money::new(5_00, Currency::SgpUsd) },
        points::Command::Buy { holder: USER, price: usd(20_00) },
    ] {
        scene.submit(Some(scene.realm()), Command::Points(command)).await;
    }
    for (number, purse) in [(1, Purse::Wallet), (2, Purse::Points)] {
        scene.pay(create(number, 1, usd(10_00))).await;
        scene.pay(payment::Command::PayByUser { payment: id(number), payer: USER, purse }).await;
        scene.pay(payment::Command::Refund { payment: id(number), amount: Some(usd(4_00)) }).await;
    }
    top_up(&scene).await;
    scene.advance(scene.realm(), Span::days(180)).await; // What is left of both lots lapses.
    scene
}

async fn top_up(scene: &Scene) {
    let payment::Command::Create(sale) = create(3, 1, usd(30_00)) else {
        unreachable!("a creation creates");
    };
    scene.pay(payment::Command::Create(payment::Create { purpose: Purpose::TopUp(USER), ..sale })).await;
    scene.pay(receive(3, Method::CreditCard, usd(30_00))).await;
}

/// What is earned is settled, and paid out; then some of it is given back. Beside it, what a merchant can have set.
pub(super) async fn earnings() -> Scene {
    let scene = Scene::new();
    let merchant = scene.register("Tea").await;
    scene.pay(create(1, 1, usd(100_00))).await;
    scene.pay(receive(1, Method::CreditCard, usd(100_00))).await;
    let through = Day::of(scene.engine.now());
    scene.advance(scene.realm(), Span::days(1)).await;
    let settle = settlement::Command::Settle { merchant, currency: Currency::Usd, through };
    scene.submit(Some(scene.realm()), Command::Settlement(settle)).await;
    for end in
        [payout::Command::Confirm { payout: PayoutId(1) }, payout::Command::Return { payout: PayoutId(2) }]
    {
        let send = payout::Command::Send { merchant, amount: usd(40_00), bank: Label::MAIN };
        scene.submit(Some(scene.realm()), Command::Payout(send)).await;
        scene.submit(Some(scene.realm()), Command::Payout(end)).await;
    }
    scene.pay(payment::Command::Refund { payment: id(1), amount: Some(usd(60_00)) }).await;
    let (secret, overlap) = (SecretId([4; 16]), Span::hours(1));
    for command in [
        merchant::Command::RotateSecret { merchant, secret, overlap },
        merchant::Command::SetTerms { merchant, terms: Terms::default() },
    ] {
        scene.submit(None, Command::Merchant(command)).await;
    }
    let delivery = DeliveryId { payment: id(1), number: 1 };
    scene.attempt(delivery, 1, webhook::Verdict::GaveUp).await;
    scene.submit(Some(scene.realm()), Command::Webhook(webhook::Command::Requeue { delivery })).await;
    scene
}
