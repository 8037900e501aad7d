//! Bytes of events and rows. The only file that names bincode, and the register of event kinds.
//!
//! A kind's number and a schema's number are never reused. To change a stored shape: copy the old body into
//! `upcast.rs` under its schema number, raise the number in [`KINDS`], and let `decode_event` convert.

use bincode::Options;
use serde::{Serialize, de::DeserializeOwned};

use super::upcast;

use crate::{
    domain::{
        Event, card, chain, deposit, listing, merchant, order, payment, payout, points, rail, realm,
        settlement, subject, subscription, token, user, wallet, webhook, withdrawal,
    },
    fault::Fault,
};

/// The longest body or row: far above any real one, it bounds what damage can make a reader allocate.
const BODY_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Every kind of event by its stored number, with its name and the schema its body is written in today.
pub const KINDS: &[(u16, &str, u16)] = &[
    (1, "merchant.registered", 1),
    (2, "merchant.mode_set", 1),
    (3, "merchant.terms_set", 1),
    (4, "merchant.secret_issued", 1),
    (5, "merchant.plan_set", 1),
    (6, "merchant.order_deadlines_set", 1),
    (21, "realm.clock_advanced", 1),
    (41, "rail.settled", 1),
    (61, "user.registered", 1),
    (62, "user.closed", 1),
    (71, "token.registered", 2),
    (81, "wallet.credited", 1),
    (82, "wallet.issued", 1),
    (83, "wallet.transferred", 1),
    (91, "points.issued", 1),
    (92, "points.spent", 1),
    (93, "points.given_back", 1),
    (94, "points.lapsed", 1),
    (101, "payment.created", 2),
    (102, "payment.awaiting_customer", 1),
    (103, "payment.authorized", 2),
    (104, "payment.part_received", 1),
    (105, "payment.captured", 2),
    (106, "payment.declined", 1),
    (107, "payment.cancelled", 1),
    (108, "payment.expired", 1),
    (109, "payment.failed", 1),
    (110, "payment.refunded", 1),
    (111, "payment.charged_back", 1),
    (112, "payment.chargeback_won", 1),
    (113, "payment.excess_received", 1),
    (114, "payment.excess_returned", 1),
    (121, "settlement.closed", 1),
    (122, "payout.sent", 1),
    (123, "payout.confirmed", 1),
    (124, "payout.returned", 1),
    (131, "listing.listed", 1),
    (132, "listing.repriced", 1),
    (133, "listing.stock_adjusted", 1),
    (134, "listing.closed", 1),
    (141, "order.placed", 1),
    (142, "order.paid", 1),
    (143, "order.shipped", 1),
    (144, "order.delivered", 1),
    (145, "order.disputed", 1),
    (146, "order.released", 1),
    (147, "order.cancelled", 1),
    (148, "order.refunded", 1),
    (151, "chain.address_assigned", 1),
    (152, "chain.swept", 1),
    (153, "chain.moved", 1),
    (154, "chain.fee_paid", 1),
    (161, "deposit.reported", 1),
    (162, "deposit.confirmed", 1),
    (163, "deposit.granted", 1),
    (164, "deposit.skipped", 1),
    (165, "deposit.assigned", 1),
    (166, "deposit.reorganised", 1),
    (171, "withdrawal.requested", 1),
    (172, "withdrawal.sent", 1),
    (173, "withdrawal.expired", 1),
    (174, "withdrawal.processed", 1),
    (175, "withdrawal.failed", 1),
    (176, "withdrawal.sent_anyway", 1),
    (181, "card.issued", 1),
    (182, "card.blocked", 1),
    (183, "card.unblocked", 1),
    (184, "card.closed", 1),
    (185, "card.authorized", 1),
    (186, "card.authorization_increased", 1),
    (187, "card.reversed", 1),
    (188, "card.cleared", 1),
    (189, "card.authorization_expired", 1),
    (190, "card.refunded", 1),
    (191, "subscription.started", 1),
    (192, "subscription.invoiced", 1),
    (193, "subscription.paid", 1),
    (194, "subscription.refunded", 1),
    (195, "subscription.failed", 1),
    (196, "subscription.cancelled", 1),
    (197, "subscription.stopped", 1),
    (201, "webhook.owed", 1),
    (202, "webhook.attempted", 1),
    (203, "webhook.requeued", 1),
    (211, "subject.erased", 1),
];

