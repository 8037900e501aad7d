//! Subscriptions a second time, from the facts alone: every month is billed once, paid once, and over at midnight.

use std::collections::{HashMap, HashSet};

use chrono::Datelike;

use crate::{
    books::Realm,
    domain::{
        MerchantId, Month, Span, Timestamp, UserId,
        merchant::{Earner, Plan},
        subscription::{Event, Invoice, Source, Stage, Subscription},
    },
    money::Money,
};

/// A month that was billed.
struct Known {
    plan: Plan,
    tenant: MerchantId,
    stage: Stage,
    /// With what it was last paid.
    source: Option<Source>,
    /// What it has brought its earner, less what went back.
    earned: i128,
}

/// What a fact moves: how much of which plan, whose, and whether to the earner or back.
pub(super) struct Moved {
    pub(super) plan: Plan,
    pub(super) tenant: MerchantId,
    pub(super) source: Source,
    pub(super) is_paid: bool,
}

#[derive(Default)]
pub(super) struct Months {
    plans: HashMap<MerchantId, Plan>,
    tenants: HashMap<UserId, MerchantId>,
    closed: HashSet<UserId>,
    /// The month with whose end the next is billed.
    subscribed: HashMap<(Realm, UserId), Month>,
    known: HashMap<(Realm, UserId, Month), Known>,
}

/// The calendar month in Asia/Tokyo.
fn month(at: Timestamp) -> Month {
    let tokyo = chrono::FixedOffset::east_opt(9 * 3_600).unwrap();
    let date = chrono::DateTime::from_timestamp_micros(at.0).unwrap().with_timezone(&tokyo);
    Month(date.year() * 12 + i32::try_from(date.month0()).unwrap() - 1970 * 12)
}

/// Whether a month begins at this very instant.
fn is_first_instant(at: Timestamp) -> bool {
    month(at) != month(at - Span::MICRO)
}

impl Months {
    pub(super) fn register(&mut self, user: UserId, tenant: MerchantId) {
        self.tenants.insert(user, tenant);
    }

    pub(super) fn close(&mut self, user: UserId) {
        self.closed.insert(user);
    }

    pub(super) fn set_plan(&mut self, merchant: MerchantId, plan: Plan) {
        self.plans.insert(merchant, plan);
    }

    /// Who earns what a payment for this month brings; it was billed before.
    pub(super) fn earner(&self, realm: Realm, user: UserId, month: Month) -> Earner {
        self.known[&(realm, user, month)].plan.earner
    }

    /// Takes what a payment for a month brought, or took back.
    pub(super) fn earn(&mut self, realm: Realm, (user, month): (UserId, Month), minor: i128) {
        self.known.get_mut(&(realm, user, month)).unwrap().earned += minor;
    }

    /// Takes one fact; tells what it moves by itself.
    pub(super) fn take(&mut self, fact: &Event, at: Timestamp) -> Option<Moved> {
        let (realm, user) = fact.whose();
        match fact {
            Event::Started(_) => {
                assert!(
                    !self.closed.contains(&user)
                        && self.subscribed.insert((realm, user), month(at)).is_none()
                );
                None
            }
            Event::Stopped(_) => {
                assert!(self.subscribed.remove(&(realm, user)).is_some());
                None
            }
            Event::Invoiced(fact) => {
                let plan = Plan { price: fact.price, earner: fact.earner };
                self.bill(realm, user, fact.month, plan, at);
                None
            }
            Event::Failed(fact) => {
                assert!(is_first_instant(at) && month(at) == fact.month.next(), "failed at {at}");
                self.end(realm, user, fact.month, Stage::Failed);
                None
            }
            Event::Cancelled(fact) => {
                self.end(realm, user, fact.month, Stage::Cancelled);
                None
            }
            Event::Paid(fact) => {
                self.check_price(realm, user, fact.month, fact.price);
                self.pay(realm, user, fact.month, fact.source, at)
            }
            Event::Refunded(fact) => {
                self.check_price(realm, user, fact.month, fact.price);
                self.refund(realm, user, fact.month, fact.source)
            }
        }
    }

    fn check_price(&self, realm: Realm, user: UserId, month: Month, price: Money) {
        assert_eq!(price, self.known[&(realm, user, month)].plan.price);
    }

