//! Merchants: who they are, found by number, access key or OAuth client.

use choai_engine::{
    Fault,
    domain::{
        Digest, Event, MerchantId, SecretId, Timestamp,
        kyc::Form,
        merchant::{self, AccessKeyIssued, ClientRegistered, Mode, Registered, SecretIssued, Terms},
    },
    log::Recorded,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "merchants";
pub(crate) const VERSION: u32 = 2;

/// Rows by number.
const MERCHANTS: u8 = 0;
/// Numbers by access key.
const BY_ACCESS_KEY: u8 = 1;
/// Numbers by OAuth client id.
const BY_CLIENT_ID: u8 = 2;
/// Its users' apps, by OAuth client id.
const APPS: u8 = 3;
/// Their client ids, by merchant and position of registration.
const APPS_OF: u8 = 4;
/// The form that its users fill in, by number; none where it is the one that everybody begins with.
const KYC_FORMS: u8 = 5;

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
    /// The access keys that were still accepted when the last was issued, newest first.
    pub access_keys: Vec<KeyView>,
    /// The same of OAuth client secrets.
    pub client_secrets: Vec<KeyView>,
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

/// An access key or client secret, of which only a hash is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// Its SHA-256.
    pub digest: Digest,
    /// When it was issued, by the wall clock.
    pub issued_at: Timestamp,
    /// Until when it is accepted, by the wall clock; `None` for the newest, which has no end yet.
    pub until: Option<Timestamp>,
}

impl KeyView {
    /// Whether it is accepted at `now`.
    #[must_use]
    pub fn is_accepted(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// An app that a merchant's users may authorise: a public OAuth client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    /// Whose.
    pub merchant: MerchantId,
    /// The OAuth client id.
    pub client_id: String,
    /// What users are told it is called.
    pub name: String,
    /// Where users may be sent back to.
    pub redirect_uris: Vec<String>,
    /// When it was registered, by the wall clock.
    pub registered_at: Timestamp,
}

/// The form that a merchant's users fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KycFormView {
    /// Counted from 1 within the merchant.
    pub version: u32,
    /// What is asked.
    pub form: Form,
}

impl Default for KycFormView {
    /// What everybody begins with.
    fn default() -> Self {
        Self { version: 1, form: Form::default() }
    }
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
        merchant::Event::AccessKeyIssued(event) => issue_access_key(event, recorded, rows),
        merchant::Event::ClientSecretIssued(event) => change(event.merchant, recorded, rows, |view| {
            let digest = event.client_secret;
            issue_key(&mut view.client_secrets, digest, event.earlier_until, recorded.recorded_at);
        }),
        merchant::Event::ClientRegistered(event) => {
            register_app(event, recorded, rows);
            Ok(())
        }
        merchant::Event::KycFormSet(event) => {
            let view = KycFormView { version: event.version, form: event.form.clone() };
            rows.put(Key::of(KYC_FORMS).merchant(event.merchant), &view);
            Ok(())
        }
        // What its users subscribe to is no page's business yet; every invoice says its own price.
        merchant::Event::PlanSet(_) => Ok(()),
    }
}

fn register(event: &Registered, at: Timestamp, rows: &mut Rows<'_>) {
    let first = |digest| vec![KeyView { digest, issued_at: at, until: None }];
    let view = MerchantView {
        merchant: event.merchant,
        name: event.name.clone(),
        mode: event.mode,
        signature_required: event.signature_required,
        client_id: event.client_id.clone(),
        access_keys: first(event.access_key),
        client_secrets: first(event.client_secret),
        terms: event.terms.clone(),
        registered_at: at,
        secrets: vec![SecretView { number: 1, secret: event.secret, until: None }],
    };
    rows.put(Key::of(MERCHANTS).merchant(event.merchant), &view);
    rows.put(Key::of(BY_ACCESS_KEY).digest(&event.access_key), &event.merchant);
    rows.put(Key::of(BY_CLIENT_ID).text(&event.client_id), &event.merchant);
}

fn register_app(event: &ClientRegistered, recorded: &Recorded, rows: &mut Rows<'_>) {
    let ClientRegistered { merchant, client_id, name, redirect_uris } = event.clone();
    let registered_at = recorded.recorded_at;
    rows.put(Key::of(APPS_OF).merchant(merchant).u64(recorded.position), &client_id);
    let key = Key::of(APPS).text(&client_id);
    rows.put(key, &AppView { merchant, client_id, name, redirect_uris, registered_at });
}

fn issue_access_key(event: &AccessKeyIssued, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let mut gone = Vec::new();
    change(event.merchant, recorded, rows, |view| {
        let digest = event.access_key;
        gone = issue_key(&mut view.access_keys, digest, event.earlier_until, recorded.recorded_at);
    })?;
    gone.into_iter().for_each(|gone| rows.delete(Key::of(BY_ACCESS_KEY).digest(&gone.digest)));
    rows.put(Key::of(BY_ACCESS_KEY).digest(&event.access_key), &event.merchant);
    Ok(())
}

