//! Payments: each as it stands, and a merchant's payments in the order of their creation.

use choai_engine::{
    Fault,
    books::Realm,
    domain::{
        Event, MerchantId, PaymentId, Sealed, Timestamp,
        payment::{
            self, Created, DeclineReason, FailReason, Instruction, Means, Method, Origin, Purpose, Stage,
        },
    },
    log::Recorded,
    money::Money,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "payments";
pub(crate) const VERSION: u32 = 2;

/// Rows by payment.
const PAYMENTS: u8 = 0;
/// Payments by realm, merchant and position of creation.
const BY_MERCHANT: u8 = 1;

/// A payment. Instants are the realm's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    /// Which payment.
    pub payment: PaymentId,
    /// Where its value lives.
    pub realm: Realm,
    /// Who is paid.
    pub merchant: MerchantId,
    /// What it is for.
    pub purpose: Purpose,
    /// Which surface created it.
    pub origin: Origin,
    /// The price before tax.
    pub amount: Money,
    /// Tax on it.
    pub tax: Money,
    /// What the customer pays for the method.
    pub method_fee: Money,
    /// Price, tax and method fee.
    pub total: Money,
    /// How far it has come.
    pub stage: Stage,
    /// Until when it can be paid, while it can.
    pub deadline: Timestamp,
    /// Everything private about it, sealed.
    pub private: Option<Sealed>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The position of its creation: where a list of payments goes on.
    pub created_position: u64,
    /// How it is or was paid: the last means that was chosen or that brought money due; `None` where a user paid.
    pub means: Option<Means>,
    /// What the customer must give where they pay; kept after it is paid.
    pub instructions: Vec<Instruction>,
    /// What came in and is held or captured; nothing once what was held went back. Refunds leave it as it is.
    pub paid: Money,
    /// The capture, once there was one; kept through refunds and chargebacks.
    pub captured: Option<CapturedView>,
    /// How much went back to the customer.
    pub refunded: Money,
    /// The open chargeback, if there is one.
    pub chargeback: Option<ChargebackView>,
    /// What came in without being due, and has not gone back.
    pub excess: Money,
    /// Attempts declined so far.
    pub declines: u8,
    /// What was tried last and why it was declined.
    pub last_decline: Option<(Method, DeclineReason)>,
    /// Why it was given up, if it was.
    pub failed: Option<FailReason>,
    /// When its last event happened.
    pub updated_at: Timestamp,
    /// The position of its last event.
    pub position: u64,
}

/// A capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturedView {
    /// What was captured in all.
    pub total: Money,
    /// The platform's charge on it.
    pub charge: Money,
    /// When.
    pub at: Timestamp,
}

/// An open chargeback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargebackView {
    /// How much the customer's bank took back.
    pub amount: Money,
    /// What the rail asked for the trouble.
    pub fee: Money,
    /// The stage it goes back to when the dispute is won.
    pub former: Stage,
    /// When.
    pub at: Timestamp,
}

impl PaymentView {
    /// The payment as it is at `now`, the realm's time: one whose deadline has come has expired, whether or not that
    /// has been recorded.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        if self.stage.is_open() && self.deadline <= now {
            self.stage = Stage::Expired;
        }
        self
    }
}

/// Folds in a fact about a payment.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let Event::Payment(event) = &recorded.event else { return Ok(()) };
    let incomplete = || Fault::Incomplete(recorded.header.stream);
    let key = Key::of(PAYMENTS).payment(event.payment());
    if let payment::Event::Created(event) = event {
        let realm = recorded.header.realm.ok_or_else(incomplete)?;
        let list = Key::of(BY_MERCHANT).realm(realm).merchant(event.merchant).u64(recorded.position);
        rows.put(list, &event.payment);
        rows.put(key, &created(event, realm, recorded));
        return Ok(());
    }
    let mut view: PaymentView = rows.get(&key)?.ok_or_else(incomplete)?;
    change(&mut view, event, recorded.header.effective_at);
    (view.updated_at, view.position) = (recorded.header.effective_at, recorded.position);
    rows.put(key, &view);
    Ok(())
}

