//! Merchants: who they are, found by number, access key or OAuth client.

use choai_engine::{
    Fault,
    domain::{
        Digest, Event, MerchantId, SecretId, Timestamp,
        merchant::{self, Mode, Registered, SecretIssued, Terms},
    },
    log::Recorded,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "merchants";
pub(crate) const VERSION: u32 = 1;

/// Rows by number.
const MERCHANTS: u8 = 0;
/// Numbers by access key.
const BY_ACCESS_KEY: u8 = 1;
/// Numbers by OAuth client id.
const BY_CLIENT_ID: u8 = 2;

/// A merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantView {
    /// Its number.
    pub merchant: MerchantId,
    /// The business name.
    pub name: String,
    /// The service mode, which selects the realm.
    pub mode: Mode,
    /// Whether every request must be signed.
    pub signature_required: bool,
    /// The OAuth client id.
    pub client_id: String,
    /// SHA-256 of the OAuth client secret.
    pub client_secret: Digest,
    /// What it is paid on.
    pub terms: Terms,
    /// When it was registered, by the wall clock.
    pub registered_at: Timestamp,
    /// The HMAC secrets that were still accepted when the last was issued, newest first.
    pub secrets: Vec<SecretView>,
}

/// An HMAC secret; the secret itself is in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretView {
    /// Counted from 1 within the merchant.
    pub number: u32,
    /// Where in the vault it is kept.
    pub secret: SecretId,
    /// Until when it is accepted, by the wall clock; `None` for the newest, which has no end yet.
    pub until: Option<Timestamp>,
}

/// Folds in a fact about a merchant.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let Event::Merchant(event) = &recorded.event else { return Ok(()) };
    match event {
        merchant::Event::Registered(event) => {
            register(event, recorded.recorded_at, rows);
            Ok(())
        }
        merchant::Event::ModeSet(event) => {
            change(event.merchant, recorded, rows, |view| view.mode = event.mode)
        }
        merchant::Event::TermsSet(event) => {
            change(event.merchant, recorded, rows, |view| view.terms = event.terms.clone())
        }
        // Only the rules ask for them.
        merchant::Event::OrderDeadlinesSet(_) => Ok(()),
        merchant::Event::SecretIssued(event) => change(event.merchant, recorded, rows, |view| {
            issue_secret(&mut view.secrets, event, recorded.recorded_at);
        }),
        // What its users subscribe to is no page's business yet; every invoice says its own price.
        merchant::Event::PlanSet(_) => Ok(()),
    }
}

fn register(event: &Registered, at: Timestamp, rows: &mut Rows<'_>) {
    let view = MerchantView {
        merchant: event.merchant,
        name: event.name.clone(),
        mode: event.mode,
        signature_required: event.signature_required,
        client_id: event.client_id.clone(),
        client_secret: event.client_secret,
        terms: event.terms.clone(),
        registered_at: at,
        secrets: vec![SecretView { number: 1, secret: event.secret, until: None }],
    };
    rows.put(Key::of(MERCHANTS).merchant(event.merchant), &view);
    rows.put(Key::of(BY_ACCESS_KEY).digest(&event.access_key), &event.merchant);
    rows.put(Key::of(BY_CLIENT_ID).text(&event.client_id), &event.merchant);
}

/// Earlier secrets end when the event says, or sooner if an earlier rotation said so: no rotation makes a
/// secret live longer. Those that had ended by now are dropped.
fn issue_secret(secrets: &mut Vec<SecretView>, event: &SecretIssued, now: Timestamp) {
    for secret in secrets.iter_mut() {
        let until = secret.until.map_or(event.earlier_until, |until| until.min(event.earlier_until));
        secret.until = Some(until);
    }
    secrets.retain(|secret| secret.until.is_some_and(|until| until >= now));
    secrets.insert(0, SecretView { number: event.number, secret: event.secret, until: None });
}

fn change(
    merchant: MerchantId,
    recorded: &Recorded,
    rows: &mut Rows<'_>,
    by: impl FnOnce(&mut MerchantView),
) -> Result<(), Fault> {
    let key = Key::of(MERCHANTS).merchant(merchant);
    let mut view: MerchantView = rows.get(&key)?.ok_or(Fault::Incomplete(recorded.header.stream))?;
    by(&mut view);
    rows.put(key, &view);
    Ok(())
}

/// Merchants.
#[derive(Clone, Copy)]
pub struct Merchants<'a> {
    store: &'a Store,
}

