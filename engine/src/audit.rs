//! Audit: re-proves on real data what the laws promise, position by position, trusting nothing but the bytes.

mod coins;
mod lots;
mod months;
mod movements;
mod orders;
mod settlements;
mod tables;
#[cfg(test)]
mod tests;
mod wallet_holds;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use self::{
    coins::{Deposits, Withdrawals},
    lots::Lots,
    months::Months,
    movements::Movements,
    orders::Orders,
    settlements::{Payouts, Settlements, held},
    wallet_holds::WalletHolds,
};
use crate::{
    books::{Account, AccountKey, Holder, Realm},
    domain::{
        Event, MerchantId, PaymentId, StreamId, Subject, Timestamp, UserId, payment, points, settlement,
        subject, user,
    },
    fault::Fault,
    log::{Frame, Head, Log, Recorded, Walk},
    money::{Currency, Money},
};

pub use tables::{RowDifference, TablesFound, compare_tables};

/// What an audit counted, and every check it made.
#[derive(Debug, Clone)]
pub struct Report {
    /// Where the log ended.
    pub head: Head,
    /// Commits walked.
    pub commits: u64,
    /// Events decoded.
    pub events: u64,
    /// Entries re-balanced.
    pub entries: u64,
    /// Everybody who was erased: no key of theirs may be left.
    pub erased: BTreeSet<Subject>,
    /// Each check with its outcome, in the order they are printed.
    pub checks: Vec<Check>,
}

/// One line of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// The first thing found wrong; `None` when it held everywhere.
    pub broken: Option<Broken>,
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The first position at which it does not.
    pub position: u64,
    /// What was found.
    pub what: String,
}

impl Report {
    /// Whether every check held.
    pub fn is_clean(&self) -> bool {
        self.checks.iter().all(|check| check.broken.is_none())
    }
}

/// The checks made of every event, in the order they are printed.
#[derive(Clone, Copy)]
enum Law {
    Chain,
    Decoding,
    Entries,
    TrialBalance,
    Guards,
    Realms,
    Streams,
    Time,
    Idempotency,
    Holdings,
    Lots,
    Settlements,
    Payouts,
    Orders,
    Months,
    WalletHolds,
    Deposits,
    Withdrawals,
    Movements,
    Erasures,
}

const LAWS: [(Law, &str); 20] = [
    (Law::Chain, "every commit carries its own hash and follows from the one before"),
    (Law::Decoding, "every record decodes, to its last byte"),
    (Law::Entries, "every entry balances in every currency"),
    (Law::TrialBalance, "the trial balance of every realm and currency is zero"),
    (Law::Guards, "no guarded account was ever beyond its guard"),
    (Law::Realms, "no tenant has an account in another tenant's realm, and no entry has two tenants"),
    (Law::Streams, "revisions of every stream are dense from 0"),
    (Law::Time, "recorded time never falls, nor effective time within a realm"),
    (Law::Idempotency, "one idempotency key, one effect"),
    (Law::Holdings, "held and suspense accounts hold what their payments say"),
    (Law::Lots, "every lot of points gives what was issued to it and no more, and lapses at its expiry"),
    (Law::Settlements, "every settlement comes to what its days posted, and moves no more than was there"),
    (Law::Payouts, "payout accounts hold what their payouts say"),
    (Law::Orders, "escrow and held points are what their orders say"),
    (Law::Months, "every month of a subscription is billed as it begins, paid once, and worth its price"),
    (Law::WalletHolds, "wallet-held accounts hold what their payments and authorizations say, and no longer"),
    (
        Law::Deposits,
        "every output of a chain is one deposit, credited once, and unowned coins are what deposits say",
    ),
    (Law::Withdrawals, "withdrawal accounts hold what their withdrawals say"),
    (
        Law::Movements,
        "every movement of our coins is booked once, as no deposit, and so is every fee of a chain",
    ),
    (Law::Erasures, "nobody is erased twice"),
];

