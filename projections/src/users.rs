//! Users: whose they are, found by number.

use choai_engine::{
    Fault,
    domain::{Event, MerchantId, Timestamp, UserId, user},
    log::Recorded,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Key,
    store::{Rows, Store},
};

pub(crate) const NAME: &str = "users";
pub(crate) const VERSION: u32 = 1;

/// Rows by number.
const USERS: u8 = 0;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// Its number.
    pub user: UserId,
    /// Whose user it is.
    pub tenant: MerchantId,
    /// When it was registered, by the wall clock.
    pub registered_at: Timestamp,
    /// When it was closed; `None` while it is not.
    pub closed_at: Option<Timestamp>,
}

/// Folds in a fact about a user.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let Event::User(event) = &recorded.event else { return Ok(()) };
    match event {
        user::Event::Registered(event) => {
            let (user, tenant, registered_at) = (event.user, event.tenant, recorded.recorded_at);
            let view = UserView { user, tenant, registered_at, closed_at: None };
            rows.put(Key::of(USERS).user(user), &view);
        }
        user::Event::Closed(event) => {
            let key = Key::of(USERS).user(event.user);
            let mut view: UserView = rows.get(&key)?.ok_or(Fault::Incomplete(recorded.header.stream))?;
            view.closed_at = Some(recorded.recorded_at);
            rows.put(key, &view);
        }
    }
    Ok(())
}

/// Users.
#[derive(Clone, Copy)]
pub struct Users<'a> {
    store: &'a Store,
}

impl<'a> Users<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The user of this number.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn get(&self, user: UserId) -> Result<Option<UserView>, Fault> {
        self.store.view(NAME, VERSION)?.get(&Key::of(USERS).user(user))
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::domain::{Command, Span};

    use crate::scene::{BEGINNING, Scene};

    use super::*;

    #[tokio::test]
    async fn a_user_is_found_by_its_number_and_stays_when_it_is_closed() {
        let scene = Scene::new();
        let tenant = scene.register("Fruit").await;
        scene.submit(None, Command::User(user::Command::Register { tenant })).await;
        scene.clock.advance(Span::hours(1));
        scene.submit(None, Command::User(user::Command::Close { user: UserId(1) })).await;
        scene.seen().await;
        let closed_at = Some(BEGINNING + Span::hours(1));
        let expected = UserView { user: UserId(1), tenant, registered_at: BEGINNING, closed_at };
        assert_eq!(scene.models.users().get(UserId(1)).unwrap(), Some(expected));
        assert_eq!(scene.models.users().get(UserId(2)).unwrap(), None);
    }
}
