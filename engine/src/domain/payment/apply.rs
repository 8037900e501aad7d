//! What the writer remembers of a payment.

use serde::{Deserialize, Serialize};

use super::{Action, Event, Origin, Purpose, Rejection, Source, Stage};
use crate::{
    books::{Label, Realm},
    domain::{
        AMOUNT_MINOR_MAX, Context, Due, MerchantId, PaymentId, Timestamp, UserId,
        points::{self, Draw},
    },
    money::{Currency, Money, MoneyError},
    state::State,
};

/// Money that came in on one rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which rail.
    pub rail: Label,
    /// How much.
    pub amount: Money,
}

/// An open chargeback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chargeback {
    /// The stage it goes back to when the dispute is won.
    pub former: Stage,
    /// The rail that took the money.
    pub rail: Label,
    /// What the rail took, with its fee.
    pub whole: Money,
    /// How much of it the merchant bears.
    pub merchant_bears: Money,
}

/// Parts of one payment at the most; what comes in beyond them is excess.
const PARTS_MAX: usize = 64;

/// A user who paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payer {
    /// From the wallet.
    Wallet(UserId),
    /// With points: those drawn and not given back, in the order they were drawn.
    Points(UserId, Vec<Draw>),
}

/// What rules need to know of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Where its value lives.
    pub realm: Realm,
    /// Who is paid, or whose tenant it is.
    pub merchant: MerchantId,
    /// What it is for.
    pub purpose: Purpose,
    /// Which surface created it.
    pub origin: Origin,
    /// Price, tax and method fee.
    pub total: Money,
    /// The method fee in it.
    pub method_fee: Money,
    /// How far it has come.
    pub stage: Stage,
    /// Until when it can be paid, while it can.
    pub deadline: Timestamp,
    /// The card or wallet to be captured.
    pub authorized: Option<Source>,
    /// The user who paid, and from what; `None` where rails brought the money.
    pub payer: Option<Payer>,
    /// What came in, in order, neighbours of one rail together: held while it is short, captured afterwards.
    pub parts: Vec<Part>,
    /// What was captured in all.
    pub captured: Money,
    /// The charge on it.
    pub charge: Money,
    /// How much went back to the customer.
    pub refunded: Money,
    /// How much of the charge went back to the merchant.
    pub charge_returned: Money,
    /// The open chargeback, if there is one.
    pub chargeback: Option<Chargeback>,
    /// What came in without being due, and has not gone back: one part a rail.
    pub excess: Vec<Part>,
    /// Attempts declined so far.
    pub declines: u8,
    /// Notifications owed so far.
    pub notified: u16,
}

impl Payment {
    /// The currency of everything about it.
    pub const fn currency(&self) -> Currency {
        self.total.currency
    }

    /// The currency its merchant is paid in: dollars for a price in points.
    pub const fn paid_out_in(&self) -> Currency {
        points::in_money(self.total).currency
    }

    pub(super) fn check_money(&self) -> Result<(), Rejection> {
        if self.currency() == Currency::SgpUsd { Err(Rejection::PointsOnly) } else { Ok(()) }
    }

    /// Rails bring neither points nor tokens.
    pub(super) fn check_on_rail(&self) -> Result<(), Rejection> {
        self.check_money()?;
        let is_token = matches!(self.currency(), Currency::Token(_));
        if is_token { Err(Rejection::NoRailBrings(self.currency())) } else { Ok(()) }
    }

    /// Whether it is visible from `context`: its realm, and its tenant if one asks.
    pub fn belongs_to(&self, context: &Context) -> bool {
        context.realm == Some(self.realm) && context.tenant.is_none_or(|tenant| tenant == self.merchant)
    }

    /// Whether another part can be held: how many rails can take turns is bounded.
    pub(super) fn has_room(&self, rail: Label) -> bool {
        self.parts.len() < PARTS_MAX || self.parts.last().is_some_and(|last| last.rail == rail)
    }

    /// What has come in and is held.
    pub(super) fn held(&self) -> Result<Money, MoneyError> {
        sum(self.currency(), &self.parts)
    }

    /// What can still be refunded.
    pub(super) fn refundable(&self) -> Result<Money, MoneyError> {
        self.captured.minus(self.method_fee)?.minus(self.refunded)
    }

