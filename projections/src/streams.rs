//! Streams: where in the log each event of a stream is.

use choai_engine::{Fault, domain::StreamId, log::Recorded};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "streams";
pub(crate) const VERSION: u32 = 1;

/// Revision and position, by stream and revision.
const EVENTS: u8 = 0;

/// Notes where an event is.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let key = Key::of(EVENTS).stream(recorded.header.stream).u64(recorded.header.revision);
    rows.put(key, &(recorded.header.revision, recorded.position));
    Ok(())
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
        let stream = Key::of(EVENTS).stream(stream);
        let view = self.view()?;
        let events = view.ascending::<(u64, u64)>(stream.clone().u64(from_revision)..stream.end());
        events.take(limit).map(|event| Ok(event?.1)).collect()
    }

    /// The revision of a stream's last event; `None` for a stream without any.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn last_revision(&self, stream: StreamId) -> Result<Option<u64>, Fault> {
        let view = self.view()?;
        let mut events = view.descending::<(u64, u64)>(Key::of(EVENTS).stream(stream).all());
        Ok(events.next().transpose()?.map(|(revision, _)| revision))
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
