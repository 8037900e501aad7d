//! Users: whose they are, who they are, and how far what they were asked has come; found by number.

use choai_engine::{
    Fault,
    domain::{DocumentId, Event, MerchantId, Sealed, StreamId, Timestamp, UserId, kyc, user},
    log::Recorded,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "users";
pub(crate) const VERSION: u32 = 2;

/// Rows by number.
const USERS: u8 = 0;
/// Documents by user and id.
const DOCUMENTS: u8 = 1;
/// Numbers by tenant and number.
const BY_TENANT: u8 = 2;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// Its number.
    pub user: UserId,
    /// Whose user it is.
    pub tenant: MerchantId,
    /// The OAuth client that made it; `None` where the operator did.
    pub client: Option<String>,
    /// Who it is, sealed, as far as that was told.
    pub profile: Option<Sealed>,
    /// How far what it was asked has come.
    pub kyc: KycView,
    /// When it was registered, by the wall clock.
    pub registered_at: Timestamp,
    /// When its profile was told last, by the wall clock.
    pub updated_at: Timestamp,
    /// When it was closed; `None` while it is not.
    pub closed_at: Option<Timestamp>,
    /// The revision of the last event in its stream.
    pub revision: u64,
}

/// What a user was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KycView {
    /// How far it has come.
    pub stage: kyc::Stage,
    /// The version of the form that the answers are of; 0 before there are any.
    pub form: u32,
    /// All answers, sealed.
    pub answers: Option<Sealed>,
    /// Why they were sent back last, sealed, until they are accepted.
    pub reason: Option<Sealed>,
    /// When they were changed, by the wall clock.
    pub saved_at: Option<Timestamp>,
    /// When they were handed in.
    pub submitted_at: Option<Timestamp>,
    /// When that was decided on.
    pub decided_at: Option<Timestamp>,
}

/// Folds in a fact about a user.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let at = recorded.recorded_at;
    match &recorded.event {
        Event::User(user::Event::Registered(event)) => {
            let user::Registered { user, tenant, client, profile } = event.clone();
            let view = UserView {
                user,
                tenant,
                client,
                profile,
                kyc: KycView::default(),
                registered_at: at,
                updated_at: at,
                closed_at: None,
                revision: recorded.header.revision,
            };
            rows.put(Key::of(USERS).user(user), &view);
            rows.put(Key::of(BY_TENANT).merchant(tenant).user(user), &user);
            Ok(())
        }
        Event::User(user::Event::Closed(event)) => {
            change(event.user, recorded, rows, |view| view.closed_at = Some(at))
        }
        Event::User(user::Event::ProfileSet(event)) => change(event.user, recorded, rows, |view| {
            view.profile = Some(event.profile.clone());
            view.updated_at = at;
        }),
        Event::Kyc(event) => answer(event, recorded, rows),
        // What else stands in its stream, such as its erasure, moves the revision.
        _ => match recorded.header.stream {
            StreamId::User(user) => change(user, recorded, rows, |_| ()),
            _ => Ok(()),
        },
    }
}

fn answer(event: &kyc::Event, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let at = Some(recorded.recorded_at);
    if let kyc::Event::Saved(event) = event {
        for document in &event.documents {
            rows.put(document_key(event.user, document.document), document);
        }
    }
    change(event.user(), recorded, rows, |view| match event {
        kyc::Event::Saved(event) => {
            view.kyc.stage = kyc::Stage::Draft;
            view.kyc.form = event.form;
            view.kyc.answers = Some(event.answers.clone());
            view.kyc.saved_at = at;
        }
        kyc::Event::Submitted(_) => {
            view.kyc.stage = kyc::Stage::Submitted;
            view.kyc.submitted_at = at;
        }
        kyc::Event::Approved(_) => {
            view.kyc.stage = kyc::Stage::Approved;
            view.kyc.reason = None;
            view.kyc.decided_at = at;
        }
        kyc::Event::Rejected(event) => {
            view.kyc.stage = kyc::Stage::Rejected;
            view.kyc.reason = Some(event.reason.clone());
            view.kyc.decided_at = at;
        }
    })
}

fn change(
    user: UserId,
    recorded: &Recorded,
    rows: &mut Rows<'_>,
    by: impl FnOnce(&mut UserView),
) -> Result<(), Fault> {
    let key = Key::of(USERS).user(user);
    let mut view: UserView = rows.get(&key)?.ok_or(Fault::Incomplete(recorded.header.stream))?;
    by(&mut view);
    view.revision = recorded.header.revision;
    rows.put(key, &view);
    Ok(())
}

