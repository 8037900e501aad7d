//! Deliveries: what notifications are owed, when each is due, and what became of every attempt.
//!
//! All instants here are the wall clock's: receivers live outside of any realm.

use std::ops::Range;

use choai_engine::{
    Fault,
    books::Realm,
    domain::{
        DeliveryId, Event, MerchantId, Timestamp,
        webhook::{self, Answer, Attempted, Owed, Topic, Verdict},
    },
    log::Recorded,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "deliveries";
/// 2: what is due is kept merchant by merchant.
pub(crate) const VERSION: u32 = 2;

/// Rows by delivery.
const DELIVERIES: u8 = 0;
/// Due time and delivery, by merchant and both: only of those still tried.
const DUE: u8 = 1;
/// Attempts by delivery and number.
const ATTEMPTS: u8 = 2;
/// Deliveries by realm, merchant and position of the debt.
const BY_MERCHANT: u8 = 3;

/// A notification that is or was owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// Which one.
    pub delivery: DeliveryId,
    /// The realm of its payment.
    pub realm: Realm,
    /// To whom.
    pub merchant: MerchantId,
    /// Telling what.
    pub topic: Topic,
    /// The id of the event by which it is owed: the same for every attempt.
    #[serde(with = "uuid_bytes")]
    pub event_id: Uuid,
    /// Since when it is owed.
    pub owed_at: Timestamp,
    /// The position of the event by which it is owed: where a list of deliveries goes on.
    pub position: u64,
    /// Attempts on record.
    pub attempts: u32,
    /// How far it has come.
    pub state: DeliveryState,
    /// The last attempt.
    pub last: Option<AttemptView>,
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    /// To be tried at this instant.
    Waiting {
        /// Which may have passed.
        due_at: Timestamp,
    },
    /// The receiver has it.
    Delivered {
        /// When that was recorded.
        at: Timestamp,
    },
    /// Not tried again by itself.
    GaveUp {
        /// When that was recorded.
        at: Timestamp,
    },
}

/// An attempt to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Counted from 1.
    pub number: u32,
    /// When it was begun.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u32,
    /// What the receiver answered, or why it did not.
    pub answer: Answer,
    /// What follows from that.
    pub verdict: Verdict,
}

/// Folds in a fact about a delivery.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let Event::Webhook(event) = &recorded.event else { return Ok(()) };
    match event {
        webhook::Event::Owed(event) => owe(event, recorded, rows),
        webhook::Event::Attempted(event) => {
            let attempt = attempt(event);
            rows.put(Key::of(ATTEMPTS).delivery(event.delivery).u32(event.number), &attempt);
            change(event.delivery, recorded, rows, |view| {
                view.attempts = event.number;
                view.state = state_after(event.verdict, recorded.recorded_at);
                view.last = Some(attempt);
            })
        }
        webhook::Event::Requeued(event) => change(event.delivery, recorded, rows, |view| {
            view.state = DeliveryState::Waiting { due_at: recorded.recorded_at };
        }),
    }
}

fn owe(event: &Owed, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let realm = recorded.header.realm.ok_or(Fault::Incomplete(recorded.header.stream))?;
    let view = DeliveryView {
        delivery: event.delivery,
        realm,
        merchant: event.merchant,
        topic: event.topic,
        event_id: recorded.header.id,
        owed_at: recorded.recorded_at,
        position: recorded.position,
        attempts: 0,
        state: DeliveryState::Waiting { due_at: recorded.recorded_at },
        last: None,
    };
    let list = Key::of(BY_MERCHANT).realm(realm).merchant(event.merchant).u64(recorded.position);
    rows.put(list, &event.delivery);
    note_due(&view, rows);
    rows.put(Key::of(DELIVERIES).delivery(event.delivery), &view);
    Ok(())
}

fn attempt(event: &Attempted) -> AttemptView {
    AttemptView {
        number: event.number,
        started_at: event.started_at,
        duration_ms: event.duration_ms,
        answer: event.answer,
        verdict: event.verdict,
    }
}

fn state_after(verdict: Verdict, at: Timestamp) -> DeliveryState {
    match verdict {
        Verdict::Delivered => DeliveryState::Delivered { at },
        Verdict::RetryAt(due_at) => DeliveryState::Waiting { due_at },
        Verdict::GaveUp => DeliveryState::GaveUp { at },
    }
}

fn change(
    delivery: DeliveryId,
    recorded: &Recorded,
    rows: &mut Rows<'_>,
    by: impl FnOnce(&mut DeliveryView),
) -> Result<(), Fault> {
    let key = Key::of(DELIVERIES).delivery(delivery);
    let mut view: DeliveryView = rows.get(&key)?.ok_or(Fault::Incomplete(recorded.header.stream))?;
    if let DeliveryState::Waiting { due_at } = view.state {
        rows.delete(due_key(due_at, &view));
    }
    by(&mut view);
    note_due(&view, rows);
    rows.put(key, &view);
    Ok(())
}

