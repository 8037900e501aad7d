//! The books kept a second time, from what the facts say and not from what they post.

use std::collections::HashMap;

use super::{
    cards::Cards,
    coins::{Coins, Facts, Lots},
    earnings::{Earnings, day},
    months::{self, Months},
    orders::{Moved, Orders},
};
use crate::{
    books::{Account, AccountKey, Entry, Hold, Holder, Income, Realm},
    domain::{
        DepositId, Event, ListingId, MerchantId, Month, OrderNumber, PaymentId, PayoutId, Span, StreamId,
        Subject, Timestamp, UserId, WithdrawalId, card, chain, deposit, merchant, order, payment, payout,
        points, rail, realm, settlement, subject, subscription, user, wallet, webhook, withdrawal,
    },
    log::{Actor, Recorded},
    money::{Currency, Money},
    state::State,
};

/// Accounts of one purpose taken together; a merchant's three are one, for what is owed is what it has less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    Rails,
    Banks,
    Merchant(MerchantId),
    Held(PaymentId),
    Suspense(PaymentId),
    Income,
    MethodFees,
    RailFees,
    Chargebacks,
    Wallet(Holder),
    Points(UserId),
    Exchange,
    Issuer,
    Breakage,
    Promotions,
    Payout(PayoutId),
    /// An account taken alone.
    Own(Account),
}

/// A lot as its own facts have it.
pub(super) struct KnownLot {
    issued: i128,
    spent: i128,
    given_back: i128,
    lapsed: i128,
    expires_at: Timestamp,
    kind: points::Kind,
}

impl KnownLot {
    /// Law 3.
    pub(super) fn live(&self) -> i128 {
        self.issued - (self.spent - self.given_back) - self.lapsed
    }
}

/// What is known of a payment.
struct Known {
    realm: Realm,
    merchant: MerchantId,
    currency: Currency,
    total: i128,
    fee: i128,
    deadline: Timestamp,
    open: bool,
    held: i128,
    captured: i128,
    charge: i128,
    refunded: i128,
    charge_returned: i128,
    suspense: i128,
    /// Whose wallet it is held of, and how much.
    wallet_held: Option<(UserId, i128)>,
    /// What the rail took back, and how much of it the merchant bears.
    dispute: Option<(i128, i128)>,
    /// Where the money of a refund goes.
    source: Purpose,
    /// Whose the money is once it has come in.
    earner: Purpose,
    /// The order it is for.
    order: Option<OrderNumber>,
    /// The month of a subscription it is for.
    month: Option<(UserId, Month)>,
}

#[derive(Default)]
pub(super) struct Model {
    position: u64,
    recorded_at: Timestamp,
    effective_at: HashMap<Realm, Timestamp>,
    streams: HashMap<StreamId, u64>,
    payments: HashMap<PaymentId, Known>,
    tenants: HashMap<UserId, MerchantId>,
    lots: Lots,
    coins: Coins,
    earnings: HashMap<(Realm, MerchantId, Currency), Earnings>,
    /// Whose, how much, and whether the bank has neither confirmed it nor sent it back.
    payouts: HashMap<PayoutId, (Realm, MerchantId, Money, bool)>,
    settlements: u32,
    orders: Orders,
    /// Whose events the last one was among.
    command: Option<uuid::Uuid>,
    months: Months,
    /// The command, or due time, that the last event followed from.
    causation: uuid::Uuid,
    pub(super) cards: Cards,
    /// Debits less credits as posted.
    posted: HashMap<AccountKey, i128>,
    /// Debits less credits as the facts have it.
    facts: Facts,
}

impl Model {
    /// Takes one event and checks every law that can be checked after it.
    pub(super) fn check(&mut self, event: &Recorded) {
        if self.command.replace(event.header.causation) != Some(event.header.causation) {
            self.orders.check();
        }
        self.check_order(event);
        self.check_realm(event);
        self.check_deadlines(event);
        self.check_months(event);
        if let (Some(realm), Some(entry)) = (event.header.realm, event.event.entry()) {
            self.post(realm, entry);
        }
        match &event.event {
            Event::Payment(fact) => {
                self.note_payment(event.header.realm.unwrap(), fact, event.header.effective_at)
            }
            Event::Settlement(settlement::Event::Closed(fact)) => {
                self.settlements += 1;
                assert_eq!(fact.settlement.0, self.settlements);
                let key = (fact.realm, fact.merchant, fact.currency);
                self.earnings.entry(key).or_default().close(fact, day(event.header.effective_at));
            }
            Event::Payout(fact) => self.note_payout(fact),
            Event::Chain(_) | Event::Deposit(_) | Event::Withdrawal(_) => self.note_coins(event),
            Event::Rail(rail::Event::Settled(settled)) => {
                let (realm, currency) = (event.header.realm.unwrap(), settled.net.currency);
                self.debit(realm, currency, Purpose::Banks, settled.net.minor);
                self.debit(realm, currency, Purpose::RailFees, settled.fee.minor);
                self.debit(realm, currency, Purpose::Rails, -(settled.net.minor + settled.fee.minor));
            }
            Event::Card(fact) => {
                self.note_card(event.header.realm.unwrap(), fact, event.header.effective_at);
            }
            Event::Wallet(fact) => self.note_wallet(event.header.realm.unwrap(), fact),
            Event::Points(fact) => {
                self.note_points(event.header.realm.unwrap(), fact, event.header.effective_at)
            }
            Event::User(user::Event::Registered(fact)) => {
                self.tenants.insert(fact.user, fact.tenant);
                self.months.register(fact.user, fact.tenant);
            }
            Event::Listing(fact) => self.orders.note_listing(fact),
            Event::Order(fact) => self.note_order(fact, event.header.effective_at),
            Event::Merchant(merchant::Event::OrderDeadlinesSet(fact)) => self.orders.set_deadlines(fact),
            Event::User(user::Event::Closed(fact)) => self.months.close(fact.user),
            Event::Merchant(merchant::Event::PlanSet(fact)) => self.months.set_plan(fact.merchant, fact.plan),
            Event::Subject(subject::Event::Erased(fact)) => self.check_erased(fact),
            Event::Subscription(fact) => self.note_month(fact, event.header.effective_at),
            Event::Kyc(_)
            | Event::Merchant(_)
            | Event::Realm(_)
            | Event::Signer(_)
            | Event::Token(_)
            | Event::User(user::Event::ProfileSet(_))
            | Event::Webhook(_) => {}
        }
        self.compare();
    }

