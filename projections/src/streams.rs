//! Streams: where in the log each event of a stream is.

use choai_engine::{Fault, domain::StreamId, log::Recorded};
use serde::{Deserialize, Serialize};

use crate::{
    fold::Folding,
    keys::Key,
    numbers::{put_u64, take_u64},
    runs::{Item, Run, Runs},
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "streams";
/// 2: positions are kept in runs.
pub(crate) const VERSION: u32 = 2;

/// Where the events of each stream are, in runs found by revision.
const EVENTS: u8 = 0;

/// Where an event is.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Place {
    /// Events of the stream up to this one.
    count: u64,
    /// In the log.
    position: u64,
}

impl Item for Place {
    const NOTHING: Self = Self { count: 0, position: 0 };

    fn number(&self) -> u64 {
        self.count
    }

    fn write_after(&self, before: &Self, out: &mut Vec<u8>) {
        put_u64(out, self.position - before.position);
    }

    fn read_after(before: &Self, from: &mut &[u8]) -> Result<Self, Fault> {
        let position = before.position.wrapping_add(take_u64(from)?);
        Ok(Self { count: before.count.wrapping_add(1), position })
    }
}

/// Begins to fold.
pub(crate) fn begin() -> Box<dyn Folding> {
    Box::new(Fold { events: Runs::new(of) })
}

struct Fold {
    events: Runs<StreamId, Place>,
}

impl Folding for Fold {
    /// Notes where an event is.
    fn event(&mut self, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
        let position = recorded.position;
        self.events.push(recorded.header.stream, rows, |last| Some(Place { count: last.count + 1, position }))
    }

    fn is_full(&self) -> bool {
        self.events.is_full()
    }

    fn end_step(&mut self, rows: &mut Rows<'_>) {
        self.events.write(rows);
    }
}

fn of(stream: &StreamId) -> Key {
    Key::of(EVENTS).stream(*stream)
}

/// Where the events of every stream are.
#[derive(Clone, Copy)]
pub struct Streams<'a> {
    store: &'a Store,
}

impl<'a> Streams<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The positions of a stream's events from `from_revision` on, in order, at most `limit`.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn read(&self, stream: StreamId, from_revision: u64, limit: usize) -> Result<Vec<u64>, Fault> {
        let view = self.view()?;
        let events = Run::<Place>::of(&view, of(&stream));
        let places = events.ascending(from_revision.saturating_add(1)).take(limit);
        places.map(|place| Ok(place?.position)).collect()
    }

    /// The revision of a stream's last event; `None` for a stream without any.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn last_revision(&self, stream: StreamId) -> Result<Option<u64>, Fault> {
        let last = Run::<Place>::of(&self.view()?, of(&stream)).last(u64::MAX)?;
        Ok(last.count.checked_sub(1))
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use choai_engine::domain::MerchantId;

    use crate::scene::busy;

    use super::*;

    #[tokio::test]
    async fn every_stream_is_read_back_in_order_from_any_revision() {
        let scene = busy().await;
        let mut expected = BTreeMap::<StreamId, Vec<u64>>::new();
        for recorded in scene.events() {
            expected.entry(recorded.header.stream).or_default().push(recorded.position);
        }
        let streams = scene.models.streams();
        for (stream, positions) in expected {
            assert_eq!(streams.last_revision(stream).unwrap(), Some(positions.len() as u64 - 1), "{stream}");
            for from in 0..=positions.len() {
                assert_eq!(
                    streams.read(stream, from as u64, usize::MAX).unwrap(),
                    positions[from..],
                    "{stream}"
                );
                assert_eq!(
                    streams.read(stream, from as u64, 1).unwrap().as_slice(),
                    positions[from..].get(..1).unwrap_or_default()
                );
            }
        }
        let nobody = StreamId::Merchant(MerchantId(99));
        assert_eq!(
            (streams.read(nobody, 0, 9).unwrap(), streams.last_revision(nobody).unwrap()),
            (vec![], None)
        );
    }
}
