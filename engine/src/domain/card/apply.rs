//! What the writer remembers of an issued card and of what is authorised on it.

use serde::{Deserialize, Serialize};

use super::{AuthorizationAction, AuthorizationStage, CardAction, CardStage, Event, Issued, Rejection};
use crate::{
    books::{Account, Holder, Label, Realm},
    domain::{AuthorizationId, CardId, Context, Due, MerchantId, Timestamp, UserId, payment::CardSummary},
    money::{Currency, Money},
    state::State,
};

/// What rules need to know of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
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
    /// What it is.
    pub stage: CardStage,
}

impl Card {
    fn of(event: &Issued) -> Self {
        let Issued { realm, tenant, user, rail, summary, currency, .. } = *event;
        Self { realm, tenant, user, rail, summary, currency, stage: CardStage::Active }
    }

    pub(super) const fn holder(&self) -> Holder {
        Holder::User(self.user)
    }

    pub(super) const fn wallet(&self) -> Account {
        Account::Wallet(self.holder())
    }

    pub(super) fn check(&self, action: CardAction) -> Result<(), Rejection> {
        let stage = self.stage;
        if action.is_allowed(stage) { Ok(()) } else { Err(Rejection::NotAllowed { stage, action }) }
    }
}

/// What rules need to know of an authorisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// On which card.
    pub card: CardId,
    /// What is held.
    pub held: Money,
    /// What it is.
    pub stage: AuthorizationStage,
    /// When what is held is given back, while anything is.
    pub expires_at: Timestamp,
}

impl Authorization {
    pub(super) fn check(&self, action: AuthorizationAction) -> Result<(), Rejection> {
        let stage = self.stage;
        match action.is_allowed(stage) {
            true => Ok(()),
            false => Err(Rejection::AuthorizationNotAllowed { stage, action }),
        }
    }
}

/// Folds one fact into the tables of cards and authorisations, and into the due times.
pub fn apply(state: &mut State, event: &Event, context: &Context) {
    match event {
        Event::Issued(event) => {
            state.cards.put(event.card, Card::of(event));
            state.card_tokens.put((event.realm, event.rail, event.token.clone()), event.card);
            state.count_card(event.card);
        }
        Event::Blocked(event) => set_stage(state, event.card, CardStage::Blocked),
        Event::Unblocked(event) => set_stage(state, event.card, CardStage::Active),
        Event::Closed(event) => set_stage(state, event.card, CardStage::Closed),
        Event::Authorized(event) => {
            let (held, stage, expires_at) = (event.amount, AuthorizationStage::Held, event.expires_at);
            let authorization = Authorization { card: event.card, held, stage, expires_at };
            state.authorizations.put(event.authorization, authorization);
            state.count_authorization(event.authorization);
            note_expiry(state, event.authorization, context);
        }
        Event::AuthorizationIncreased(event) => {
            state.authorizations.change(&event.authorization, |known| known.held = event.held);
        }
        Event::Reversed(event) => {
            draw(state, event.authorization, event.held, None, AuthorizationStage::Reversed, context);
        }
        Event::Cleared(event) => {
            let (held, until) = (event.held, event.expires_at);
            draw(state, event.authorization, held, until, AuthorizationStage::Cleared, context);
        }
        Event::AuthorizationExpired(event) => {
            let nothing = Money::zero(event.amount.currency);
            draw(state, event.authorization, nothing, None, AuthorizationStage::Expired, context);
        }
        Event::Refunded(_) => {} // The entry says it all.
    }
}

fn set_stage(state: &mut State, card: CardId, stage: CardStage) {
    state.cards.change(&card, |known| known.stage = stage);
}

/// Leaves `held` of what was held, perhaps until another time; with nothing left, it has ended as `end`.
fn draw(
    state: &mut State,
    authorization: AuthorizationId,
    held: Money,
    until: Option<Timestamp>,
    end: AuthorizationStage,
    context: &Context,
) {
    strike_expiry(state, authorization, context);
    state.authorizations.change(&authorization, |known| {
        known.held = held;
        known.expires_at = until.unwrap_or(known.expires_at);
        // How it ended is not changed by what comes too late.
        if held.is_zero() && known.stage == AuthorizationStage::Held {
            known.stage = end;
        }
    });
    note_expiry(state, authorization, context);
}

fn note_expiry(state: &mut State, authorization: AuthorizationId, context: &Context) {
    if let Some((realm, known)) = context.realm.zip(held(state, authorization)) {
        state.dues.note(realm, known.expires_at, Due::AuthorizationExpiry(authorization));
    }
}

fn strike_expiry(state: &mut State, authorization: AuthorizationId, context: &Context) {
    if let Some((realm, known)) = context.realm.zip(held(state, authorization)) {
        state.dues.strike(realm, known.expires_at, Due::AuthorizationExpiry(authorization));
    }
}

/// The authorisation, while anything is held: only then is anything due.
fn held(state: &State, authorization: AuthorizationId) -> Option<Authorization> {
    state.authorizations.get(&authorization).filter(|known| known.stage == AuthorizationStage::Held)
}