    /// The part of the charge that a refund of `amount` gives back, half up.
    ///
    /// Reckoned on all that is refunded by then, less the same before: so no part is more than its refund,
    /// and however many there are, they add up to the charge.
    pub(super) fn charge_share(&self, amount: Money) -> Result<Money, MoneyError> {
        let whole = self.captured.minus(self.method_fee)?;
        // The charge is in money where the payment is in points; both count cents.
        let share = |refunded: Money| self.charge.share(refunded.minor, whole.minor);
        share(self.refunded.plus(amount)?)?.minus(share(self.refunded)?)
    }

    /// The rails a refund of `amount` goes back on: the last that came in goes back first.
    pub(super) fn refund_parts(&self, amount: Money) -> Result<Vec<Part>, MoneyError> {
        let (mut passed, mut wanted, mut parts) = (self.refunded, amount, Vec::new());
        for part in self.parts.iter().rev() {
            let gone = part.amount.at_most(passed)?;
            passed = passed.minus(gone)?;
            let taken = part.amount.minus(gone)?.at_most(wanted)?;
            wanted = wanted.minus(taken)?;
            if !taken.is_zero() {
                parts.push(Part { rail: part.rail, amount: taken });
            }
        }
        Ok(parts)
    }

    pub(super) fn check(&self, action: Action) -> Result<(), Rejection> {
        let stage = self.stage;
        if action.is_allowed(stage) { Ok(()) } else { Err(Rejection::NotAllowed { stage, action }) }
    }

    pub(super) fn check_currency(&self, amount: Money) -> Result<(), Rejection> {
        if amount.currency == self.currency() {
            Ok(())
        } else {
            Err(Rejection::WrongCurrency(self.currency()))
        }
    }

    pub(super) fn check_amount(&self, amount: Money) -> Result<(), Rejection> {
        match amount.minor {
            ..=0 => Err(Rejection::NotPositive),
            minor if minor > AMOUNT_MINOR_MAX => Err(Rejection::TooLarge),
            _ => self.check_currency(amount),
        }
    }
}

/// A merchant's captured sales by day, for the last 30 days with any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sales {
    days: Vec<(i64, i128)>,
}

/// Days that count as a merchant's recent sales.
const SALES_DAYS: i64 = 30;

impl Sales {
    /// Adds a sale, and forgets what no longer counts.
    pub fn add(&mut self, at: Timestamp, minor: i128) {
        let today = at.tokyo_day();
        self.days.retain(|(day, _)| today - day < SALES_DAYS);
        match self.days.last_mut() {
            Some((day, sum)) if *day == today => *sum += minor,
            Some(_) | None => self.days.push((today, minor)),
        }
    }

    /// What was sold on the 30 days that end with the day of `now`, in smallest units.
    pub fn recent_minor(&self, now: Timestamp) -> i128 {
        let today = now.tokyo_day();
        self.days.iter().filter(|(day, _)| today - day < SALES_DAYS).map(|(_, sum)| sum).sum()
    }
}

/// Folds one fact into the payments' table, the deadlines and the merchants' sales.
pub fn apply(state: &mut State, event: &Event, context: &Context) {
    let id = event.payment();
    match event {
        Event::Created(event) => open(state, event, context),
        Event::AwaitingCustomer(event) => {
            strike_deadline(state, id);
            change(state, id, |payment| {
                payment.stage = Stage::AwaitingCustomer;
                payment.deadline = event.deadline;
            });
            note_deadline(state, id);
        }
        Event::Authorized(event) => change(state, id, |payment| {
            payment.stage = Stage::Authorized;
            payment.authorized = Some(event.source);
        }),
        Event::PartReceived(event) => change(state, id, |payment| {
            payment.stage = Stage::Pending;
            add_part(&mut payment.parts, event.means.rail, event.amount);
        }),
        Event::Captured(event) => {
            strike_deadline(state, id);
            change(state, id, |payment| {
                payment.stage = Stage::Captured;
                match event.source {
                    Source::Rail(means) => add_part(&mut payment.parts, means.rail, event.received),
                    Source::Wallet(user) => payment.payer = Some(Payer::Wallet(user)),
                    Source::Points(user) => payment.payer = Some(Payer::Points(user, Vec::new())),
                }
                payment.captured = event.total;
                payment.charge = event.charge;
            });
            if let Some(payment) = state.payments.get(&id).filter(|payment| payment.purpose == Purpose::Sale)
            {
                let sold = points::in_money(event.total).minor - event.method_fee.minor;
                let currency = payment.paid_out_in();
                state.add_sale(payment.realm, event.merchant, currency, context.now, sold);
            }
        }
        Event::Declined(event) => change(state, id, |payment| payment.declines = event.number),
        Event::Cancelled(_) => end(state, id, Stage::Cancelled),
        Event::Expired(_) => end(state, id, Stage::Expired),
        Event::Failed(_) => end(state, id, Stage::Failed),
        Event::Refunded(event) => change(state, id, |payment| {
            payment.refunded.minor += event.amount.minor;
            payment.charge_returned.minor += event.charge_returned.minor;
            let left = payment.captured.minor - payment.method_fee.minor - payment.refunded.minor;
            payment.stage = if left == 0 { Stage::Refunded } else { Stage::Captured };
        }),
        Event::ChargedBack(event) => change(state, id, |payment| {
            payment.chargeback = Some(Chargeback {
                former: payment.stage,
                rail: event.rail,
                whole: Money::new(event.amount.minor + event.fee.minor, event.amount.currency),
                merchant_bears: event.merchant_bears,
            });
            payment.stage = Stage::ChargedBack;
        }),
        Event::ChargebackWon(_) => change(state, id, |payment| {
            if let Some(chargeback) = payment.chargeback.take() {
                payment.stage = chargeback.former;
            }
        }),
        Event::ExcessReceived(event) => change(state, id, |payment| {
            let at = payment.excess.iter().position(|part| part.rail == event.means.rail);
            match at {
                Some(at) => payment.excess[at].amount.minor += event.amount.minor,
                None => payment.excess.push(Part { rail: event.means.rail, amount: event.amount }),
            }
        }),
        Event::ExcessReturned(event) => change(state, id, |payment| {
            for returned in &event.parts {
                let part = payment.excess.iter_mut().find(|part| part.rail == returned.rail);
                part.expect("only what came in goes back").amount.minor -= returned.amount.minor;
            }
            payment.excess.retain(|part| !part.amount.is_zero());
        }),
    }
}

