//! Months of subscriptions as the log alone has them: billed as they begin, paid once, and worth their price to
//! whoever earns it.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::{
    books::{Account, Entry, Realm},
    domain::{
        Event, MerchantId, Month, PaymentId, Timestamp, UserId,
        merchant::Earner,
        payment::{self, Purpose},
        subscription::{self, Source},
    },
    log::Recorded,
    money::Money,
};

/// Whose month, and which.
type Key = (Realm, UserId, Month);

/// A month that was billed.
struct Known {
    tenant: MerchantId,
    price: Money,
    earner: Earner,
    is_paid: bool,
    /// Its user stopped, and has not subscribed again.
    is_called_off: bool,
    /// With what it was last paid.
    source: Option<Source>,
    /// What the facts have brought, less what they took back.
    told: i128,
    /// What was posted to whoever earns it.
    posted: i128,
    /// What open chargebacks have left of it.
    left: i128,
}

/// A payment for a month.
struct Paying {
    key: Key,
    /// What it has brought and not given back.
    kept: i128,
    /// What an open chargeback has taken of that.
    disputed: i128,
}

/// Every month that was billed.
#[derive(Default)]
pub(super) struct Months {
    known: HashMap<Key, Known>,
    payments: HashMap<PaymentId, Paying>,
    /// When each subscription's month is over.
    ends: BTreeSet<(Realm, Timestamp, UserId)>,
    subscribed: HashMap<(Realm, UserId), Timestamp>,
    /// What the command under way has touched, and where it stands.
    touched: Vec<Key>,
    causation: Uuid,
    position: u64,
}

impl Months {
    /// Looks at what the last command touched, once the first event of another is there, or the end of the log.
    pub(super) fn after_command(&mut self, next: Option<Uuid>) -> Option<(u64, String)> {
        if next == Some(self.causation) {
            return None;
        }
        self.causation = next.unwrap_or_default();
        let (position, touched) = (self.position, std::mem::take(&mut self.touched));
        touched.into_iter().find_map(|key| Some((position, self.wrong(key)?)))
    }

    /// A month is worth its price if it is paid; if it is not, only what a chargeback has left of it.
    fn wrong(&self, (realm, user, month): Key) -> Option<String> {
        let Known { price, is_paid, told, posted, left, .. } = self.known.get(&(realm, user, month))?;
        let worth = if *is_paid { price.minor } else { *left };
        let [told_text, posted_text, worth_text] =
            [*told, *posted, worth].map(|minor| Money::new(minor, price.currency).to_decimal());
        let which = format!("{month} of user {user} in {realm} has brought {told_text}");
        match (*told == worth, told == posted) {
            (true, true) => None,
            (false, _) => Some(format!("{which} and is worth {worth_text}")),
            (true, false) => Some(format!("{which}, and {posted_text} were posted")),
        }
    }

    /// What should have been renewed in `realm` before `at`, when something else happened there.
    pub(super) fn overdue(&self, realm: Realm, at: Timestamp) -> Option<String> {
        let first = (realm, Timestamp(i64::MIN), UserId(0));
        let (first_realm, ends, user) = self.ends.range(first..).next()?;
        (*first_realm == realm && *ends < at).then(|| format!("the month of {user} was over at {ends}"))
    }

    /// Takes one fact; tells what is wrong with it.
    pub(super) fn follow(&mut self, recorded: &Recorded) -> Result<(), String> {
        self.position = recorded.position;
        match (&recorded.event, recorded.header.realm) {
            (Event::Subscription(event), Some(_)) => self.month(event, recorded.header.effective_at),
            (Event::Payment(event), Some(realm)) => {
                self.payment(event, realm);
                Ok(())
            }
            (_, Some(_) | None) => Ok(()),
        }
    }

    fn month(&mut self, event: &subscription::Event, at: Timestamp) -> Result<(), String> {
        let (realm, user) = event.whose();
        match event {
            subscription::Event::Started(_) => {
                self.renew(realm, user, Some(Month::of(at).next().first_instant()));
                Ok(())
            }
            subscription::Event::Stopped(_) => {
                self.renew(realm, user, None);
                Ok(())
            }
            subscription::Event::Invoiced(event) => self.bill(event, at),
            subscription::Event::Paid(event) => self.pay(event, at),
            subscription::Event::Refunded(event) => self.refund(event),
            subscription::Event::Failed(event) => {
                let known = self.touch((realm, user, event.month))?;
                match (known.is_paid, at == event.month.next().first_instant()) {
                    (false, true) => Ok(()),
                    (true, _) => Err(format!("{} failed though it was paid", event.month)),
                    (false, false) => Err(format!("{} failed at {at}", event.month)),
                }
            }
            subscription::Event::Cancelled(event) => {
                let known = self.touch((realm, user, event.month))?;
                known.is_called_off = true;
                match known.is_paid {
                    false => Ok(()),
                    true => Err(format!("{} was called off though it was paid", event.month)),
                }
            }
        }
    }