    /// Whoever is erased has nothing, owes nothing, and has nothing set aside.
    fn check_erased(&self, fact: &subject::Erased) {
        let Subject::User(user) = fact.subject else { return };
        for (key, debit_minor) in &self.posted {
            let is_theirs = key.account.holder() == Some(Holder::User(user));
            assert!(!is_theirs || *debit_minor == 0, "{key} was left when user {user} was erased");
        }
    }

    fn note_coins(&mut self, event: &Recorded) {
        let (here, at) = (event.header.realm.unwrap(), event.header.effective_at);
        let lines = match &event.event {
            Event::Chain(fact) => vec![(here, self.coins.note_chain(here, fact, &self.facts))],
            Event::Deposit(fact) => self.coins.note_deposit(fact, &self.facts, &self.lots),
            Event::Withdrawal(fact) => self.coins.note_withdrawal(fact, &self.facts, at),
            other => unreachable!("{other:?} is not about coins"),
        };
        for (realm, lines) in lines {
            lines.into_iter().for_each(|(currency, purpose, minor)| {
                self.debit(realm, currency, purpose, minor);
            });
        }
    }

    /// What the writer remembers of a deposit is what its facts say, and so is what is nobody's.
    pub(super) fn check_deposit(&self, id: DepositId, row: &deposit::Deposit) {
        self.coins.check_deposit(id, row);
        let currency = row.amount.currency;
        let key = AccountKey { realm: row.realm, account: Account::Unowned(row.network), currency };
        let posted = -self.posted.get(&key).copied().unwrap_or_default();
        assert_eq!(posted, self.coins.unowned(row.realm, row.network, currency), "{key}");
    }

    /// What the writer remembers of a withdrawal is what its facts say.
    pub(super) fn check_withdrawal(&self, id: WithdrawalId, row: &withdrawal::Withdrawal) {
        self.coins.check_withdrawal(id, row);
    }

    /// Debits less credits of an account, as posted.
    pub(super) fn posted(&self, key: &AccountKey) -> Option<i128> {
        self.posted.get(key).copied()
    }

    /// What the writer remembers of a payment is what its facts say.
    pub(super) fn check_payment(&self, id: PaymentId, payment: &payment::Payment) {
        let known = &self.payments[&id];
        let sum = |parts: &[payment::Part]| parts.iter().map(|part| part.amount.minor).sum::<i128>();
        assert_eq!(
            (payment.realm, payment.merchant, payment.stage.is_open()),
            (known.realm, known.merchant, known.open)
        );
        assert_eq!((payment.total.minor, payment.method_fee.minor), (known.total, known.fee));
        assert_eq!((payment.captured.minor, payment.charge.minor), (known.captured, known.charge));
        assert_eq!(
            (payment.refunded.minor, payment.charge_returned.minor),
            (known.refunded, known.charge_returned)
        );
        let by_rail = if known.source == Purpose::Rails { known.captured } else { 0 };
        assert_eq!((sum(&payment.parts), sum(&payment.excess)), (known.held + by_rail, known.suspense));
        assert_eq!(payment.chargeback.map(|it| (it.whole.minor, it.merchant_bears.minor)), known.dispute);
        assert_eq!(payment.deadline, known.deadline);
        let held = payment.wallet_hold().map(|(payer, held)| (payer, held.minor));
        assert_eq!(held, known.wallet_held);
    }

    /// Positions and revisions are dense, and time never falls.
    fn check_order(&mut self, event: &Recorded) {
        self.position += 1;
        assert_eq!(event.position, self.position);
        let revisions = self.streams.entry(event.header.stream).or_default();
        assert_eq!(event.header.revision, *revisions, "{}", event.header.stream);
        *revisions += 1;
        assert!(self.recorded_at <= event.recorded_at, "recorded time fell at {}", self.position);
        self.recorded_at = event.recorded_at;
        if let Some(realm) = event.header.realm {
            let last = self.effective_at.entry(realm).or_default();
            assert!(
                *last <= event.header.effective_at,
                "effective time of {realm} fell at {}",
                self.position
            );
            *last = event.header.effective_at;
        }
    }

