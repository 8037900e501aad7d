//! Wishes about issued cards, and what a scheme reports of them.

use super::CardToken;
use crate::{
    books::Label,
    domain::{AuthorizationId, CardId, UserId, payment::CardSummary},
    money::{Currency, Money},
};

/// A card to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// To whom.
    pub user: UserId,
    /// The rail that issues it.
    pub rail: Label,
    /// What the rail calls it.
    pub token: CardToken,
    /// Its scheme, last four digits and month of expiry.
    pub summary: CardSummary,
    /// Which of the user's wallets it spends from.
    pub currency: Currency,
}

/// A wish about a card of the realm of its context, or a fact that its rail reports.
///
/// The number of a card is no part of any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Issue a card; its number is the next free one.
    Issue(Issue),
    /// Let nothing more be authorised on it, until it is unblocked.
    Block {
        /// Which card.
        card: CardId,
    },
    /// Let it be used again.
    Unblock {
        /// Which card.
        card: CardId,
    },
    /// Let nothing more be authorised on it, ever. What is authorised can still be cleared.
    Close {
        /// Which card.
        card: CardId,
    },
    /// Set money aside for a purchase; its number is the next free one.
    Authorize {
        /// On which card.
        card: CardId,
        /// How much.
        amount: Money,
    },
    /// Set more aside for the same purchase.
    Increase {
        /// On which card.
        card: CardId,
        /// Which authorisation.
        authorization: AuthorizationId,
        /// How much more.
        amount: Money,
    },
    /// Give back what was set aside, or a part of it.
    Reverse {
        /// On which card.
        card: CardId,
        /// Which authorisation.
        authorization: AuthorizationId,
        /// How much; all that is left when absent.
        amount: Option<Money>,
    },
    /// Record that the scheme has collected for a purchase: a fact, never refused for being too much or too late.
    Clear {
        /// On which card.
        card: CardId,
        /// Which authorisation.
        authorization: AuthorizationId,
        /// How much.
        amount: Money,
    },
    /// Record that the scheme has brought money back: a fact, whatever has become of the card.
    Refund {
        /// To which card.
        card: CardId,
        /// How much.
        amount: Money,
    },
}
