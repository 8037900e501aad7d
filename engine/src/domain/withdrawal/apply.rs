//! What the writer remembers of a withdrawal, and when its message expires.

use serde::{Deserialize, Serialize};

use super::{Action, Event, Rejection, Stage};
use crate::{
    books::{Label, Realm},
    domain::{
        Due, Timestamp, WithdrawalId,
        chain::{ChainHash, Custody, Output, Told},
    },
    money::Money,
    state::State,
};

/// A message that a withdrawal was put into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its own hash.
    pub hash: ChainHash,
    /// From when on no chain runs it.
    pub expires_at: Timestamp,
}

/// What rules need to know of a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Where its value lives.
    pub realm: Realm,
    /// Where the coins were, and where they go back to.
    pub from: Custody,
    /// Over which network it leaves.
    pub network: Label,
    /// How much.
    pub amount: Money,
    /// The last message that it was put into.
    pub message: Option<Message>,
    /// How far it has come.
    pub stage: Stage,
}

impl Withdrawal {
    pub(super) fn check(&self, action: Action) -> Result<(), Rejection> {
        let stage = self.stage;
        if action.is_allowed(stage) { Ok(()) } else { Err(Rejection::NotAllowed { stage, action }) }
    }
}

/// Folds one fact into the withdrawals' tables and their due times.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Requested(event) => {
            let withdrawal = Withdrawal {
                realm: event.realm,
                from: event.from,
                network: event.network,
                amount: event.amount,
                message: None,
                stage: Stage::Pending,
            };
            if let Some(query) = event.query {
                state.withdrawal_of.put((event.realm, event.tenant, query), event.withdrawal);
            }
            state.withdrawals.put(event.withdrawal, withdrawal);
            state.count_withdrawal(event.withdrawal);
        }
        Event::Sent(event) => {
            let message = Message { hash: event.message.clone(), expires_at: event.expires_at };
            let realm = go(state, event.withdrawal, Stage::Processing, Some(message));
            state.dues.note(realm, event.expires_at, Due::MessageExpiry(event.withdrawal));
        }
        Event::Expired(event) => {
            go(state, event.withdrawal, Stage::Pending, None);
        }
        Event::Processed(event) => {
            let realm = go(state, event.withdrawal, Stage::Processed, None);
            tell(state, (realm, event.network), &event.output, event.fee);
        }
        Event::Failed(event) => {
            go(state, event.withdrawal, Stage::Failed, None);
        }
        Event::SentAnyway(event) => {
            let realm = go(state, event.withdrawal, Stage::Processed, None);
            tell(state, (realm, event.network), &event.output, event.fee);
        }
    }
}

/// Remembers what the chain did, and whether it was said what that cost.
fn tell(state: &mut State, (realm, network): (Realm, Label), output: &Output, fee: Option<Money>) {
    state.told.put((realm, network, Told::Moved(output.clone())), ());
    if fee.is_some_and(|fee| !fee.is_zero()) {
        state.told.put((realm, network, Told::FeePart(output.transaction.clone())), ());
    }
}

/// Moves a withdrawal on, striking out the expiry of the message it leaves; tells its realm.
fn go(state: &mut State, id: WithdrawalId, stage: Stage, message: Option<Message>) -> Realm {
    let mut known = state.withdrawals.get(&id).expect("an event changes only what an earlier one made");
    if let (Stage::Processing, Some(message)) = (known.stage, &known.message) {
        state.dues.strike(known.realm, message.expires_at, Due::MessageExpiry(id));
    }
    known.stage = stage;
    known.message = message.or(known.message);
    let realm = known.realm;
    state.withdrawals.put(id, known);
    realm
}