    /// Realms never touch.
    fn check_realm(&self, event: &Recorded) {
        let here = event.header.realm;
        let of = |payment: &PaymentId| Some(self.payments[payment].realm);
        match &event.event {
            Event::Payment(payment::Event::Created(created)) => {
                assert!(here.unwrap().admits(created.merchant))
            }
            Event::Payment(fact) => assert_eq!(here, of(&fact.payment())),
            Event::Webhook(fact) => match fact {
                webhook::Event::Owed(fact) => assert_eq!(here, of(&fact.delivery.payment)),
                webhook::Event::Attempted(fact) => assert_eq!(here, of(&fact.delivery.payment)),
                webhook::Event::Requeued(fact) => assert_eq!(here, of(&fact.delivery.payment)),
            },
            Event::Realm(realm::Event::ClockAdvanced(fact)) => {
                assert_eq!(here, Some(fact.realm));
                assert!(fact.realm.is_test());
            }
            Event::Card(card::Event::Issued(fact)) => {
                assert_eq!((here, self.tenants[&fact.user]), (Some(fact.realm), fact.tenant));
                assert!(fact.realm.admits(fact.tenant));
            }
            Event::Card(fact) => assert_eq!(here, Some(self.cards.realm(fact.card()))),
            Event::Points(fact) => assert_eq!(here, Some(fact.whose().1)),
            Event::Listing(crate::domain::listing::Event::Listed(fact)) => {
                assert!(here == Some(fact.realm) && fact.realm.admits(fact.merchant));
            }
            Event::Listing(_) => assert!(here.is_some()),
            Event::Order(order::Event::Placed(fact)) => {
                assert!(here == Some(fact.realm) && self.tenants[&fact.buyer] == fact.merchant);
            }
            Event::Order(fact) => assert_eq!(here, Some(self.orders.get(fact.order()).realm)),
            Event::Subscription(fact) => assert_eq!(here, Some(fact.whose().0)),
            Event::Settlement(settlement::Event::Closed(fact)) => assert_eq!(here, Some(fact.realm)),
            Event::Payout(payout::Event::Sent(fact)) => assert_eq!(here, Some(fact.realm)),
            Event::Payout(fact) => assert_eq!(here, Some(self.payouts[&fact.payout()].0)),
            Event::Wallet(fact) => assert_eq!(here, Some(realm_of(fact))),
            Event::Chain(chain::Event::AddressAssigned(fact)) => assert_eq!(here, Some(fact.realm)),
            Event::Chain(_) => assert!(here.is_some()),
            Event::Deposit(deposit::Event::Reported(fact)) => assert_eq!(here, Some(fact.realm)),
            Event::Deposit(fact) => assert_eq!(here, Some(self.coins.realm_of_deposit(fact.deposit()))),
            Event::Withdrawal(withdrawal::Event::Requested(fact)) => assert_eq!(here, Some(fact.realm)),
            Event::Withdrawal(fact) => {
                assert_eq!(here, Some(self.coins.realm_of_withdrawal(fact.withdrawal())));
            }
            Event::Subject(subject::Event::Erased(fact)) => match fact.subject {
                Subject::Payment(payment) => assert_eq!(here, Some(self.payments[&payment].realm)),
                Subject::User(_) | Subject::Customer(_) => assert_eq!(here, None),
            },
            Event::Rail(_) => assert!(here.is_some()),
            Event::Kyc(_) | Event::Merchant(_) | Event::Signer(_) | Event::Token(_) | Event::User(_) => {
                assert_eq!(here, None)
            }
        }
        for posting in event.event.entry().map_or(&[][..], Entry::postings) {
            let tenant = posting.account.holder().map(|holder| self.tenant(holder));
            assert!(tenant.is_none_or(|tenant| here.unwrap().admits(tenant)));
            let sandbox = posting.account == Account::Rail(crate::books::Label::SANDBOX);
            assert!(!sandbox || here != Some(Realm::Live), "the sandbox moves nothing in live");
        }
    }

    fn tenant(&self, holder: Holder) -> MerchantId {
        match holder {
            Holder::Merchant(merchant) => merchant,
            Holder::User(user) => self.tenants[&user],
        }
    }

    fn note_card(&mut self, realm: Realm, fact: &card::Event, at: Timestamp) {
        let moved = self.cards.take(fact, at);
        let currency = self.cards.currency(fact.card());
        self.debit(realm, currency, Purpose::Rails, -moved.rail);
        if let Some(authorization) = moved.hold {
            let held = Account::WalletHeld(Hold::Authorization(authorization));
            self.debit(realm, currency, Purpose::Own(held), -moved.held);
        }
        let Some(user) = moved.user else { return };
        self.debit(realm, currency, Purpose::Wallet(Holder::User(user)), moved.wallet);
        self.check_debt(realm, currency, user, fact.entry());
    }

    /// What a wallet has goes before anything is owed, and what is owed before a wallet has more.
    fn check_debt(&self, realm: Realm, currency: Currency, user: UserId, entry: Option<&Entry>) {
        let (wallet, owed) = (Account::Wallet(Holder::User(user)), Account::UserReceivable(user));
        let natural = |account: Account| {
            let posted = self.posted.get(&AccountKey { realm, account, currency });
            account.natural(posted.copied().unwrap_or_default())
        };
        for posting in entry.map_or(&[][..], Entry::postings) {
            let grew = posting.debit_minor > 0 && posting.account == owed;
            assert!(!grew || natural(wallet) == 0, "{user} owes beside money in the wallet");
            let gained = posting.debit_minor < 0 && posting.account == wallet;
            assert!(!gained || natural(owed) == 0, "{user} gained beside what is owed");
        }
    }

