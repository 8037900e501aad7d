//! What the writer remembers of a merchant's earnings: the days that no settlement has closed yet.

use serde::{Deserialize, Serialize};

use super::{Event, Figures};
use crate::{
    books::Realm,
    domain::{Context, Day, MerchantId, order, payment},
    money::{Currency, Money},
    state::State,
};

/// A merchant's open days in one realm and currency. A settlement drops those it closes; until then the row grows by
/// each day with any earnings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDays {
    settled_through: Option<Day>,
    carried: Money,
    /// In order; only those on which something happened.
    days: Vec<(Day, Figures)>,
}

impl OpenDays {
    /// Before anything happened.
    pub const fn begin(currency: Currency) -> Self {
        Self { settled_through: None, carried: Money::zero(currency), days: Vec::new() }
    }

    /// The last day of the last settlement.
    pub const fn settled_through(&self) -> Option<Day> {
        self.settled_through
    }

    /// What the last settlement did not move.
    pub const fn carried(&self) -> Money {
        self.carried
    }

    /// The open days on which something happened, in order.
    pub fn days(&self) -> &[(Day, Figures)] {
        &self.days
    }

    /// Where the next period begins: after the last one, or on the first day there was.
    pub(super) fn begins(&self) -> Option<Day> {
        self.settled_through.map(Day::next).or_else(|| self.days.first().map(|(day, _)| *day))
    }

    /// What the days through this one come to; `None` where nothing happened on them.
    pub(super) fn through(&self, through: Day) -> Option<Figures> {
        let mut days = self.days.iter().take_while(|(day, _)| *day <= through);
        let (_, mut sum) = *days.next()?;
        days.for_each(|(_, figures)| sum.add(figures));
        Some(sum)
    }

    /// What was carried and what all open days come to.
    pub(super) fn whole(&self) -> Money {
        let nets = self.days.iter().map(|(_, figures)| figures.net().minor);
        Money::new(self.carried.minor + nets.sum::<i128>(), self.carried.currency)
    }

    fn add(&mut self, today: Day, figures: &Figures) {
        match self.days.last_mut() {
            Some((day, sum)) if *day == today => sum.add(figures),
            Some(_) | None => self.days.push((today, *figures)),
        }
    }
}

/// Folds one fact into the open days.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Closed(event) => {
            let key = (event.realm, event.merchant, event.currency);
            let mut open = state.open_days.get(&key).unwrap_or_else(|| OpenDays::begin(event.currency));
            open.days.retain(|(day, _)| *day > event.through);
            open.settled_through = Some(event.through);
            open.carried = event.carried_out;
            state.open_days.put(key, open);
            state.count_settlement(event.settlement);
        }
    }
}

/// Notes what a payment's fact means for its merchant's day; to be told before the payment itself has changed.
pub fn apply_payment(state: &mut State, event: &payment::Event, context: &Context) {
    // Whatever earns or costs anything posts something.
    let known = event.entry().and_then(|_| state.payments.get(&event.payment()));
    // What is topped up, or earned by the platform, is no merchant's earning.
    let Some(known) = known.filter(|known| known.is_merchants(state)) else { return };
    note(state, known.realm, known.merchant, &Figures::of(&known, event), context);
}

/// Notes what an order's fact means for its merchant's day; to be told before the order itself has changed.
pub fn apply_order(state: &mut State, event: &order::Event, context: &Context) {
    let Some(known) = event.entry().and_then(|_| state.orders.get(&event.order())) else { return };
    note(state, known.realm, known.merchant, &Figures::of_settled(&known, event), context);
}

/// Notes what happened on the day of `context`. Every room that posts to `merchant-pending` tells it here.
pub fn note(state: &mut State, realm: Realm, merchant: MerchantId, figures: &Figures, context: &Context) {
    let currency = figures.gross.currency;
    if *figures == Figures::zero(currency) {
        return;
    }
    let key = (realm, merchant, currency);
    let mut open = state.open_days.get(&key).unwrap_or_else(|| OpenDays::begin(currency));
    open.add(Day::of(context.now), figures);
    state.open_days.put(key, open);
}