    fn bill(&mut self, realm: Realm, user: UserId, billed: Month, plan: Plan, at: Timestamp) {
        assert_eq!(billed, month(at), "billed at {at}");
        assert!(!self.closed.contains(&user), "{user} was closed");
        let last = self.subscribed.insert((realm, user), billed).expect("whoever is billed has subscribed");
        assert!(last == billed || (last.next() == billed && is_first_instant(at)), "billed late, or twice");
        let tenant = self.tenants[&user];
        let current = self.plans.get(&tenant).copied().unwrap_or_default();
        let known = Known { plan, tenant, stage: Stage::Pending, source: None, earned: 0 };
        match self.known.insert((realm, user, billed), known) {
            None => assert_eq!(plan, current),
            Some(earlier) => {
                assert_eq!((earlier.stage, earlier.plan, earlier.earned), (Stage::Cancelled, plan, 0))
            }
        }
    }

    fn end(&mut self, realm: Realm, user: UserId, month: Month, stage: Stage) {
        let known = self.known.get_mut(&(realm, user, month)).unwrap();
        assert_eq!(std::mem::replace(&mut known.stage, stage), Stage::Pending);
    }

    fn pay(
        &mut self,
        realm: Realm,
        user: UserId,
        paid: Month,
        source: Source,
        at: Timestamp,
    ) -> Option<Moved> {
        let known = self.known.get_mut(&(realm, user, paid)).unwrap();
        match known.stage {
            Stage::Pending => assert_eq!(month(at), paid, "paid at {at}"),
            // A dispute was won.
            Stage::Refunded => assert!(known.source == Some(source) && matches!(source, Source::Payment(_))),
            Stage::Completed | Stage::Failed | Stage::Cancelled => {
                panic!("{paid} was paid twice, or too late")
            }
        }
        (known.stage, known.source) = (Stage::Completed, Some(source));
        known.moved(source, true)
    }

    fn refund(&mut self, realm: Realm, user: UserId, month: Month, source: Source) -> Option<Moved> {
        let known = self.known.get_mut(&(realm, user, month)).unwrap();
        assert_eq!(std::mem::replace(&mut known.stage, Stage::Refunded), Stage::Completed);
        assert_eq!(known.source, Some(source), "it goes back to where it came from");
        known.moved(source, false)
    }

    /// What every command leaves: a month has brought its price if it is completed, and only what an open chargeback
    /// has left if it is not.
    pub(super) fn check(&self, left: &HashMap<(Realm, UserId, Month), i128>) {
        for (key @ (realm, user, month), known) in &self.known {
            let expected = match known.stage {
                Stage::Completed => known.plan.price.minor,
                Stage::Refunded => left.get(key).copied().unwrap_or_default(),
                Stage::Pending | Stage::Failed | Stage::Cancelled => 0,
            };
            assert_eq!(known.earned, expected, "{month} of {user} in {realm} is {}", known.stage);
        }
    }

    /// No month is over that was not followed by the next.
    pub(super) fn check_overdue(&self, realm: Realm, at: Timestamp, by_itself: bool) {
        for ((_, user), last) in self.subscribed.iter().filter(|((r, _), _)| *r == realm) {
            // Others' months end at the same instant.
            let just_now = by_itself && is_first_instant(at) && last.next() == month(at);
            assert!(*last == month(at) || just_now, "{last} of {user} has not ended by {at}");
        }
    }

    /// What the writer remembers is what the facts say.
    pub(super) fn check_rows(
        &self,
        (realm, user): (Realm, UserId),
        subscription: Option<Subscription>,
        invoice: impl Fn(Month) -> Option<Invoice>,
    ) {
        let renews_after = subscription.and_then(|row| row.renews_after);
        assert_eq!(renews_after, self.subscribed.get(&(realm, user)).copied());
        for ((_, _, month), known) in self.known.iter().filter(|((r, u, _), _)| (*r, *u) == (realm, user)) {
            let row = invoice(*month).expect("what was billed is remembered");
            assert_eq!(
                (row.tenant, row.price, row.earner),
                (known.tenant, known.plan.price, known.plan.earner)
            );
            assert_eq!((row.stage, row.completion.map(|paid| paid.source)), (known.stage, known.source));
        }
    }
}

impl Known {
    /// What comes and goes by payments, they tell themselves.
    fn moved(&mut self, source: Source, is_paid: bool) -> Option<Moved> {
        match source {
            Source::Payment(_) => None,
            Source::Wallet | Source::Points => {
                self.earned += if is_paid { self.plan.price.minor } else { -self.plan.price.minor };
                Some(Moved { plan: self.plan, tenant: self.tenant, source, is_paid })
            }
        }
    }
}
