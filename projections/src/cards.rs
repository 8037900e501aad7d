//! Issued cards: each as it stands, and a user's in the order they were issued.

use choai_engine::{
    Fault,
    books::{Label, Realm},
    domain::{
        CardId, Event, MerchantId, Timestamp, UserId,
        card::{self, CardStage, Issued},
        payment::CardSummary,
    },
    log::Recorded,
    money::Currency,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "cards";
pub(crate) const VERSION: u32 = 1;

/// Rows by number.
const CARDS: u8 = 0;
/// Numbers by realm, user and number.
const BY_USER: u8 = 1;

/// An issued card. The number that is printed on it, nobody here knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// Its own number.
    pub card: CardId,
    /// Where its value lives.
    pub realm: Realm,
    /// Whose user the holder is.
    pub tenant: MerchantId,
    /// Who holds it.
    pub user: UserId,
    /// The rail that issued it.
    pub rail: Label,
    /// Its scheme, last four digits and month of expiry.
    pub summary: CardSummary,
    /// Which of the user's wallets it spends from.
    pub currency: Currency,
    /// Whether it can be used.
    pub stage: CardStage,
    /// When it was issued, by the realm's clock.
    pub issued_at: Timestamp,
}

/// Folds in a fact about a card.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let Event::Card(event) = &recorded.event else { return Ok(()) };
    let stage = match event {
        card::Event::Issued(event) => {
            issue(event, recorded.header.effective_at, rows);
            return Ok(());
        }
        card::Event::Blocked(_) => CardStage::Blocked,
        card::Event::Unblocked(_) => CardStage::Active,
        card::Event::Closed(_) => CardStage::Closed,
        // What is held and spent is in the histories of its holder's accounts.
        card::Event::Authorized(_)
        | card::Event::AuthorizationIncreased(_)
        | card::Event::Reversed(_)
        | card::Event::Cleared(_)
        | card::Event::AuthorizationExpired(_)
        | card::Event::Refunded(_) => return Ok(()),
    };
    let key = Key::of(CARDS).u32(event.card().0);
    let mut view: CardView = rows.get(&key)?.ok_or(Fault::Incomplete(recorded.header.stream))?;
    view.stage = stage;
    rows.put(key, &view);
    Ok(())
}

fn issue(event: &Issued, issued_at: Timestamp, rows: &mut Rows<'_>) {
    let Issued { card, realm, tenant, user, rail, summary, currency, .. } = *event;
    let stage = CardStage::Active;
    let view = CardView { card, realm, tenant, user, rail, summary, currency, stage, issued_at };
    rows.put(Key::of(CARDS).u32(card.0), &view);
    rows.put(Key::of(BY_USER).realm(realm).user(user).u32(card.0), &card);
}

/// Issued cards.
#[derive(Clone, Copy)]
pub struct Cards<'a> {
    store: &'a Store,
}

impl<'a> Cards<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The card of this number.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn get(&self, card: CardId) -> Result<Option<CardView>, Fault> {
        self.view()?.get(&Key::of(CARDS).u32(card.0))
    }

    /// A user's cards in a realm, in the order they were issued, at most `limit`.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn by_user(&self, realm: Realm, user: UserId, limit: usize) -> Result<Vec<CardView>, Fault> {
        let view = self.view()?;
        let list = view.ascending::<CardId>(Key::of(BY_USER).realm(realm).user(user).all()).take(limit);
        let card = |card: Result<CardId, Fault>| {
            let row = view.get(&Key::of(CARDS).u32(card?.0))?;
            row.ok_or_else(|| Fault::Undecodable("the read model cards lists a card it does not have".into()))
        };
        list.map(card).collect()
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::domain::{Command, payment::Brand, user};

    use crate::scene::{BEGINNING, Scene};

    use super::*;

    #[tokio::test]
    async fn a_users_cards_are_listed_per_realm_as_they_stand() {
        let scene = Scene::new();
        let tenant = scene.register("Fruit").await;
        for _ in 0..2 {
            scene.submit(None, Command::User(user::Command::Register { tenant })).await;
        }
        let summary = CardSummary { brand: Brand::Visa, last_four: 42, month: 3, year: 2030 };
        for (number, holder) in [1, 2, 1].into_iter().enumerate() {
            let wish = card::Issue {
                user: UserId(holder),
                rail: Label::ISSUING,
                token: format!("card-{number}").parse().unwrap(),
                summary,
                currency: Currency::Usd,
            };
            scene.submit(Some(scene.realm()), Command::Card(card::Command::Issue(wish))).await;
        }
        let block = card::Command::Block { card: CardId(3) };
        scene.submit(Some(scene.realm()), Command::Card(block)).await;
        scene.seen().await;
        let cards = scene.models.cards();
        let list = |realm, user, limit| -> Vec<(u32, CardStage)> {
            let views = cards.by_user(realm, UserId(user), limit).unwrap();
            views.into_iter().map(|view| (view.card.0, view.stage)).collect()
        };
        let here = scene.realm();
        assert_eq!(list(here, 1, 9), [(1, CardStage::Active), (3, CardStage::Blocked)]);
        assert_eq!(list(here, 1, 1), [(1, CardStage::Active)]);
        assert_eq!(list(here, 2, 9), [(2, CardStage::Active)]);
        assert_eq!(list(Realm::Live, 1, 9), []);
        let expected = CardView {
            card: CardId(2),
            realm: here,
            tenant,
            user: UserId(2),
            rail: Label::ISSUING,
            summary,
            currency: Currency::Usd,
            stage: CardStage::Active,
            issued_at: BEGINNING,
        };
        assert_eq!(cards.get(CardId(2)).unwrap(), Some(expected));
        assert_eq!(cards.get(CardId(4)).unwrap(), None);
    }
}