/// What a record says its body is: which kind of event, and in which of that kind's shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The kind's number in [`KINDS`].
    pub number: u16,
    /// The shape the body is stored in, counted from 1.
    pub schema: u16,
}

impl Kind {
    /// As it is written today.
    fn current(number: u16) -> Self {
        let at = KINDS.binary_search_by_key(&number, |(number, ..)| *number);
        Self { number, schema: KINDS[at.expect("every kind that is written is registered")].2 }
    }

    /// The kind's name, as exports and audits print it.
    pub fn name(self) -> &'static str {
        let at = KINDS.binary_search_by_key(&self.number, |(number, ..)| *number);
        at.map_or("unknown", |at| KINDS[at].1)
    }
}

/// An event's kind as it is written today, and its body.
pub fn encode_event(event: &Event) -> (Kind, Vec<u8>) {
    let (number, body) = match event {
        Event::Merchant(event) => match event {
            merchant::Event::Registered(body) => (1, to_bytes(body)),
            merchant::Event::ModeSet(body) => (2, to_bytes(body)),
            merchant::Event::TermsSet(body) => (3, to_bytes(body)),
            merchant::Event::SecretIssued(body) => (4, to_bytes(body)),
            merchant::Event::PlanSet(body) => (5, to_bytes(body)),
            merchant::Event::OrderDeadlinesSet(body) => (6, to_bytes(body)),
        },
        Event::Realm(event) => match event {
            realm::Event::ClockAdvanced(body) => (21, to_bytes(body)),
        },
        Event::Rail(event) => match event {
            rail::Event::Settled(body) => (41, to_bytes(body)),
        },
        Event::User(event) => match event {
            user::Event::Registered(body) => (61, to_bytes(body)),
            user::Event::Closed(body) => (62, to_bytes(body)),
        },
        Event::Token(event) => match event {
            token::Event::Registered(body) => (71, to_bytes(body)),
        },
        Event::Wallet(event) => match event {
            wallet::Event::Credited(body) => (81, to_bytes(body)),
            wallet::Event::Issued(body) => (82, to_bytes(body)),
            wallet::Event::Transferred(body) => (83, to_bytes(body)),
        },
        Event::Points(event) => match event {
            points::Event::Issued(body) => (91, to_bytes(body)),
            points::Event::Spent(body) => (92, to_bytes(body)),
            points::Event::GivenBack(body) => (93, to_bytes(body)),
            points::Event::Lapsed(body) => (94, to_bytes(body)),
        },
        Event::Payment(event) => match event {
            payment::Event::Created(body) => (101, to_bytes(body)),
            payment::Event::AwaitingCustomer(body) => (102, to_bytes(body)),
            payment::Event::Authorized(body) => (103, to_bytes(body)),
            payment::Event::PartReceived(body) => (104, to_bytes(body)),
            payment::Event::Captured(body) => (105, to_bytes(body)),
            payment::Event::Declined(body) => (106, to_bytes(body)),
            payment::Event::Cancelled(body) => (107, to_bytes(body)),
            payment::Event::Expired(body) => (108, to_bytes(body)),
            payment::Event::Failed(body) => (109, to_bytes(body)),
            payment::Event::Refunded(body) => (110, to_bytes(body)),
            payment::Event::ChargedBack(body) => (111, to_bytes(body)),
            payment::Event::ChargebackWon(body) => (112, to_bytes(body)),
            payment::Event::ExcessReceived(body) => (113, to_bytes(body)),
            payment::Event::ExcessReturned(body) => (114, to_bytes(body)),
        },
        Event::Settlement(event) => match event {
            settlement::Event::Closed(body) => (121, to_bytes(body)),
        },
        Event::Payout(event) => match event {
            payout::Event::Sent(body) => (122, to_bytes(body)),
            payout::Event::Confirmed(body) => (123, to_bytes(body)),
            payout::Event::Returned(body) => (124, to_bytes(body)),
        },
        Event::Listing(event) => match event {
            listing::Event::Listed(body) => (131, to_bytes(body)),
            listing::Event::Repriced(body) => (132, to_bytes(body)),
            listing::Event::StockAdjusted(body) => (133, to_bytes(body)),
            listing::Event::Closed(body) => (134, to_bytes(body)),
        },
        Event::Order(event) => match event {
            order::Event::Placed(body) => (141, to_bytes(body)),
            order::Event::Paid(body) => (142, to_bytes(body)),
            order::Event::Shipped(body) => (143, to_bytes(body)),
            order::Event::Delivered(body) => (144, to_bytes(body)),
            order::Event::Disputed(body) => (145, to_bytes(body)),
            order::Event::Released(body) => (146, to_bytes(body)),
            order::Event::Cancelled(body) => (147, to_bytes(body)),
            order::Event::Refunded(body) => (148, to_bytes(body)),
        },
        Event::Chain(event) => match event {
            chain::Event::AddressAssigned(body) => (151, to_bytes(body)),
            chain::Event::Swept(body) => (152, to_bytes(body)),
            chain::Event::Moved(body) => (153, to_bytes(body)),
            chain::Event::FeePaid(body) => (154, to_bytes(body)),
        },
        Event::Deposit(event) => match event {
            deposit::Event::Reported(body) => (161, to_bytes(body)),
            deposit::Event::Confirmed(body) => (162, to_bytes(body)),
            deposit::Event::Granted(body) => (163, to_bytes(body)),
            deposit::Event::Skipped(body) => (164, to_bytes(body)),
            deposit::Event::Assigned(body) => (165, to_bytes(body)),
            deposit::Event::Reorganised(body) => (166, to_bytes(body)),
        },
        Event::Withdrawal(event) => match event {
            withdrawal::Event::Requested(body) => (171, to_bytes(body)),
            withdrawal::Event::Sent(body) => (172, to_bytes(body)),
            withdrawal::Event::Expired(body) => (173, to_bytes(body)),
            withdrawal::Event::Processed(body) => (174, to_bytes(body)),
            withdrawal::Event::Failed(body) => (175, to_bytes(body)),
            withdrawal::Event::SentAnyway(body) => (176, to_bytes(body)),
        },
        Event::Card(event) => match event {
            card::Event::Issued(body) => (181, to_bytes(body)),
            card::Event::Blocked(body) => (182, to_bytes(body)),
            card::Event::Unblocked(body) => (183, to_bytes(body)),
            card::Event::Closed(body) => (184, to_bytes(body)),
            card::Event::Authorized(body) => (185, to_bytes(body)),
            card::Event::AuthorizationIncreased(body) => (186, to_bytes(body)),
            card::Event::Reversed(body) => (187, to_bytes(body)),
            card::Event::Cleared(body) => (188, to_bytes(body)),
            card::Event::AuthorizationExpired(body) => (189, to_bytes(body)),
            card::Event::Refunded(body) => (190, to_bytes(body)),
        },
        Event::Subscription(event) => match event {
            subscription::Event::Started(body) => (191, to_bytes(body)),
            subscription::Event::Invoiced(body) => (192, to_bytes(body)),
            subscription::Event::Paid(body) => (193, to_bytes(body)),
            subscription::Event::Refunded(body) => (194, to_bytes(body)),
            subscription::Event::Failed(body) => (195, to_bytes(body)),
            subscription::Event::Cancelled(body) => (196, to_bytes(body)),
            subscription::Event::Stopped(body) => (197, to_bytes(body)),
        },
        Event::Webhook(event) => match event {
            webhook::Event::Owed(body) => (201, to_bytes(body)),
            webhook::Event::Attempted(body) => (202, to_bytes(body)),
            webhook::Event::Requeued(body) => (203, to_bytes(body)),
        },
        Event::Subject(event) => match event {
            subject::Event::Erased(body) => (211, to_bytes(body)),
        },
    };
    (Kind::current(number), body)
}

