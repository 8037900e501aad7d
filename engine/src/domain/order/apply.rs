//! What the writer remembers of an order.

use serde::{Deserialize, Serialize};

use super::{Action, Escrow, Event, Placed, Rejection, Stage};
use crate::{
    books::Realm,
    domain::{
        Context, Due, ListingId, MerchantId, OrderNumber, PaymentId, Timestamp, UserId,
        points::{self, Draw},
    },
    money::{Currency, Money, MoneyError},
    state::State,
};

/// An amount taken apart into what points pay and what money pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// In points.
    pub points: Money,
    /// In money: dollars where points pay for everything.
    pub money: Money,
}

impl Parts {
    /// Both together, in money.
    pub const fn whole(self) -> Money {
        Money::new(self.points.minor + self.money.minor, self.money.currency)
    }

    /// As much as `minor` of it: points first.
    pub(super) fn first(self, minor: i128) -> Self {
        let points = Money::new(self.points.minor.min(minor), self.points.currency);
        Self { points, money: Money::new(minor - points.minor, self.money.currency) }
    }

    /// What is left without `other`.
    pub(super) const fn without(self, other: Self) -> Self {
        Self {
            points: Money::new(self.points.minor - other.points.minor, self.points.currency),
            money: Money::new(self.money.minor - other.money.minor, self.money.currency),
        }
    }
}

/// What rules need to know of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// In which realm.
    pub realm: Realm,
    /// Who sells.
    pub merchant: MerchantId,
    /// Who buys.
    pub buyer: UserId,
    /// What.
    pub listing: ListingId,
    /// How many.
    pub quantity: u32,
    /// Whether it is sent.
    pub is_shippable: bool,
    /// Whether it has left the merchant: been sent, delivered without, or paid for.
    pub has_left: bool,
    /// What all of it costs.
    pub total: Money,
    /// What has not gone back to the buyer.
    pub left: Parts,
    /// The payment that brings the money.
    pub payment: Option<PaymentId>,
    /// The points drawn and not given back, in the order they were drawn.
    pub draws: Vec<Draw>,
    /// How far it has come.
    pub stage: Stage,
    /// Where the money was last; none before it was paid.
    pub escrow: Option<Escrow>,
    /// When something happens by itself; a pending order ends with its payment.
    pub deadline: Option<Timestamp>,
    /// The charge: frozen when it was paid, the seller's share of it once it is released.
    pub charge: Money,
    /// What the seller was paid, before the charge.
    pub earned: Money,
    /// How much of the charge went back to the merchant.
    pub charge_returned: Money,
}

impl Order {
    /// Whether it is visible from `context`: its realm, and its tenant if one asks.
    pub fn belongs_to(&self, context: &Context) -> bool {
        context.realm == Some(self.realm) && context.speaks_for(self.merchant)
    }

    /// The currency its merchant is paid in.
    pub const fn paid_out_in(&self) -> Currency {
        self.left.money.currency
    }

    /// Whether anything is still to come of it by itself: it is to be paid, or the money is held.
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Pending) || self.stage.is_in_escrow()
    }

    /// Whether what was ordered never left the merchant.
    pub const fn is_on_the_shelf(&self) -> bool {
        !self.has_left
    }

    pub(super) fn check(&self, action: Action) -> Result<(), Rejection> {
        let stage = self.stage;
        if action.is_allowed(stage) { Ok(()) } else { Err(Rejection::NotAllowed { stage, action }) }
    }

    pub(super) fn check_range(&self, amount: Money, least: Money, most: Money) -> Result<(), Rejection> {
        if amount.currency != self.total.currency {
            return Err(Rejection::WrongCurrency(self.total.currency));
        }
        let is_within = (least.minor..=most.minor).contains(&amount.minor);
        if is_within { Ok(()) } else { Err(Rejection::OutOfRange { least, most }) }
    }

    /// The part of the charge that a refund of `amount` gives back, half up; all refunds together give back all of it.
    pub(super) fn charge_share(&self, amount: Money) -> Result<Money, MoneyError> {
        let refunded = self.earned.minus(self.left.whole())?;
        let share = |refunded: Money| self.charge.share(refunded.minor, self.earned.minor);
        share(refunded.plus(amount)?)?.minus(share(refunded)?)
    }
}

/// Folds one fact into the orders' table, their deadlines and the merchants' sales.
pub fn apply(state: &mut State, event: &Event, context: &Context) {
    let id = event.order();
    match event {
        Event::Placed(event) => state.orders.put(id, open(event)),
        Event::Paid(event) => {
            state.orders.change(&id, |order| order.charge = event.charge);
            go_on(state, id, Stage::Holding, Some(event.deadline));
        }
        Event::Shipped(event) => go_on(state, id, Stage::Shipped, Some(event.deadline)),
        Event::Delivered(event) => go_on(state, id, Stage::Delivered, Some(event.deadline)),
        Event::Disputed(_) => go_on(state, id, Stage::Disputed, None),
        Event::Released(event) => {
            state.orders.change(&id, |order| {
                order.left = order.left.without(event.to_buyer);
                order.earned = event.earned;
                order.charge = event.charge;
            });
            go_on(state, id, Stage::Released, None);
            if let Some(order) = state.orders.get(&id) {
                let currency = order.paid_out_in();
                state.add_sale(order.realm, order.merchant, currency, context.now, event.earned.minor);
            }
        }
        Event::Cancelled(_) => {
            state.orders.change(&id, |order| order.left = order.left.without(order.left));
            go_on(state, id, Stage::Cancelled, None);
        }
        Event::Refunded(event) => {
            let mut is_over = true;
            state.orders.change(&id, |order| {
                order.left = order.left.without(event.parts);
                order.charge_returned.minor += event.charge_returned.minor;
                is_over = order.left.whole().is_zero();
            });
            go_on(state, id, if is_over { Stage::Refunded } else { Stage::Released }, None);
        }
    }
}

/// Notes what points an order holds, and what of them went back.
pub fn apply_points(state: &mut State, event: &points::Event) {
    points::keep_draws(event, |purpose, by| match purpose {
        points::Purpose::Order(id) => state.orders.change(&id, |order| by(&mut order.draws)),
        // A payment and a subscription remember their own.
        points::Purpose::Payment(_) | points::Purpose::Subscription(_) | points::Purpose::TakenBack(_) => {}
    });
}

fn open(event: &Placed) -> Order {
    let nothing = Money::zero(event.parts.money.currency);
    Order {
        realm: event.realm,
        merchant: event.merchant,
        buyer: event.buyer,
        listing: event.listing,
        quantity: event.quantity,
        is_shippable: event.is_shippable,
        has_left: false,
        total: event.total,
        left: event.parts,
        payment: event.payment,
        draws: Vec::new(),
        stage: Stage::Pending,
        escrow: None,
        deadline: None,
        charge: nothing,
        earned: nothing,
        charge_returned: nothing,
    }
}

fn go_on(state: &mut State, id: OrderNumber, stage: Stage, deadline: Option<Timestamp>) {
    let Some(before) = state.orders.get(&id) else { return };
    if let Some(deadline) = before.deadline {
        state.dues.strike(before.realm, deadline, Due::OrderDeadline(id));
    }
    if let Some(deadline) = deadline {
        state.dues.note(before.realm, deadline, Due::OrderDeadline(id));
    }
    state.orders.change(&id, |order| {
        order.stage = stage;
        order.escrow = stage.escrow().or(order.escrow);
        order.deadline = deadline;
        order.has_left |= matches!(stage, Stage::Shipped | Stage::Delivered | Stage::Released);
    });
}