/// Money that comes in on the rail of the part before adds to it: a customer may pay with any number of cards, and
/// the row must not grow with them.
pub(super) fn add_part(parts: &mut Vec<Part>, rail: Label, amount: Money) {
    match parts.last_mut() {
        Some(last) if last.rail == rail => last.amount.minor += amount.minor,
        Some(_) | None => parts.push(Part { rail, amount }),
    }
}

fn open(state: &mut State, event: &super::Created, context: &Context) {
    let nothing = Money::zero(event.amount.currency);
    let realm = context.realm.expect("a payment belongs to a realm");
    let total = event.amount.minor + event.tax.minor + event.method_fee.minor;
    let payment = Payment {
        realm,
        merchant: event.merchant,
        purpose: event.purpose,
        origin: event.origin,
        total: Money::new(total, event.amount.currency),
        method_fee: event.method_fee,
        stage: Stage::Created,
        deadline: event.deadline,
        authorized: None,
        payer: None,
        parts: Vec::new(),
        captured: nothing,
        charge: points::in_money(nothing),
        refunded: nothing,
        charge_returned: points::in_money(nothing),
        chargeback: None,
        excess: Vec::new(),
        declines: 0,
        notified: 0,
    };
    state.payments.put(event.payment, payment);
    note_deadline(state, event.payment);
}

fn end(state: &mut State, id: PaymentId, stage: Stage) {
    strike_deadline(state, id);
    change(state, id, |payment| {
        payment.stage = stage;
        payment.parts.clear();
    });
}

fn change(state: &mut State, id: PaymentId, by: impl FnOnce(&mut Payment)) {
    state.payments.change(&id, by);
}

fn note_deadline(state: &mut State, id: PaymentId) {
    if let Some(payment) = state.payments.get(&id) {
        state.dues.note(payment.realm, payment.deadline, Due::PaymentDeadline(id));
    }
}

fn strike_deadline(state: &mut State, id: PaymentId) {
    if let Some(payment) = state.payments.get(&id) {
        state.dues.strike(payment.realm, payment.deadline, Due::PaymentDeadline(id));
    }
}

/// Notes what points a payment was paid with, and what of them went back.
pub fn apply_points(state: &mut State, event: &points::Event) {
    points::keep_draws(event, |purpose, by| match purpose {
        points::Purpose::Payment(id) => change(state, id, |payment| {
            if let Some(Payer::Points(_, draws)) = &mut payment.payer {
                by(draws);
            }
        }),
        // An order and a subscription remember their own.
        points::Purpose::Order(_) | points::Purpose::Subscription(_) | points::Purpose::TakenBack(_) => {}
    });
}

/// What `parts` add up to.
pub(super) fn sum(currency: Currency, parts: &[Part]) -> Result<Money, MoneyError> {
    parts.iter().try_fold(Money::zero(currency), |sum, part| sum.plus(part.amount))
}
