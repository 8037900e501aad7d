//! Every fact the log can hold, and where each is folded into the state.

use super::{
    Context, StreamId, card, chain, deposit, kyc, listing, merchant, order, payment, payout, points, rail,
    realm, settlement, signer,
    subject::{self, Undertaking},
    subscription, token, user, wallet, webhook, withdrawal,
};
use crate::{books::Entry, state::State};

/// A fact. Bodies are stored; see `log/codec.rs` for their kind and schema numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// About a listing.
    Listing(listing::Event),
    /// About an issued card.
    Card(card::Event),
    /// About addresses and coins of ours on a network.
    Chain(chain::Event),
    /// About coins that arrive on a chain.
    Deposit(deposit::Event),
    /// About what a user is asked.
    Kyc(kyc::Event),
    /// About a merchant.
    Merchant(merchant::Event),
    /// About an order.
    Order(order::Event),
    /// About a payment.
    Payment(payment::Event),
    /// About a payout.
    Payout(payout::Event),
    /// About points.
    Points(points::Event),
    /// About a rail's settlement.
    Rail(rail::Event),
    /// About a realm's clock.
    Realm(realm::Event),
    /// About a merchant's settlements.
    Settlement(settlement::Event),
    /// About the ledger's signing keys.
    Signer(signer::Event),
    /// About a subject of personal data.
    Subject(subject::Event),
    /// About a user's subscription.
    Subscription(subscription::Event),
    /// About a custom token.
    Token(token::Event),
    /// About a user.
    User(user::Event),
    /// About a wallet.
    Wallet(wallet::Event),
    /// About the delivery of a notification.
    Webhook(webhook::Event),
    /// About coins on their way out to a chain.
    Withdrawal(withdrawal::Event),
}

impl Event {
    /// The stream the event stands in.
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Listing(event) => event.stream(),
            Self::Card(event) => event.stream(),
            Self::Chain(event) => event.stream(),
            Self::Deposit(event) => event.stream(),
            Self::Kyc(event) => event.stream(),
            Self::Merchant(event) => event.stream(),
            Self::Order(event) => event.stream(),
            Self::Payment(event) => event.stream(),
            Self::Payout(event) => event.stream(),
            Self::Points(event) => event.stream(),
            Self::Rail(event) => event.stream(),
            Self::Realm(event) => event.stream(),
            Self::Settlement(event) => event.stream(),
            Self::Signer(event) => event.stream(),
            Self::Subject(event) => event.stream(),
            Self::Subscription(event) => event.stream(),
            Self::Token(event) => event.stream(),
            Self::User(event) => event.stream(),
            Self::Wallet(event) => event.stream(),
            Self::Webhook(event) => event.stream(),
            Self::Withdrawal(event) => event.stream(),
        }
    }

    /// What the event posts; `None` for facts that move no value.
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Order(event) => event.entry(),
            Self::Card(event) => event.entry(),
            Self::Chain(event) => event.entry(),
            Self::Deposit(event) => event.entry(),
            Self::Payment(event) => event.entry(),
            Self::Payout(event) => event.entry(),
            Self::Points(event) => event.entry(),
            Self::Rail(event) => event.entry(),
            Self::Settlement(event) => event.entry(),
            Self::Subscription(event) => event.entry(),
            Self::Wallet(event) => event.entry(),
            Self::Withdrawal(event) => event.entry(),
            Self::Kyc(_)
            | Self::Listing(_)
            | Self::Merchant(_)
            | Self::Realm(_)
            | Self::Signer(_)
            | Self::Subject(_)
            | Self::Token(_)
            | Self::User(_)
            | Self::Webhook(_) => None,
        }
    }
}

impl From<listing::Event> for Event {
    fn from(event: listing::Event) -> Self {
        Self::Listing(event)
    }
}

impl From<kyc::Event> for Event {
    fn from(event: kyc::Event) -> Self {
        Self::Kyc(event)
    }
}

impl From<order::Event> for Event {
    fn from(event: order::Event) -> Self {
        Self::Order(event)
    }
}

impl From<card::Event> for Event {
    fn from(event: card::Event) -> Self {
        Self::Card(event)
    }
}

impl From<chain::Event> for Event {
    fn from(event: chain::Event) -> Self {
        Self::Chain(event)
    }
}