    fn note_payout(&mut self, fact: &payout::Event) {
        let id = fact.payout();
        if let payout::Event::Sent(sent) = fact {
            let payout = (sent.realm, sent.merchant, sent.amount, true);
            assert!(self.payouts.insert(id, payout).is_none() && id.0 == self.payouts.len() as u32);
            self.earnings(sent.realm, sent.merchant, sent.amount.currency).send(sent.amount.minor);
            self.debit(sent.realm, sent.amount.currency, Purpose::Merchant(sent.merchant), sent.amount.minor);
            self.debit(sent.realm, sent.amount.currency, Purpose::Payout(id), -sent.amount.minor);
            return;
        }
        let (realm, merchant, amount, open) = self.payouts.get_mut(&id).expect("it was sent");
        assert!(std::mem::take(open), "a payout ends once");
        let (realm, merchant, amount) = (*realm, *merchant, *amount);
        let to = match fact {
            payout::Event::Sent(_) => unreachable!("a payout is sent once"),
            payout::Event::Confirmed(_) => Purpose::Banks,
            payout::Event::Returned(_) => {
                self.earnings(realm, merchant, amount.currency).take_back(amount.minor);
                Purpose::Merchant(merchant)
            }
        };
        self.debit(realm, amount.currency, Purpose::Payout(id), amount.minor);
        self.debit(realm, amount.currency, to, -amount.minor);
    }

    /// What a released order pays its seller, or a refunded one takes back.
    fn note_order(&mut self, fact: &order::Event, at: Timestamp) {
        let Moved { money, points, charge } = self.orders.note(fact, at);
        let (number, known) = (fact.order(), self.orders.get(fact.order()));
        let (realm, merchant, currency) = (known.realm, known.merchant, known.currency);
        if money + points == 0 {
            return;
        }
        let earnings = self.earnings(realm, merchant, currency);
        match money + points > 0 {
            true => earnings.capture(day(at), money + points, charge),
            false => earnings.refund(day(at), -(money + points), -charge),
        }
        self.debit(realm, currency, Purpose::Own(Account::Escrow(number)), money);
        self.debit(realm, currency, Purpose::Exchange, points);
        self.debit(realm, currency, Purpose::Merchant(merchant), charge - money - points);
        self.debit(realm, currency, Purpose::Income, -charge);
        self.debit(realm, Currency::SgpUsd, Purpose::Own(Account::PointsHeld(number)), points);
        self.debit(realm, Currency::SgpUsd, Purpose::Exchange, -points);
    }

    /// What the writer remembers of an order is what its facts say.
    pub(super) fn check_order_row(&self, number: OrderNumber, row: &order::Order) {
        self.orders.check_row(number, row);
    }

    /// What the writer believes to be on a shelf is there.
    pub(super) fn check_stock(&self, listing: ListingId, stock: u64) {
        self.orders.check_stock(listing, stock);
    }

    fn earnings(&mut self, realm: Realm, merchant: MerchantId, currency: Currency) -> &mut Earnings {
        self.earnings.entry((realm, merchant, currency)).or_default()
    }

    /// What the writer remembers of a merchant's open days is what the facts say.
    pub(super) fn check_open_days(
        &self,
        realm: Realm,
        merchant: MerchantId,
        currency: Currency,
        row: Option<settlement::OpenDays>,
    ) {
        let row = row.unwrap_or_else(|| settlement::OpenDays::begin(currency));
        if let Some(earnings) = self.earnings.get(&(realm, merchant, currency)) {
            earnings.check_row(&row);
        }
    }

    /// What the writer remembers of a payout is what its facts say.
    pub(super) fn check_payout(&self, id: PayoutId, payout: &payout::Payout) {
        let open = payout.stage == payout::Stage::Sent;
        assert_eq!((payout.realm, payout.merchant, payout.amount, open), self.payouts[&id]);
    }

    /// A month's own facts: what the wallet or points paid, and what went back to them.
    fn note_month(&mut self, fact: &subscription::Event, at: Timestamp) {
        let (realm, user) = fact.whose();
        let Some(months::Moved { plan, tenant, source, is_paid }) = self.months.take(fact, at) else {
            return;
        };
        let (price, currency) = (plan.price.minor, plan.price.currency);
        let from = match source {
            subscription::Source::Wallet => Purpose::Wallet(Holder::User(user)),
            subscription::Source::Points => Purpose::Exchange,
            subscription::Source::Payment(_) => unreachable!("payments tell of theirs"),
        };
        let earner = earner(plan.earner, tenant);
        let sign = if is_paid { 1 } else { -1 };
        self.debit(realm, currency, from, price * sign);
        self.debit(realm, currency, earner, -price * sign);
        if let Purpose::Merchant(_) = earner {
            let earnings = self.earnings(realm, tenant, currency);
            match is_paid {
                true => earnings.capture(day(at), price, 0),
                false => earnings.refund(day(at), price, 0),
            }
        }
    }

    /// Looked at when all has happened that follows from one command; and no month outlives its end.
    fn check_months(&mut self, event: &Recorded) {
        if std::mem::replace(&mut self.causation, event.header.causation) != event.header.causation {
            self.check_months_paid();
        }
        if let Some(realm) = event.header.realm {
            let by_itself = event.header.actor == Actor::Ledger;
            self.months.check_overdue(realm, event.header.effective_at, by_itself);
        }
    }

    /// Every month has brought what it should have, all of the last command having been seen.
    pub(super) fn check_months_paid(&self) {
        let mut left = HashMap::<_, i128>::new();
        for known in self.payments.values() {
            if let (Some((user, month)), Some((_, bears))) = (known.month, known.dispute) {
                let kept = known.captured - known.fee - known.refunded - bears;
                *left.entry((known.realm, user, month)).or_default() += kept;
            }
        }
        self.months.check(&left);
    }

    /// What the writer remembers of a subscription is what its facts say.
    pub(super) fn check_subscription(&self, whose: (Realm, UserId), state: &State) {
        let invoice = |month| state.invoices.get(&(whose.0, whose.1, month));
        self.months.check_rows(whose, state.subscriptions.get(&whose), invoice);
    }

