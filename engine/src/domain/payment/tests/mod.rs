//! Payments, as data: given some wishes, when another comes, then these events or that refusal.
//!
//! Every wish goes through `domain::decide` and every event through the fold, so that what is given is never
//! a state that could not be. After every event the books are compared with what the payments say.

mod endings;
mod money_in;
mod money_out;
mod parts;
mod refusals;
mod stages;
mod top_ups;
mod wallet_holds;

use std::{collections::HashMap, sync::Arc};

use expect_test::Expect;
use uuid::Uuid;

use super::{Command, Create, DeclineReason, FailReason, Means, Method, Payment, Purse, Stage};
use crate::{
    books::{Account, AccountKey, Entry, Hold, Holder, Label, Realm},
    domain::{
        self, Context, Event, MerchantId, PaymentId, Span, Timestamp, UserId, merchant, payment, points,
        user, wallet, webhook,
    },
    log::{Actor, MemoryStore, RecordHeader},
    money::{Currency, Money, Percent},
    samples,
    state::{State, TableRows},
};

/// Two shops in test mode and one in live.
const SHOP: MerchantId = MerchantId(1);
const NEIGHBOUR: MerchantId = MerchantId(2);
const LIVE_SHOP: MerchantId = MerchantId(3);
const HERE: Realm = Realm::Test(SHOP);
/// 2026-01-05T03:00:00Z, noon in Tokyo.
const START: Timestamp = Timestamp(1_767_582_000_000_000);
const NO_FEE: i128 = 0;

/// Answers each of `when` in turn, after `given`, and compares what is said.
fn check(given: &[Wish], when: &[Wish], then: Expect) {
    let mut world = World::after(given);
    then.assert_eq(&when.iter().map(|wish| world.answer(wish)).collect::<String>());
}

/// Answers each of `when` as if it were the only one after `given`.
fn check_apart(given: &[Wish], when: &[Wish], then: Expect) {
    then.assert_eq(&when.iter().map(|wish| World::after(given).answer(wish)).collect::<String>());
}

/// A command with what surrounds it: by default SHOP's test realm at START, sent by nobody in particular.
#[derive(Clone)]
struct Wish {
    command: domain::Command,
    context: Context,
}

impl Wish {
    fn within(mut self, realm: Realm) -> Self {
        self.context.realm = Some(realm);
        self
    }

    fn sent_by(mut self, tenant: MerchantId) -> Self {
        self.context.tenant = Some(tenant);
        self
    }

    fn after(mut self, span: Span) -> Self {
        self.context.now = START + span;
        self
    }
}

impl From<Command> for Wish {
    fn from(command: Command) -> Self {
        let context = Context { realm: Some(HERE), tenant: None, now: START };
        Self { command: domain::Command::Payment(command), context }
    }
}

fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}

