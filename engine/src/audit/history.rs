//! What a history has to be, whatever it tells: time that rises, streams without a gap, keys used once.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use uuid::Uuid;

use crate::{
    books::Realm,
    domain::{StreamId, Timestamp},
    log::RecordHeader,
};

/// How late it is, by the wall clock and in every realm.
#[derive(Default)]
pub(super) struct Clocks {
    recorded: Timestamp,
    effective: HashMap<Realm, Timestamp, RandomState>,
}

impl Clocks {
    /// Takes when a commit was made.
    ///
    /// # Errors
    /// One made before the last.
    pub(super) fn record(&mut self, at: Timestamp) -> Result<(), String> {
        let before = std::mem::replace(&mut self.recorded, at);
        if at < before { Err(format!("recorded at {at}")) } else { Ok(()) }
    }

    /// Takes when something happened by the realm's clock.
    ///
    /// # Errors
    /// Something that happened before the last.
    pub(super) fn effect(&mut self, realm: Option<Realm>, at: Timestamp) -> Result<(), String> {
        let before = realm.and_then(|realm| self.effective.insert(realm, at)).unwrap_or_default();
        if realm.is_some() && at < before { Err(format!("effective at {at}")) } else { Ok(()) }
    }
}

/// Which revision comes next in every stream there is.
#[derive(Default)]
pub(super) struct Streams(HashMap<StreamId, u64, RandomState>);

impl Streams {
    /// Takes an event's place in its stream.
    ///
    /// # Errors
    /// One that is not the next.
    pub(super) fn follow(&mut self, header: &RecordHeader) -> Result<(), String> {
        let next = self.0.entry(header.stream).or_default();
        let expected = std::mem::replace(next, header.revision.wrapping_add(1));
        if header.revision == expected {
            return Ok(());
        }
        Err(format!("{} has revision {} after {expected} events", header.stream, header.revision))
    }
}

/// Every idempotency key there was.
#[derive(Default)]
pub(super) struct Keys {
    seen: HashSet<[u8; 16], RandomState>,
    last: Option<([u8; 16], Uuid)>,
}

impl Keys {
    /// Takes an event's key. A command's events stand together: the same key further on would be a second effect.
    ///
    /// # Errors
    /// A key that had an effect before.
    pub(super) fn follow(&mut self, header: &RecordHeader) -> Result<(), String> {
        let key = header.idempotency.map(|idempotency| (idempotency.key, header.causation));
        if key.is_some() && key == self.last {
            return Ok(());
        }
        self.last = key;
        match key {
            Some((key, _)) if !self.seen.insert(key) => Err("the key had an effect before".into()),
            Some(_) | None => Ok(()),
        }
    }
}
