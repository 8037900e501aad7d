//! Every wish the engine can be told, and where each is decided.

use super::{
    AuthorizationId, Event, MerchantId, OrderNumber, Rejection, Subject, Timestamp, UserId, WithdrawalId,
    card, chain, deposit, kyc, listing, merchant, order, payment, payout, points, rail, realm, settlement,
    signer, subject, subscription, token, user, wallet, webhook, withdrawal,
};
use crate::{books::Realm, domain::PaymentId, state::State};
use serde::{Deserialize, Serialize};

/// A wish, with everything it needs: ids, ciphertext and outside facts come with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// About a listing.
    Listing(listing::Command),
    /// About an issued card.
    Card(card::Command),
    /// About addresses and coins of ours on a network.
    Chain(chain::Command),
    /// About coins that arrive on a chain.
    Deposit(deposit::Command),
    /// About what a user is asked.
    Kyc(kyc::Command),
    /// About a merchant.
    Merchant(merchant::Command),
    /// About an order.
    Order(order::Command),
    /// About a payment.
    Payment(payment::Command),
    /// About a payout.
    Payout(payout::Command),
    /// About points.
    Points(points::Command),
    /// About a rail's settlement with the platform.
    Rail(rail::Command),
    /// About a realm's clock.
    Realm(realm::Command),
    /// About a merchant's settlements.
    Settlement(settlement::Command),
    /// About the ledger's signing keys.
    Signer(signer::Command),
    /// About a subject of personal data.
    Subject(subject::Command),
    /// About a user's subscription.
    Subscription(subscription::Command),
    /// About a custom token.
    Token(token::Command),
    /// About a user.
    User(user::Command),
    /// About a wallet.
    Wallet(wallet::Command),
    /// About the delivery of a notification.
    Webhook(webhook::Command),
    /// About coins on their way out to a chain.
    Withdrawal(withdrawal::Command),
}

/// What surrounds a command: handed in by the writer, never asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The realm of value the command is for; `None` for identities.
    pub realm: Option<Realm>,
    /// The tenant on whose behalf it is sent; `None` for the operator, a rail, or a payer.
    pub tenant: Option<MerchantId>,
    /// The realm's time, or the wall clock's for identities.
    pub now: Timestamp,
}

impl Context {
    /// Whether the command is sent for `tenant`, or for nobody in particular.
    pub fn speaks_for(&self, tenant: MerchantId) -> bool {
        self.tenant.is_none_or(|own| own == tenant)
    }
}

/// Something that happens by itself when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Due {
    /// A payment that nobody completed.
    PaymentDeadline(PaymentId),
    /// What is left of a user's lot of points.
    LotLapse(UserId, u32),
    /// An order that nobody took further.
    OrderDeadline(OrderNumber),
    /// A user's subscription, with the end of a month.
    MonthEnd(UserId),
    /// What is held for an authorisation on a card, and was not collected.
    AuthorizationExpiry(AuthorizationId),
    /// A message to a chain that nobody saw run.
    MessageExpiry(WithdrawalId),
}

/// The tenant whose dues a command about an identity has a say in. What is due by now in any realm of that tenant is
/// decided before it, by what was so when it was due: a new price is for the months that begin after it.
pub fn whose_dues(state: &State, command: &Command) -> Option<MerchantId> {
    match command {
        Command::Merchant(
            merchant::Command::SetPlan { merchant, .. }
            | merchant::Command::SetOrderDeadlines { merchant, .. },
        ) => Some(*merchant),
        Command::User(user::Command::Close { user }) => state.users.get(user).map(|known| known.tenant),
        Command::Merchant(
            merchant::Command::Register { .. }
            | merchant::Command::SetMode { .. }
            | merchant::Command::SetTerms { .. }
            | merchant::Command::RotateSecret { .. }
            | merchant::Command::RotateAccessKey { .. }
            | merchant::Command::RotateClientSecret { .. }
            | merchant::Command::RegisterClient { .. }
            | merchant::Command::SetKycForm { .. },
        )
        | Command::Card(_)
        | Command::Chain(_)
        | Command::Deposit(_)
        | Command::Kyc(_)
        | Command::Listing(_)
        | Command::Order(_)
        | Command::Payment(_)
        | Command::Payout(_)
        | Command::Points(_)
        | Command::Rail(_)
        | Command::Realm(_)
        | Command::Settlement(_)
        | Command::Signer(_)
        | Command::Subject(_)
        | Command::Subscription(_)
        | Command::Token(_)
        | Command::User(
            user::Command::Register { .. } | user::Command::Enrol(_) | user::Command::SetProfile { .. },
        )
        | Command::Wallet(_)
        | Command::Webhook(_)
        | Command::Withdrawal(_) => None,
    }
}

