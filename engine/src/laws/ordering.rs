//! The commands that wishes about listings and orders stand for, and what has to be known to make them.

use proptest::sample::Index;

use super::{
    commands::user_of,
    wishes::{Ordering, Part, Wish},
};
use crate::{
    books::{Label, Realm},
    domain::{
        Command, Event, ListingId, MerchantId, OrderNumber, PaymentId, Span, UserId, listing, merchant,
        order::{self, By, Command as C},
        payment,
    },
    log::Recorded,
    money::{Currency, Money},
};

/// How many of the latest orders wishes are about: fewer get further.
const LATEST: usize = 3;

/// What was listed and ordered so far.
#[derive(Default)]
pub(super) struct Market {
    listings: Vec<(ListingId, Realm, MerchantId, Money)>,
    orders: Vec<Ordered>,
}

#[derive(Clone, Copy)]
struct Ordered {
    order: OrderNumber,
    realm: Realm,
    merchant: MerchantId,
    buyer: UserId,
    payment: Option<PaymentId>,
    total: Money,
    money: Money,
}

impl Market {
    /// What each tenant begins with.
    pub(super) fn first_listings(merchant: MerchantId) -> [Command; 2] {
        let list = |minor, is_shippable| {
            let price = Money::new(minor, Currency::Usd);
            Command::Listing(listing::Command::List { merchant, price, stock: 9, is_shippable })
        };
        [list(7_77, true), list(1_33, false)]
    }

    pub(super) fn learn(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::Listing(listing::Event::Listed(fact)) => {
                self.listings.push((fact.listing, fact.realm, fact.merchant, fact.price));
            }
            Event::Listing(listing::Event::Repriced(fact)) => {
                let listing = self.listings.iter_mut().find(|(listing, ..)| *listing == fact.listing);
                listing.expect("it was listed").3 = fact.price;
            }
            Event::Order(order::Event::Placed(fact)) => self.orders.push(Ordered {
                order: fact.order,
                realm: fact.realm,
                merchant: fact.merchant,
                buyer: fact.buyer,
                payment: fact.payment,
                total: fact.total,
                money: fact.parts.money,
            }),
            _ => {}
        }
    }

    /// A wish as a command, and the realm it is for; one about an order where there is none places one.
    pub(super) fn word(
        &self,
        wish: &Wish,
        what: Ordering,
        selected: (Option<Realm>, MerchantId),
        fresh: (OrderNumber, PaymentId),
    ) -> (Option<Realm>, Command) {
        let listing = *wish.payment.get(&self.listings);
        match what {
            Ordering::List { currency, price, stock, is_shippable } => {
                let (realm, merchant) = selected;
                let price = Money::new(price, currency);
                (realm, Command::Listing(listing::Command::List { merchant, price, stock, is_shippable }))
            }
            Ordering::SetDeadlines(hours) => {
                let span = Span::hours(1 + 20 * hours);
                let deadlines = merchant::Deadlines { pay: span, ship: span, deliver: span, accept: span };
                let merchant = selected.1;
                (None, Command::Merchant(merchant::Command::SetOrderDeadlines { merchant, deadlines }))
            }
            Ordering::Reprice(_) | Ordering::AdjustStock(_) | Ordering::CloseListing => {
                (Some(listing.1), Command::Listing(about_listing(what, listing.0, listing.3)))
            }
            Ordering::Place { quantity, points } => self.place(wish, listing, (quantity, points), fresh),
            _ => match self.latest(&wish.payment) {
                Some(known) => (Some(known.realm), about_order(wish, what, known)),
                None => self.place(wish, listing, (1, Part::NOTHING), fresh),
            },
        }
    }

    /// Who sells.
    pub(super) fn merchant(&self, order: OrderNumber) -> MerchantId {
        let known = self.orders.iter().find(|known| known.order == order);
        known.expect("it was placed").merchant
    }

    fn latest(&self, index: &Index) -> Option<Ordered> {
        let latest = &self.orders[self.orders.len().saturating_sub(LATEST)..];
        (!latest.is_empty()).then(|| *index.get(latest))
    }

    fn place(
        &self,
        wish: &Wish,
        (listing, realm, merchant, price): (ListingId, Realm, MerchantId, Money),
        (quantity, points): (u32, Part),
        (order, payment): (OrderNumber, PaymentId),
    ) -> (Option<Realm>, Command) {
        let total = Money::new(price.minor * i128::from(quantity), price.currency);
        let all_in_points = total.currency == Currency::SgpUsd;
        let points = match all_in_points {
            true => total.minor,
            // Half of all orders take points at all.
            false if quantity % 2 == 0 => points.of(total.minor),
            false => 0,
        };
        let place = order::Place {
            order,
            buyer: user_of(wish.holders.0, merchant),
            listing,
            quantity,
            total,
            points: Money::new(points, Currency::SgpUsd),
            payment,
            private: None,
        };
        (Some(realm), Command::Order(C::Place(place)))
    }
}

