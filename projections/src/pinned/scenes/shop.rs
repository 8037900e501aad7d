//! What is pinned of orders: with points and with money, to each of their ends.

use choai_engine::{
    books::{Holder, Label, Realm},
    domain::{
        Command, ListingId, MerchantId, OrderNumber, Span, UserId, listing,
        order::{self, By},
        payment::{self, Method, Purse},
        points, user, wallet,
    },
    money::{Currency, Money},
};

use crate::scene::{Scene, id, receive, usd};

const SHOP: MerchantId = MerchantId(1);
const BUYER: UserId = UserId(1);
/// Sent, 20.00 USD each.
const TEA: ListingId = ListingId(1);
/// Not sent, 10.00 points each.
const PRIZE: ListingId = ListingId(2);

/// Orders paid with points, a wallet and a card: split, refunded, released by themselves, called off, charged back.
pub(crate) async fn orders() -> Scene {
    let scene = Scene::new();
    scene.register("Tea").await;
    scene.submit(None, Command::User(user::Command::Register { tenant: SHOP })).await;
    let here = scene.realm();
    let credit = wallet::Command::Credit { holder: Holder::User(BUYER), amount: usd(100_00) };
    scene.submit(Some(here), Command::Wallet(credit)).await;
    let grant = points::Command::Grant { holder: BUYER, quantity: sgp(30_00) };
    scene.submit(Some(here), Command::Points(grant)).await;
    scene.advance(here, Span::days(60)).await; // So that the two lots expire in different months.
    let buy = points::Command::Buy { holder: BUYER, price: usd(20_00) };
    scene.submit(Some(here), Command::Points(buy)).await;
    for (price, is_shippable) in [(usd(20_00), true), (sgp(10_00), false)] {
        let list = listing::Command::List { merchant: SHOP, price, stock: 10, is_shippable };
        scene.submit(Some(here), Command::Listing(list)).await;
    }
    settled(&scene, here).await;
    called_off(&scene, here).await;
    scene.advance(here, Span::days(200)).await; // Deadlines, and what is left lapses.
    scene
}

async fn settled(scene: &Scene, realm: Realm) {
    place(scene, realm, 1, (TEA, 2), usd(40_00), sgp(35_00)).await;
    pay(scene, 1).await;
    let (order, buyer, private) = (number(1), BUYER, None);
    for command in [
        order::Command::Ship { order, carrier: "Yamato".into(), tracking_number: "4711".into() },
        order::Command::ConfirmDelivery { order, buyer },
        order::Command::Dispute { order, buyer, private },
        order::Command::Resolve { order, to_buyer: usd(10_00) },
        order::Command::Refund { order, amount: Some(usd(27_00)) },
    ] {
        scene.submit(Some(realm), Command::Order(command)).await;
    }
    place(scene, realm, 2, (PRIZE, 1), sgp(10_00), sgp(10_00)).await;
    let order = number(2);
    for command in
        [order::Command::ConfirmDelivery { order, buyer }, order::Command::Release { order, buyer }]
    {
        scene.submit(Some(realm), Command::Order(command)).await;
    }
}

/// Before it is paid, by its merchant, by the buyer's bank; and one that nobody paid.
async fn called_off(scene: &Scene, realm: Realm) {
    for number in 3..=6 {
        place(scene, realm, number, (TEA, 1), usd(20_00), sgp(2_00)).await;
    }
    let cancel = |order, by| Command::Order(order::Command::Cancel { order: number(order), by });
    scene.submit(Some(realm), cancel(3, By::Buyer(BUYER))).await;
    pay(scene, 4).await;
    scene.submit(Some(realm), cancel(4, By::Merchant)).await;
    scene.pay(receive(5, Method::CreditCard, usd(18_00))).await;
    let (payment, amount, rail) = (id(5), usd(18_00), Label::SANDBOX);
    scene.pay(payment::Command::ChargeBack { payment, amount, fee: usd(15_00), rail }).await;
}

async fn place(
    scene: &Scene,
    realm: Realm,
    order: u32,
    (listing, quantity): (ListingId, u32),
    total: Money,
    points: Money,
) {
    let payment = id(order);
    let (order, buyer, private) = (number(order), BUYER, None);
    let wish = order::Place { order, buyer, listing, quantity, total, points, payment, private };
    scene.submit(Some(realm), Command::Order(order::Command::Place(wish))).await;
}

async fn pay(scene: &Scene, order: u32) {
    let (payment, purse) = (id(order), Purse::Wallet);
    scene.pay(payment::Command::PayByUser { payment, payer: BUYER, purse }).await;
}

fn number(of: u32) -> OrderNumber {
    format!("ORD-{of:08}").parse().unwrap()
}

const fn sgp(minor: i128) -> Money {
    Money::new(minor, Currency::SgpUsd)
}