/// As [`issue_secret`], of keys; gives those that had ended.
fn issue_key(
    keys: &mut Vec<KeyView>,
    digest: Digest,
    earlier_until: Timestamp,
    now: Timestamp,
) -> Vec<KeyView> {
    for key in keys.iter_mut() {
        key.until = Some(key.until.map_or(earlier_until, |until| until.min(earlier_until)));
    }
    let gone = keys.extract_if(.., |key| !key.is_accepted(now)).collect();
    keys.insert(0, KeyView { digest, issued_at: now, until: None });
    gone
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

    /// The merchant that has an access key with this SHA-256 which is accepted at `now`.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn by_access_key(&self, access_key: &Digest, now: Timestamp) -> Result<Option<MerchantView>, Fault> {
        let found = self.by(&Key::of(BY_ACCESS_KEY).digest(access_key))?;
        let is_accepted = |key: &KeyView| key.digest == *access_key && key.is_accepted(now);
        Ok(found.filter(|merchant| merchant.access_keys.iter().any(is_accepted)))
    }

    /// The merchant with this OAuth client.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn by_client_id(&self, client_id: &str) -> Result<Option<MerchantView>, Fault> {
        self.by(&Key::of(BY_CLIENT_ID).text(client_id))
    }

    /// The app of this OAuth client id.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn app(&self, client_id: &str) -> Result<Option<AppView>, Fault> {
        self.view()?.get(&Key::of(APPS).text(client_id))
    }

    /// A merchant's apps, in the order of registration.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn apps_of(&self, merchant: MerchantId) -> Result<Vec<AppView>, Fault> {
        let view = self.view()?;
        let ids = view.ascending::<String>(Key::of(APPS_OF).merchant(merchant).all());
        let app = |id: Result<String, Fault>| {
            let app = view.get(&Key::of(APPS).text(&id?))?;
            app.ok_or_else(|| {
                Fault::Undecodable("the read model merchants lists an app it does not have".into())
            })
        };
        ids.map(app).collect()
    }

    /// The form that a merchant's users fill in.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn kyc_form(&self, merchant: MerchantId) -> Result<KycFormView, Fault> {
        Ok(self.view()?.get(&Key::of(KYC_FORMS).merchant(merchant))?.unwrap_or_default())
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

    use crate::scene::{BEGINNING, Scene, access_key};

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
            let found = merchants.by_access_key(&access_key(name), BEGINNING).unwrap();
            assert_eq!(found.as_ref(), Some(&view));
            assert_eq!(merchants.by_client_id(&format!("client of {name}")).unwrap().as_ref(), Some(&view));
        }
        assert_eq!(merchants.all().unwrap().len(), 2);
        assert_eq!(merchants.get(MerchantId(3)).unwrap(), None);
        assert_eq!(merchants.by_access_key(&access_key("Frui"), BEGINNING).unwrap(), None);
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

    #[tokio::test]
    async fn an_earlier_access_key_is_accepted_until_its_overlap_ends() {
        let scene = Scene::new();
        let merchant = scene.register("Fruit").await;
        let rotate = |key: &str, hours| {
            let (access_key, overlap) = (access_key(key), Span::hours(hours));
            Command::Merchant(merchant::Command::RotateAccessKey { merchant, access_key, overlap })
        };
        scene.submit(None, rotate("Pear", 24)).await;
        scene.clock.advance(Span::hours(1));
        scene.submit(None, rotate("Plum", 1)).await;
        scene.seen().await;
        let accepted_at = |hours| -> Vec<&str> {
            let at = BEGINNING + Span::hours(hours);
            let find =
                |key: &&str| scene.models.merchants().by_access_key(&access_key(key), at).unwrap().is_some();
            ["Fruit", "Pear", "Plum"].into_iter().filter(find).collect()
        };
        assert_eq!(accepted_at(1), ["Fruit", "Pear", "Plum"]);
        assert_eq!(accepted_at(2), ["Plum"], "a later rotation never prolongs a key");
        scene.clock.advance(Span::hours(1));
        scene.submit(None, rotate("Fig", 0)).await;
        scene.seen().await;
        let kept = scene.models.merchants().get(merchant).unwrap().unwrap().access_keys;
        assert_eq!(kept.iter().map(|key| key.digest).collect::<Vec<_>>(), [access_key("Fig")]);
        assert_eq!(accepted_at(2), [""; 0]);
    }

    #[tokio::test]
    async fn a_merchants_apps_and_form_are_found() {
        let scene = Scene::new();
        let (fruit, tea) = (scene.register("Fruit").await, scene.register("Tea").await);
        let register = |merchant, client_id: &str| {
            Command::Merchant(merchant::Command::RegisterClient {
                merchant,
                client_id: client_id.to_owned(),
                name: format!("App {client_id}"),
                redirect_uris: vec!["https://app.shop.jp/back".to_owned()],
            })
        };
        for (merchant, id) in [(fruit, "b"), (tea, "c"), (fruit, "a")] {
            scene.submit(None, register(merchant, id)).await;
        }
        let form = Form { sections: Form::default().sections.into_iter().take(1).collect() };
        let set = merchant::Command::SetKycForm { merchant: tea, form: form.clone() };
        scene.submit(None, Command::Merchant(set)).await;
        scene.seen().await;
        let merchants = scene.models.merchants();
        let ids = |merchant| -> Vec<String> {
            merchants.apps_of(merchant).unwrap().into_iter().map(|app| app.client_id).collect()
        };
        assert_eq!((ids(fruit), ids(tea)), (vec!["b".to_owned(), "a".to_owned()], vec!["c".to_owned()]));
        assert_eq!(
            merchants.app("c").unwrap().map(|app| (app.merchant, app.name)),
            Some((tea, "App c".into()))
        );
        assert_eq!(merchants.app("d").unwrap(), None);
        assert_eq!(merchants.kyc_form(fruit).unwrap(), KycFormView::default());
        assert_eq!(merchants.kyc_form(tea).unwrap(), KycFormView { version: 2, form });
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
