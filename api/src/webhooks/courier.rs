//! The courier: finds what is due, delivers it, and records every attempt. It keeps nothing of its own, so it
//! can be killed anywhere: what has no recorded attempt is simply still due.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use choai_engine::{
    Fault, SubmitError,
    domain::{
        Command, DeliveryId, MerchantId, Timestamp,
        webhook::{self, Answer, Topic, Verdict},
    },
    log::Actor,
};
use choai_projections::{DeliveryView, DueBy, PaymentView, Shares};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};
use url::Url;

use super::{
    client::{DeliveryError, GuardedClient},
    message::{self, Captured},
    schedule,
};
use crate::{app::App, private::Private, surfaces::ito::signature};

/// Deliveries under way at once.
const CONCURRENT_MAX: usize = 512;
/// Deliveries under way at once for one merchant, whose receiver may hang: so many before others get more, and so many
/// while there are places to spare.
const SHARES: Shares = Shares { each: 8, most: 64 };
/// Places that only shares get: what some have beyond theirs never takes the others'.
const KEPT_FOR_SHARES: usize = CONCURRENT_MAX / 2;
/// Before trouble of our own is looked at again.
const RECOVERY: Duration = Duration::from_secs(1);
/// Longest sleep: a clock that was set while we slept is noticed by then.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// Delivers until it is told to stop.
pub struct Courier {
    app: App,
    client: GuardedClient,
    /// Deliveries whose last attempt the read model may not have seen yet.
    under_way: Arc<Mutex<HashSet<DeliveryId>>>,
    places: Arc<Semaphore>,
    /// Whose delivery was begun last: the next merchant goes first.
    turn: MerchantId,
}

/// A delivery under way, until this is dropped, whatever the attempt comes to.
struct UnderWay {
    all: Arc<Mutex<HashSet<DeliveryId>>>,
    delivery: DeliveryId,
}

impl UnderWay {
    fn begin(all: &Arc<Mutex<HashSet<DeliveryId>>>, delivery: DeliveryId) -> Option<Self> {
        let is_new = all.lock().expect("nothing panics while it holds the set").insert(delivery);
        is_new.then(|| Self { all: all.clone(), delivery })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.all.lock().expect("nothing panics while it holds the set").remove(&self.delivery);
    }
}

/// What is sent, to where.
struct Parcel {
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Courier {
    /// A courier that leaves by `client`.
    pub fn new(app: App, client: GuardedClient) -> Self {
        let places = Arc::new(Semaphore::new(CONCURRENT_MAX));
        Self { app, client, under_way: Arc::default(), places, turn: MerchantId(0) }
    }

    /// Works until `stop` turns true, then until the attempts under way are recorded: a receiver may have taken what
    /// would otherwise be sent again. Dropping it breaks them off; they are made again by whoever comes next.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut attempts = JoinSet::new();
        tokio::select! {
            () = self.work(&mut attempts) => {}
            // The sender going away means the same.
            _ = stop.wait_for(|stop| *stop) => {}
        }
        while attempts.join_next().await.is_some() {}
    }

    async fn work(&mut self, attempts: &mut JoinSet<()>) {
        let mut head = self.app.engine().watch_head();
        loop {
            // Marked as seen before looking, so that a commit in between wakes us again.
            head.mark_unchanged();
            let position = head.borrow().position;
            if let Err(error) = self.app.models().wait_for(position, SLEEP_MAX).await {
                tracing::warn!(%error, "webhooks wait for the read models");
                tokio::time::sleep(RECOVERY).await;
                continue;
            }
            // What was sent could not be recorded, and would be sent again.
            if !self.app.engine().has_room().unwrap_or(false) {
                tokio::time::sleep(RECOVERY).await;
                continue;
            }
            let (deliveries, now) = (self.app.models().deliveries(), self.app.engine().now());
            // Twice the places: what is under way is still due.
            let due = deliveries.due(now, self.turn, SHARES, CONCURRENT_MAX * 2);
            let next = due.as_ref().map_or(None, |due| due.next);
            match due {
                Ok(due) => self.start(due, attempts),
                Err(error) => tracing::error!(%error, "the deliveries cannot be read"),
            }
            tokio::select! {
                changed = head.changed() => if changed.is_err() { return },
                Some(_) = attempts.join_next(), if !attempts.is_empty() => {}
                () = tokio::time::sleep(self.sleep(next)) => {}
            }
            // All that have ended, or looking at what is due would be done over for each.
            while attempts.try_join_next().is_some() {}
        }
    }

    fn start(&mut self, due: DueBy, attempts: &mut JoinSet<()>) {
        for (index, delivery) in due.deliveries.into_iter().enumerate() {
            if index >= due.within_shares && self.places.available_permits() <= KEPT_FOR_SHARES {
                return;
            }
            let Ok(place) = self.places.clone().try_acquire_owned() else { return };
            let id = delivery.delivery;
            let Some(under_way) = UnderWay::begin(&self.under_way, id) else { continue };
            // An attempt may have been recorded between looking and beginning: then it is another story.
            let now = self.app.models().deliveries().get(id);
            if !now.is_ok_and(|now| now.as_ref() == Some(&delivery)) {
                continue;
            }
            self.turn = delivery.merchant;
            let (app, client) = (self.app.clone(), self.client.clone());
            attempts.spawn(async move {
                attempt(&app, &client, &delivery).await;
                drop((under_way, place));
            });
        }
    }

