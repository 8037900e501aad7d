//! Event bodies as JSON, field by field as they are stored.

use choai_engine::domain::{
    Event, card, chain, deposit, kyc, listing, merchant, order, payment, payout, points, rail, realm,
    settlement, signer, subject, subscription, token, user, wallet, webhook, withdrawal,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The body of `event`. Amounts are whole numbers of smallest units, exact however large.
pub(super) fn json(event: &Event) -> Box<RawValue> {
    match event {
        Event::Merchant(event) => match event {
            merchant::Event::Registered(body) => raw(body),
            merchant::Event::ModeSet(body) => raw(body),
            merchant::Event::TermsSet(body) => raw(body),
            merchant::Event::SecretIssued(body) => raw(body),
            merchant::Event::OrderDeadlinesSet(body) => raw(body),
            merchant::Event::PlanSet(body) => raw(body),
            merchant::Event::AccessKeyIssued(body) => raw(body),
            merchant::Event::ClientSecretIssued(body) => raw(body),
            merchant::Event::ClientRegistered(body) => raw(body),
            merchant::Event::KycFormSet(body) => raw(body),
        },
        Event::Realm(event) => match event {
            realm::Event::ClockAdvanced(body) => raw(body),
        },
        Event::Rail(event) => match event {
            rail::Event::Settled(body) => raw(body),
        },
        Event::Signer(event) => match event {
            signer::Event::KeyAdopted(body) => raw(body),
        },
        Event::Payment(event) => match event {
            payment::Event::Created(body) => raw(body),
            payment::Event::AwaitingCustomer(body) => raw(body),
            payment::Event::Authorized(body) => raw(body),
            payment::Event::PartReceived(body) => raw(body),
            payment::Event::Captured(body) => raw(body),
            payment::Event::Declined(body) => raw(body),
            payment::Event::Cancelled(body) => raw(body),
            payment::Event::Expired(body) => raw(body),
            payment::Event::Failed(body) => raw(body),
            payment::Event::Refunded(body) => raw(body),
            payment::Event::ChargedBack(body) => raw(body),
            payment::Event::ChargebackWon(body) => raw(body),
            payment::Event::ExcessReceived(body) => raw(body),
            payment::Event::ExcessReturned(body) => raw(body),
        },
        Event::Subject(event) => match event {
            subject::Event::Erased(body) => raw(body),
        },
        Event::User(event) => match event {
            user::Event::Registered(body) => raw(body),
            user::Event::Closed(body) => raw(body),
            user::Event::ProfileSet(body) => raw(body),
        },
        Event::Token(event) => match event {
            token::Event::Registered(body) => raw(body),
        },
        Event::Wallet(event) => match event {
            wallet::Event::Credited(body) => raw(body),
            wallet::Event::Issued(body) => raw(body),
            wallet::Event::Transferred(body) => raw(body),
        },
        Event::Points(event) => match event {
            points::Event::Issued(body) => raw(body),
            points::Event::Spent(body) => raw(body),
            points::Event::GivenBack(body) => raw(body),
            points::Event::Lapsed(body) => raw(body),
        },
        Event::Settlement(event) => match event {
            settlement::Event::Closed(body) => raw(body),
        },
        Event::Payout(event) => match event {
            payout::Event::Sent(body) => raw(body),
            payout::Event::Confirmed(body) => raw(body),
            payout::Event::Returned(body) => raw(body),
        },
        Event::Kyc(event) => match event {
            kyc::Event::Saved(body) => raw(body),
            kyc::Event::Submitted(body) => raw(body),
            kyc::Event::Approved(body) => raw(body),
            kyc::Event::Rejected(body) => raw(body),
        },
        Event::Listing(event) => match event {
            listing::Event::Listed(body) => raw(body),
            listing::Event::Repriced(body) => raw(body),
            listing::Event::StockAdjusted(body) => raw(body),
            listing::Event::Closed(body) => raw(body),
        },
        Event::Order(event) => match event {
            order::Event::Placed(body) => raw(body),
            order::Event::Paid(body) => raw(body),
            order::Event::Shipped(body) => raw(body),
            order::Event::Delivered(body) => raw(body),
            order::Event::Disputed(body) => raw(body),
            order::Event::Released(body) => raw(body),
            order::Event::Cancelled(body) => raw(body),
            order::Event::Refunded(body) => raw(body),
        },
        Event::Subscription(event) => match event {
            subscription::Event::Started(body) => raw(body),
            subscription::Event::Invoiced(body) => raw(body),
            subscription::Event::Paid(body) => raw(body),
            subscription::Event::Refunded(body) => raw(body),
            subscription::Event::Failed(body) => raw(body),
            subscription::Event::Cancelled(body) => raw(body),
            subscription::Event::Stopped(body) => raw(body),
        },
        Event::Card(event) => match event {
            card::Event::Issued(body) => raw(body),
            card::Event::Blocked(body) => raw(body),
            card::Event::Unblocked(body) => raw(body),
            card::Event::Closed(body) => raw(body),
            card::Event::Authorized(body) => raw(body),
            card::Event::AuthorizationIncreased(body) => raw(body),
            card::Event::Reversed(body) => raw(body),
            card::Event::Cleared(body) => raw(body),
            card::Event::AuthorizationExpired(body) => raw(body),
            card::Event::Refunded(body) => raw(body),
        },
        Event::Chain(event) => match event {
            chain::Event::AddressAssigned(body) => raw(body),
            chain::Event::Swept(body) => raw(body),
            chain::Event::Moved(body) => raw(body),
            chain::Event::FeePaid(body) => raw(body),
        },
        Event::Deposit(event) => match event {
            deposit::Event::Reported(body) => raw(body),
            deposit::Event::Confirmed(body) => raw(body),
            deposit::Event::Granted(body) => raw(body),
            deposit::Event::Skipped(body) => raw(body),
            deposit::Event::Assigned(body) => raw(body),
            deposit::Event::Reorganised(body) => raw(body),
        },
        Event::Withdrawal(event) => match event {
            withdrawal::Event::Requested(body) => raw(body),
            withdrawal::Event::Sent(body) => raw(body),
            withdrawal::Event::Expired(body) => raw(body),
            withdrawal::Event::Processed(body) => raw(body),
            withdrawal::Event::Failed(body) => raw(body),
            withdrawal::Event::SentAnyway(body) => raw(body),
        },
        Event::Webhook(event) => match event {
            webhook::Event::Owed(body) => raw(body),
            webhook::Event::Attempted(body) => raw(body),
            webhook::Event::Requeued(body) => raw(body),
        },
    }
}

fn raw<T: Serialize>(body: &T) -> Box<RawValue> {
    to_raw_value(body).expect("bodies are plain data")
}