impl<'a> Merchants<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The merchant of a number.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn get(&self, merchant: MerchantId) -> Result<Option<MerchantView>, Fault> {
        self.view()?.get(&Key::of(MERCHANTS).merchant(merchant))
    }

    /// The merchant whose access key has this SHA-256.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn by_access_key(&self, access_key: &Digest) -> Result<Option<MerchantView>, Fault> {
        self.by(&Key::of(BY_ACCESS_KEY).digest(access_key))
    }

    /// The merchant with this OAuth client.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn by_client_id(&self, client_id: &str) -> Result<Option<MerchantView>, Fault> {
        self.by(&Key::of(BY_CLIENT_ID).text(client_id))
    }

    /// Every merchant, in the order of registration.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn all(&self) -> Result<Vec<MerchantView>, Fault> {
        self.view()?.ascending(Key::of(MERCHANTS).all()).collect()
    }

    fn by(&self, key: &Key) -> Result<Option<MerchantView>, Fault> {
        let view = self.view()?;
        match view.get(key)? {
            Some(merchant) => view.get(&Key::of(MERCHANTS).merchant(merchant)),
            None => Ok(None),
        }
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::{
        domain::{Command, Span},
        money::Percent,
    };

    use crate::scene::{Scene, access_key};

    use super::*;

    /// The scene keeps the first secret, and this test each, under its number.
    fn secret(number: u32, until: Option<Timestamp>) -> SecretView {
        let kept = SecretId([u8::try_from(number).unwrap(); 16]);
        SecretView { number, secret: kept, until }
    }

    #[tokio::test]
    async fn a_merchant_is_found_by_number_access_key_and_client() {
        let scene = Scene::new();
        let (first, second) = (scene.register("Fruit").await, scene.register("Tea").await);
        scene.seen().await;
        let merchants = scene.models.merchants();
        for (merchant, name) in [(first, "Fruit"), (second, "Tea")] {
            let view = merchants.get(merchant).unwrap().unwrap();
            assert_eq!((view.merchant, view.name.as_str(), view.mode), (merchant, name, Mode::Test));
            assert_eq!(view.secrets, [secret(1, None)]);
            assert_eq!(merchants.by_access_key(&access_key(name)).unwrap().as_ref(), Some(&view));
            assert_eq!(merchants.by_client_id(&format!("client of {name}")).unwrap().as_ref(), Some(&view));
        }
        assert_eq!(merchants.all().unwrap().len(), 2);
        assert_eq!(merchants.get(MerchantId(3)).unwrap(), None);
        assert_eq!(merchants.by_access_key(&access_key("Frui")).unwrap(), None);
        assert_eq!(
            merchants.by_client_id("client of ").unwrap(),
            None,
            "the beginning of an id finds nobody"
        );
    }

    #[tokio::test]
    async fn the_latest_mode_and_terms_count() {
        let scene = Scene::new();
        let merchant = scene.register("Fruit").await;
        let go_live = merchant::Command::SetMode { merchant, mode: Mode::Active };
        scene.submit(None, Command::Merchant(go_live)).await;
        let terms = Terms { percent: Percent::whole(3), ..Terms::default() };
        let agree = merchant::Command::SetTerms { merchant, terms: terms.clone() };
        scene.submit(None, Command::Merchant(agree)).await;
        scene.seen().await;
        let view = scene.models.merchants().get(merchant).unwrap().unwrap();
        assert_eq!((view.mode, view.terms), (Mode::Active, terms));
    }

    #[test]
    fn a_rotation_ends_earlier_secrets_and_never_prolongs_one() {
        let at = |hour| Timestamp(0) + Span::hours(hour);
        // (hour of the rotation, overlap in hours, number and end of every secret afterwards)
        type Rotation = (i64, i64, &'static [(u32, Option<i64>)]);
        let rotations: [Rotation; 5] = [
            (10, 24, &[(2, None), (1, Some(34))]),
            (11, 48, &[(3, None), (2, Some(59)), (1, Some(34))]),
            (34, 1, &[(4, None), (3, Some(35)), (2, Some(35)), (1, Some(34))]),
            (35, 5, &[(5, None), (4, Some(40)), (3, Some(35)), (2, Some(35))]),
            (36, 0, &[(6, None), (5, Some(36)), (4, Some(36))]),
        ];
        let mut secrets = vec![secret(1, None)];
        for (hour, overlap, expected) in rotations {
            let number = secrets[0].number + 1;
            let SecretView { secret: kept, .. } = secret(number, None);
            let earlier_until = at(hour + overlap);
            let event = SecretIssued { merchant: MerchantId(1), number, secret: kept, earlier_until };
            issue_secret(&mut secrets, &event, at(hour));
            let expected: Vec<_> =
                expected.iter().map(|(number, until)| secret(*number, until.map(at))).collect();
            assert_eq!(secrets, expected, "after the rotation at {hour}");
        }
    }
}
