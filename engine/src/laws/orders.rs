//! Orders kept a second time, from what their facts say: what is in escrow, what is held in points, what is on the
//! shelf, and what each may still become.

use std::collections::HashMap;

use crate::{
    books::Realm,
    domain::{
        ListingId, MerchantId, OrderNumber, Timestamp, UserId, listing, merchant,
        order::{self, Event as E, Order, Stage},
        payment, points,
    },
    money::Currency,
};

/// An order as its own facts have it, in smallest units.
pub(super) struct KnownOrder {
    pub(super) realm: Realm,
    pub(super) merchant: MerchantId,
    buyer: UserId,
    /// Of the money, and of what the merchant is paid for the points.
    pub(super) currency: Currency,
    stage: Stage,
    listing: ListingId,
    quantity: i128,
    is_shippable: bool,
    has_left: bool,
    /// What points and money have not gone back.
    points: i128,
    money: i128,
    /// What is in escrow, and what is held in points, as posted by whoever has to do with it.
    escrow: i128,
    held: i128,
    charge: i128,
    earned: i128,
    /// A dispute over what was in escrow was won: the money is the seller's, and the order stays refunded.
    is_won: bool,
    returned: i128,
    pub(super) deadline: Option<Timestamp>,
}

/// What a fact means for the books: how much money and how many points leave the order for the seller, or come back
/// from there; of it the charge.
pub(super) struct Moved {
    pub(super) money: i128,
    pub(super) points: i128,
    pub(super) charge: i128,
}

#[derive(Default)]
pub(super) struct Orders {
    known: HashMap<OrderNumber, KnownOrder>,
    shelf: HashMap<ListingId, i128>,
    deadlines: HashMap<MerchantId, merchant::Deadlines>,
}

impl Orders {
    pub(super) fn get(&self, order: OrderNumber) -> &KnownOrder {
        &self.known[&order]
    }

    pub(super) fn set_deadlines(&mut self, fact: &merchant::OrderDeadlinesSet) {
        self.deadlines.insert(fact.merchant, fact.deadlines);
    }

    pub(super) fn note_listing(&mut self, fact: &listing::Event) {
        match fact {
            listing::Event::Listed(fact) => {
                assert!(self.shelf.insert(fact.listing, fact.stock.into()).is_none());
            }
            listing::Event::StockAdjusted(fact) => {
                let stock = self.shelf.get_mut(&fact.listing).unwrap();
                *stock += i128::from(fact.by);
                assert_eq!(*stock, i128::from(fact.stock));
            }
            listing::Event::Repriced(_) | listing::Event::Closed(_) => {}
        }
    }

