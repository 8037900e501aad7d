//! Merchants: who they are to the books, how they prove themselves, and on what terms they are paid.

mod apply;
mod command;
mod deadlines;
mod decide;
mod event;
mod plan;
mod rejection;
mod terms;
#[cfg(test)]
mod tests;

pub use apply::{Merchant, apply};
pub use command::Command;
pub use deadlines::{DEADLINE_RANGE, Deadlines};
pub use decide::decide;
pub use event::{
    AccessKeyIssued, ClientRegistered, ClientSecretIssued, Event, KycFormSet, ModeSet, OrderDeadlinesSet,
    PlanSet, Registered, SecretIssued, TermsSet,
};
pub use plan::{Earner, Plan};
pub use rejection::Rejection;
pub use terms::{ChargeRule, Mode, Terms};
