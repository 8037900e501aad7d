//! Orders, as data: given some wishes, when another comes or time passes, then these events or that refusal.

mod deadlines;
mod disputes;
mod edges;
mod endings;
mod placing;
mod points_held;
mod refunds;
mod stages;

use super::{By, Command, Place};
use crate::{
    books::Label,
    domain::{
        self, ListingId, OrderNumber, PaymentId, UserId, listing, payment, points,
        story::{SHOP, Story, credit, jpy, sgp, usd, user},
    },
    money::{Currency, Money},
    samples,
};

const BUYER: UserId = UserId(1);
const STRANGER: UserId = UserId(2);
/// Sent, 20.00 USD each, ten of them.
const TEA: ListingId = ListingId(1);
/// Not sent, 5.00 USD each.
const MUSIC: ListingId = ListingId(2);
/// For 10.00 points each.
const PRIZE: ListingId = ListingId(3);
/// Sent, for 1,000 JPY each.
const BOWL: ListingId = ListingId(4);

fn number(of: u32) -> OrderNumber {
    format!("ORD-{of:08}").parse().unwrap()
}

/// The payment that comes with an order.
fn payment_of(order: u32) -> PaymentId {
    samples::payment_id(order.into())
}

fn list(price: Money, stock: u64, is_shippable: bool) -> domain::Command {
    domain::Command::Listing(listing::Command::List { merchant: SHOP, price, stock, is_shippable })
}

/// Four listings; 100.00 USD and 5,000 JPY in the buyer's wallet, and 30.00 points, 10.00 of them bought.
fn begun() -> Story {
    let mut story = Story::begin();
    for command in [
        list(usd(20_00), 10, true),
        list(usd(5_00), 100, false),
        list(sgp(10_00), 1, false),
        list(jpy(1_000), 5, true),
        credit(user(1), usd(110_00)),
        credit(user(1), jpy(5_000)),
        domain::Command::Points(points::Command::Grant { holder: BUYER, quantity: sgp(20_00) }),
        domain::Command::Points(points::Command::Buy { holder: BUYER, price: usd(10_00) }),
    ] {
        story.given(command);
    }
    story
}

fn place(order: u32, listing: ListingId, quantity: u32, total: Money, points: i128) -> domain::Command {
    domain::Command::Order(Command::Place(Place {
        order: number(order),
        buyer: BUYER,
        listing,
        quantity,
        total,
        points: sgp(points),
        payment: payment_of(order),
        private: None,
    }))
}

/// Two cups of tea at 40.00 USD, so much of it in points.
fn place_tea(order: u32, points: i128) -> domain::Command {
    place(order, TEA, 2, usd(40_00), points)
}

fn pay(order: u32, payer: UserId, purse: payment::Purse) -> domain::Command {
    domain::Command::Payment(payment::Command::PayByUser { payment: payment_of(order), payer, purse })
}

fn pay_from_wallet(order: u32) -> domain::Command {
    pay(order, BUYER, payment::Purse::Wallet)
}

fn by(method: payment::Method) -> payment::Means {
    payment::Means { method, rail: Label::SANDBOX, card: None }
}

fn card_pays(order: u32, amount: Money) -> domain::Command {
    let means = by(payment::Method::CreditCard);
    domain::Command::Payment(payment::Command::Receive { payment: payment_of(order), means, amount })
}

fn charge_back(order: u32, amount: Money) -> domain::Command {
    let (payment, fee, rail) = (payment_of(order), usd(15_00), Label::SANDBOX);
    domain::Command::Payment(payment::Command::ChargeBack { payment, amount, fee, rail })
}

fn win(order: u32) -> domain::Command {
    domain::Command::Payment(payment::Command::WinChargeback { payment: payment_of(order) })
}

fn cancel(order: u32, by: By) -> domain::Command {
    domain::Command::Order(Command::Cancel { order: number(order), by })
}

fn ship(order: u32) -> domain::Command {
    let (carrier, tracking_number) = ("Yamato".into(), "4711-0815".into());
    domain::Command::Order(Command::Ship { order: number(order), carrier, tracking_number })
}

fn confirm(order: u32) -> domain::Command {
    domain::Command::Order(Command::ConfirmDelivery { order: number(order), buyer: BUYER })
}

fn release(order: u32) -> domain::Command {
    domain::Command::Order(Command::Release { order: number(order), buyer: BUYER })
}

fn dispute(order: u32) -> domain::Command {
    domain::Command::Order(Command::Dispute { order: number(order), buyer: BUYER, private: None })
}

fn resolve(order: u32, to_buyer: Money) -> domain::Command {
    domain::Command::Order(Command::Resolve { order: number(order), to_buyer })
}

fn refund(order: u32, amount: Option<Money>) -> domain::Command {
    domain::Command::Order(Command::Refund { order: number(order), amount })
}

/// Two cups of tea, 25.00 of them in points and 15.00 from the wallet, taken so far.
fn tea(so_far: impl IntoIterator<Item = domain::Command>) -> Story {
    let mut story = begun();
    story.given(place_tea(1, 25_00));
    story.given(pay_from_wallet(1));
    so_far.into_iter().for_each(|command| story.given(command));
    story
}