    /// Takes one fact about an order; gives what moves to its seller, or back from there as less than zero.
    pub(super) fn note(&mut self, fact: &order::Event, at: Timestamp) -> Moved {
        let nothing = Moved { money: 0, points: 0, charge: 0 };
        if let E::Placed(fact) = fact {
            self.place(fact);
            return nothing;
        }
        let known = self.known.get_mut(&fact.order()).expect("it was placed");
        let deadlines = self.deadlines.get(&known.merchant).copied().unwrap_or_default();
        let (from, to) = (known.stage, stage_after(fact, known));
        known.stage = to;
        if let Some(deadline) = known.deadline.take() {
            assert!(at <= deadline, "{} came after its deadline", fact.order());
        }
        match fact {
            E::Placed(_) => unreachable!("an order is placed once"),
            E::Paid(fact) => {
                assert!(
                    from == Stage::Pending && (0..=known.points + known.money).contains(&fact.charge.minor)
                );
                known.charge = fact.charge.minor;
                let wait = if known.is_shippable { deadlines.ship } else { deadlines.deliver };
                known.wait_until(fact.deadline, at + wait);
            }
            E::Shipped(fact) => {
                assert!(from == Stage::Holding && known.is_shippable);
                known.has_left = true;
                known.wait_until(fact.deadline, at + deadlines.deliver);
            }
            E::Delivered(fact) => {
                assert!(from == Stage::Shipped || from == Stage::Holding && !known.is_shippable);
                known.has_left = true;
                known.wait_until(fact.deadline, at + deadlines.accept);
            }
            E::Disputed(_) => assert!(matches!(from, Stage::Holding | Stage::Shipped | Stage::Delivered)),
            E::Released(fact) => {
                assert!(matches!(from, Stage::Delivered | Stage::Disputed));
                known.has_left = true;
                return known.release(fact);
            }
            E::Cancelled(_) => {
                assert_eq!(from, Stage::Pending);
                (known.points, known.money) = (0, 0);
                *self.shelf.get_mut(&known.listing).unwrap() += known.quantity;
            }
            E::Refunded(fact) if from == Stage::Released => return known.refund(fact),
            E::Refunded(fact) => {
                assert!(from.is_in_escrow() && fact.entry.is_empty());
                assert_eq!(
                    (fact.parts.points.minor, fact.parts.money.minor),
                    (known.points, known.money),
                    "all of it goes back"
                );
                (known.points, known.money) = (0, 0);
                if !known.has_left {
                    *self.shelf.get_mut(&known.listing).unwrap() += known.quantity;
                }
            }
        }
        nothing
    }

    fn place(&mut self, fact: &order::Placed) {
        let quantity = i128::from(fact.quantity);
        let stock = self.shelf.get_mut(&fact.listing).unwrap();
        *stock -= quantity;
        assert!(*stock >= 0 && quantity > 0, "what is not there was ordered");
        let (points, money) = (fact.parts.points.minor, fact.parts.money.minor);
        assert!(points >= 0 && money >= 0 && points + money == fact.total.minor);
        let known = KnownOrder {
            realm: fact.realm,
            merchant: fact.merchant,
            buyer: fact.buyer,
            currency: fact.parts.money.currency,
            stage: Stage::Pending,
            listing: fact.listing,
            quantity,
            is_shippable: fact.is_shippable,
            has_left: false,
            points,
            money,
            escrow: 0,
            held: 0,
            charge: 0,
            earned: 0,
            is_won: false,
            returned: 0,
            deadline: None,
        };
        assert!(self.known.insert(fact.order, known).is_none());
    }

    /// Points of its buyer that an order holds, or gives back.
    pub(super) fn hold(&mut self, purpose: points::Purpose, holder: UserId, minor: i128) {
        if let points::Purpose::Order(order) = purpose {
            let known = self.known.get_mut(&order).unwrap();
            assert_eq!(known.buyer, holder, "{order} holds somebody else's points");
            known.held += minor;
        }
    }

    /// Money that comes into escrow, or leaves it by the payment that brought it.
    pub(super) fn note_payment(&mut self, order: OrderNumber, fact: &payment::Event) {
        let known = self.known.get_mut(&order).unwrap();
        match fact {
            payment::Event::Captured(fact) => {
                known.escrow += fact.total.minor - fact.method_fee.minor;
                assert_eq!(known.escrow, known.money, "all that was to be paid came in");
            }
            payment::Event::Refunded(fact) => known.escrow -= fact.amount.minor,
            payment::Event::ChargedBack(fact) if !known.is_earned() => {
                known.escrow -= fact.merchant_bears.minor;
            }
            payment::Event::ChargebackWon(_) => known.is_won = true,
            _ => {}
        }
    }

    /// Between commands, escrow and held points are what every order says (law 5).
    pub(super) fn check(&self) {
        for (order, known) in &self.known {
            let money = if known.stage.is_in_escrow() { known.money } else { 0 };
            let is_held = known.stage == Stage::Pending || known.stage.is_in_escrow();
            let points = if is_held { known.points } else { 0 };
            assert_eq!((known.escrow, known.held), (money, points), "{order} is {}", known.stage);
        }
    }