fn created(event: &Created, realm: Realm, recorded: &Recorded) -> PaymentView {
    let nothing = Money::zero(event.amount.currency);
    let total_minor = event.amount.minor + event.tax.minor + event.method_fee.minor;
    PaymentView {
        payment: event.payment,
        realm,
        merchant: event.merchant,
        purpose: event.purpose,
        origin: event.origin,
        amount: event.amount,
        tax: event.tax,
        method_fee: event.method_fee,
        total: Money::new(total_minor, event.amount.currency),
        stage: Stage::Created,
        deadline: event.deadline,
        private: event.private.clone(),
        created_at: recorded.header.effective_at,
        created_position: recorded.position,
        means: None,
        instructions: Vec::new(),
        paid: nothing,
        captured: None,
        refunded: nothing,
        chargeback: None,
        excess: nothing,
        declines: 0,
        last_decline: None,
        failed: None,
        updated_at: recorded.header.effective_at,
        position: recorded.position,
    }
}

fn change(view: &mut PaymentView, event: &payment::Event, at: Timestamp) {
    match event {
        payment::Event::Created(_) => unreachable!("a creation makes the row that others change"),
        payment::Event::AwaitingCustomer(event) => {
            view.stage = Stage::AwaitingCustomer;
            view.means = Some(event.means);
            view.instructions.clone_from(&event.instructions);
            view.deadline = event.deadline;
        }
        payment::Event::Authorized(event) => {
            view.stage = Stage::Authorized;
            view.means = by_rail(event.source);
        }
        payment::Event::PartReceived(event) => {
            view.stage = Stage::Pending;
            view.means = Some(event.means);
            view.paid.minor += event.amount.minor;
        }
        payment::Event::Captured(event) => {
            view.stage = Stage::Captured;
            view.means = by_rail(event.source);
            view.paid = event.total;
            view.captured = Some(CapturedView { total: event.total, charge: event.charge, at });
        }
        payment::Event::Declined(event) => {
            view.declines = event.number;
            view.last_decline = Some((event.method, event.reason));
        }
        payment::Event::Cancelled(_) => end(view, Stage::Cancelled),
        payment::Event::Expired(_) => end(view, Stage::Expired),
        payment::Event::Failed(event) => {
            end(view, Stage::Failed);
            view.failed = Some(event.reason);
        }
        payment::Event::Refunded(event) => {
            view.refunded.minor += event.amount.minor;
            let left_minor = view.paid.minor - view.method_fee.minor - view.refunded.minor;
            view.stage = if left_minor == 0 { Stage::Refunded } else { Stage::Captured };
        }
        payment::Event::ChargedBack(event) => {
            let (amount, fee, former) = (event.amount, event.fee, view.stage);
            view.chargeback = Some(ChargebackView { amount, fee, former, at });
            view.stage = Stage::ChargedBack;
        }
        payment::Event::ChargebackWon(_) => {
            if let Some(chargeback) = view.chargeback.take() {
                view.stage = chargeback.former;
            }
        }
        payment::Event::ExcessReceived(event) => view.excess.minor += event.amount.minor,
        payment::Event::ExcessReturned(event) => {
            view.excess.minor -= event.parts.iter().map(|part| part.amount.minor).sum::<i128>()
        }
    }
}

/// The means on a rail; `None` where a user pays.
const fn by_rail(source: payment::Source) -> Option<Means> {
    match source {
        payment::Source::Rail(means) => Some(means),
        payment::Source::Wallet(_) | payment::Source::Points(_) => None,
    }
}

/// What was held has gone back.
fn end(view: &mut PaymentView, stage: Stage) {
    view.stage = stage;
    view.paid.minor = 0;
}

/// Payments.
#[derive(Clone, Copy)]
pub struct Payments<'a> {
    store: &'a Store,
}