fn document_key(user: UserId, document: DocumentId) -> Key {
    Key::of(DOCUMENTS).user(user).document(document)
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
        self.view()?.get(&Key::of(USERS).user(user))
    }

    /// A document that a user handed in.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn document(&self, user: UserId, document: DocumentId) -> Result<Option<kyc::Document>, Fault> {
        self.view()?.get(&document_key(user, document))
    }

    /// A tenant's users after number `after`, or all, in the order of their numbers, at most `limit`.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn by_tenant(
        &self,
        tenant: MerchantId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<UserView>, Fault> {
        let view = self.view()?;
        let list = Key::of(BY_TENANT).merchant(tenant);
        let from = match after {
            Some(after) => list.clone().user(after).end(),
            None => list.clone(),
        };
        let users = view.ascending::<UserId>(from..list.end()).take(limit);
        let user = |user: Result<UserId, Fault>| {
            let row = view.get(&Key::of(USERS).user(user?))?;
            row.ok_or_else(|| Fault::Undecodable("the read model users lists a user it does not have".into()))
        };
        users.map(user).collect()
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::domain::{Command, Digest, Span, Subject};

    use crate::scene::{BEGINNING, Scene};

    use super::*;

    fn sealed(byte: u8) -> Sealed {
        Sealed { subject: Subject::User(UserId(1)), bytes: vec![byte; 40] }
    }

    fn enrol(tenant: MerchantId) -> Command {
        let (client, profile) = (Some("client".to_owned()), sealed(1));
        Command::User(user::Command::Enrol(user::Enrol { user: UserId(1), tenant, client, profile }))
    }

    #[tokio::test]
    async fn a_user_is_found_by_its_number_and_stays_when_it_is_closed() {
        let scene = Scene::new();
        let tenant = scene.register("Fruit").await;
        scene.submit(None, Command::User(user::Command::Register { tenant })).await;
        scene.clock.advance(Span::hours(1));
        scene.submit(None, Command::User(user::Command::Close { user: UserId(1) })).await;
        scene.seen().await;
        let expected = UserView {
            user: UserId(1),
            tenant,
            client: None,
            profile: None,
            kyc: KycView::default(),
            registered_at: BEGINNING,
            updated_at: BEGINNING,
            closed_at: Some(BEGINNING + Span::hours(1)),
            revision: 1,
        };
        assert_eq!(scene.models.users().get(UserId(1)).unwrap(), Some(expected));
        assert_eq!(scene.models.users().get(UserId(2)).unwrap(), None);
    }

    #[tokio::test]
    async fn a_tenants_users_are_listed_page_by_page() {
        let scene = Scene::new();
        let (fruit, tea) = (scene.register("Fruit").await, scene.register("Tea").await);
        for tenant in [fruit, tea, fruit, fruit] {
            scene.submit(None, Command::User(user::Command::Register { tenant })).await;
        }
        scene.seen().await;
        let list = |tenant, after: Option<u32>, limit| -> Vec<u32> {
            let views = scene.models.users().by_tenant(tenant, after.map(UserId), limit).unwrap();
            views.into_iter().map(|view| view.user.0).collect()
        };
        assert_eq!(list(fruit, None, 2), [1, 3]);
        assert_eq!(list(fruit, Some(3), 2), [4]);
        assert_eq!(list(tea, None, 9), [2]);
        assert_eq!(list(tea, Some(2), 9), [0; 0]);
    }

    #[tokio::test]
    async fn the_latest_profile_and_answers_count() {
        let scene = Scene::new();
        let tenant = scene.register("Fruit").await;
        scene.submit(None, enrol(tenant)).await;
        let user = UserId(1);
        let set = user::Command::SetProfile { user, profile: sealed(2) };
        scene.submit(None, Command::User(set)).await;
        let document = kyc::Document {
            document: DocumentId([7; 16]),
            hash: Digest([8; 32]),
            media_type: kyc::MediaType::Png,
            length_bytes: 9,
        };
        let save = |byte, documents| {
            let (form, answers) = (1, sealed(byte));
            Command::Kyc(kyc::Command::Save { user, form, answers, documents })
        };
        scene.submit(None, save(3, vec![document])).await;
        scene.submit(None, save(4, Vec::new())).await;
        scene.submit(None, Command::Kyc(kyc::Command::Submit { user, form: 1 })).await;
        scene.submit(None, Command::Kyc(kyc::Command::Reject { user, reason: sealed(5) })).await;
        scene.seen().await;
        let users = scene.models.users();
        let view = users.get(user).unwrap().unwrap();
        assert_eq!((view.profile, view.client.as_deref()), (Some(sealed(2)), Some("client")));
        let KycView { stage, answers, reason, .. } = view.kyc;
        assert_eq!((stage, answers, reason), (kyc::Stage::Rejected, Some(sealed(4)), Some(sealed(5))));
        assert_eq!(users.document(user, document.document).unwrap(), Some(document));
        assert_eq!(users.document(UserId(2), document.document).unwrap(), None);
        scene.submit(None, Command::Kyc(kyc::Command::Submit { user, form: 1 })).await;
        scene.submit(None, Command::Kyc(kyc::Command::Approve { user })).await;
        scene.seen().await;
        let kyc = scene.models.users().get(user).unwrap().unwrap().kyc;
        assert_eq!((kyc.stage, kyc.reason), (kyc::Stage::Approved, None));
    }
}
