//! Listings, and orders to each of their ends: with points, money and both, sent and not sent.

use super::{Chapter, HERE, SHOP, begin, by, usd, yen};
use crate::{
    domain::{
        Command, ListingId, OrderNumber, Span, UserId, listing,
        merchant::{self, Deadlines, Terms},
        order::{self, By},
        payment::{self, Method, Purse},
        points,
    },
    money::{Currency, Money},
    samples::payment_id,
};

const BUYER: UserId = UserId(1);
const TEA: ListingId = ListingId(1);
const MUSIC: ListingId = ListingId(2);
const PRIZE: ListingId = ListingId(3);
const BOWL: ListingId = ListingId(4);

pub(super) fn orders() -> Chapter {
    let mut chapter = begin("orders");
    let terms = Terms { refund_returns_charge: true, ..Terms::default() };
    chapter.tell(None, Command::Merchant(merchant::Command::SetTerms { merchant: SHOP, terms }));
    chapter.credit(usd(200_00));
    chapter.credit(yen(5_000));
    let grant = points::Command::Grant { holder: BUYER, quantity: sgp(20_00) };
    chapter.here(Command::Points(grant));
    chapter.wait(HERE, Span::hours(1));
    chapter.here(Command::Points(points::Command::Buy { holder: BUYER, price: usd(25_00) }));
    listings(&mut chapter);
    disputed(&mut chapter);
    called_off(&mut chapter);
    left_alone(&mut chapter);
    chapter.about_listing(listing::Command::Close { listing: BOWL });
    chapter
}

fn listings(chapter: &mut Chapter) {
    let merchant = SHOP;
    for (price, stock, is_shippable) in
        [(usd(20_00), 10, true), (usd(5_00), 100, false), (sgp(10_00), 3, false), (yen(1_000), 5, true)]
    {
        chapter.about_listing(listing::Command::List { merchant, price, stock, is_shippable });
    }
    chapter.about_listing(listing::Command::Reprice { listing: MUSIC, price: usd(6_00) });
    chapter.about_listing(listing::Command::AdjustStock { listing: BOWL, by: -2 });
}

/// One is split and then refunded in part; one is all the seller's, of points alone, and goes back whole.
fn disputed(chapter: &mut Chapter) {
    chapter.place(1, (TEA, 2), usd(40_00), sgp(25_00));
    chapter.pay(1);
    chapter.ship(1);
    chapter.confirm(1);
    chapter.about_order(order::Command::Dispute { order: number(1), buyer: BUYER, private: None });
    chapter.about_order(order::Command::Resolve { order: number(1), to_buyer: usd(10_00) });
    chapter.about_order(order::Command::Refund { order: number(1), amount: Some(usd(12_00)) });
    chapter.place(2, (PRIZE, 1), sgp(10_00), sgp(10_00));
    chapter.confirm(2);
    chapter.about_order(order::Command::Release { order: number(2), buyer: BUYER });
    chapter.about_order(order::Command::Refund { order: number(2), amount: None });
}

/// Before it is paid, after it, by its payment's end, and by a bank.
fn called_off(chapter: &mut Chapter) {
    chapter.place(3, (BOWL, 1), yen(1_000), sgp(0));
    chapter.about_order(order::Command::Cancel { order: number(3), by: By::Buyer(BUYER) });
    chapter.place(4, (BOWL, 2), yen(2_000), sgp(0));
    chapter.pay(4);
    chapter.about_order(order::Command::Cancel { order: number(4), by: By::Merchant });
    chapter.place(5, (TEA, 1), usd(20_00), sgp(5_00));
    chapter.about(payment::Command::Cancel { payment: payment_id(5) });
    chapter.place(6, (TEA, 1), usd(20_00), sgp(5_00));
    chapter.receive(6, Method::CreditCard, usd(15_00));
    let (payment, rail) = (payment_id(6), by(Method::CreditCard).rail);
    chapter.about(payment::Command::ChargeBack { payment, amount: usd(15_00), fee: usd(15_00), rail });
}

/// With deadlines of the shop's own: unpaid, unshipped, not confirmed, not accepted.
fn left_alone(chapter: &mut Chapter) {
    let deadlines =
        Deadlines { pay: Span::hours(1), ship: Span::days(2), deliver: Span::days(3), accept: Span::days(4) };
    let set = merchant::Command::SetOrderDeadlines { merchant: SHOP, deadlines };
    chapter.tell(None, Command::Merchant(set));
    chapter.place(7, (TEA, 1), usd(20_00), sgp(5_00));
    chapter.place(8, (TEA, 1), usd(20_00), sgp(5_00));
    chapter.pay(8);
    chapter.place(9, (TEA, 3), usd(60_00), sgp(5_00));
    chapter.pay(9);
    chapter.ship(9);
    chapter.place(10, (MUSIC, 3), usd(18_00), sgp(0));
    chapter.pay(10);
    chapter.wait(HERE, Span::days(8));
}

impl Chapter {
    fn about_listing(&mut self, command: listing::Command) {
        self.here(Command::Listing(command));
    }

    fn about_order(&mut self, command: order::Command) {
        self.here(Command::Order(command));
    }

    fn place(&mut self, order: u32, (listing, quantity): (ListingId, u32), total: Money, points: Money) {
        let payment = payment_id(order.into());
        let (order, buyer, private) = (number(order), BUYER, None);
        let wish = order::Place { order, buyer, listing, quantity, total, points, payment, private };
        self.about_order(order::Command::Place(wish));
    }

    fn pay(&mut self, order: u32) {
        let (payment, purse) = (payment_id(order.into()), Purse::Wallet);
        self.about(payment::Command::PayByUser { payment, payer: BUYER, purse });
    }

    fn ship(&mut self, order: u32) {
        let (carrier, tracking_number) = ("Yamato".into(), "4711-0815".into());
        self.about_order(order::Command::Ship { order: number(order), carrier, tracking_number });
    }

    fn confirm(&mut self, order: u32) {
        self.about_order(order::Command::ConfirmDelivery { order: number(order), buyer: BUYER });
    }
}

fn number(of: u32) -> OrderNumber {
    format!("ORD-{of:08}").parse().unwrap()
}

const fn sgp(minor: i128) -> Money {
    Money::new(minor, Currency::SgpUsd)
}