    fn sleep(&self, next: Option<Timestamp>) -> Duration {
        let wait = next.map(|at| u64::try_from((at - self.app.engine().now()).0).unwrap_or_default());
        // What is due and under way would otherwise have us turn for ever.
        wait.map_or(SLEEP_MAX, Duration::from_micros).clamp(Duration::from_millis(200), SLEEP_MAX)
    }
}

/// Makes one attempt and records what became of it.
async fn attempt(app: &App, client: &GuardedClient, delivery: &DeliveryView) {
    let (started_at, begun) = (app.engine().now(), tokio::time::Instant::now());
    let answer = match pack(app, delivery, started_at) {
        Ok(Some(parcel)) => answer(client.post(&parcel.url, parcel.headers, parcel.body).await),
        Ok(None) => Answer::NoDestination,
        Err(error) => {
            // Our own trouble is no attempt; the delivery stays due.
            tracing::error!(%error, event = %delivery.event_id, "a webhook cannot be put together");
            tokio::time::sleep(RECOVERY).await;
            return;
        }
    };
    let number = delivery.attempts + 1;
    let verdict = match answer {
        Answer::Status(200..=299) => Verdict::Delivered,
        Answer::NoDestination => Verdict::GaveUp,
        Answer::Status(_) | Answer::Refused | Answer::Unreachable | Answer::TimedOut => {
            let random = u64::from_le_bytes(app.engine().random());
            schedule::after_failure(delivery.owed_at, app.engine().now(), number, random)
        }
    };
    let duration_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    metrics::counter!("webhook_attempts_total", "verdict" => verdict_name(verdict)).increment(1);
    let command = webhook::Command::RecordAttempt {
        delivery: delivery.delivery,
        number,
        started_at,
        duration_ms,
        answer,
        verdict,
    };
    record(app, delivery, command).await;
}

/// Records the attempt, and waits until the read model knows of it, so that it is not made twice.
async fn record(app: &App, delivery: &DeliveryView, command: webhook::Command) {
    let mut outcome;
    loop {
        let command = Command::Webhook(command.clone());
        // Not through the gate for those outside: it was sent already.
        outcome = app.engine().submit(app.envelope(Actor::Courier, Some(delivery.realm), command)).await;
        // What was sent must be recorded before anything else, or it would be sent again.
        let Err(SubmitError::Busy | SubmitError::NoRoom) = outcome else { break };
        tokio::time::sleep(RECOVERY).await;
    }
    match outcome {
        Ok(receipt) => {
            let position = receipt.events.last().map_or(0, |event| event.position);
            if let Err(error) = app.models().wait_for(position, SLEEP_MAX).await {
                tracing::warn!(%error, "an attempt is recorded but not yet read back");
            }
        }
        Err(error) => {
            tracing::warn!(%error, event = %delivery.event_id, "an attempt could not be recorded");
        }
    }
}

/// Puts together what is to be sent; `None` if its destination was erased.
fn pack(app: &App, delivery: &DeliveryView, now: Timestamp) -> Result<Option<Parcel>, Fault> {
    let Topic::ItoPaymentCaptured = delivery.topic;
    let vault = app.engine().vault();
    let Some(payment) = app.models().payments().get(&delivery.delivery.payment)? else { return Ok(None) };
    let private = payment.private.as_ref().map(|sealed| Private::open(vault, sealed)).transpose()?.flatten();
    let (Some(private), Some(body)) = (private.as_ref(), private.as_ref().and_then(|p| body(&payment, p)))
    else {
        return Ok(None);
    };
    let Ok(url) = Url::parse(&private.web_hook) else { return Ok(None) };
    let merchant = app.models().merchants().get(delivery.merchant)?;
    let newest = merchant.and_then(|merchant| merchant.secrets.first().map(|secret| secret.secret));
    let secret = newest.map(|secret| vault.secret(secret)).transpose()?.flatten();
    let Some(secret) = secret else { return Ok(None) };
    let timestamp = now.unix_s().to_string();
    let signature = format!("sha256={}", signature::sign(&secret, &timestamp, &body));
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (HeaderName::from_static("x-timestamp"), timestamp),
        (HeaderName::from_static("x-signature"), signature),
        (HeaderName::from_static("x-event-id"), delivery.event_id.to_string()),
    ];
    let headers = headers.into_iter().map(|(name, value)| {
        (name, HeaderValue::from_str(&value).expect("digits, hex and ids are header values"))
    });
    Ok(Some(Parcel { url, headers: headers.collect(), body }))
}

fn body(payment: &PaymentView, private: &Private) -> Option<Vec<u8>> {
    let captured = payment.captured.as_ref()?;
    Some(message::render(&Captured {
        payment: payment.payment,
        amount: payment.amount,
        charge: captured.charge,
        custom: &private.custom,
        at: captured.at,
    }))
}

fn answer(outcome: Result<super::client::Answer, DeliveryError>) -> Answer {
    match outcome {
        Ok(answer) => Answer::Status(answer.status),
        Err(DeliveryError::Refused(_)) => Answer::Refused,
        Err(DeliveryError::TimedOut) => Answer::TimedOut,
        Err(DeliveryError::Failed(_)) => Answer::Unreachable,
    }
}

const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Delivered => "delivered",
        Verdict::RetryAt(_) => "retry",
        Verdict::GaveUp => "gave_up",
    }
}