/// Walks the whole log and checks the laws that can be checked from it alone.
///
/// Damage ends the walk: the checks hold up to the position it names.
///
/// # Errors
/// [`Fault`] when it is not known where the log ends.
pub fn audit(log: &dyn Log, mut progress: impl FnMut(u64)) -> Result<Report, Fault> {
    let mut auditor = Auditor::default();
    let mut walk = Walk::new(log, Head::default(), log.head()?.position);
    let mut commits = 0;
    loop {
        match walk.next_commit() {
            Ok(None) => break,
            Ok(Some(frame)) => {
                commits += 1;
                if !auditor.commit(&frame) {
                    break;
                }
                progress(frame.last());
            }
            Err(fault) => {
                let (position, what) = match fault {
                    Fault::Damaged { position, what } => (position, what),
                    // What cannot be read is no better than what is not there.
                    unreadable => (walk.head().position + 1, unreadable.to_string()),
                };
                auditor.find(Law::Chain, position, what);
                break;
            }
        }
    }
    auditor.close(walk.head().position);
    let checks = LAWS.iter().map(|(law, name)| Check { name, broken: auditor.broken.remove(&(*law as u8)) });
    let checks = checks.collect();
    let Auditor { events, entries, erased, .. } = auditor;
    Ok(Report { head: walk.head(), commits, events, entries, erased, checks })
}

/// What a payment's own events say of it, in smallest units.
#[derive(Clone, Copy, Default)]
struct Holding {
    held: i128,
    excess: i128,
}

impl Holding {
    fn follow(&mut self, event: &payment::Event) {
        match event {
            payment::Event::PartReceived(event) => self.held += event.amount.minor,
            payment::Event::Captured(_)
            | payment::Event::Cancelled(_)
            | payment::Event::Expired(_)
            | payment::Event::Failed(_) => self.held = 0,
            payment::Event::ExcessReceived(event) => self.excess += event.amount.minor,
            payment::Event::ExcessReturned(event) => {
                self.excess -= event.parts.iter().map(|part| part.amount.minor).sum::<i128>();
            }
            payment::Event::Created(_)
            | payment::Event::AwaitingCustomer(_)
            | payment::Event::Authorized(_)
            | payment::Event::Declined(_)
            | payment::Event::Refunded(_)
            | payment::Event::ChargedBack(_)
            | payment::Event::ChargebackWon(_) => {}
        }
    }
}

#[derive(Default)]
struct Auditor {
    events: u64,
    entries: u64,
    balances: HashMap<AccountKey, i128>,
    revisions: HashMap<StreamId, u64>,
    effective: HashMap<Realm, Timestamp>,
    recorded: Timestamp,
    users: HashMap<UserId, MerchantId>,
    holdings: HashMap<PaymentId, Holding>,
    lots: Lots,
    settlements: Settlements,
    payouts: Payouts,
    orders: Orders,
    months: Months,
    wallet_holds: WalletHolds,
    deposits: Deposits,
    withdrawals: Withdrawals,
    movements: Movements,
    erased: BTreeSet<Subject>,
    keys: HashSet<[u8; 16]>,
    last_key: Option<([u8; 16], uuid::Uuid)>,
    broken: BTreeMap<u8, Broken>,
}

impl Auditor {
    /// Checks one commit; false when what follows cannot be judged any more.
    fn commit(&mut self, frame: &Frame) -> bool {
        if frame.recorded_at() < self.recorded {
            self.find(Law::Time, frame.first(), format!("recorded at {}", frame.recorded_at()));
        }
        self.recorded = frame.recorded_at();
        match frame.records() {
            Ok(records) => {
                records.iter().for_each(|recorded| self.event(recorded));
                true
            }
            Err(fault) => {
                let position =
                    if let Fault::Damaged { position, .. } = fault { position } else { frame.first() };
                self.find(Law::Decoding, position, fault.to_string());
                false
            }
        }
    }

