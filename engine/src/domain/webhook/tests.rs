//! Deliveries and their attempts, as data.

use std::sync::Arc;

use expect_test::{Expect, expect};

use super::*;
use crate::{
    books::Realm,
    domain::{self, Context, DeliveryId, MerchantId, Timestamp, payment},
    log::MemoryStore,
    money::{Currency, Money},
    state::{State, TableRows},
};

const SHOP: MerchantId = MerchantId(1);
const HERE: Context = Context { realm: Some(Realm::Test(SHOP)), tenant: None, now: Timestamp(0) };
const RETRY: Verdict = Verdict::RetryAt(Timestamp(9));

fn delivery(number: u16) -> DeliveryId {
    DeliveryId { payment: "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap(), number }
}

fn attempt(number: u32, verdict: Verdict) -> Command {
    let answer = Answer::Status(500);
    Command::RecordAttempt {
        delivery: delivery(1),
        number,
        started_at: Timestamp(0),
        duration_ms: 1,
        answer,
        verdict,
    }
}

fn requeue() -> Command {
    Command::Requeue { delivery: delivery(1) }
}

/// A state in which one notification is owed.
fn owed() -> State {
    let store: Arc<dyn TableRows> = Arc::new(MemoryStore::new());
    let mut state = State::load(&store).unwrap();
    let nothing = Money::zero(Currency::Jpy);
    let created = payment::Event::Created(payment::Created {
        payment: delivery(1).payment,
        merchant: SHOP,
        purpose: payment::Purpose::Sale,
        amount: Money::new(1_000, Currency::Jpy),
        tax: nothing,
        method_fee: nothing,
        origin: payment::Origin::ItoPayment,
        deadline: Timestamp(1),
        private: None,
    });
    let owed = Owed { delivery: delivery(1), merchant: SHOP, topic: Topic::ItoPaymentCaptured };
    domain::apply(&mut state, &created.into(), &HERE);
    domain::apply(&mut state, &Event::Owed(owed).into(), &HERE);
    state
}

fn check(commands: &[Command], then: Expect) {
    let mut state = owed();
    let mut text = String::new();
    for command in commands {
        match decide(&state, command, &HERE) {
            Err(refused) => text += &format!("refused: {refused}\n"),
            Ok(events) => {
                events.iter().for_each(|event| domain::apply(&mut state, event, &HERE));
                text += &format!("{:?}\n", state.deliveries.get(&delivery(1)).unwrap());
            }
        }
    }
    then.assert_eq(&text);
}

#[test]
fn a_delivery_is_tried_until_it_is_delivered() {
    check(
        &[attempt(1, RETRY), attempt(2, RETRY), attempt(3, Verdict::Delivered), attempt(4, RETRY)],
        expect![[r#"
        Delivery { attempts: 1, open: true }
        Delivery { attempts: 2, open: true }
        Delivery { attempts: 3, open: false }
        refused: the delivery is over; resend it to have it tried again
    "#]],
    );
}

#[test]
fn an_attempt_recorded_twice_counts_once() {
    check(
        &[attempt(1, RETRY), attempt(1, RETRY), attempt(3, RETRY), attempt(0, RETRY)],
        expect![[r#"
        Delivery { attempts: 1, open: true }
        refused: the next attempt is number 2
        refused: the next attempt is number 2
        refused: the next attempt is number 2
    "#]],
    );
}

#[test]
fn a_delivery_that_is_over_is_tried_again_on_request() {
    check(
        &[requeue(), attempt(1, Verdict::GaveUp), requeue(), requeue(), attempt(2, Verdict::Delivered)],
        expect![[r#"
        refused: the delivery is still being tried
        Delivery { attempts: 1, open: false }
        Delivery { attempts: 1, open: true }
        refused: the delivery is still being tried
        Delivery { attempts: 2, open: false }
    "#]],
    );
}

#[test]
fn nobody_sees_another_tenants_delivery_or_another_realms() {
    let state = owed();
    let strangers = [
        Context { tenant: Some(MerchantId(2)), ..HERE },
        Context { realm: Some(Realm::Live), ..HERE },
        Context { realm: None, ..HERE },
    ];
    for context in strangers {
        for command in [attempt(1, RETRY), requeue()] {
            assert_eq!(decide(&state, &command, &context), Err(Rejection::Unknown(delivery(1))));
        }
    }
    let unknown = decide(&state, &Command::Requeue { delivery: delivery(2) }, &HERE);
    assert_eq!(unknown, Err(Rejection::Unknown(delivery(2))));
    assert!(decide(&state, &attempt(1, RETRY), &Context { tenant: Some(SHOP), ..HERE }).is_ok());
}