fn note_due(view: &DeliveryView, rows: &mut Rows<'_>) {
    if let DeliveryState::Waiting { due_at } = view.state {
        rows.put(due_key(due_at, view), &Due { merchant: view.merchant, due_at, delivery: view.delivery });
    }
}

fn due_key(due_at: Timestamp, view: &DeliveryView) -> Key {
    Key::of(DUE).merchant(view.merchant).time(due_at).delivery(view.delivery)
}

/// A delivery that is to be tried.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Due {
    merchant: MerchantId,
    due_at: Timestamp,
    delivery: DeliveryId,
}

/// How many of its deliveries each merchant may have tried at once.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    /// Before others get more than that, and in every further round; at least 1.
    pub each: usize,
    /// In all rounds together.
    pub most: usize,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueBy {
    /// What is to be tried, in this order.
    pub deliveries: Vec<DeliveryView>,
    /// How many of these, from the first, are within their merchants' shares.
    pub within_shares: usize,
    /// When the earliest of all is due, those of later included; it may have passed.
    pub next: Option<Timestamp>,
}

/// Deliveries of notifications.
#[derive(Clone, Copy)]
pub struct Deliveries<'a> {
    store: &'a Store,
}

impl<'a> Deliveries<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// A delivery, whosever it is.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn get(&self, delivery: DeliveryId) -> Result<Option<DeliveryView>, Fault> {
        self.view()?.get(&Key::of(DELIVERIES).delivery(delivery))
    }

    /// Every attempt of a delivery, in order.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn attempts(&self, delivery: DeliveryId) -> Result<Vec<AttemptView>, Fault> {
        self.view()?.ascending(Key::of(ATTEMPTS).delivery(delivery).all()).collect()
    }

    /// What is to be tried by `now`, the wall clock's time, that instant included, the merchants in turn, beginning
    /// with the one after `after`: first of each the earliest of its share, then in further rounds as much again, as
    /// far as `shares` and `limit` go.
    ///
    /// Costs a seek for every merchant that waits for anything, and one for each of its further rounds.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn due(
        &self,
        now: Timestamp,
        after: MerchantId,
        shares: Shares,
        limit: usize,
    ) -> Result<DueBy, Fault> {
        let view = self.view()?;
        let firsts = first_dues(&view)?;
        let next = firsts.iter().map(|first| first.due_at).min();
        let mut merchants: Vec<MerchantId> =
            firsts.iter().filter(|first| first.due_at <= now).map(|first| first.merchant).collect();
        let turn = merchants.partition_point(|merchant| *merchant <= after);
        merchants.rotate_left(turn);
        let (mut deliveries, mut within_shares, mut given) = (Vec::new(), None, 0);
        let mut round: Vec<(MerchantId, Key)> =
            merchants.into_iter().map(|merchant| (merchant, Key::of(DUE).merchant(merchant))).collect();
        while given < shares.most && !round.is_empty() {
            let each = shares.each.min(shares.most - given);
            let mut further = Vec::new();
            for (merchant, from) in round {
                let until = Key::of(DUE).merchant(merchant).time(now).end();
                let most = each.min(limit - deliveries.len());
                let rows: Vec<Due> = view.ascending(from..until).take(most).collect::<Result<_, _>>()?;
                for row in &rows {
                    deliveries.push(listed(&view, row.delivery)?);
                }
                // Whoever has fewer has no more.
                if let Some(last) = rows.last().filter(|_| rows.len() == each) {
                    let last = Key::of(DUE).merchant(merchant).time(last.due_at).delivery(last.delivery);
                    further.push((merchant, last.end()));
                }
            }
            within_shares.get_or_insert(deliveries.len());
            given += each;
            round = further;
        }
        Ok(DueBy { deliveries, within_shares: within_shares.unwrap_or_default(), next })
    }

    /// What was owed to a merchant in a realm before position `before`, or at all, newest first, at most
    /// `limit`. The last one's `position` is where the next page goes on.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn by_merchant(
        &self,
        realm: Realm,
        merchant: MerchantId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeliveryView>, Fault> {
        let view = self.view()?;
        let list = Key::of(BY_MERCHANT).realm(realm).merchant(merchant).all_before(before);
        view.descending::<DeliveryId>(list).take(limit).map(|delivery| listed(&view, delivery?)).collect()
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

/// The earliest of what each merchant waits for, merchants in order.
fn first_dues(view: &View<'_>) -> Result<Vec<Due>, Fault> {
    let mut firsts = Vec::new();
    let Range { mut start, end } = Key::of(DUE).all();
    while let Some(first) = view.ascending::<Due>(start..end.clone()).next().transpose()? {
        start = Key::of(DUE).merchant(first.merchant).end();
        firsts.push(first);
    }
    Ok(firsts)
}

fn listed(view: &View<'_>, delivery: DeliveryId) -> Result<DeliveryView, Fault> {
    let row = view.get(&Key::of(DELIVERIES).delivery(delivery))?;
    row.ok_or_else(|| {
        Fault::Undecodable("the read model deliveries lists a delivery it does not have".into())
    })
}

/// An id as its 16 bytes.
mod uuid_bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use uuid::Uuid;

    pub(super) fn serialize<S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
        id.as_bytes().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
        <[u8; 16]>::deserialize(deserializer).map(Uuid::from_bytes)
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::domain::{Command, Span, payment::Method};

    use crate::scene::{BEGINNING, Scene, busy, create, id, receive, usd};

    use super::*;

    fn first_of(number: u32) -> DeliveryId {
        DeliveryId { payment: id(number), number: 1 }
    }

    async fn captured(scene: &Scene, number: u32) {
        scene.pay(create(number, 1, usd(1_00))).await;
        scene.pay(receive(number, Method::CreditCard, usd(1_00))).await;
    }

    #[tokio::test]
    async fn a_delivery_is_due_until_an_attempt_succeeds_or_gives_up() {
        let scene = Scene::new();
        scene.register("Fruit").await;
        captured(&scene, 1).await;
        let hour = |hours| BEGINNING + Span::hours(hours);
        let delivery = first_of(1);
        // (the clock's advance, what happens, state, next due, whether it is due at the new time)
        type Step = (i64, Option<(u32, Verdict)>, DeliveryState, Option<Timestamp>, bool);
        let steps: [Step; 6] = [
            (0, None, DeliveryState::Waiting { due_at: hour(0) }, Some(hour(0)), true),
            (
                1,
                Some((1, Verdict::RetryAt(hour(3)))),
                DeliveryState::Waiting { due_at: hour(3) },
                Some(hour(3)),
                false,
            ),
            (2, None, DeliveryState::Waiting { due_at: hour(3) }, Some(hour(3)), true),
            (0, Some((2, Verdict::GaveUp)), DeliveryState::GaveUp { at: hour(3) }, None, false),
            (1, Some((0, Verdict::GaveUp)), DeliveryState::Waiting { due_at: hour(4) }, Some(hour(4)), true),
            (1, Some((3, Verdict::Delivered)), DeliveryState::Delivered { at: hour(5) }, None, false),
        ];
        for (advance, attempt, state, next_due, is_due) in steps {
            scene.clock.advance(Span::hours(advance));
            match attempt {
                Some((0, _)) => {
                    let resend = webhook::Command::Requeue { delivery };
                    scene.submit(Some(scene.realm()), Command::Webhook(resend)).await;
                }
                Some((number, verdict)) => scene.attempt(delivery, number, verdict).await,
                None => {}
            }
            scene.seen().await;
            let deliveries = scene.models.deliveries();
            let view = deliveries.get(delivery).unwrap().unwrap();
            assert_eq!(view.state, state);
            let due =
                deliveries.due(scene.engine.now(), MerchantId(0), Shares { each: 9, most: 9 }, 9).unwrap();
            assert_eq!(due.next, next_due);
            assert_eq!(due.deliveries, Vec::from_iter(is_due.then_some(view)), "{state:?}");
        }
        let attempts = scene.models.deliveries().attempts(delivery).unwrap();
        let brief: Vec<_> =
            attempts.iter().map(|attempt| (attempt.number, attempt.answer, attempt.started_at)).collect();
        use Answer::Status;
        assert_eq!(brief, [(1, Status(500), hour(1)), (2, Status(500), hour(3)), (3, Status(200), hour(5))]);
        let view = scene.models.deliveries().get(delivery).unwrap().unwrap();
        assert_eq!((view.attempts, view.last), (3, attempts.last().copied()));
    }

    #[tokio::test]
    async fn what_is_due_comes_earliest_first_and_not_a_moment_too_soon() {
        let scene = Scene::new();
        scene.register("Fruit").await;
        for number in 1..=3 {
            captured(&scene, number).await;
        }
        let at = |minutes: i64| BEGINNING + Span::seconds(60 * minutes);
        for (number, minutes) in [(1, 30), (2, 10), (3, 20)] {
            scene.attempt(first_of(number), 1, Verdict::RetryAt(at(minutes))).await;
        }
        scene.seen().await;
        let due = |now, limit| -> Vec<DeliveryId> {
            let shares = Shares { each: limit, most: limit };
            let due = scene.models.deliveries().due(now, MerchantId(0), shares, 9).unwrap();
            assert_eq!(due.next, Some(at(10)));
            due.deliveries.into_iter().map(|view| view.delivery).collect()
        };
        for (now, limit, expected) in [
            (at(10) - Span::MICRO, 9, vec![]),
            (at(10), 9, vec![2]),
            (at(30) - Span::MICRO, 9, vec![2, 3]),
            (at(30), 9, vec![2, 3, 1]),
            (at(30), 2, vec![2, 3]),
            (Timestamp(i64::MAX), 9, vec![2, 3, 1]),
        ] {
            assert_eq!(due(now, limit), expected.into_iter().map(first_of).collect::<Vec<_>>(), "at {now}");
        }
    }

    /// One receiver that never answered once held all of the courier's places.
    #[tokio::test]
    async fn merchants_take_turns() {
        let scene = Scene::new();
        for (merchant, numbers) in [(1, 1..=4), (2, 5..=5), (3, 6..=8)] {
            scene.register("Fruit").await;
            for number in numbers {
                let realm = Some(Realm::Test(MerchantId(merchant)));
                for wish in
                    [create(number, merchant, usd(1_00)), receive(number, Method::CreditCard, usd(1_00))]
                {
                    scene.submit(realm, Command::Payment(wish)).await;
                }
                scene.clock.advance(Span::seconds(1));
            }
        }
        scene.seen().await;
        let now = scene.engine.now();
        for (after, [each, most], limit, shares, further) in [
            (0, [9, 9], 9, vec![1, 2, 3, 4, 5, 6, 7, 8], vec![]),
            (0, [2, 2], 9, vec![1, 2, 5, 6, 7], vec![]),
            (1, [2, 2], 9, vec![5, 6, 7, 1, 2], vec![]),
            (2, [2, 2], 3, vec![6, 7, 1], vec![]),
            (3, [2, 2], 2, vec![1, 2], vec![]),
            (9, [1, 1], 9, vec![1, 5, 6], vec![]),
            (0, [9, 9], 0, vec![], vec![]),
            // What others leave is shared out in further rounds, in the same turn.
            (0, [1, 2], 9, vec![1, 5, 6], vec![2, 7]),
            (0, [1, 9], 9, vec![1, 5, 6], vec![2, 7, 3, 8, 4]),
            (2, [1, 9], 9, vec![6, 1, 5], vec![7, 2, 8, 3, 4]),
            (0, [2, 3], 9, vec![1, 2, 5, 6, 7], vec![3, 8]),
            (0, [2, 9], 6, vec![1, 2, 5, 6, 7], vec![3]),
            (0, [1, 9], 2, vec![1, 5], vec![]),
        ] {
            let (deliveries, shared) = (scene.models.deliveries(), Shares { each, most });
            let due = deliveries.due(now, MerchantId(after), shared, limit).unwrap();
            assert_eq!(due.next, Some(BEGINNING));
            let ids: Vec<_> = due.deliveries.into_iter().map(|view| view.delivery).collect();
            let expected = |numbers: Vec<u32>| numbers.into_iter().map(first_of).collect::<Vec<_>>();
            let (within, beyond) = ids.split_at(due.within_shares);
            let told = format!("{shared:?}, {limit} in all, after {after}");
            assert_eq!((within, beyond), (&*expected(shares), &*expected(further)), "{told}");
        }
    }

    #[tokio::test]
    async fn a_test_realms_clock_does_not_hurry_deliveries() {
        let scene = Scene::new();
        scene.register("Fruit").await;
        scene.advance(scene.realm(), Span::days(100)).await;
        captured(&scene, 1).await;
        scene.seen().await;
        let view = scene.models.deliveries().get(first_of(1)).unwrap().unwrap();
        assert_eq!((view.owed_at, view.state), (BEGINNING, DeliveryState::Waiting { due_at: BEGINNING }));
    }

    #[tokio::test]
    async fn a_merchants_deliveries_are_listed_per_realm_newest_first() {
        let scene = busy().await;
        let list = |realm, merchant, before| -> Vec<DeliveryView> {
            scene.models.deliveries().by_merchant(realm, MerchantId(merchant), before, 2).unwrap()
        };
        let ids = |views: &[DeliveryView]| views.iter().map(|view| view.delivery).collect::<Vec<_>>();
        let page = list(scene.realm(), 1, None);
        assert_eq!(ids(&page), [first_of(5), first_of(3)]);
        assert_eq!(ids(&list(scene.realm(), 1, Some(page[1].position))), [first_of(1)]);
        assert_eq!(ids(&list(Realm::Test(MerchantId(2)), 2, None)), [first_of(8)]);
        assert_eq!(ids(&list(Realm::Live, 2, None)), [first_of(9)]);
        assert_eq!(list(Realm::Live, 1, None), []);
        for view in page {
            let owed = scene.events().into_iter().find(|event| event.position == view.position).unwrap();
            assert_eq!(view.event_id, owed.header.id, "receivers know it by the event's id");
        }
    }
}
