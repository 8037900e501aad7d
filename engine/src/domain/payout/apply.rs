//! What the writer remembers of a payout.

use serde::{Deserialize, Serialize};

use super::{Event, Stage};
use crate::{
    books::{Label, Realm},
    domain::MerchantId,
    money::Money,
    state::State,
};

/// What rules need to know of a payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// Where its value lives.
    pub realm: Realm,
    /// Who is paid.
    pub merchant: MerchantId,
    /// How much.
    pub amount: Money,
    /// From which bank account.
    pub bank: Label,
    /// How far it has come.
    pub stage: Stage,
}

/// Folds one fact into the payouts' table.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Sent(event) => {
            let payout = Payout {
                realm: event.realm,
                merchant: event.merchant,
                amount: event.amount,
                bank: event.bank,
                stage: Stage::Sent,
            };
            state.payouts.put(event.payout, payout);
            state.count_payout(event.payout);
        }
        Event::Confirmed(event) => {
            state.payouts.change(&event.payout, |payout| payout.stage = Stage::Confirmed);
        }
        Event::Returned(event) => {
            state.payouts.change(&event.payout, |payout| payout.stage = Stage::Returned);
        }
    }
}
