//! What the writer remembers of a custom token.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::{books::Label, domain::MerchantId, money::Currency, state::State};

/// What rules need to know of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenTerms {
    /// Whose it is.
    pub tenant: MerchantId,
    /// Whether holders may give it to one another.
    pub is_transferable: bool,
    /// The network it lives on; without one, its tenant issues it.
    pub network: Option<Label>,
}

/// Whether something of `tenant` can be in this currency: a token is its own tenant's, all else is anybody's.
pub fn is_for(state: &State, currency: Currency, tenant: MerchantId) -> bool {
    match currency {
        Currency::Token(_) => state.tokens.get(&currency).is_some_and(|terms| terms.tenant == tenant),
        Currency::Usd
        | Currency::Jpy
        | Currency::SgpUsd
        | Currency::Krw
        | Currency::Eur
        | Currency::Twd
        | Currency::Usdt
        | Currency::Ton => true,
    }
}

/// Folds one fact into the tokens' table.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Registered(event) => {
            let terms = TokenTerms {
                tenant: event.tenant,
                is_transferable: event.is_transferable,
                network: event.network,
            };
            state.tokens.put(event.token, terms);
            if let Currency::Token(token) = event.token {
                state.count_token(token);
            }
        }
    }
}