fn about_listing(what: Ordering, listing: ListingId, price: Money) -> listing::Command {
    match what {
        Ordering::Reprice(minor) => {
            listing::Command::Reprice { listing, price: Money::new(minor, price.currency) }
        }
        Ordering::AdjustStock(by) => listing::Command::AdjustStock { listing, by },
        _ => listing::Command::Close { listing },
    }
}

fn about_order(wish: &Wish, what: Ordering, known: Ordered) -> Command {
    let Ordered { order, buyer, total, .. } = known;
    let part = |part: Part| Money::new(part.of(total.minor), total.currency);
    Command::Order(match what {
        Ordering::Pay { by_card } => return pay(wish, by_card, known),
        Ordering::ChargeBack(taken) => return charge_back(known, taken),
        Ordering::Cancel(by_buyer) => {
            C::Cancel { order, by: if by_buyer { By::Buyer(buyer) } else { By::Merchant } }
        }
        Ordering::Ship => C::Ship { order, carrier: "Yamato".into(), tracking_number: "4711".into() },
        Ordering::Confirm => C::ConfirmDelivery { order, buyer },
        Ordering::Release => C::Release { order, buyer },
        // Now and then somebody else's.
        Ordering::Dispute => {
            let buyer = if wish.holders.1 == 6 { user_of(wish.holders.0, known.merchant) } else { buyer };
            C::Dispute { order, buyer, private: None }
        }
        Ordering::Resolve(to_buyer) => C::Resolve { order, to_buyer: part(to_buyer) },
        Ordering::Refund(amount) => C::Refund { order, amount: amount.map(part) },
        Ordering::List { .. }
        | Ordering::Reprice(_)
        | Ordering::AdjustStock(_)
        | Ordering::CloseListing
        | Ordering::SetDeadlines(_)
        | Ordering::Place { .. } => unreachable!("{what:?} is about no order"),
    })
}

fn rail(realm: Realm) -> Label {
    if realm.is_test() { Label::SANDBOX } else { super::commands::acquirer() }
}

/// An order that points paid for has no payment, and is paid all the same.
fn pay(wish: &Wish, by_card: bool, known: Ordered) -> Command {
    let payment = known.payment.unwrap_or_else(|| crate::samples::payment_id(0));
    let means = payment::Means { method: payment::Method::CreditCard, rail: rail(known.realm), card: None };
    // Now and then somebody else pays.
    let payer = match wish.holders.1 {
        6 => user_of(wish.holders.0, known.merchant),
        _ => known.buyer,
    };
    let purse = if wish.holders.1 == 5 { payment::Purse::Points } else { payment::Purse::Wallet };
    Command::Payment(match by_card {
        true => payment::Command::Receive { payment, means, amount: known.money },
        false => payment::Command::PayByUser { payment, payer, purse },
    })
}

fn charge_back(known: Ordered, taken: Part) -> Command {
    let payment = known.payment.unwrap_or_else(|| crate::samples::payment_id(0));
    let amount = Money::new(taken.of(known.money.minor), known.money.currency);
    let fee = Money::new(3, known.money.currency);
    Command::Payment(payment::Command::ChargeBack { payment, amount, fee, rail: rail(known.realm) })
}
