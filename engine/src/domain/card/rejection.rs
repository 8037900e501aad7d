//! Why a wish about an issued card was refused.

use super::{AuthorizationAction, AuthorizationStage, CardAction, CardStage};
use crate::{
    books::Shortfall,
    domain::{AmountRejection, AuthorizationId, CardId, Month, PartyRejection, kyc},
    money::{Currency, Money, MoneyError},
};

/// Why a wish about an issued card was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such card, in this realm, of this tenant.
    #[error("there is no card {0}")]
    Unknown(CardId),
    /// No such authorisation on this card.
    #[error("the card has no authorization {0}")]
    UnknownAuthorization(AuthorizationId),
    /// It was sent for a tenant.
    #[error("only the rail tells what a scheme has collected or brought back")]
    RailOnly,
    /// The card's holder cannot take part.
    #[error(transparent)]
    Party(#[from] PartyRejection),
    /// Nobody knows yet to whom it would be issued.
    #[error("a card needs an approved KYC; this user's is {0}")]
    KycNotApproved(kyc::Stage),
    /// The month's subscription is not paid.
    #[error("a card needs the subscription of {0} to be paid")]
    MonthNotPaid(Month),
    /// The sandbox issues no real cards.
    #[error("the sandbox rail does not exist in live")]
    SandboxInLive,
    /// Cards spend dollars and yen.
    #[error("a card spends USD or JPY, not {0}")]
    NotSpent(Currency),
    /// Such digits or such a month are on no card.
    #[error("a card has four last digits and expires in a month of a year up to 9999")]
    NoSuchCard,
    /// Not as the card is.
    #[error("a card that is {stage} cannot be {}", action.word())]
    NotAllowed {
        /// What it is.
        stage: CardStage,
        /// What was asked.
        action: CardAction,
    },
    /// Its month is over.
    #[error("the card expired at the end of {month:02}/{year}")]
    Expired {
        /// The month, 1 to 12.
        month: u8,
        /// The year.
        year: u16,
    },
    /// One token, one card.
    #[error("the rail's token is that of card {0}")]
    TokenTaken(CardId),
    /// Not as the authorisation is.
    #[error("an authorization that is {stage} cannot be {}", action.word())]
    AuthorizationNotAllowed {
        /// What it is.
        stage: AuthorizationStage,
        /// What was asked.
        action: AuthorizationAction,
    },
    /// The amount cannot be.
    #[error(transparent)]
    Amount(#[from] AmountRejection),
    /// In another currency than the card spends.
    #[error("the card spends {0}")]
    WrongCurrency(Currency),
    /// More than is still held.
    #[error("at most {held} can be given back")]
    MoreThanHeld {
        /// What is.
        held: Money,
    },
    /// The wallet holds less.
    #[error(transparent)]
    Short(#[from] Shortfall),
    /// The amounts cannot be reckoned.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
