//! What the writer remembers of a merchant.

use serde::{Deserialize, Serialize};

use super::{Deadlines, Event, Mode, Plan, Terms};
use crate::state::State;

/// What rules need to know of a merchant. Who it is, the read model knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// Selects the realm.
    pub mode: Mode,
    /// What it is paid on.
    pub terms: Terms,
    /// How long its orders wait.
    pub order_deadlines: Deadlines,
    /// The number of its newest HMAC secret.
    pub secret_number: u32,
    /// What its users subscribe to.
    pub plan: Plan,
    /// The version of the form that its users are asked to fill in.
    pub kyc_form: u32,
}

/// Folds one fact into the merchants' table.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Registered(event) => {
            let known = Merchant {
                mode: event.mode,
                terms: event.terms.clone(),
                order_deadlines: Deadlines::default(),
                secret_number: 1,
                plan: Plan::default(),
                kyc_form: 1,
            };
            state.merchants.put(event.merchant, known);
            state.count_merchant(event.merchant);
        }
        Event::ModeSet(event) => state.merchants.change(&event.merchant, |known| known.mode = event.mode),
        Event::TermsSet(event) => {
            state.merchants.change(&event.merchant, |known| known.terms = event.terms.clone())
        }
        Event::OrderDeadlinesSet(event) => {
            state.merchants.change(&event.merchant, |known| known.order_deadlines = event.deadlines);
        }
        Event::SecretIssued(event) => {
            state.merchants.change(&event.merchant, |known| known.secret_number = event.number);
        }
        Event::PlanSet(event) => state.merchants.change(&event.merchant, |known| known.plan = event.plan),
        Event::KycFormSet(event) => {
            state.merchants.change(&event.merchant, |known| known.kyc_form = event.version);
        }
        // Who may speak for it, the read model knows.
        Event::AccessKeyIssued(_) | Event::ClientSecretIssued(_) | Event::ClientRegistered(_) => {}
    }
}