impl<'a> Payments<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// A payment, whosever it is.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn get(&self, payment: &PaymentId) -> Result<Option<PaymentView>, Fault> {
        self.view()?.get(&Key::of(PAYMENTS).payment(*payment))
    }

    /// A merchant's payments in a realm that were created before position `before`, or all, newest first, at
    /// most `limit`. The last one's `created_position` is where the next page goes on.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn by_merchant(
        &self,
        realm: Realm,
        merchant: MerchantId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<PaymentView>, Fault> {
        let view = self.view()?;
        let list = Key::of(BY_MERCHANT).realm(realm).merchant(merchant).all_before(before);
        let found = view.descending::<PaymentId>(list).take(limit).map(|payment| {
            let row = view.get(&Key::of(PAYMENTS).payment(payment?))?;
            row.ok_or_else(|| {
                Fault::Undecodable("the read model payments lists a payment it does not have".into())
            })
        });
        found.collect()
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use choai_engine::{
        domain::payment::Command,
        log::MemoryStore,
        state::{State, TableRows},
    };
    use proptest::prelude::*;

    use crate::scene::{Scene, await_at_konbini, busy, create, decline, id, receive, usd, yen};

    use super::*;

    /// What the writer and the read model both know of a payment.
    #[derive(Debug, PartialEq)]
    struct Known {
        stage: Stage,
        deadline: Timestamp,
        paid_minor: i128,
        captured: Option<(i128, i128)>,
        refunded_minor: i128,
        excess_minor: i128,
        former: Option<Stage>,
        declines: u8,
    }

    /// Every payment of the scene is known to the model as it is to the writer's own tables.
    fn agrees_with_the_writer(scene: &Scene) {
        let nothing: Arc<dyn TableRows> = Arc::new(MemoryStore::new());
        let mut state = State::load(&nothing).unwrap();
        let mut payments = Vec::new();
        for recorded in scene.events() {
            state.fold(recorded.position, &recorded.header, &recorded.event);
            if let Event::Payment(payment::Event::Created(event)) = recorded.event {
                payments.push(event.payment);
            }
        }
        for payment in payments {
            let written = state.payments.get(&payment).unwrap();
            let sum = |parts: &[payment::Part]| parts.iter().map(|part| part.amount.minor).sum::<i128>();
            let expected = Known {
                stage: written.stage,
                deadline: written.deadline,
                paid_minor: sum(&written.parts),
                captured: (!written.captured.is_zero())
                    .then_some((written.captured.minor, written.charge.minor)),
                refunded_minor: written.refunded.minor,
                excess_minor: sum(&written.excess),
                former: written.chargeback.map(|chargeback| chargeback.former),
                declines: written.declines,
            };
            let view = scene.models.payments().get(&payment).unwrap().unwrap();
            let actual = Known {
                stage: view.stage,
                deadline: view.deadline,
                paid_minor: view.paid.minor,
                captured: view.captured.map(|captured| (captured.total.minor, captured.charge.minor)),
                refunded_minor: view.refunded.minor,
                excess_minor: view.excess.minor,
                former: view.chargeback.map(|chargeback| chargeback.former),
                declines: view.declines,
            };
            assert_eq!(actual, expected, "{payment}");
        }
    }

    #[tokio::test]
    async fn every_payment_is_what_the_writer_takes_it_for() {
        let scene = busy().await;
        agrees_with_the_writer(&scene);
        let stages: Vec<_> =
            (1..=9).map(|number| scene.models.payments().get(&id(number)).unwrap().unwrap().stage).collect();
        use Stage::{Cancelled, Captured, Created, Expired, Failed};
        assert_eq!(
            stages,
            [Captured, Failed, Captured, Cancelled, Captured, Expired, Created, Captured, Captured]
        );
    }

    #[tokio::test]
    async fn a_payment_tells_how_it_was_paid_and_why_not() {
        let scene = busy().await;
        let get = |number| scene.models.payments().get(&id(number)).unwrap().unwrap();
        let declined = get(2);
        assert_eq!(declined.last_decline, Some((Method::CreditCard, DeclineReason::InsufficientFunds)));
        assert_eq!((declined.declines, declined.failed), (5, Some(FailReason::Declines)));
        let konbini = get(5);
        assert_eq!(konbini.means.map(|means| means.method), Some(Method::Konbini));
        assert_eq!(konbini.instructions[0].value, "4711");
        let events =
            scene.models.streams().read(choai_engine::domain::StreamId::Payment(id(5)), 0, 99).unwrap();
        assert_eq!((konbini.created_position, konbini.position), (events[0], *events.last().unwrap()));
        assert!(konbini.created_at < konbini.updated_at, "the realm's clock went on in between");
        assert_eq!(get(9).captured.map(|captured| captured.total), Some(usd(60_00)), "captured in part");
        assert_eq!(scene.models.payments().get(&id(10)).unwrap(), None);
    }

    #[tokio::test]
    async fn a_merchants_payments_are_listed_per_realm_newest_first() {
        let scene = busy().await;
        let list = |realm, merchant, before, limit| -> Vec<PaymentView> {
            scene.models.payments().by_merchant(realm, MerchantId(merchant), before, limit).unwrap()
        };
        let ids = |views: Vec<PaymentView>| views.into_iter().map(|view| view.payment).collect::<Vec<_>>();
        let first = scene.realm();
        assert_eq!(ids(list(first, 1, None, 99)), [7, 6, 5, 4, 3, 2, 1].map(id));
        assert_eq!(ids(list(Realm::Test(MerchantId(2)), 2, None, 99)), [id(8)]);
        assert_eq!(ids(list(Realm::Live, 2, None, 99)), [id(9)]);
        for nobodys in [list(first, 2, None, 99), list(Realm::Live, 1, None, 99), list(first, 1, None, 0)] {
            assert_eq!(nobodys, []);
        }
        let page = list(first, 1, None, 3);
        let before = page.last().map(|view| view.created_position);
        assert_eq!(ids(page), [7, 6, 5].map(id));
        scene.pay(create(11, 1, yen(1))).await;
        scene.seen().await;
        assert_eq!(
            ids(list(first, 1, before, 3)),
            [4, 3, 2].map(id),
            "a new payment does not move the next page"
        );
    }

    /// Whatever a rail, a merchant or a customer may do to the payment `number`.
    fn anything(number: u32) -> impl Strategy<Value = Command> {
        let (payment, amount) = (id(number), (1..12_000i128).prop_map(yen));
        prop_oneof![
            amount.clone().prop_map(move |amount| receive(number, Method::WebMoney, amount)),
            amount.clone().prop_map(move |amount| receive(number, Method::CreditCard, amount)),
            amount.clone().prop_map(move |amount| receive(number, Method::Konbini, amount)),
            amount.clone().prop_map(move |amount| Command::Refund { payment, amount: Some(amount) }),
            amount.prop_map(move |amount| Command::ChargeBack {
                payment,
                amount,
                fee: yen(500),
                rail: choai_engine::books::Label::SANDBOX
            }),
            Just(Command::Refund { payment, amount: None }),
            Just(Command::WinChargeback { payment }),
            Just(Command::ReturnExcess { payment }),
            Just(Command::Cancel { payment }),
            Just(await_at_konbini(number)),
            Just(decline(number)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn whatever_happens_to_payments_the_model_agrees_with_the_writer(
            steps in prop::collection::vec((1..=3u32).prop_flat_map(anything), 1..40),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                let scene = Scene::new();
                scene.register("Fruit").await;
                for number in 1..=3 {
                    scene.pay(create(number, 1, yen(5_000))).await;
                }
                for step in steps {
                    // A refused step changes nothing, which is as good a step as any.
                    let step = choai_engine::domain::Command::Payment(step);
                    let _ = scene.try_submit(Some(scene.realm()), step).await;
                }
                scene.seen().await;
                agrees_with_the_writer(&scene);
            });
        }
    }
}