    fn pay(&mut self, event: &subscription::Paid, at: Timestamp) -> Result<(), String> {
        let subscription::Paid { realm, user, month, price, source, ref entry } = *event;
        let known = self.touch((realm, user, month))?;
        known.settle(entry, 1);
        // What was taken back may be won whenever that is.
        let is_won = known.source.replace(source) == Some(source);
        match (std::mem::replace(&mut known.is_paid, true), Month::of(at) == month || is_won) {
            (false, true) if price == known.price => Ok(()),
            (false, true) => Err(format!("{month} was paid at another price")),
            (false, false) => Err(format!("{month} was paid at {at}")),
            (true, _) => Err(format!("{month} was paid twice")),
        }
    }

    fn refund(&mut self, event: &subscription::Refunded) -> Result<(), String> {
        let subscription::Refunded { realm, user, month, price, source, ref entry } = *event;
        let known = self.touch((realm, user, month))?;
        known.settle(entry, -1);
        let is_same = (price, Some(source)) == (known.price, known.source);
        match (std::mem::replace(&mut known.is_paid, false), is_same) {
            (true, true) => Ok(()),
            (true, false) => Err(format!("{month} went back as another payment than it was")),
            (false, _) => Err(format!("{month} went back unpaid")),
        }
    }

    fn bill(&mut self, event: &subscription::Invoiced, at: Timestamp) -> Result<(), String> {
        let subscription::Invoiced { realm, user, tenant, month, price, earner } = *event;
        if Month::of(at) != month {
            return Err(format!("{month} was billed at {at}"));
        }
        self.renew(realm, user, Some(month.next().first_instant()));
        let billed = Known {
            tenant,
            price,
            earner,
            is_paid: false,
            is_called_off: false,
            source: None,
            told: 0,
            posted: 0,
            left: 0,
        };
        let Some(earlier) = self.known.get_mut(&(realm, user, month)) else {
            self.known.insert((realm, user, month), billed);
            return Ok(());
        };
        // Called off, and opened again as it was.
        let is_called_off = std::mem::take(&mut earlier.is_called_off);
        match is_called_off && (earlier.price, earlier.earner) == (price, earner) {
            true => Ok(()),
            false => Err(format!("{month} was billed twice")),
        }
    }

    fn payment(&mut self, event: &payment::Event, realm: Realm) {
        if let payment::Event::Created(created) = event
            && let Purpose::Subscription(user, month) = created.purpose
        {
            self.payments.insert(created.payment, Paying { key: (realm, user, month), kept: 0, disputed: 0 });
            return;
        }
        let Some(paying) = self.payments.get_mut(&event.payment()) else { return };
        let left_before = paying.left();
        let brought = match event {
            payment::Event::Captured(event) => event.total.minor - event.method_fee.minor,
            payment::Event::Refunded(event) => -event.amount.minor,
            payment::Event::ChargedBack(event) => {
                paying.disputed = event.merchant_bears.minor;
                -paying.disputed
            }
            payment::Event::ChargebackWon(_) => std::mem::take(&mut paying.disputed),
            payment::Event::Created(_)
            | payment::Event::AwaitingCustomer(_)
            | payment::Event::Authorized(_)
            | payment::Event::PartReceived(_)
            | payment::Event::Declined(_)
            | payment::Event::Cancelled(_)
            | payment::Event::Expired(_)
            | payment::Event::Failed(_)
            | payment::Event::ExcessReceived(_)
            | payment::Event::ExcessReturned(_) => return,
        };
        paying.kept += brought;
        let (key, more_left) = (paying.key, paying.left() - left_before);
        if let (Ok(known), Some(entry)) = (self.touch(key), event.entry()) {
            (known.told, known.left) = (known.told + brought, known.left + more_left);
            known.post(entry);
        }
    }

    fn touch(&mut self, key: Key) -> Result<&mut Known, String> {
        self.touched.push(key);
        self.known.get_mut(&key).ok_or_else(|| format!("{} was never billed", key.2))
    }

    fn renew(&mut self, realm: Realm, user: UserId, ends: Option<Timestamp>) {
        let before = match ends {
            Some(ends) => self.subscribed.insert((realm, user), ends),
            None => self.subscribed.remove(&(realm, user)),
        };
        before.map(|before| self.ends.remove(&(realm, before, user)));
        ends.map(|ends| self.ends.insert((realm, ends, user)));
    }
}

impl Paying {
    /// What an open chargeback has left; without one, nothing counts as left over.
    const fn left(&self) -> i128 {
        if self.disputed > 0 { self.kept } else { 0 }
    }
}

impl Known {
    /// The month's own entry; where a payment paid it, that has told of it.
    fn settle(&mut self, entry: &Entry, sign: i128) {
        if !entry.is_empty() {
            self.told += sign * self.price.minor;
            self.post(entry);
        }
    }

    fn post(&mut self, entry: &Entry) {
        let lines = entry.postings().iter();
        let lines = lines
            .filter(|posting| posting.currency == self.price.currency && self.is_earners(posting.account));
        self.posted -= lines.map(|posting| posting.debit_minor).sum::<i128>();
    }

    fn is_earners(&self, account: Account) -> bool {
        match self.earner {
            Earner::Platform => account == self.earner.account(self.tenant),
            Earner::Tenant => [Account::MerchantPending, Account::MerchantAvailable, Account::Receivable]
                .iter()
                .any(|of| account == of(self.tenant)),
        }
    }
}