/// Decides what follows from `command`, or why nothing does. Changes nothing.
///
/// # Errors
/// The first [`Rejection`] in the room's order of checks.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<Event>, Rejection> {
    if context.realm.is_some() && is_about_identity(command) {
        return Err(Rejection::InARealm);
    }
    match command {
        Command::Listing(command) => Ok(listing::decide(state, command, context)?),
        Command::Card(command) => Ok(card::decide(state, command, context)?),
        Command::Chain(command) => Ok(chain::decide(state, command, context)?),
        Command::Deposit(command) => Ok(deposit::decide(state, command, context)?),
        Command::Kyc(command) => Ok(kyc::decide(state, command, context)?),
        Command::Merchant(command) => Ok(merchant::decide(state, command, context)?),
        Command::Order(command) => Ok(order::decide(state, command, context)?),
        Command::Payment(command) => Ok(payment::decide(state, command, context)?),
        Command::Payout(command) => Ok(payout::decide(state, command, context)?),
        Command::Points(command) => Ok(points::decide(state, command, context)?),
        Command::Rail(command) => Ok(rail::decide(state, command, context)?),
        Command::Realm(command) => Ok(realm::decide(state, command, context)?),
        Command::Settlement(command) => Ok(settlement::decide(state, command, context)?),
        Command::Signer(command) => Ok(signer::decide(state, command, context)?),
        Command::Subject(command) => Ok(subject::decide(state, command, context)?),
        Command::Subscription(command) => Ok(subscription::decide(state, command, context)?),
        Command::Token(command) => Ok(token::decide(state, command, context)?),
        Command::User(command) => Ok(user::decide(state, command, context)?),
        Command::Wallet(command) => Ok(wallet::decide(state, command, context)?),
        Command::Webhook(command) => Ok(webhook::decide(state, command, context)?),
        Command::Withdrawal(command) => Ok(withdrawal::decide(state, command, context)?),
    }
}

/// Whether it is about somebody, or something, that is in no realm.
pub const fn is_about_identity(command: &Command) -> bool {
    match command {
        Command::Kyc(_)
        | Command::Merchant(_)
        | Command::Signer(_)
        | Command::Token(_)
        | Command::User(_) => true,
        // A guest payer is known in the realm of the payment only.
        Command::Subject(command) => !matches!(command.subject(), Subject::Payment(_)),
        Command::Card(_)
        | Command::Chain(_)
        | Command::Deposit(_)
        | Command::Listing(_)
        | Command::Order(_)
        | Command::Payment(_)
        | Command::Payout(_)
        | Command::Points(_)
        | Command::Rail(_)
        | Command::Realm(_)
        | Command::Settlement(_)
        | Command::Subscription(_)
        | Command::Wallet(_)
        | Command::Webhook(_)
        | Command::Withdrawal(_) => false,
    }
}

/// Decides what happens by itself, `context.now` being the due time.
pub fn decide_due(state: &State, due: Due, context: &Context) -> Vec<Event> {
    match due {
        Due::PaymentDeadline(payment) => payment::expire(state, payment, context),
        Due::LotLapse(holder, lot) => points::lapse(state, holder, lot, context),
        Due::OrderDeadline(order) => order::fall_due(state, order, context),
        Due::MonthEnd(user) => subscription::renew(state, user, context),
        Due::AuthorizationExpiry(authorization) => card::expire(state, authorization, context),
        Due::MessageExpiry(withdrawal) => withdrawal::expire(state, withdrawal),
    }
}