    fn note_wallet(&mut self, realm: Realm, fact: &wallet::Event) {
        let (from, to, amount) = match fact {
            wallet::Event::Credited(fact) => (Purpose::Rails, fact.holder, fact.amount),
            wallet::Event::Issued(fact) => (Purpose::Issuer, fact.holder, fact.amount),
            wallet::Event::Transferred(fact) => {
                assert_eq!(self.tenant(fact.from), self.tenant(fact.to));
                (Purpose::Wallet(fact.from), fact.to, fact.amount)
            }
        };
        assert!(amount.minor > 0 && amount.currency != Currency::SgpUsd, "points never move: {fact:?}");
        self.debit(realm, amount.currency, from, amount.minor);
        let cleared = match to {
            Holder::User(_) => 0,
            Holder::Merchant(merchant) => {
                let cleared = self.earnings(realm, merchant, amount.currency).clear(amount.minor);
                self.debit(realm, amount.currency, Purpose::Merchant(merchant), -cleared);
                cleared
            }
        };
        self.debit(realm, amount.currency, Purpose::Wallet(to), cleared - amount.minor);
    }

    fn note_points(&mut self, realm: Realm, fact: &points::Event, at: Timestamp) {
        let (holder, _) = fact.whose();
        let mut move_points = |other: Purpose, minor: i128| {
            self.debit(realm, Currency::SgpUsd, Purpose::Points(holder), -minor);
            self.debit(realm, Currency::SgpUsd, other, minor);
        };
        match fact {
            points::Event::Issued(fact) => {
                let minor = fact.quantity.minor;
                assert_eq!(fact.expires_at, at + Span::days(180));
                match fact.source {
                    points::Source::Promotion => move_points(Purpose::Promotions, minor),
                    points::Source::Deposit(_) => move_points(Purpose::Exchange, minor),
                    points::Source::Wallet => {
                        move_points(Purpose::Exchange, minor);
                        self.debit(realm, Currency::Usd, Purpose::Wallet(Holder::User(holder)), minor);
                        self.debit(realm, Currency::Usd, Purpose::Exchange, -minor);
                    }
                }
                let (expires_at, kind) = (fact.expires_at, fact.kind);
                let lot = KnownLot { issued: minor, spent: 0, given_back: 0, lapsed: 0, expires_at, kind };
                assert!(self.lots.insert((realm, holder, fact.lot), lot).is_none());
            }
            points::Event::Spent(fact) => {
                let sum = fact.draws.iter().map(|draw| draw.quantity.minor).sum::<i128>();
                move_points(counter(fact.purpose), -sum);
                self.orders.hold(fact.purpose, holder, sum);
                for draw in &fact.draws {
                    let lot = self.lots.get_mut(&(realm, holder, draw.lot)).unwrap();
                    assert!(at < lot.expires_at, "what has lapsed was spent");
                    lot.spent += draw.quantity.minor;
                }
                match fact.purpose {
                    points::Purpose::Payment(_)
                    | points::Purpose::Order(_)
                    | points::Purpose::Subscription(_) => {
                        self.check_order_of_draws(realm, holder, &fact.draws, at);
                    }
                    // Out of turn: it is one lot that is taken back, and all of it.
                    points::Purpose::TakenBack(_) => {
                        let [draw] = fact.draws[..] else { panic!("{fact:?}") };
                        assert_eq!(self.lots[&(realm, holder, draw.lot)].live(), 0);
                    }
                }
            }
            points::Event::GivenBack(fact) => {
                let sum = fact.draws.iter().map(|draw| draw.quantity.minor).sum::<i128>();
                move_points(counter(fact.purpose), sum);
                self.orders.hold(fact.purpose, holder, -sum);
                for draw in &fact.draws {
                    let lot = self.lots.get_mut(&(realm, holder, draw.lot)).unwrap();
                    assert_eq!(
                        (lot.expires_at, lot.kind),
                        (draw.expires_at, draw.kind),
                        "nothing extends a lot"
                    );
                    lot.given_back += draw.quantity.minor;
                    assert!(lot.given_back <= lot.spent);
                }
            }
            points::Event::Lapsed(fact) => {
                let other = match fact.kind {
                    points::Kind::Paid => Purpose::Breakage,
                    points::Kind::Free => Purpose::Promotions,
                };
                move_points(other, -fact.quantity.minor);
                let lot = self.lots.get_mut(&(realm, holder, fact.lot)).unwrap();
                assert!(lot.expires_at <= at && lot.kind == fact.kind, "it lapsed too soon");
                lot.lapsed += fact.quantity.minor;
            }
        }
        let live: i128 = self
            .lots
            .iter()
            .filter(|((r, h, _), _)| (*r, *h) == (realm, holder))
            .map(|(_, lot)| {
                assert!(lot.live() >= 0, "a lot gave more than it had");
                lot.live()
            })
            .sum();
        let held = self.facts[&(realm, Currency::SgpUsd, Purpose::Points(holder))];
        assert_eq!(live, -held, "lots and account of {holder}");
    }

    /// What could still be drawn after this comes later in the order than what was drawn.
    fn check_order_of_draws(&self, realm: Realm, holder: UserId, draws: &[points::Draw], at: Timestamp) {
        let order = |lot: u32| {
            let known = &self.lots[&(realm, holder, lot)];
            (known.expires_at, known.kind, lot)
        };
        let last = draws.last().expect("something was drawn").lot;
        assert!(draws.is_sorted_by_key(|draw| order(draw.lot)));
        for ((r, h, number), lot) in &self.lots {
            if (*r, *h) == (realm, holder) && lot.live() > 0 && at < lot.expires_at {
                assert!(
                    *number == last || order(*number) > order(last),
                    "lot {number} should have gone first"
                );
            }
        }
    }