    fn event(&mut self, recorded: &Recorded) {
        self.events += 1;
        let expected = self.orders.before(recorded);
        self.orders(expected, recorded.position - 1);
        let header = &recorded.header;
        let revision = self.revisions.entry(header.stream).or_default();
        let expected = *revision;
        *revision = header.revision + 1;
        if header.revision != expected {
            let what = format!("{} has revision {} after {expected} events", header.stream, header.revision);
            self.find(Law::Streams, recorded.position, what);
        }
        if let Some(realm) = header.realm {
            let before = self.effective.insert(realm, header.effective_at).unwrap_or_default();
            if header.effective_at < before {
                self.find(Law::Time, recorded.position, format!("effective at {}", header.effective_at));
            }
        }
        if let Event::User(user::Event::Registered(registered)) = &recorded.event {
            self.users.insert(registered.user, registered.tenant);
        }
        self.key(recorded);
        self.entry(recorded);
        self.holding(recorded);
        self.lots(recorded);
        self.settlement(recorded);
        self.payout(recorded);
        self.orders.follow(recorded);
        self.month(recorded);
        self.wallet_hold(recorded);
        self.deposit(recorded);
        self.withdrawal(recorded);
        self.movement(recorded);
        if let Event::Subject(subject::Event::Erased(fact)) = &recorded.event
            && !self.erased.insert(fact.subject)
        {
            self.find(Law::Erasures, recorded.position, format!("{} was erased before", fact.subject));
        }
    }

    /// A command's events stand together: the same key further on would be a second effect.
    fn key(&mut self, recorded: &Recorded) {
        let key = recorded.header.idempotency.map(|idempotency| (idempotency.key, recorded.header.causation));
        if key.is_some() && key == self.last_key {
            return;
        }
        self.last_key = key;
        if let Some((key, _)) = key
            && !self.keys.insert(key)
        {
            self.find(Law::Idempotency, recorded.position, "the key had an effect before".into());
        }
    }

    fn entry(&mut self, recorded: &Recorded) {
        let Some(entry) = recorded.event.entry().filter(|entry| !entry.is_empty()) else { return };
        self.entries += 1;
        let Some(realm) = recorded.header.realm else {
            return self.find(Law::Realms, recorded.position, "an entry outside any realm".into());
        };
        let (mut sums, mut tenants) = (BTreeMap::<Currency, i128>::new(), BTreeSet::new());
        for posting in entry.postings() {
            *sums.entry(posting.currency).or_default() += posting.debit_minor;
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            *self.balances.entry(key).or_default() += posting.debit_minor;
            if let Some(tenant) = posting.account.holder().and_then(|holder| self.tenant(holder)) {
                tenants.insert(tenant);
                if !realm.admits(tenant) {
                    self.find(Law::Realms, recorded.position, key.to_string());
                }
            }
        }
        // In live every tenant has its holders; value still stays with one of them.
        if tenants.len() > 1 {
            self.find(Law::Realms, recorded.position, format!("one entry, tenants {tenants:?}"));
        }
        if let Some((currency, sum)) = sums.into_iter().find(|(_, sum)| *sum != 0) {
            self.find(Law::Entries, recorded.position, format!("out of balance by {sum} in {currency}"));
        }
        for posting in entry.postings().iter().filter(|posting| posting.account.is_guarded()) {
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            let natural = posting.account.natural(self.balances[&key]);
            if natural < 0 {
                self.find(Law::Guards, recorded.position, format!("{key} at {natural}"));
            }
        }
    }

    /// Whose holder it is, as far as the log has said.
    fn tenant(&self, holder: Holder) -> Option<MerchantId> {
        match holder {
            Holder::Merchant(merchant) => Some(merchant),
            Holder::User(user) => self.users.get(&user).copied(),
        }
    }

