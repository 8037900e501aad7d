//! Issued virtual cards: they spend from their holder's wallet, by authorisations that are cleared later.

mod apply;
mod authorizations;
mod command;
mod decide;
mod event;
mod rejection;
mod table;
#[cfg(test)]
mod tests;
mod token;

pub use apply::{Authorization, Card, apply};
pub use authorizations::{UNCLEARED_LIFETIME, expire};
pub use command::{Command, Issue};
pub use decide::decide;
pub use event::{
    AuthorizationExpired, AuthorizationIncreased, Authorized, Blocked, Cleared, Closed, Event, Issued,
    Refunded, Reversed, Unblocked,
};
pub use rejection::Rejection;
pub use table::{
    AUTHORIZATION_TRANSITIONS, AuthorizationAction, AuthorizationStage, CARD_TRANSITIONS, CardAction,
    CardStage, Transition,
};
pub use token::{CardToken, ParseCardTokenError};