    /// A deadline comes at its own time, and nothing later comes before it.
    fn check_deadlines(&self, event: &Recorded) {
        let at = event.header.effective_at;
        // Several things can be due at one instant.
        let is_in_time = |deadline| deadline > at || (deadline == at && event.header.actor == Actor::Ledger);
        let expired = match &event.event {
            Event::Payment(payment::Event::Expired(fact)) => Some(fact.payment),
            _ => None,
        };
        for (id, known) in self.payments.iter().filter(|(_, known)| Some(known.realm) == event.header.realm) {
            if Some(*id) == expired {
                assert_eq!(known.deadline, at);
            } else if known.open {
                assert!(is_in_time(known.deadline), "{id} is overdue at {at}");
            }
        }
        for (order, deadline) in event.header.realm.into_iter().flat_map(|realm| self.orders.waiting(realm)) {
            assert!(is_in_time(deadline), "{order} is overdue at {at}");
        }
        if let Some(realm) = event.header.realm {
            let fact = match &event.event {
                Event::Card(fact) => Some(fact),
                _ => None,
            };
            self.cards.check_due(realm, fact, at);
        }
        let ends_purchase =
            matches!(&event.event, Event::Deposit(deposit::Event::Granted(_) | deposit::Event::Skipped(_)));
        let is_due = event.header.actor == crate::log::Actor::Ledger;
        self.coins.check_due(event.header.realm, at, ends_purchase, is_due);
        // What comes back too late lapses with the very next event.
        let is_late = matches!(&event.event, Event::Points(points::Event::Lapsed(_)));
        for ((realm, holder, number), lot) in &self.lots {
            let overdue = Some(*realm) == event.header.realm && lot.live() > 0 && lot.expires_at < at;
            assert!(!overdue || is_late, "lot {number} of {holder} should have lapsed before {at}");
        }
    }

    /// Every entry balances, and no guarded account is beyond its guard.
    fn post(&mut self, realm: Realm, entry: &Entry) {
        let mut sums = HashMap::<Currency, i128>::new();
        for posting in entry.postings() {
            *sums.entry(posting.currency).or_default() += posting.debit_minor;
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            *self.posted.entry(key).or_default() += posting.debit_minor;
        }
        assert!(sums.values().all(|sum| *sum == 0), "{entry:?}");
        for posting in entry.postings() {
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            let natural = key.account.natural(self.posted[&key]);
            assert!(natural >= 0 || !key.account.is_guarded(), "{key} holds {natural}");
        }
    }

    fn debit(&mut self, realm: Realm, currency: Currency, purpose: Purpose, minor: i128) {
        *self.facts.entry((realm, currency, purpose)).or_default() += minor;
    }

    fn note_payment(&mut self, realm: Realm, fact: &payment::Event, at: Timestamp) {
        use payment::Event as E;
        let id = fact.payment();
        if let E::Created(created) = fact {
            let known = Known::of(realm, created, &self.months);
            assert!(self.payments.insert(id, known).is_none());
            return;
        }
        let known = self.payments.get_mut(&id).expect("it was created");
        // A price in points is booked in dollars.
        let currency = if known.currency == Currency::SgpUsd { Currency::Usd } else { known.currency };
        let (merchant, fee, dispute) = (known.merchant, known.fee, known.dispute);
        let mut elsewhere = Earnings::default();
        let is_dispute = matches!(fact, E::ChargedBack(_) | E::ChargebackWon(_));
        let earnings = match (known.earner, known.order) {
            (Purpose::Merchant(_), _) => self.earnings.entry((realm, merchant, currency)).or_default(),
            // What an order earns is told by the order, but for what banks take and give back after its release.
            (_, Some(order)) if is_dispute && (self.orders.get(order).is_earned() || dispute.is_some()) => {
                self.earnings.entry((realm, merchant, currency)).or_default()
            }
            _ => &mut elsewhere,
        };
        if let Some(order) = known.order {
            if is_dispute && (self.orders.get(order).is_earned() || dispute.is_some()) {
                known.earner = Purpose::Merchant(merchant);
            }
            self.orders.note_payment(order, fact);
        }
        match fact {
            E::Captured(fact) => earnings.capture(day(at), fact.total.minor - fee, fact.charge.minor),
            E::Refunded(fact) => earnings.refund(day(at), fact.amount.minor, fact.charge_returned.minor),
            E::ChargedBack(fact) => earnings.charge_back(day(at), fact.merchant_bears.minor),
            E::ChargebackWon(_) => earnings.win(day(at), dispute.expect("what is won was disputed").1),
            E::Created(_)
            | E::AwaitingCustomer(_)
            | E::Authorized(_)
            | E::PartReceived(_)
            | E::Declined(_)
            | E::Cancelled(_)
            | E::Expired(_)
            | E::Failed(_)
            | E::ExcessReceived(_)
            | E::ExcessReturned(_) => {}
        }
        let (month, earner, source) = (known.month, known.earner, known.source);
        for (purpose, minor) in known.take(id, fact) {
            *self.facts.entry((realm, currency, purpose)).or_default() += minor;
            if let Some(month) = month.filter(|_| purpose == earner) {
                self.months.earn(realm, month, -minor);
            }
        }
        if let Some(order) = known.order {
            known.earner = Purpose::Own(Account::Escrow(order));
        }
        if let (E::Refunded(_), Purpose::Wallet(Holder::User(user))) = (fact, source) {
            self.check_debt(realm, currency, user, fact.entry());
        }
    }