    /// Law 5, looked at whenever a payment's event posts something.
    fn holding(&mut self, recorded: &Recorded) {
        let (Event::Payment(event), Some(realm)) = (&recorded.event, recorded.header.realm) else { return };
        let payment = event.payment();
        let holding = self.holdings.entry(payment).or_default();
        holding.follow(event);
        let holding = *holding;
        let Some(posting) = event.entry().and_then(|entry| entry.postings().first()) else { return };
        for (account, expected) in
            [(Account::PaymentHeld(payment), holding.held), (Account::Suspense(payment), holding.excess)]
        {
            let key = AccountKey { realm, account, currency: posting.currency };
            self.must_hold(Law::Holdings, recorded.position, key, expected, "its payment says");
        }
    }

    /// What an account holds after all entries so far, on its natural side.
    fn natural(&self, key: &AccountKey) -> i128 {
        key.account.natural(self.balances.get(key).copied().unwrap_or_default())
    }

    /// Finds `law` broken at `position` unless an account holds `expected`, as `says` its source.
    fn must_hold(&mut self, law: Law, position: u64, key: AccountKey, expected: i128, says: &str) {
        let natural = self.natural(&key);
        if natural != expected {
            self.find(law, position, format!("{key} is at {natural}, {says} {expected}"));
        }
    }

    /// Law 3.
    fn lots(&mut self, recorded: &Recorded) {
        let at = recorded.header.effective_at;
        // What comes back too late lapses next, lot by lot.
        let is_lapse = matches!(recorded.event, Event::Points(points::Event::Lapsed(_)));
        let overdue =
            recorded.header.realm.filter(|_| !is_lapse).and_then(|realm| self.lots.overdue(realm, at));
        if let Some(what) = overdue {
            self.find(Law::Lots, recorded.position, what);
        }
        let Event::Points(event) = &recorded.event else { return };
        if let Err(what) = self.lots.follow(event, recorded.header.effective_at) {
            self.find(Law::Lots, recorded.position, what);
        }
        let (user, realm) = event.whose();
        let key = AccountKey { realm, account: Account::Points(user), currency: Currency::SgpUsd };
        let (held, live) = (self.balances.get(&key).map_or(0, |debit| -debit), self.lots.live(realm, user));
        if held != live {
            let [held, live] = [held, live].map(|minor| Money::new(minor, Currency::SgpUsd).to_decimal());
            self.find(Law::Lots, recorded.position, format!("{key} is at {held}, its lots hold {live}"));
        }
    }

    /// Of what a merchant earned, each day is settled once.
    fn settlement(&mut self, recorded: &Recorded) {
        let (at, Some(realm)) = (recorded.header.effective_at, recorded.header.realm) else { return };
        let Event::Settlement(settlement::Event::Closed(closed)) = &recorded.event else {
            let entry = recorded.event.entry().into_iter();
            return entry.for_each(|entry| self.settlements.follow(realm, entry, at));
        };
        let account = Account::MerchantPending(closed.merchant);
        let key = AccountKey { realm: closed.realm, account, currency: closed.currency };
        let left = self.natural(&key);
        if let Err(what) = self.settlements.close(closed, at, left) {
            self.find(Law::Settlements, recorded.position, what);
        }
    }

    /// Law 5, of payouts.
    fn payout(&mut self, recorded: &Recorded) {
        let (Event::Payout(event), Some(realm)) = (&recorded.event, recorded.header.realm) else { return };
        let payout = event.payout();
        let Some(expected) = self.payouts.follow(event) else {
            return self.find(Law::Payouts, recorded.position, format!("payout {payout} is not under way"));
        };
        let key = held(realm, payout, expected.currency);
        self.must_hold(Law::Payouts, recorded.position, key, expected.minor, "its payout says");
    }

    /// Law 5, of orders, looked at when a command's events are over.
    fn orders(&mut self, expected: Vec<(AccountKey, i128)>, position: u64) {
        for (key, expected) in expected {
            self.must_hold(Law::Orders, position, key, expected, "its order says");
        }
    }