    /// What the writer remembers of an order is what its facts say.
    pub(super) fn check_row(&self, number: OrderNumber, row: &Order) {
        let known = &self.known[&number];
        assert_eq!((row.stage, row.deadline, row.has_left), (known.stage, known.deadline, known.has_left));
        assert_eq!((row.left.points.minor, row.left.money.minor), (known.points, known.money));
        assert_eq!(
            (row.charge.minor, row.earned.minor, row.charge_returned.minor),
            (known.charge, known.earned, known.returned)
        );
        let drawn = row.draws.iter().map(|draw| draw.quantity.minor).sum::<i128>();
        let is_held = known.stage == Stage::Pending || known.stage.is_in_escrow();
        let redeemed = if is_held { 0 } else { known.points };
        assert_eq!(drawn, known.held + redeemed, "{number} is {}", known.stage);
    }

    /// What is on the shelf is what was put there, less what was ordered.
    pub(super) fn check_stock(&self, listing: ListingId, stock: u64) {
        assert_eq!(i128::from(stock), self.shelf[&listing]);
    }

    /// Orders of a realm that wait for a time.
    pub(super) fn waiting(&self, realm: Realm) -> impl Iterator<Item = (&OrderNumber, Timestamp)> {
        let here = self.known.iter().filter(move |(_, known)| known.realm == realm);
        here.filter_map(|(order, known)| Some((order, known.deadline?)))
    }
}

impl KnownOrder {
    pub(super) const fn is_earned(&self) -> bool {
        self.earned > 0 || self.is_won
    }

    fn wait_until(&mut self, deadline: Timestamp, expected: Timestamp) {
        assert_eq!(deadline, expected);
        self.deadline = Some(deadline);
    }

    fn release(&mut self, fact: &order::Released) -> Moved {
        let (points_back, money_back) = (fact.to_buyer.points.minor, fact.to_buyer.money.minor);
        assert!(money_back == 0 || points_back == self.points, "points go back before money");
        let whole = self.points + self.money;
        (self.points, self.money) = (self.points - points_back, self.money - money_back);
        self.earned = self.points + self.money;
        assert!(self.points >= 0 && self.money >= 0 && self.earned > 0);
        // Half up, written another way than in the rules.
        self.charge = (2 * self.charge * self.earned + whole) / (2 * whole);
        assert_eq!((fact.earned.minor, fact.charge.minor), (self.earned, self.charge));
        (self.escrow, self.held) = (self.escrow - self.money, self.held - self.points);
        Moved { money: self.money, points: self.points, charge: self.charge }
    }

    fn refund(&mut self, fact: &order::Refunded) -> Moved {
        let (points, money, returned) =
            (fact.parts.points.minor, fact.parts.money.minor, fact.charge_returned.minor);
        assert!(money == 0 || points == self.points, "points go back before money");
        assert!(points + money == fact.amount.minor && fact.amount.minor > 0);
        (self.points, self.money) = (self.points - points, self.money - money);
        self.returned += returned;
        assert!(self.points >= 0 && self.money >= 0 && (0..=self.charge).contains(&self.returned));
        (self.escrow, self.held) = (self.escrow + money, self.held + points);
        Moved { money: -money, points: -points, charge: -returned }
    }
}

fn stage_after(fact: &order::Event, known: &KnownOrder) -> Stage {
    match fact {
        E::Placed(_) => Stage::Pending,
        E::Paid(_) => Stage::Holding,
        E::Shipped(_) => Stage::Shipped,
        E::Delivered(_) => Stage::Delivered,
        E::Disputed(_) => Stage::Disputed,
        E::Released(_) => Stage::Released,
        E::Cancelled(_) => Stage::Cancelled,
        E::Refunded(fact) if fact.amount.minor < known.points + known.money => Stage::Released,
        E::Refunded(_) => Stage::Refunded,
    }
}
