//! What callers asked for under which key, and what they were told.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::{
    domain::Rejection,
    log::Recorded,
    state::IdempotencyKey,
    writer::{Envelope, Outcome, Placed},
};

/// Which request, in the order in which they were first made.
pub(super) type Number = usize;

/// What became of one try; in this order they count when several of one request end together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    /// There was no room: nothing changed by this try, and nothing is said of any other.
    NoRoom,
    /// Refused: nothing changed by this try.
    Refused,
    /// Nobody answered: it happened, or it did not.
    Unknown,
    /// It led to events at this position, so many of them.
    Placed(u64, u32),
}

/// One request, however often it is made.
pub(super) struct Asked {
    pub(super) envelope: Envelope,
    /// The ids of every try.
    tries: HashSet<Uuid>,
    /// `None` until something is told.
    pub(super) told: Option<Told>,
}

impl Asked {
    pub(super) fn key(&self) -> IdempotencyKey {
        self.envelope.provenance.idempotency.expect("every request has a key")
    }
}

/// Everything that was ever asked.
#[derive(Default)]
pub(super) struct Callers {
    pub(super) asked: Vec<Asked>,
}

impl Callers {
    /// Notes a new request.
    pub(super) fn ask(&mut self, envelope: Envelope) -> Number {
        self.asked.push(Asked { envelope, tries: HashSet::new(), told: None });
        self.asked.len() - 1
    }

    /// The request once more, as the command `id`.
    pub(super) fn again(&mut self, number: Number, id: Uuid) -> Envelope {
        let asked = &mut self.asked[number];
        asked.tries.insert(id);
        let mut envelope = asked.envelope.clone();
        envelope.provenance.id = id;
        envelope
    }

    /// Requests whose callers do not know what became of them.
    pub(super) fn in_doubt(&self) -> Vec<Number> {
        let in_doubt = |asked: &Asked| matches!(asked.told, None | Some(Told::Unknown));
        (0..self.asked.len()).filter(|number| in_doubt(&self.asked[*number])).collect()
    }

    /// Notes how tries ended together, and that nobody is told two things.
    pub(super) fn tell(&mut self, mut ended: Vec<(Number, Told)>) {
        ended.sort();
        ended.sort_by_key(|(_, told)| match told {
            Told::NoRoom => 0,
            Told::Refused => 1,
            Told::Unknown => 2,
            Told::Placed(..) => 3,
        });
        for (number, told) in ended {
            let asked = &mut self.asked[number];
            match (&asked.told, &told) {
                (_, Told::NoRoom) => continue,
                (Some(Told::Placed(..)), Told::Unknown) => continue,
                (Some(first @ Told::Placed(..)), told) => {
                    assert_eq!(first, told, "request {number} had an answer before");
                }
                (None | Some(Told::Refused | Told::Unknown | Told::NoRoom), _) => {}
            }
            asked.told = Some(told);
        }
    }

    /// Every effect is what its caller was told, and there is no other: one key, one effect, one answer.
    pub(super) fn check(&self, log: &[Recorded]) {
        let mut effects = HashMap::<[u8; 16], Vec<&Recorded>>::new();
        for event in log {
            if let Some(idempotency) = event.header.idempotency {
                effects.entry(idempotency.key).or_default().push(event);
            }
        }
        for (number, asked) in self.asked.iter().enumerate() {
            let effect = effects.remove(&asked.key().key).unwrap_or_default();
            let commands: HashSet<Uuid> = effect.iter().map(|event| event.header.causation).collect();
            assert!(commands.len() <= 1, "request {number} happened {} times", commands.len());
            assert!(commands.is_subset(&asked.tries), "request {number} was carried out by a stranger");
            match asked.told {
                Some(Told::Placed(first, count)) => {
                    let positions: Vec<u64> = effect.iter().map(|event| event.position).collect();
                    let told: Vec<u64> = (first..first + u64::from(count)).collect();
                    assert_eq!(positions, told, "request {number} led to other events than it was told");
                    assert!(effect.iter().all(|event| event.header.idempotency == Some(asked.key())));
                }
                Some(Told::Refused) => assert!(effect.is_empty(), "request {number} was refused"),
                Some(Told::Unknown | Told::NoRoom) | None => panic!("request {number} was never answered"),
            }
        }
        assert!(effects.is_empty(), "events nobody asked for");
    }
}

/// What an outcome tells its caller; a key that is another request's is refused as such.
pub(super) fn told(outcome: &Outcome) -> Told {
    match outcome {
        Outcome::Accepted(Placed { first, count }) | Outcome::Repeated(Placed { first, count }) => {
            Told::Placed(*first, *count)
        }
        Outcome::Rejected(rejection) => {
            assert!(**rejection != Rejection::IdempotencyConflict, "every key has one request");
            Told::Refused
        }
    }
}
