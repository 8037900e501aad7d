//! One history put through a real engine over a store in memory, and what was answered on the way.

use std::{collections::HashMap, sync::Arc};

use proptest::sample::Index;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    commands::{
        HOLDERS, about_card, about_delivery, about_holders, about_merchant, about_payment,
        about_subscription, acquirer, close_days, end_payout, issue_card, send_payout, user_of, yen,
    },
    ordering::Market,
    traffic::{self, Traffic},
    wishes::{Astray, Turn, What, Wish},
};
use crate::{
    Clock, Engine, Envelope, ManualClock, Options, Provenance, Receipt, SubmitError,
    books::{Holder, Label, Realm},
    domain::{
        AuthorizationId, CardId, Command, Event, MerchantId, Month, OrderNumber, PaymentId, PayoutId,
        Rejection, Span, Subject, Timestamp, UserId, card,
        merchant::{self, Plan},
        order, payment, payout, rail, realm, settlement, subject, subscription, token, user, wallet, webhook,
    },
    log::{Actor, Head, Log, MemoryStore, Recorded, prove},
    money::{Currency, Money},
    samples::{self, Counting},
    state::IdempotencyKey,
    vault::{MasterKey, Random},
};

/// 2026-01-05T03:00:00Z
const START: Timestamp = Timestamp(1_767_582_000_000_000);
/// The first two begin in test mode, the third in live.
const MERCHANTS: [MerchantId; 3] = [MerchantId(1), MerchantId(2), MerchantId(3)];
/// A tenant that has nothing here.
const STRANGER: MerchantId = MerchantId(9);
/// Of how many payments wishes take one.
const LATEST: usize = 5;
/// How a wish can end.
pub(super) const WORDS: [&str; 4] = ["accepted", "repeated", "refused", "conflict"];

type Answer = Result<Receipt, SubmitError>;

pub(super) struct Driver {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    random: Arc<Counting>,
    engine: Engine,
    modes: [merchant::Mode; 3],
    payments: Vec<(PaymentId, Realm, Money)>,
    /// Those of them that are for months.
    bills: Vec<(PaymentId, Realm, Money)>,
    /// What captures were in, and whose they were.
    earned: Vec<(Realm, MerchantId, Currency)>,
    /// What settlements moved, and whose it is.
    ready: Vec<(Realm, MerchantId, Money)>,
    /// What a month costs each merchant's users.
    plans: [merchant::Plan; 3],
    /// Whoever ever subscribed, and where.
    subscribers: Vec<(Realm, UserId)>,
    /// The months that were paid.
    paid: Vec<(Realm, UserId, Month)>,
    /// How far each realm's clock is ahead.
    ahead: HashMap<Realm, Span>,
    /// The realm of every payout sent.
    payouts: HashMap<PayoutId, Realm>,
    /// Payments that were set aside in a wallet.
    set_aside: Vec<(PaymentId, Realm, Money)>,
    /// What was put into users' wallets, and in which realm.
    purses: Vec<(Realm, UserId, Money)>,
    /// Every card, its realm and what it spends; and every authorisation with its card.
    cards: Vec<(CardId, Realm, Currency)>,
    authorizations: Vec<(AuthorizationId, CardId)>,
    /// What there is on chains.
    traffic: Traffic,
    /// When anything last happened in each realm.
    latest: HashMap<Realm, Timestamp>,
    market: Market,
    /// Payments whose merchant is told of them.
    owed: Vec<(PaymentId, Realm)>,
    sent: Vec<(Envelope, Answer)>,
    /// What each key that has an answer was asked, and its answer.
    answered: HashMap<[u8; 16], ([u8; 16], Vec<Recorded>)>,
}

impl Driver {
    /// Puts a whole history through an engine, and closes it.
    pub(super) async fn through(turns: Vec<Turn>) -> Self {
        let mut driver = Self::begin().await;
        for turn in turns {
            driver.take(turn).await;
        }
        driver.engine.close().await.unwrap();
        driver
    }

