//! What orders hold, as their own facts have it: money in escrow, and points.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::{
    books::{Account, AccountKey, Realm},
    domain::{
        Event, OrderNumber,
        order::{self, Parts},
    },
    log::Recorded,
};

/// One order.
struct Holding {
    realm: Realm,
    /// What of it is paid how: as long as anything is held, all of it is.
    parts: Parts,
    /// Whether its points are held: until it is settled, or called off.
    holds_points: bool,
    /// Whether its money is in escrow: from payment until it is settled.
    holds_money: bool,
}

/// Every order that is not settled yet: one that is holds nothing any more.
#[derive(Default)]
pub(super) struct Orders {
    known: HashMap<OrderNumber, Holding>,
    /// Accounts that the command so far had to do with, each with its order.
    touched: BTreeSet<(OrderNumber, AccountKey)>,
    command: Option<Uuid>,
}

impl Orders {
    /// What the accounts of orders must hold in which the command before this one had a part: within a command, money
    /// passes through them.
    pub(super) fn before(&mut self, causation: Uuid) -> Vec<(AccountKey, i128)> {
        let command = Some(causation);
        if self.command == command { Vec::new() } else { self.over(command) }
    }

    /// What the accounts of orders must hold in which the last command had a part.
    pub(super) fn at_end(&mut self) -> Vec<(AccountKey, i128)> {
        self.over(None)
    }

    fn over(&mut self, next: Option<Uuid>) -> Vec<(AccountKey, i128)> {
        self.command = next;
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().map(|(order, key)| (key, self.expected(order, &key))).collect()
    }

    /// An account of an order that was never placed holds nothing.
    fn expected(&self, order: OrderNumber, key: &AccountKey) -> i128 {
        let Some(known) = self.known.get(&order).filter(|known| known.realm == key.realm) else { return 0 };
        let (held, amount) = match key.account == Account::Escrow(order) {
            true => (known.holds_money, known.parts.money),
            false => (known.holds_points, known.parts.points),
        };
        if held && amount.currency == key.currency { amount.minor } else { 0 }
    }

    /// Takes one event.
    ///
    /// # Errors
    /// An order that is paid and is not open.
    pub(super) fn follow(&mut self, recorded: &Recorded) -> Result<(), String> {
        let Some(realm) = recorded.header.realm else { return Ok(()) };
        for posting in recorded.event.entry().map_or(&[][..], |entry| entry.postings()) {
            if let Account::Escrow(order) | Account::PointsHeld(order) = posting.account {
                let (account, currency) = (posting.account, posting.currency);
                self.touched.insert((order, AccountKey { realm, account, currency }));
            }
        }
        let Event::Order(event) = &recorded.event else { return Ok(()) };
        let order = event.order();
        if let order::Event::Placed(placed) = event {
            let (holds_points, holds_money) = (true, false);
            let holding = Holding { realm, parts: placed.parts, holds_points, holds_money };
            self.known.insert(order, holding);
        }
        let Some(known) = self.known.get_mut(&order) else {
            let is_paid = matches!(event, order::Event::Paid(_));
            return if is_paid { Err(format!("order {order} was paid and is not open")) } else { Ok(()) };
        };
        known.follow(event);
        let parts = known.parts;
        self.touched.extend(
            [(Account::Escrow(order), parts.money), (Account::PointsHeld(order), parts.points)]
                .map(|(account, amount)| (order, AccountKey { realm, account, currency: amount.currency })),
        );
        if !known.holds_points && !known.holds_money {
            self.known.remove(&order);
        }
        Ok(())
    }
}

impl Holding {
    fn follow(&mut self, event: &order::Event) {
        match event {
            order::Event::Placed(_)
            | order::Event::Shipped(_)
            | order::Event::Delivered(_)
            | order::Event::Disputed(_) => {}
            order::Event::Paid(_) => self.holds_money = true,
            order::Event::Released(_) | order::Event::Cancelled(_) | order::Event::Refunded(_) => {
                (self.holds_money, self.holds_points) = (false, false);
            }
        }
    }
}
