//! The read models of Choai: what the log says, kept in the order in which it is asked for.
//!
//! Each model is one file with a name, a version and `apply`; it stands at a position of its own and can be
//! deleted or rebuilt at any time. [`Models`] holds them all. Nothing in here knows how answers reach a
//! client.

mod ahead;
mod balances;
#[cfg(test)]
mod bent;
mod cards;
mod compare;
mod deliveries;
mod fold;
mod follower;
mod histories;
mod kept;
mod keys;
mod lag;
mod merchants;
mod models;
mod numbers;
mod payments;
#[cfg(test)]
mod pinned;
mod points;
mod proofs;
mod realms;
mod runs;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod simulation;
mod store;
mod streams;
mod users;

pub use balances::{Balance, Balances, TrialBalance, TrialLine};
pub use cards::{CardView, Cards};
pub use compare::Difference;
pub use deliveries::{AttemptView, Deliveries, DeliveryState, DeliveryView, DueBy, Shares};
pub use follower::Follower;
pub use histories::{Histories, HistoryLine};
pub use lag::Lag;
pub use merchants::{AppView, KeyView, KycFormView, MerchantView, Merchants, SecretView};
pub use models::{Behind, Models};
pub use payments::{CapturedView, ChargebackView, PaymentView, Payments};
pub use points::{LotView, MonthOfPoints, Points};
pub use proofs::{Proofs, Tree};
pub use realms::Realms;
pub use streams::Streams;
pub use users::{KycView, UserView, Users};

/// Cargo tells checkouts apart by this: they share one target folder.
const _: Option<&str> = option_env!("CHOAI_CHECKOUT");
