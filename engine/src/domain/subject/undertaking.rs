//! What goes on for a user and cannot be found by asking for the user: orders, holds, withdrawals, subscriptions.
//!
//! Their tables are read by their own numbers. So each user's are counted as events begin and end them, and whoever
//! asks whether anything is open has one row to look at.

use crate::{
    books::{Holder, Realm},
    domain::{
        AuthorizationId, Event, OrderNumber, PaymentId, UserId, WithdrawalId, card,
        card::AuthorizationStage,
        payment::{self, Source},
        withdrawal::Stage,
    },
    state::State,
};

/// Something that an event may begin or end for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undertaking {
    /// An order.
    Order(OrderNumber),
    /// What a payment holds in a wallet.
    Payment(PaymentId),
    /// What is held for a card.
    Authorization(AuthorizationId),
    /// Coins on their way out.
    Withdrawal(WithdrawalId),
    /// A subscription.
    Subscription(Realm, UserId),
}

impl Undertaking {
    /// What `event` may begin or end.
    pub const fn touched(event: &Event) -> Option<Self> {
        match event {
            Event::Order(event) => Some(Self::Order(event.order())),
            Event::Payment(event) => match event {
                payment::Event::Authorized(_)
                | payment::Event::Captured(_)
                | payment::Event::Cancelled(_)
                | payment::Event::Expired(_)
                | payment::Event::Failed(_) => Some(Self::Payment(event.payment())),
                payment::Event::Created(_)
                | payment::Event::AwaitingCustomer(_)
                | payment::Event::PartReceived(_)
                | payment::Event::Declined(_)
                | payment::Event::Refunded(_)
                | payment::Event::ChargedBack(_)
                | payment::Event::ChargebackWon(_)
                | payment::Event::ExcessReceived(_)
                | payment::Event::ExcessReturned(_) => None,
            },
            Event::Card(event) => Self::of_card(event),
            Event::Withdrawal(event) => Some(Self::Withdrawal(event.withdrawal())),
            Event::Subscription(event) => {
                let (realm, user) = event.whose();
                Some(Self::Subscription(realm, user))
            }
            Event::Chain(_)
            | Event::Deposit(_)
            | Event::Kyc(_)
            | Event::Listing(_)
            | Event::Merchant(_)
            | Event::Payout(_)
            | Event::Points(_)
            | Event::Rail(_)
            | Event::Realm(_)
            | Event::Settlement(_)
            | Event::Signer(_)
            | Event::Subject(_)
            | Event::Token(_)
            | Event::User(_)
            | Event::Wallet(_)
            | Event::Webhook(_) => None,
        }
    }

    const fn of_card(event: &card::Event) -> Option<Self> {
        match event.authorization() {
            Some(authorization) => Some(Self::Authorization(authorization)),
            None => None,
        }
    }

    /// The user for whom it is open, if it is.
    pub fn holder(self, state: &State) -> Option<UserId> {
        match self {
            Self::Order(order) => {
                state.orders.get(&order).filter(|known| known.is_open()).map(|known| known.buyer)
            }
            Self::Payment(payment) => {
                let known = state.payments.get(&payment).filter(|known| known.stage.is_open());
                known.and_then(|known| known.authorized).and_then(|source| match source {
                    Source::Wallet(user) => Some(user),
                    Source::Rail(_) | Source::Points(_) => None,
                })
            }
            Self::Authorization(authorization) => {
                let known = state.authorizations.get(&authorization);
                let held = known.filter(|known| known.stage == AuthorizationStage::Held);
                held.and_then(|held| state.cards.get(&held.card)).map(|card| card.user)
            }
            Self::Withdrawal(withdrawal) => {
                let known = state.withdrawals.get(&withdrawal);
                let open = known.filter(|known| matches!(known.stage, Stage::Pending | Stage::Processing));
                open.and_then(|open| match open.from.holder() {
                    Holder::User(user) => Some(user),
                    Holder::Merchant(_) => None,
                })
            }
            Self::Subscription(realm, user) => {
                let known = state.subscriptions.get(&(realm, user));
                known.and_then(|known| known.renews_after).map(|_| user)
            }
        }
    }
}

/// Folds what an event began or ended into the users' counts; `before` is whose it was before the event.
pub fn keep_count(state: &mut State, before: Option<UserId>, after: Option<UserId>) {
    if before == after {
        return;
    }
    if let Some(user) = before {
        let count = state.undertakings.get(&user).unwrap_or_default();
        state.undertakings.put(user, count.checked_sub(1).expect("what ends was begun"));
    }
    if let Some(user) = after {
        let count = state.undertakings.get(&user).unwrap_or_default();
        state.undertakings.put(user, count + 1);
    }
}
