//! Realms: what time it is in each, so that what is read can be read as of now.

use choai_engine::{
    Fault,
    books::Realm,
    domain::{
        Event, Timestamp,
        realm::{self, Clock},
    },
    log::Recorded,
};

use crate::{
    fold::Folding,
    kept::Kept,
    keys::Key,
    store::{Rows, Store},
};

pub(crate) const NAME: &str = "realms";
pub(crate) const VERSION: u32 = 1;

/// Clocks by realm.
const CLOCKS: u8 = 0;

/// Begins to fold.
pub(crate) fn begin() -> Box<dyn Folding> {
    Box::new(Fold { clocks: Kept::new(|realm| Key::of(CLOCKS).realm(*realm)) })
}

struct Fold {
    clocks: Kept<Realm, Clock>,
}

impl Folding for Fold {
    /// Folds in when something happened, and how far a clock was moved.
    fn event(&mut self, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
        let Some(realm) = recorded.header.realm else { return Ok(()) };
        let clock = self.clocks.change(realm, rows, |row: Option<Clock>| Ok(row.unwrap_or_default()))?;
        clock.last = recorded.header.effective_at;
        if let Event::Realm(realm::Event::ClockAdvanced(event)) = &recorded.event {
            clock.ahead = event.ahead;
        }
        Ok(())
    }

    fn end_step(&mut self, rows: &mut Rows<'_>) {
        self.clocks.write(rows, |key, _, clock, rows| rows.put(key, clock));
    }
}

/// Realms' clocks.
#[derive(Clone, Copy)]
pub struct Realms<'a> {
    store: &'a Store,
}

impl<'a> Realms<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The time of `realm` when the wall clock shows `wall`.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn now(&self, realm: Realm, wall: Timestamp) -> Result<Timestamp, Fault> {
        let clock: Option<Clock> = self.store.view(NAME, VERSION)?.get(&Key::of(CLOCKS).realm(realm))?;
        Ok(clock.unwrap_or_default().now(wall))
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::domain::{MerchantId, Span};

    use crate::scene::{BEGINNING, Scene};

    use super::*;

    #[tokio::test]
    async fn a_moved_clock_is_ahead_for_ever_and_only_in_its_realm() {
        let scene = Scene::new();
        scene.register("Fruit").await;
        scene.advance(scene.realm(), Span::days(180)).await;
        scene.seen().await;
        let later = BEGINNING + Span::hours(1);
        for (realm, wall, expected) in [
            (scene.realm(), BEGINNING, BEGINNING + Span::days(180)),
            (scene.realm(), later, later + Span::days(180)),
            (Realm::Live, later, later),
            (Realm::Test(MerchantId(2)), later, later),
        ] {
            assert_eq!(scene.models.realms().now(realm, wall).unwrap(), expected, "{realm} at {wall}");
        }
    }
}