    /// What a command did to a month is looked at when all of it is there.
    fn month(&mut self, recorded: &Recorded) {
        if let Some((position, what)) = self.months.after_command(Some(recorded.header.causation)) {
            self.find(Law::Months, position, what);
        }
        let overdue =
            recorded.header.realm.and_then(|realm| self.months.overdue(realm, recorded.header.effective_at));
        let wrong = self.months.follow(recorded).err();
        if let Some(what) = overdue.or(wrong) {
            self.find(Law::Months, recorded.position, what);
        }
    }

    /// Law 5, of what is held in wallets.
    fn wallet_hold(&mut self, recorded: &Recorded) {
        let (at, Some(realm)) = (recorded.header.effective_at, recorded.header.realm) else { return };
        if let Some(what) = self.wallet_holds.overdue(realm, at) {
            self.find(Law::WalletHolds, recorded.position, what);
        }
        let expected = match self.wallet_holds.follow(realm, &recorded.event, at) {
            Ok(expected) => expected,
            Err(what) => return self.find(Law::WalletHolds, recorded.position, what),
        };
        for (hold, expected) in expected {
            let key = AccountKey { realm, account: Account::WalletHeld(hold), currency: expected.currency };
            self.must_hold(Law::WalletHolds, recorded.position, key, expected.minor, "its events say");
        }
    }

    /// Of what arrives on chains, each output is credited once.
    fn deposit(&mut self, recorded: &Recorded) {
        let event = if let Event::Deposit(event) = &recorded.event { Some(event) } else { None };
        if let Some(what) = self.deposits.left_open(event) {
            self.find(Law::Deposits, recorded.position, what);
        }
        let Some(event) = event else { return };
        match self.deposits.follow(event) {
            Ok(None) => {}
            Ok(Some((key, expected))) => {
                self.must_hold(Law::Deposits, recorded.position, key, expected, "its deposits say");
            }
            Err(what) => self.find(Law::Deposits, recorded.position, what),
        }
    }

    /// Law 5, of withdrawals.
    fn withdrawal(&mut self, recorded: &Recorded) {
        let (Event::Withdrawal(event), Some(realm)) = (&recorded.event, recorded.header.realm) else {
            return;
        };
        let withdrawal = event.withdrawal();
        let Some(expected) = self.withdrawals.follow(event) else {
            let what = format!("withdrawal {withdrawal} is not where this can happen to it");
            return self.find(Law::Withdrawals, recorded.position, what);
        };
        let account = Account::Withdrawal(withdrawal);
        let key = AccountKey { realm, account, currency: expected.currency };
        self.must_hold(Law::Withdrawals, recorded.position, key, expected.minor, "its withdrawal says");
    }

    /// What leaves a place of ours leaves it once.
    fn movement(&mut self, recorded: &Recorded) {
        let Some(realm) = recorded.header.realm else { return };
        if let Err(what) = self.movements.follow(realm, &recorded.event) {
            self.find(Law::Movements, recorded.position, what);
        }
    }

    fn close(&mut self, position: u64) {
        let expected = self.orders.at_end();
        self.orders(expected, position);
        if let Some((position, what)) = self.months.after_command(None) {
            self.find(Law::Months, position, what);
        }
        if let Some(what) = self.deposits.left_open(None) {
            self.find(Law::Deposits, position, what);
        }
        let mut sums = BTreeMap::<(Realm, Currency), i128>::new();
        for (key, debit_minor) in &self.balances {
            *sums.entry((key.realm, key.currency)).or_default() += debit_minor;
        }
        if let Some(((realm, currency), sum)) = sums.into_iter().find(|(_, sum)| *sum != 0) {
            self.find(Law::TrialBalance, position, format!("{realm} is out by {sum} in {currency}"));
        }
    }

    fn find(&mut self, law: Law, position: u64, what: String) {
        self.broken.entry(law as u8).or_insert(Broken { position, what });
    }
}