    /// What was posted is what the facts say, and it adds up to zero in every realm and currency.
    fn compare(&self) {
        let (mut posted, mut trial) = (HashMap::new(), HashMap::<(Realm, Currency), i128>::new());
        for (key, debit_minor) in &self.posted {
            *posted.entry((key.realm, key.currency, purpose(key.account))).or_insert(0) += debit_minor;
            *trial.entry((key.realm, key.currency)).or_default() += debit_minor;
            // Whatever comes in clears what is owed before anything is kept.
            if let Account::UserReceivable(user) = key.account {
                let wallet = AccountKey { account: Account::Wallet(Holder::User(user)), ..*key };
                let kept = self.posted.get(&wallet).is_some_and(|minor| *minor != 0);
                assert!(*debit_minor == 0 || !kept, "{key} is owed beside money that could clear it");
            }
            if let Account::Receivable(merchant) = key.account {
                let has = |account| {
                    self.posted.get(&AccountKey { account, ..*key }).is_some_and(|minor| *minor != 0)
                };
                let something =
                    has(Account::MerchantPending(merchant)) || has(Account::MerchantAvailable(merchant));
                assert!(*debit_minor == 0 || !something, "{key} is owed beside money that could clear it");
            }
        }
        assert!(trial.values().all(|sum| *sum == 0), "{trial:?}");
        for (&(realm, merchant, currency), earnings) in &self.earnings {
            earnings.check();
            let natural = |account: Account| {
                let posted = self.posted.get(&AccountKey { realm, account, currency });
                account.natural(posted.copied().unwrap_or_default())
            };
            assert_eq!(
                [Account::MerchantPending, Account::MerchantAvailable, Account::Receivable]
                    .map(|account| natural(account(merchant))),
                [earnings.pending, earnings.available, earnings.owed],
                "{merchant} in {realm} at {}",
                self.position
            );
        }
        for key in posted.keys().chain(self.facts.keys()) {
            let [posted, facts] =
                [&posted, &self.facts].map(|books| books.get(key).copied().unwrap_or_default());
            assert_eq!(posted, facts, "{key:?} at {}", self.position);
        }
    }
}

impl Known {
    fn of(realm: Realm, created: &payment::Created, months: &Months) -> Self {
        Self {
            realm,
            merchant: created.merchant,
            currency: created.amount.currency,
            total: created.amount.minor + created.tax.minor + created.method_fee.minor,
            fee: created.method_fee.minor,
            deadline: created.deadline,
            open: true,
            held: 0,
            captured: 0,
            charge: 0,
            refunded: 0,
            charge_returned: 0,
            suspense: 0,
            wallet_held: None,
            dispute: None,
            source: Purpose::Rails,
            earner: match created.purpose {
                payment::Purpose::Sale => Purpose::Merchant(created.merchant),
                payment::Purpose::TopUp(user) => Purpose::Wallet(Holder::User(user)),
                payment::Purpose::Order(order) => Purpose::Own(Account::Escrow(order)),
                payment::Purpose::Subscription(user, month) => {
                    earner(months.earner(realm, user, month), created.merchant)
                }
            },
            order: match created.purpose {
                payment::Purpose::Order(order) => Some(order),
                payment::Purpose::Sale | payment::Purpose::TopUp(_) | payment::Purpose::Subscription(..) => {
                    None
                }
            },
            month: match created.purpose {
                payment::Purpose::Subscription(user, month) => Some((user, month)),
                payment::Purpose::Sale | payment::Purpose::TopUp(_) | payment::Purpose::Order(_) => None,
            },
        }
    }

    /// All that is held of a wallet goes back there; a capture from the wallet takes its part again.
    fn release(&mut self, id: PaymentId) -> Vec<(Purpose, i128)> {
        let Some((payer, held)) = self.wallet_held.take() else { return vec![] };
        vec![(wallet_held(id), held), (Purpose::Wallet(Holder::User(payer)), -held)]
    }