    async fn begin() -> Self {
        let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::new(START)));
        let random = Arc::new(Counting::default());
        let engine = open(&store, &clock, &random);
        let modes = [merchant::Mode::Test, merchant::Mode::Test, merchant::Mode::Active];
        let mut driver = Self {
            store,
            clock,
            random,
            engine,
            modes,
            payments: Vec::new(),
            bills: Vec::new(),
            earned: Vec::new(),
            ready: Vec::new(),
            plans: [merchant::Plan::default(); 3],
            subscribers: Vec::new(),
            paid: Vec::new(),
            ahead: HashMap::new(),
            payouts: HashMap::new(),
            set_aside: Vec::new(),
            purses: Vec::new(),
            cards: Vec::new(),
            authorizations: Vec::new(),
            traffic: Traffic::default(),
            latest: HashMap::new(),
            market: Market::default(),
            owed: Vec::new(),
            sent: Vec::new(),
            answered: HashMap::new(),
        };
        for mode in modes {
            let envelope = driver.envelope(None, Command::Merchant(samples::register(mode)));
            driver.send(vec![envelope]).await;
        }
        for tenant in [1, 1, 2, 3].map(MerchantId) {
            let envelope = driver.envelope(None, Command::User(user::Command::Register { tenant }));
            driver.send(vec![envelope]).await;
        }
        // So little that wallets have it; the third's is what it is unless somebody says otherwise.
        for (merchant, currency, earner) in [
            (MERCHANTS[0], Currency::Usd, merchant::Earner::Tenant),
            (MERCHANTS[1], Currency::Jpy, merchant::Earner::Platform),
        ] {
            let plan = Plan { price: Money::new(40, currency), earner };
            let set = merchant::Command::SetPlan { merchant, plan };
            let envelope = driver.envelope(None, Command::Merchant(set));
            driver.send(vec![envelope]).await;
        }
        for (number, by) in [(1, None), (2, Some(1))] {
            let adopt = samples::adopt_key(number.into(), number, by);
            let envelope = driver.envelope(None, Command::Signer(adopt));
            driver.send(vec![envelope]).await;
        }
        for (digits, network) in [(18, None), (9, Some(Label::TON))] {
            let tenant = MERCHANTS[0];
            let register = token::Command::Register { tenant, digits, is_transferable: true, network };
            let envelope = driver.envelope(None, Command::Token(register));
            driver.send(vec![envelope]).await;
        }
        for (merchant, mode) in MERCHANTS.into_iter().zip(modes) {
            for command in Market::first_listings(merchant) {
                let envelope = driver.envelope(Some(mode.realm(merchant)), command);
                driver.send(vec![envelope]).await;
            }
        }
        for command in traffic::first_addresses() {
            let envelope = driver.envelope(Some(Realm::Test(MERCHANTS[0])), command);
            driver.send(vec![envelope]).await;
        }
        driver
    }

    async fn take(&mut self, turn: Turn) {
        match turn {
            Turn::One(wish) => {
                let envelope = self.word(&wish);
                self.send(vec![envelope]).await;
            }
            Turn::Together(wishes) => {
                let envelopes = wishes.iter().map(|wish| self.word(wish)).collect();
                self.send(envelopes).await;
            }
            Turn::Flood(wish) => {
                let envelope = self.word(&wish);
                let copies = (0..50).map(|_| self.again(&envelope)).collect();
                self.send(copies).await;
            }
            Turn::Again(index) => {
                let envelope = self.again(&self.earlier(index));
                self.send(vec![envelope]).await;
            }
            Turn::Clash(index) => {
                let mut envelope = self.again(&self.earlier(index));
                envelope.provenance.idempotency.iter_mut().for_each(|key| key.request[0] ^= 0xFF);
                self.send(vec![envelope]).await;
            }
            Turn::Tick(by) => {
                self.clock.advance(by);
                self.engine.wake();
            }
            Turn::Restart => {
                self.engine.close().await.unwrap();
                self.engine = open(&self.store, &self.clock, &self.random);
            }
        }
    }

    /// Everything in the log, whose chain is proved on the way.
    pub(super) fn log(&self) -> Vec<Recorded> {
        let head = self.store.head().unwrap();
        assert_eq!(prove(&*self.store, Head::default()).unwrap(), head);
        let frames = self.store.read(1, usize::MAX).unwrap();
        frames.iter().flat_map(|frame| frame.records().unwrap()).collect()
    }

    /// How often wishes ended in which way.
    pub(super) fn tally(&self) -> HashMap<&'static str, u32> {
        let mut tally = HashMap::new();
        for (_, answer) in &self.sent {
            let word = match answer {
                Ok(receipt) if receipt.repeated => "repeated",
                Ok(_) => "accepted",
                Err(SubmitError::Rejected(Rejection::IdempotencyConflict)) => "conflict",
                Err(_) => "refused",
            };
            *tally.entry(word).or_default() += 1;
        }
        tally
    }

    /// One key, one effect, one answer; and what was refused left no trace.
    pub(super) fn check_answers(&self, log: &[Recorded]) {
        let mut by_command = HashMap::<Uuid, Vec<&Recorded>>::new();
        let mut by_key = HashMap::<[u8; 16], Vec<&Recorded>>::new();
        for event in log {
            by_command.entry(event.header.causation).or_default().push(event);
            if let Some(idempotency) = event.header.idempotency {
                by_key.entry(idempotency.key).or_default().push(event);
            }
        }
        for (envelope, answer) in &self.sent {
            let led_to = by_command.remove(&envelope.provenance.id).unwrap_or_default();
            let private = match envelope.command {
                Command::Card(_)
                | Command::Chain(_)
                | Command::Deposit(_)
                | Command::Kyc(_)
                | Command::Payment(_)
                | Command::Payout(_)
                | Command::Points(_)
                | Command::Listing(_)
                | Command::Order(_)
                | Command::Settlement(_)
                | Command::Subject(_)
                | Command::Subscription(_)
                | Command::User(_)
                | Command::Wallet(_)
                | Command::Webhook(_)
                | Command::Withdrawal(_) => true,
                Command::Merchant(_)
                | Command::Rail(_)
                | Command::Realm(_)
                | Command::Signer(_)
                | Command::Token(_) => false,
            };
            assert!(
                !(private && envelope.tenant == Some(STRANGER)) || answer.is_err(),
                "a stranger saw {envelope:?}"
            );
            match answer {
                Ok(receipt) if receipt.repeated => {
                    assert!(led_to.is_empty(), "a repeated request changes nothing");
                    let key = envelope.provenance.idempotency.expect("only what has a key is repeated");
                    let effect = &by_key[&key.key];
                    assert!(effect.iter().copied().eq(&receipt.events), "one key, one effect, one answer");
                    assert!(effect.iter().all(|event| event.header.idempotency == Some(key)));
                }
                Ok(receipt) => {
                    // A key is remembered by its events: without any, its repeat would be another command.
                    assert!(!receipt.events.is_empty(), "accepted without an event: {envelope:?}");
                    assert!(led_to.into_iter().eq(&receipt.events), "what is answered is in the log")
                }
                Err(_) => assert!(led_to.is_empty(), "what was refused left {led_to:?}"),
            }
        }
        let alone = by_command.into_values().flatten();
        assert!(
            alone.into_iter().all(|event| event.header.actor == Actor::Ledger),
            "events nobody asked for"
        );
    }

    pub(super) fn store(&self) -> &Arc<MemoryStore> {
        &self.store
    }

    /// Sends all at once, and notes what is answered.
    async fn send(&mut self, envelopes: Vec<Envelope>) {
        let mut answers = JoinSet::new();
        for envelope in envelopes {
            let engine = self.engine.clone();
            answers.spawn(async move { (envelope.clone(), engine.submit(envelope).await) });
        }
        let answers = answers.join_all().await;
        for (envelope, answer) in &answers {
            self.check_key(envelope, answer);
        }
        for (envelope, answer) in answers {
            if let (Ok(receipt), Some(key)) = (&answer, envelope.provenance.idempotency) {
                self.answered.insert(key.key, (key.request, receipt.events.clone()));
            }
            self.learn(&envelope, &answer);
            self.sent.push((envelope, answer));
        }
    }

    /// A key that was answered before is answered the same way, or it is a conflict.
    fn check_key(&self, envelope: &Envelope, answer: &Answer) {
        let known = envelope.provenance.idempotency.and_then(|key| Some((key, self.answered.get(&key.key)?)));
        match (known, answer) {
            (_, Err(error)) if !matches!(error, SubmitError::Rejected(_)) => panic!("{error}"),
            (Some((key, (request, events))), Ok(receipt)) => {
                assert!(key.request == *request && receipt.repeated && receipt.events == *events);
            }
            (Some((key, (request, _))), Err(SubmitError::Rejected(rejection))) => {
                assert!(
                    key.request != *request && *rejection == Rejection::IdempotencyConflict,
                    "{rejection}"
                );
            }
            (None, _) | (_, Err(_)) => {}
        }
    }

    /// What later wishes have to know.
    fn learn(&mut self, envelope: &Envelope, answer: &Answer) {
        let Ok(receipt) = answer else { return };
        if receipt.repeated {
            return;
        }
        for recorded in &receipt.events {
            if let Some(realm) = recorded.header.realm {
                self.latest.insert(realm, recorded.header.effective_at);
            }
            self.market.learn(recorded);
            self.traffic.learn(recorded);
            match &recorded.event {
                Event::Payment(payment::Event::Created(created)) => {
                    let total = created.amount.minor + created.tax.minor + created.method_fee.minor;
                    let total = Money::new(total, created.amount.currency);
                    let payment = (created.payment, recorded.header.realm.unwrap(), total);
                    self.payments.push(payment);
                    if let payment::Purpose::Subscription(..) = created.purpose {
                        self.bills.push(payment);
                    }
                }
                Event::Order(order::Event::Released(released)) => {
                    let realm = recorded.header.realm.unwrap();
                    let merchant = self.market.merchant(released.order);
                    self.earned.push((realm, merchant, released.earned.currency));
                }
                Event::Webhook(webhook::Event::Owed(owed)) => {
                    self.owed.push((owed.delivery.payment, recorded.header.realm.unwrap()));
                }
                Event::Payment(payment::Event::Captured(captured)) => {
                    let realm = recorded.header.realm.unwrap();
                    self.earned.push((realm, captured.merchant, captured.total.currency));
                }
                Event::Subscription(subscription::Event::Started(started)) => {
                    self.subscribers.push((started.realm, started.user));
                }
                Event::Subscription(subscription::Event::Paid(paid)) => {
                    self.paid.push((paid.realm, paid.user, paid.month));
                }
                Event::Merchant(merchant::Event::PlanSet(set)) => {
                    self.plans[set.merchant.0 as usize - 1] = set.plan;
                }
                Event::Realm(realm::Event::ClockAdvanced(advanced)) => {
                    self.ahead.insert(advanced.realm, advanced.ahead);
                }
                Event::Payment(payment::Event::Authorized(fact)) if !fact.entry.is_empty() => {
                    self.set_aside.push((fact.payment, recorded.header.realm.unwrap(), fact.amount));
                }
                Event::Wallet(wallet::Event::Credited(fact)) => {
                    if let Holder::User(user) = fact.holder {
                        self.purses.push((fact.realm, user, fact.amount));
                    }
                }
                Event::Card(card::Event::Issued(issued)) => {
                    self.cards.push((issued.card, issued.realm, issued.currency));
                }
                Event::Card(card::Event::Authorized(made)) => {
                    self.authorizations.push((made.authorization, made.card));
                }
                Event::Payout(payout::Event::Sent(sent)) => {
                    self.payouts.insert(sent.payout, sent.realm);
                }
                Event::Settlement(settlement::Event::Closed(closed)) if !closed.moved.is_zero() => {
                    self.ready.push((closed.realm, closed.merchant, closed.moved));
                }
                _ => {}
            }
        }
        if let Command::Merchant(merchant::Command::SetMode { merchant, mode }) = &envelope.command {
            self.modes[merchant.0 as usize - 1] = *mode;
        }
    }

    fn earlier(&self, index: Index) -> Envelope {
        index.get(&self.sent).0.clone()
    }

    /// The same request as another command.
    fn again(&self, envelope: &Envelope) -> Envelope {
        let mut again = envelope.clone();
        again.provenance.id = self.new_id();
        again
    }

    fn envelope(&self, realm: Option<Realm>, command: Command) -> Envelope {
        let id = self.new_id();
        let mut envelope = Envelope::new(Provenance::new(id, Actor::Operator, realm), command);
        envelope.provenance.idempotency = Some(IdempotencyKey { key: *id.as_bytes(), request: [1; 16] });
        envelope
    }

    fn new_id(&self) -> Uuid {
        let mut id = [0; 16];
        self.random.fill(&mut id);
        // The lowest bits tell a command's events apart.
        id[15] = 0;
        Uuid::from_bytes(id)
    }

    /// A wish as a command that can be sent.
    fn word(&self, wish: &Wish) -> Envelope {
        let merchant = MERCHANTS[wish.merchant];
        let selected = self.modes[wish.merchant].realm(merchant);
        // Of the latest: what wishes stay with gets further. Most are sales: those for months get a share of their own,
        // and what was set aside is there to be captured.
        let captures = matches!(wish.what, What::Capture(_)) && !self.set_aside.is_empty();
        let any = match wish.holders.1 {
            _ if captures => &self.set_aside,
            0 if !self.bills.is_empty() => &self.bills,
            _ => &self.payments,
        };
        let latest = &any[any.len().saturating_sub(LATEST)..];
        let picked = (!latest.is_empty()).then(|| *wish.payment.get(latest));
        let (payment, realm, total) = picked.unwrap_or((self.payment_id(), selected, yen(1_000)));
        let of_holder =
            |(holder, _): (usize, usize)| self.modes[HOLDERS[holder].1].realm(MERCHANTS[HOLDERS[holder].1]);
        let (realm, command) = match &wish.what {
            What::AuthorizeByUser if let Some((realm, command)) = self.setting_aside(wish) => {
                (Some(realm), command)
            }
            What::PayByUser(_) | What::AuthorizeByUser => {
                (Some(realm), about_holders(wish, payment, realm).expect("it is about a holder"))
            }
            What::Credit(_) | What::IssueTokens(_) | What::Transfer(_) | What::Grant(_) | What::Buy(_) => (
                Some(of_holder(wish.holders)),
                about_holders(wish, payment, realm).expect("it is about a holder"),
            ),
            What::Order(what) => {
                let fresh = (self.order_number(), self.payment_id());
                self.market.word(wish, *what, (Some(selected), merchant), fresh)
            }
            What::CloseDays(_) | What::SendPayout { .. } | What::EndPayout { .. } => {
                self.paying_out(wish, selected, merchant)
            }
            What::Subscribe
            | What::Unsubscribe
            | What::PayMonth { .. }
            | What::RefundMonth(_)
            | What::BillMonth(_) => self.subscribing(wish, of_holder(wish.holders)),
            What::IssueCard { .. }
            | What::SetCard(_)
            | What::Charge(_)
            | What::Increase(_)
            | What::Reverse(_)
            | What::Clear(_)
            | What::RefundCard(_) => self.card(wish, selected),
            What::Coins(coins) => {
                let realm = of_holder(wish.holders);
                let last = self.latest.get(&realm).copied().unwrap_or(START);
                let now = last.max(self.engine.now());
                let (realm, command) = self.traffic.command(coins, wish.payment, wish.holders.0, realm, now);
                (Some(realm), command)
            }
            What::Erase { payer: true } => {
                let subject = Subject::Payment(payment);
                (Some(realm), Command::Subject(subject::Command::Erase { subject }))
            }
            What::CloseUser | What::Person(_) | What::Erase { payer: false } => {
                (None, about_holders(wish, payment, realm).expect("it is about a holder"))
            }
            What::Create { currency, amount, tax, fee, top_up } => {
                let payer = user_of(wish.holders.0, merchant);
                let purpose = if *top_up { payment::Purpose::TopUp(payer) } else { payment::Purpose::Sale };
                (Some(selected), self.creation(merchant, purpose, *currency, [*amount, *tax, *fee]))
            }
            What::Settle { net, fee } => {
                let [net, fee] = [*net, *fee].map(|minor| Money::new(minor, total.currency));
                let rail = if realm.is_test() { Label::SANDBOX } else { acquirer() };
                (Some(realm), Command::Rail(rail::Command::Settle { rail, bank: Label::MAIN, net, fee }))
            }
            What::Advance(by) => (Some(selected), Command::Realm(realm::Command::AdvanceClock { by: *by })),
            What::Attempt { .. } | What::Requeue => {
                let told = (!self.owed.is_empty()).then(|| *wish.payment.get(&self.owed));
                let (payment, realm) = told.unwrap_or((payment, realm));
                (Some(realm), Command::Webhook(about_delivery(wish, payment)))
            }
            What::SetMode(_) | What::SetTerms { .. } | What::SetPlan(_) | What::Access(_) => {
                (None, Command::Merchant(about_merchant(wish, merchant)))
            }
            _ => (Some(realm), Command::Payment(about_payment(wish, payment, realm, total))),
        };
        let mut envelope = self.envelope(realm, command);
        match wish.astray {
            None => {}
            Some(Astray::Tenant) => envelope.tenant = Some(STRANGER),
            Some(Astray::Realm) => {
                let [one, other, _] = MERCHANTS.map(Realm::Test);
                let elsewhere = if realm == Some(one) { other } else { one };
                envelope.provenance.realm = realm.map(|_| elsewhere);
            }
        }
        envelope
    }

    /// One of the last payments, to be set aside in a wallet that was once good for it; where there is none, money for
    /// the wallet of a user.
    fn setting_aside(&self, wish: &Wish) -> Option<(Realm, Command)> {
        let latest = || self.payments.iter().rev().take(4);
        let pairs = self.purses.iter().flat_map(|(realm, payer, purse)| {
            let fits = latest().filter(move |(_, of, total)| {
                (of, total.currency) == (realm, purse.currency) && total.minor <= purse.minor
            });
            fits.map(move |(payment, ..)| (*realm, *payment, *payer))
        });
        let pairs: Vec<_> = pairs.collect();
        if !pairs.is_empty() {
            let (realm, payment, payer) = *wish.payment.get(&pairs);
            let command = payment::Command::AuthorizeByUser { payment, payer };
            return Some((realm, Command::Payment(command)));
        }
        let (_, realm, amount) = *latest().next()?;
        let Realm::Test(tenant) = realm else { return None };
        let holder = Holder::User(user_of(wish.holders.0, tenant));
        Some((realm, Command::Wallet(wallet::Command::Credit { holder, amount })))
    }

    /// The card that a wish is about: that of an authorisation, where it is about one.
    fn known_card(&self, wish: &Wish) -> Option<(CardId, Realm, Currency)> {
        let of_authorization = matches!(wish.what, What::Increase(_) | What::Reverse(_) | What::Clear(_));
        if self.authorizations.is_empty() || !of_authorization {
            return (!self.cards.is_empty()).then(|| *wish.payment.get(&self.cards));
        }
        let card = wish.payment.get(&self.authorizations).1;
        self.cards.iter().find(|known| known.0 == card).copied()
    }

    /// A wish too early is one for what comes before; a card is mostly for a wallet that something was put into.
    fn card(&self, wish: &Wish, realm: Realm) -> (Option<Realm>, Command) {
        let authorization =
            (!self.authorizations.is_empty()).then(|| wish.payment.get(&self.authorizations).0);
        match (&wish.what, self.known_card(wish)) {
            (What::IssueCard { .. }, _) | (_, None) => {
                let now = self.latest.values().max().copied().unwrap_or(START);
                let known = !self.purses.is_empty() && wish.holders.1 > 0;
                let (realm, user, currency) = match known.then(|| *wish.payment.get(&self.purses)) {
                    Some((realm, user, purse)) => (realm, user, purse.currency),
                    None => (realm, user_of(wish.holders.0, MERCHANTS[wish.merchant]), Currency::Jpy),
                };
                (Some(realm), issue_card(wish, user, currency, now, self.random.next()))
            }
            (_, Some((card, realm, currency))) => {
                (Some(realm), about_card(wish, card, currency, authorization))
            }
        }
    }

    /// What is settled can be sent, and what was sent can end: a wish too early is one for what comes before.
    fn paying_out(&self, wish: &Wish, realm: Realm, merchant: MerchantId) -> (Option<Realm>, Command) {
        let payout = PayoutId(1 + wish.payment.index(self.payouts.len().max(1)) as u32);
        let ready = (!self.ready.is_empty()).then(|| *wish.payment.get(&self.ready));
        match (&wish.what, self.payouts.get(&payout), ready) {
            (What::EndPayout(confirmed), Some(realm), _) => (Some(*realm), end_payout(payout, *confirmed)),
            (What::EndPayout(_), None, Some((realm, merchant, ready))) => {
                (Some(realm), send_payout(merchant, ready))
            }
            (What::SendPayout { part, points }, _, Some((realm, merchant, ready))) => {
                let currency = if *points { Currency::SgpUsd } else { ready.currency };
                (Some(realm), send_payout(merchant, Money::new(part.of(ready.minor), currency)))
            }
            (what, ..) => {
                let before = if let What::CloseDays(before) = what { *before } else { 0 };
                let earned = (!self.earned.is_empty()).then(|| *wish.payment.get(&self.earned));
                let (realm, merchant, currency) = earned.unwrap_or((realm, merchant, Currency::Jpy));
                let latest = self.latest.get(&realm).copied().unwrap_or(START);
                (Some(realm), close_days(merchant, currency, latest, before))
            }
        }
    }

    /// Mostly about somebody who has subscribed and the month that runs there, or a month that was paid.
    fn subscribing(&self, wish: &Wish, realm: Realm) -> (Option<Realm>, Command) {
        let tenant = MERCHANTS[HOLDERS[wish.holders.0].1];
        let anybody = (realm, user_of(wish.holders.0, tenant));
        let known = (!self.subscribers.is_empty()).then(|| *wish.payment.get(&self.subscribers));
        let (realm, user) = if let What::Subscribe = wish.what { anybody } else { known.unwrap_or(anybody) };
        let running = (realm, user, self.month(realm));
        let paid = (!self.paid.is_empty()).then(|| *wish.payment.get(&self.paid));
        let (realm, command) = match wish.what {
            What::BillMonth(before) => (realm, self.bill(running, before, wish.merchant as i128)),
            What::RefundMonth(_) => {
                let (realm, user, month) = paid.unwrap_or(running);
                (realm, Command::Subscription(about_subscription(&wish.what, user, month)))
            }
            ref what => (realm, Command::Subscription(about_subscription(what, user, running.2))),
        };
        (Some(realm), command)
    }

    /// The month that runs in `realm`.
    fn month(&self, realm: Realm) -> Month {
        let wall = self.clock.now() + self.ahead.get(&realm).copied().unwrap_or_default();
        Month::of(wall.max(self.latest.get(&realm).copied().unwrap_or_default()))
    }

    /// A payment for a month, so many before this one, at the price of today.
    fn bill(&self, (_, user, month): (Realm, UserId, Month), before: i32, fee: i128) -> Command {
        let tenant = HOLDERS.iter().find(|(holder, _)| *holder == Holder::User(user)).unwrap().1;
        let Plan { price, .. } = self.plans[tenant];
        let purpose = payment::Purpose::Subscription(user, Month(month.0 - before));
        self.creation(MERCHANTS[tenant], purpose, price.currency, [price.minor, 0, fee])
    }

    fn creation(
        &self,
        merchant: MerchantId,
        purpose: payment::Purpose,
        currency: Currency,
        parts: [i128; 3],
    ) -> Command {
        let [amount, tax, method_fee] = parts.map(|minor| Money::new(minor, currency));
        let wish = payment::Create {
            purpose,
            tax,
            method_fee,
            ..samples::create(self.random.next(), merchant, amount)
        };
        Command::Payment(payment::Command::Create(wish))
    }

    fn order_number(&self) -> OrderNumber {
        format!("ORD-{:08}", self.random.next()).parse().unwrap()
    }

    fn payment_id(&self) -> PaymentId {
        samples::payment_id(self.random.next())
    }
}

fn open(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, random: &Arc<Counting>) -> Engine {
    let options = Options { clock: clock.clone(), random: random.clone() };
    Engine::over(store.clone(), MasterKey::from_bytes([7; 32]), options).unwrap()
}