impl From<deposit::Event> for Event {
    fn from(event: deposit::Event) -> Self {
        Self::Deposit(event)
    }
}

impl From<withdrawal::Event> for Event {
    fn from(event: withdrawal::Event) -> Self {
        Self::Withdrawal(event)
    }
}

impl From<merchant::Event> for Event {
    fn from(event: merchant::Event) -> Self {
        Self::Merchant(event)
    }
}

impl From<payment::Event> for Event {
    fn from(event: payment::Event) -> Self {
        Self::Payment(event)
    }
}

impl From<payout::Event> for Event {
    fn from(event: payout::Event) -> Self {
        Self::Payout(event)
    }
}

impl From<points::Event> for Event {
    fn from(event: points::Event) -> Self {
        Self::Points(event)
    }
}

impl From<settlement::Event> for Event {
    fn from(event: settlement::Event) -> Self {
        Self::Settlement(event)
    }
}

impl From<signer::Event> for Event {
    fn from(event: signer::Event) -> Self {
        Self::Signer(event)
    }
}

impl From<subject::Event> for Event {
    fn from(event: subject::Event) -> Self {
        Self::Subject(event)
    }
}

impl From<subscription::Event> for Event {
    fn from(event: subscription::Event) -> Self {
        Self::Subscription(event)
    }
}

impl From<token::Event> for Event {
    fn from(event: token::Event) -> Self {
        Self::Token(event)
    }
}

impl From<user::Event> for Event {
    fn from(event: user::Event) -> Self {
        Self::User(event)
    }
}

impl From<wallet::Event> for Event {
    fn from(event: wallet::Event) -> Self {
        Self::Wallet(event)
    }
}

impl From<rail::Event> for Event {
    fn from(event: rail::Event) -> Self {
        Self::Rail(event)
    }
}

impl From<realm::Event> for Event {
    fn from(event: realm::Event) -> Self {
        Self::Realm(event)
    }
}

impl From<webhook::Event> for Event {
    fn from(event: webhook::Event) -> Self {
        Self::Webhook(event)
    }
}

/// Folds one event into the tables. Never refuses: history is not up for debate.
///
/// `context` holds the realm of value the event is about, and its effective time as `now`.
pub fn apply(state: &mut State, event: &Event, context: &Context) {
    if let (Some(realm), Some(entry)) = (context.realm, event.entry()) {
        state.post(realm, entry);
    }
    let touched = Undertaking::touched(event);
    let before = touched.and_then(|undertaking| undertaking.holder(state));
    match event {
        Event::Listing(event) => listing::apply(state, event),
        Event::Card(event) => card::apply(state, event, context),
        Event::Chain(event) => chain::apply(state, event, context),
        Event::Deposit(event) => deposit::apply(state, event),
        Event::Kyc(event) => kyc::apply(state, event),
        Event::Merchant(event) => merchant::apply(state, event),
        Event::Order(event) => {
            // First: what an order was decides what its end means for the shelf and the seller's day.
            settlement::apply_order(state, event, context);
            listing::apply_order(state, event);
            order::apply(state, event, context);
        }
        Event::Payment(event) => {
            // First: a chargeback won is forgotten by its payment.
            settlement::apply_payment(state, event, context);
            payment::apply(state, event, context);
        }
        Event::Payout(event) => payout::apply(state, event),
        Event::Points(event) => {
            points::apply(state, event, context);
            payment::apply_points(state, event);
            order::apply_points(state, event);
            subscription::apply_points(state, event);
        }
        Event::Rail(_) | Event::Wallet(_) => {} // The entry says it all.
        Event::Realm(event) => realm::apply(state, event),
        Event::Settlement(event) => settlement::apply(state, event),
        Event::Signer(event) => signer::apply(state, event),
        Event::Subject(event) => subject::apply(state, event),
        Event::Subscription(event) => subscription::apply(state, event, context),
        Event::Token(event) => token::apply(state, event),
        Event::User(event) => user::apply(state, event),
        Event::Webhook(event) => webhook::apply(state, event),
        Event::Withdrawal(event) => withdrawal::apply(state, event),
    }
    let after = touched.and_then(|undertaking| undertaking.holder(state));
    subject::keep_count(state, before, after);
}