fn jpy(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

/// The payment that tests are about, and others beside it.
fn id(number: u32) -> PaymentId {
    samples::payment_id(number.into())
}

fn create(amount: Money) -> Wish {
    create_number(1, amount, NO_FEE, SHOP)
}

fn create_with_fee(amount: Money, fee: i128) -> Wish {
    create_number(1, amount, fee, SHOP)
}

fn create_number(number: u32, amount: Money, fee: i128, merchant: MerchantId) -> Wish {
    let method_fee = Money::new(fee, amount.currency);
    Command::Create(Create { method_fee, ..samples::create(number.into(), merchant, amount) }).into()
}

fn means(method: Method) -> Means {
    Means { method, rail: Label::SANDBOX, card: None }
}

fn pay(method: Method, amount: Money) -> Wish {
    Command::Receive { payment: id(1), means: means(method), amount }.into()
}

/// Paid on a rail that is not the sandbox.
fn pay_on(rail: &str, method: Method, amount: Money) -> Wish {
    let means = Means { rail: rail.parse().unwrap(), ..means(method) };
    Command::Receive { payment: id(1), means, amount }.into()
}

fn pay_by_card(amount: Money) -> Wish {
    pay(Method::CreditCard, amount)
}

fn choose(method: Method) -> Wish {
    Command::Await { payment: id(1), means: means(method), instructions: Vec::new() }.into()
}

fn authorize(amount: Money) -> Wish {
    Command::Authorize { payment: id(1), means: means(Method::CreditCard), amount }.into()
}

fn capture(amount: impl Into<Option<Money>>) -> Wish {
    Command::Capture { payment: id(1), amount: amount.into() }.into()
}

/// The first user, of SHOP, who has 10,000 yen in the wallet.
fn pay_by_user(purse: Purse) -> Wish {
    Command::PayByUser { payment: id(1), payer: UserId(1), purse }.into()
}

fn decline() -> Wish {
    Command::Decline { payment: id(1), method: Method::CreditCard, reason: DeclineReason::InsufficientFunds }
        .into()
}

fn cancel() -> Wish {
    Command::Cancel { payment: id(1) }.into()
}

fn fail() -> Wish {
    Command::Fail { payment: id(1), reason: FailReason::Rail }.into()
}

fn refund(amount: impl Into<Option<Money>>) -> Wish {
    Command::Refund { payment: id(1), amount: amount.into() }.into()
}

fn charge_back(amount: Money, fee: i128) -> Wish {
    let fee = Money::new(fee, amount.currency);
    Command::ChargeBack { payment: id(1), amount, fee, rail: Label::SANDBOX }.into()
}

fn win() -> Wish {
    Command::WinChargeback { payment: id(1) }.into()
}

fn return_excess() -> Wish {
    Command::ReturnExcess { payment: id(1) }.into()
}

fn agree(terms: merchant::Terms) -> Wish {
    let context = Context { realm: None, tenant: None, now: START };
    Wish {
        command: domain::Command::Merchant(merchant::Command::SetTerms { merchant: SHOP, terms }),
        context,
    }
}

/// Terms of `percent`, and whether refunds give it back.
fn terms(percent: u8, refund_returns_charge: bool) -> merchant::Terms {
    merchant::Terms { percent: Percent::whole(percent), refund_returns_charge, ..merchant::Terms::default() }
}

/// A state with its books kept a second time beside it.
struct World {
    state: State,
    position: u64,
    books: HashMap<AccountKey, i128>,
}

impl World {
    fn after(given: &[Wish]) -> Self {
        let store: Arc<dyn TableRows> = Arc::new(MemoryStore::new());
        let mut world = Self { state: State::load(&store).unwrap(), position: 0, books: HashMap::new() };
        for mode in [merchant::Mode::Test, merchant::Mode::Test, merchant::Mode::Active] {
            world.take(&register(mode)).expect("a merchant can be registered");
        }
        world.take(&register_user()).expect("a user can be registered");
        world.take(&credit(jpy(10_000))).expect("a wallet can be credited");
        for wish in given {
            let answer = world.take(wish);
            answer.unwrap_or_else(|refused| {
                panic!("what is given happened, but {} was refused: {refused}", label(wish))
            });
        }
        world
    }

    fn take(&mut self, wish: &Wish) -> Result<Vec<Event>, domain::Rejection> {
        let events = domain::decide(&self.state, &wish.command, &wish.context)?;
        for event in &events {
            self.fold(event, &wish.context);
        }
        Ok(events)
    }

    /// What the deadline of the payment brings when it has come.
    fn expire(&mut self) -> Vec<Event> {
        let (at, due) = self.state.dues.first(HERE).expect("something is due");
        let context = Context { realm: Some(HERE), tenant: None, now: at };
        let events = domain::decide_due(&self.state, due, &context);
        events.iter().for_each(|event| self.fold(event, &context));
        events
    }

    fn fold(&mut self, event: &Event, context: &Context) {
        self.position += 1;
        let stream = event.stream();
        let header = RecordHeader {
            stream,
            revision: self.state.revision(stream).map_or(0, |revision| revision + 1),
            id: Uuid::nil(),
            realm: context.realm,
            effective_at: context.now,
            causation: Uuid::nil(),
            correlation: Uuid::nil(),
            actor: Actor::Operator,
            idempotency: None,
        };
        self.state.fold(self.position, &header, event);
        if let Some(entry) = event.entry() {
            self.post(context.realm.expect("value lives in a realm"), entry);
        }
        if let Event::Payment(event) = event {
            self.compare(event.payment());
        }
    }

    fn post(&mut self, realm: Realm, entry: &Entry) {
        for posting in entry.postings() {
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            *self.books.entry(key).or_default() += posting.debit_minor;
        }
        assert_eq!(self.books.values().sum::<i128>(), 0, "the trial balance is zero");
        for (key, debit_minor) in &self.books {
            let natural = key.account.natural(*debit_minor);
            assert!(natural >= 0 || !key.account.is_guarded(), "{key} is guarded, but holds {natural}");
            assert_eq!(self.state.balance(key.realm, key.account, key.currency).minor, natural, "{key}");
        }
    }

    /// Held and suspense accounts hold exactly what their payment says.
    fn compare(&self, payment: PaymentId) {
        let known = self.payment(payment);
        let held = if known.captured.is_zero() { sum(&known.parts) } else { 0 };
        assert_eq!(self.natural(&known, Account::PaymentHeld(payment)), held, "payment-held");
        assert_eq!(self.natural(&known, Account::Suspense(payment)), sum(&known.excess), "suspense");
        let set_aside = known.wallet_hold().map_or(0, |(_, held)| held.minor);
        let account = Account::WalletHeld(Hold::Payment(payment));
        assert_eq!(self.natural(&known, account), set_aside, "wallet-held");
    }

    fn payment(&self, payment: PaymentId) -> Payment {
        self.state.payments.get(&payment).expect("the payment was created")
    }

    fn natural(&self, known: &Payment, account: Account) -> i128 {
        self.state.balance(known.realm, account, known.currency()).minor
    }

    /// The answer to a wish as text: what follows and what the payment then is, or why nothing does.
    fn answer(&mut self, wish: &Wish) -> String {
        let answer = match self.take(wish) {
            Err(refused) => format!("  refused: {refused}\n"),
            Ok(events) => {
                let stage = self.state.payments.get(&id(1)).map_or("nothing", |known| known.stage.word());
                format!("{}  = {stage}\n", events.iter().map(describe).collect::<String>())
            }
        };
        format!("{}\n{answer}", label(wish)).replace(id(1).as_str(), "P1")
    }
}

fn register(mode: merchant::Mode) -> Wish {
    let context = Context { realm: None, tenant: None, now: START };
    Wish { command: domain::Command::Merchant(samples::register(mode)), context }
}

fn register_user() -> Wish {
    let context = Context { realm: None, tenant: None, now: START };
    let command = user::Command::Register { tenant: SHOP };
    Wish { command: domain::Command::User(command), context }
}

fn credit(amount: Money) -> Wish {
    let context = Context { realm: Some(HERE), tenant: None, now: START };
    let command = wallet::Command::Credit { holder: Holder::User(UserId(1)), amount };
    Wish { command: domain::Command::Wallet(command), context }
}

fn sum(parts: &[payment::Part]) -> i128 {
    parts.iter().map(|part| part.amount.minor).sum()
}

fn label(wish: &Wish) -> String {
    let domain::Command::Payment(command) = &wish.command else { return "set terms".into() };
    let some = |amount: &Option<Money>| amount.map_or("all".into(), Money::to_decimal);
    match command {
        Command::Create(Create { amount, .. }) => format!("create {amount}"),
        Command::Await { means, .. } => format!("choose {}", means.method.word()),
        Command::Authorize { amount, .. } => format!("authorize {}", amount.to_decimal()),
        Command::AuthorizeByUser { payer, .. } => format!("user-{payer} sets it aside"),
        Command::Capture { amount, .. } => format!("capture {}", some(amount)),
        Command::Receive { means, amount, .. } => {
            format!("pay {} by {}", amount.to_decimal(), means.method.word())
        }
        Command::PayByUser { payer, purse, .. } => format!("user-{payer} pays from {purse:?}"),
        Command::Decline { .. } => "decline".into(),
        Command::Cancel { .. } => "cancel".into(),
        Command::Fail { .. } => "fail".into(),
        Command::Refund { amount, .. } => format!("refund {}", some(amount)),
        Command::ChargeBack { amount, fee, .. } => {
            format!("charge back {}, fee {}", amount.to_decimal(), fee.to_decimal())
        }
        Command::WinChargeback { .. } => "win the chargeback".into(),
        Command::ReturnExcess { .. } => "return the excess".into(),
    }
}

fn describe(event: &Event) -> String {
    let text = match event {
        Event::Payment(event) => describe_payment(event),
        Event::Webhook(webhook::Event::Owed(owed)) => format!("webhook {} is owed", owed.delivery.number),
        Event::Webhook(other) => format!("{other:?}"),
        Event::Points(event) => describe_points(event),
        Event::Wallet(_) => "wallet".into(),
        Event::Card(_)
        | Event::Chain(_)
        | Event::Deposit(_)
        | Event::Kyc(_)
        | Event::Listing(_)
        | Event::Merchant(_)
        | Event::Order(_)
        | Event::Payout(_)
        | Event::Rail(_)
        | Event::Realm(_)
        | Event::Settlement(_)
        | Event::Signer(_)
        | Event::Subject(_)
        | Event::Subscription(_)
        | Event::Token(_)
        | Event::User(_)
        | Event::Withdrawal(_) => String::new(),
    };
    let entry = event.entry().map_or(String::new(), ledger);
    if text.is_empty() { text } else { format!("  {text}\n{entry}") }
}

fn describe_points(event: &points::Event) -> String {
    let draws = |draws: &[points::Draw]| {
        let one = |draw: &points::Draw| format!("{} of lot {}", draw.quantity.to_decimal(), draw.lot);
        draws.iter().map(one).collect::<Vec<_>>().join(" + ")
    };
    match event {
        points::Event::Issued(event) => format!("lot {} issued, until {}", event.lot, event.expires_at),
        points::Event::Spent(event) => format!("points spent: {}", draws(&event.draws)),
        points::Event::GivenBack(event) => format!("points given back: {}", draws(&event.draws)),
        points::Event::Lapsed(event) => format!("lot {} lapsed, {}", event.lot, event.quantity.to_decimal()),
    }
}

fn describe_payment(event: &payment::Event) -> String {
    use payment::Event as E;
    match event {
        E::Created(event) => format!("created, until {}", event.deadline),
        E::AwaitingCustomer(event) => format!("awaiting the customer, until {}", event.deadline),
        E::Authorized(event) => format!("authorized {}", event.amount.to_decimal()),
        E::PartReceived(event) => format!("part received {}", event.amount.to_decimal()),
        E::Captured(event) => {
            let [total, received, charge] =
                [event.total, event.received, event.charge].map(Money::to_decimal);
            format!("captured {total}, of it now {received}, charge {charge}")
        }
        E::Declined(event) => format!("declined, number {}", event.number),
        E::Cancelled(_) => "cancelled".into(),
        E::Expired(_) => "expired".into(),
        E::Failed(event) => format!("failed, by {:?}", event.reason),
        E::Refunded(event) => {
            let [amount, charge] = [event.amount, event.charge_returned].map(Money::to_decimal);
            format!("refunded {amount}, charge returned {charge}")
        }
        E::ChargedBack(event) => {
            let [amount, fee, bears] = [event.amount, event.fee, event.merchant_bears].map(Money::to_decimal);
            format!("charged back {amount}, fee {fee}, merchant bears {bears}")
        }
        E::ChargebackWon(_) => "chargeback won".into(),
        E::ExcessReceived(event) => format!("excess received {}", event.amount.to_decimal()),
        E::ExcessReturned(event) => {
            let parts = event.parts.iter().map(|part| part.amount.to_decimal());
            format!("excess returned {}", parts.collect::<Vec<_>>().join(" + "))
        }
    }
}

/// An entry as a small ledger text: one line, debits and credits as they were written.
fn ledger(entry: &Entry) -> String {
    let line = |posting: &crate::books::Posting| {
        let side = if posting.debit_minor > 0 { "Dr" } else { "Cr" };
        let amount = Money::new(posting.debit_minor.abs(), posting.currency).to_decimal();
        format!("{side} {} {amount}", posting.account)
    };
    let lines: Vec<String> = entry.postings().iter().map(line).collect();
    if lines.is_empty() { String::new() } else { format!("    {}\n", lines.join(" · ")) }
}