    /// Takes one fact; gives what it debits, and credits as less than zero.
    fn take(&mut self, id: PaymentId, fact: &payment::Event) -> Vec<(Purpose, i128)> {
        use payment::Event as E;
        let (earner, held, suspense) = (self.earner, Purpose::Held(id), Purpose::Suspense(id));
        match fact {
            E::Created(_) => unreachable!("a payment is created once"),
            E::AwaitingCustomer(fact) => {
                self.deadline = fact.deadline;
                vec![]
            }
            E::Authorized(fact) => match fact.source {
                payment::Source::Wallet(payer) => {
                    assert!(self.open && fact.amount.minor == self.total && self.held == 0);
                    assert!(self.wallet_held.replace((payer, self.total)).is_none());
                    let wallet = Purpose::Wallet(Holder::User(payer));
                    vec![(wallet, self.total), (wallet_held(id), -self.total)]
                }
                payment::Source::Rail(_) => vec![],
                payment::Source::Points(_) => unreachable!("points are not set aside for a payment"),
            },
            E::Declined(_) => vec![],
            E::PartReceived(fact) => {
                self.held += fact.amount.minor;
                assert!(self.open && self.held < self.total);
                vec![(Purpose::Rails, fact.amount.minor), (held, -fact.amount.minor)]
            }
            E::Captured(fact) => {
                assert!(
                    self.open
                        && fact.total.minor <= self.total
                        && fact.total.minor == self.held + fact.received.minor
                );
                assert!((0..=fact.total.minor - self.fee).contains(&fact.charge.minor));
                (self.open, self.captured, self.charge) = (false, fact.total.minor, fact.charge.minor);
                self.source = match fact.source {
                    payment::Source::Rail(_) => Purpose::Rails,
                    payment::Source::Wallet(user) => Purpose::Wallet(Holder::User(user)),
                    payment::Source::Points(_) => Purpose::Exchange,
                };
                // The charge on an order is posted with its release.
                let charge = if self.order.is_some() { 0 } else { self.charge };
                let mut lines = self.release(id);
                lines.extend([
                    (self.source, fact.received.minor),
                    (held, std::mem::take(&mut self.held)),
                    (earner, charge + self.fee - self.captured),
                    (Purpose::Income, -charge),
                    (Purpose::MethodFees, -self.fee),
                ]);
                lines
            }
            E::Cancelled(_) | E::Expired(_) | E::Failed(_) => {
                assert!(std::mem::take(&mut self.open));
                let given_back = std::mem::take(&mut self.held);
                let mut lines = self.release(id);
                lines.extend([(held, given_back), (Purpose::Rails, -given_back)]);
                lines
            }
            E::Refunded(fact) => {
                let (amount, returned) = (fact.amount.minor, fact.charge_returned.minor);
                (self.refunded, self.charge_returned) =
                    (self.refunded + amount, self.charge_returned + returned);
                assert!(amount > 0 && (0..=amount).contains(&returned) && self.dispute.is_none());
                assert!(self.refunded <= self.captured - self.fee && self.charge_returned <= self.charge);
                vec![(self.source, -amount), (earner, amount - returned), (Purpose::Income, returned)]
            }
            E::ChargedBack(fact) => {
                let (whole, bears) = (fact.amount.minor + fact.fee.minor, fact.merchant_bears.minor);
                assert_eq!(bears, fact.amount.minor.min(self.captured - self.fee - self.refunded));
                assert!(self.dispute.replace((whole, bears)).is_none());
                vec![(Purpose::Rails, -whole), (earner, bears), (Purpose::Chargebacks, whole - bears)]
            }
            E::ChargebackWon(_) => {
                let (whole, bears) = self.dispute.take().expect("what is won was disputed");
                vec![(Purpose::Rails, whole), (earner, -bears), (Purpose::Chargebacks, bears - whole)]
            }
            E::ExcessReceived(fact) => {
                self.suspense += fact.amount.minor;
                vec![(Purpose::Rails, fact.amount.minor), (suspense, -fact.amount.minor)]
            }
            E::ExcessReturned(fact) => {
                let returned = fact.parts.iter().map(|part| part.amount.minor).sum::<i128>();
                self.suspense -= returned;
                assert!(returned > 0 && self.suspense >= 0);
                vec![(Purpose::Rails, -returned), (suspense, returned)]
            }
        }
    }
}

/// Where spent points go.
fn counter(purpose: points::Purpose) -> Purpose {
    match purpose {
        points::Purpose::Payment(_) | points::Purpose::Subscription(_) | points::Purpose::TakenBack(_) => {
            Purpose::Exchange
        }
        points::Purpose::Order(order) => Purpose::Own(Account::PointsHeld(order)),
    }
}

fn earner(earner: merchant::Earner, tenant: MerchantId) -> Purpose {
    match earner {
        merchant::Earner::Platform => Purpose::Own(Account::Income(Income::Subscription)),
        merchant::Earner::Tenant => Purpose::Merchant(tenant),
    }
}

const fn wallet_held(payment: PaymentId) -> Purpose {
    Purpose::Own(Account::WalletHeld(Hold::Payment(payment)))
}

fn purpose(account: Account) -> Purpose {
    use crate::books::Expense;
    match account {
        Account::Rail(_) => Purpose::Rails,
        Account::Bank(_) => Purpose::Banks,
        Account::Receivable(merchant)
        | Account::MerchantPending(merchant)
        | Account::MerchantAvailable(merchant) => Purpose::Merchant(merchant),
        // What a user owes is what the wallet has less.
        Account::UserReceivable(user) => Purpose::Wallet(Holder::User(user)),
        Account::WalletHeld(_)
        | Account::PointsHeld(_)
        | Account::Escrow(_)
        | Account::Chain(..)
        | Account::Processor(_)
        | Account::Withdrawal(_)
        | Account::Unowned(_)
        | Account::Income(Income::Subscription | Income::ExchangeFee | Income::Rounding)
        | Account::Expense(Expense::NetworkFee) => Purpose::Own(account),
        Account::PaymentHeld(payment) => Purpose::Held(payment),
        Account::Suspense(payment) => Purpose::Suspense(payment),
        Account::Income(Income::Charge) => Purpose::Income,
        Account::Income(Income::MethodFee) => Purpose::MethodFees,
        Account::Expense(Expense::RailFee) => Purpose::RailFees,
        Account::Expense(Expense::Chargeback) => Purpose::Chargebacks,
        Account::Income(Income::Breakage) => Purpose::Breakage,
        Account::Expense(Expense::Promotion) => Purpose::Promotions,
        Account::Wallet(holder) => Purpose::Wallet(holder),
        Account::Points(user) => Purpose::Points(user),
        Account::Exchange => Purpose::Exchange,
        Account::Issuer => Purpose::Issuer,
        Account::Payout(payout) => Purpose::Payout(payout),
    }
}

fn realm_of(fact: &wallet::Event) -> Realm {
    match fact {
        wallet::Event::Credited(fact) => fact.realm,
        wallet::Event::Issued(fact) => fact.realm,
        wallet::Event::Transferred(fact) => fact.realm,
    }
}