/// The event of a kind and body; every byte of the body must be used.
///
/// # Errors
/// [`Fault::Undecodable`] for an unknown kind or schema, or a body of another shape.
pub fn decode_event(kind: Kind, body: &[u8]) -> Result<Event, Fault> {
    Ok(match (kind.number, kind.schema) {
        (1, 1) => merchant::Event::Registered(from_bytes(body)?).into(),
        (2, 1) => merchant::Event::ModeSet(from_bytes(body)?).into(),
        (3, 1) => merchant::Event::TermsSet(from_bytes(body)?).into(),
        (4, 1) => merchant::Event::SecretIssued(from_bytes(body)?).into(),
        (5, 1) => merchant::Event::PlanSet(from_bytes(body)?).into(),
        (6, 1) => merchant::Event::OrderDeadlinesSet(from_bytes(body)?).into(),
        (21, 1) => realm::Event::ClockAdvanced(from_bytes(body)?).into(),
        (41, 1) => rail::Event::Settled(from_bytes(body)?).into(),
        (61, 1) => user::Event::Registered(from_bytes(body)?).into(),
        (62, 1) => user::Event::Closed(from_bytes(body)?).into(),
        (71, 1) => token::Event::Registered(from_bytes::<upcast::TokenRegisteredV1>(body)?.into()).into(),
        (71, 2) => token::Event::Registered(from_bytes(body)?).into(),
        (81, 1) => wallet::Event::Credited(from_bytes(body)?).into(),
        (82, 1) => wallet::Event::Issued(from_bytes(body)?).into(),
        (83, 1) => wallet::Event::Transferred(from_bytes(body)?).into(),
        (91, 1) => points::Event::Issued(from_bytes(body)?).into(),
        (92, 1) => points::Event::Spent(from_bytes(body)?).into(),
        (93, 1) => points::Event::GivenBack(from_bytes(body)?).into(),
        (94, 1) => points::Event::Lapsed(from_bytes(body)?).into(),
        (101, 1) => payment::Event::Created(from_bytes::<upcast::CreatedV1>(body)?.into()).into(),
        (101, 2) => payment::Event::Created(from_bytes(body)?).into(),
        (102, 1) => payment::Event::AwaitingCustomer(from_bytes(body)?).into(),
        (103, 1) => payment::Event::Authorized(from_bytes::<upcast::AuthorizedV1>(body)?.into()).into(),
        (103, 2) => payment::Event::Authorized(from_bytes(body)?).into(),
        (104, 1) => payment::Event::PartReceived(from_bytes(body)?).into(),
        (105, 1) => payment::Event::Captured(from_bytes::<upcast::CapturedV1>(body)?.into()).into(),
        (105, 2) => payment::Event::Captured(from_bytes(body)?).into(),
        (106, 1) => payment::Event::Declined(from_bytes(body)?).into(),
        (107, 1) => payment::Event::Cancelled(from_bytes(body)?).into(),
        (108, 1) => payment::Event::Expired(from_bytes(body)?).into(),
        (109, 1) => payment::Event::Failed(from_bytes(body)?).into(),
        (110, 1) => payment::Event::Refunded(from_bytes(body)?).into(),
        (111, 1) => payment::Event::ChargedBack(from_bytes(body)?).into(),
        (112, 1) => payment::Event::ChargebackWon(from_bytes(body)?).into(),
        (113, 1) => payment::Event::ExcessReceived(from_bytes(body)?).into(),
        (114, 1) => payment::Event::ExcessReturned(from_bytes(body)?).into(),
        (121, 1) => settlement::Event::Closed(from_bytes(body)?).into(),
        (122, 1) => payout::Event::Sent(from_bytes(body)?).into(),
        (123, 1) => payout::Event::Confirmed(from_bytes(body)?).into(),
        (124, 1) => payout::Event::Returned(from_bytes(body)?).into(),
        (131, 1) => listing::Event::Listed(from_bytes(body)?).into(),
        (132, 1) => listing::Event::Repriced(from_bytes(body)?).into(),
        (133, 1) => listing::Event::StockAdjusted(from_bytes(body)?).into(),
        (134, 1) => listing::Event::Closed(from_bytes(body)?).into(),
        (141, 1) => order::Event::Placed(from_bytes(body)?).into(),
        (142, 1) => order::Event::Paid(from_bytes(body)?).into(),
        (143, 1) => order::Event::Shipped(from_bytes(body)?).into(),
        (144, 1) => order::Event::Delivered(from_bytes(body)?).into(),
        (145, 1) => order::Event::Disputed(from_bytes(body)?).into(),
        (146, 1) => order::Event::Released(from_bytes(body)?).into(),
        (147, 1) => order::Event::Cancelled(from_bytes(body)?).into(),
        (148, 1) => order::Event::Refunded(from_bytes(body)?).into(),
        (151, 1) => chain::Event::AddressAssigned(from_bytes(body)?).into(),
        (152, 1) => chain::Event::Swept(from_bytes(body)?).into(),
        (153, 1) => chain::Event::Moved(from_bytes(body)?).into(),
        (154, 1) => chain::Event::FeePaid(from_bytes(body)?).into(),
        (161, 1) => deposit::Event::Reported(from_bytes(body)?).into(),
        (162, 1) => deposit::Event::Confirmed(from_bytes(body)?).into(),
        (163, 1) => deposit::Event::Granted(from_bytes(body)?).into(),
        (164, 1) => deposit::Event::Skipped(from_bytes(body)?).into(),
        (165, 1) => deposit::Event::Assigned(from_bytes(body)?).into(),
        (166, 1) => deposit::Event::Reorganised(from_bytes(body)?).into(),
        (171, 1) => withdrawal::Event::Requested(from_bytes(body)?).into(),
        (172, 1) => withdrawal::Event::Sent(from_bytes(body)?).into(),
        (173, 1) => withdrawal::Event::Expired(from_bytes(body)?).into(),
        (174, 1) => withdrawal::Event::Processed(from_bytes(body)?).into(),
        (175, 1) => withdrawal::Event::Failed(from_bytes(body)?).into(),
        (176, 1) => withdrawal::Event::SentAnyway(from_bytes(body)?).into(),
        (181, 1) => card::Event::Issued(from_bytes(body)?).into(),
        (182, 1) => card::Event::Blocked(from_bytes(body)?).into(),
        (183, 1) => card::Event::Unblocked(from_bytes(body)?).into(),
        (184, 1) => card::Event::Closed(from_bytes(body)?).into(),
        (185, 1) => card::Event::Authorized(from_bytes(body)?).into(),
        (186, 1) => card::Event::AuthorizationIncreased(from_bytes(body)?).into(),
        (187, 1) => card::Event::Reversed(from_bytes(body)?).into(),
        (188, 1) => card::Event::Cleared(from_bytes(body)?).into(),
        (189, 1) => card::Event::AuthorizationExpired(from_bytes(body)?).into(),
        (190, 1) => card::Event::Refunded(from_bytes(body)?).into(),
        (191, 1) => subscription::Event::Started(from_bytes(body)?).into(),
        (192, 1) => subscription::Event::Invoiced(from_bytes(body)?).into(),
        (193, 1) => subscription::Event::Paid(from_bytes(body)?).into(),
        (194, 1) => subscription::Event::Refunded(from_bytes(body)?).into(),
        (195, 1) => subscription::Event::Failed(from_bytes(body)?).into(),
        (196, 1) => subscription::Event::Cancelled(from_bytes(body)?).into(),
        (197, 1) => subscription::Event::Stopped(from_bytes(body)?).into(),
        (201, 1) => webhook::Event::Owed(from_bytes(body)?).into(),
        (202, 1) => webhook::Event::Attempted(from_bytes(body)?).into(),
        (203, 1) => webhook::Event::Requeued(from_bytes(body)?).into(),
        (211, 1) => subject::Event::Erased(from_bytes(body)?).into(),
        (number, schema) => {
            return Err(Fault::Undecodable(format!("no event has kind {number}, schema {schema}")));
        }
    })
}

/// The bytes of a row or body.
///
/// # Panics
/// If `value` is longer than any row or body may be.
pub fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    options().serialize(value).expect("rows and bodies are bounded and made of plain data")
}

/// The row or body of `bytes`, all of which must be used.
///
/// # Errors
/// [`Fault::Undecodable`] for bytes of another shape.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    options().deserialize(bytes).map_err(|error| Fault::Undecodable(error.to_string()))
}

/// Variable-length integers, little-endian, no trailing bytes, bounded.
fn options() -> impl Options {
    bincode::options().with_limit(BODY_BYTES_MAX)
}
