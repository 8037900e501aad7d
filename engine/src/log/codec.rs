//! Bytes of events and rows. The only file that names bincode, and the register of event kinds.
//!
//! A kind's number and a schema's number are never reused. To change a stored shape: copy the old body into
//! `upcast.rs` under its schema number, raise the number in [`KINDS`], and let `decode_event` convert.

use bincode::Options;
use serde::{Serialize, de::DeserializeOwned};

use super::upcast;

use crate::{
    domain::{
        Event, card, chain, deposit, kyc, listing, merchant, order, payment, payout, points, rail, realm,
        settlement, signer, subject, subscription, token, user, wallet, webhook, withdrawal,
    },
    fault::Fault,
};

/// The longest body or row: far above any real one.
const BODY_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Every kind of event by its stored number, with its name and the schema its body is written in today.
pub const KINDS: &[(u16, &str, u16)] = &[
    (1, "merchant.registered", 1),
    (2, "merchant.mode_set", 1),
    (3, "merchant.terms_set", 1),
    (4, "merchant.secret_issued", 1),
    (5, "merchant.plan_set", 1),
    (6, "merchant.order_deadlines_set", 1),
    (7, "merchant.access_key_issued", 1),
    (8, "merchant.client_secret_issued", 1),
    (9, "merchant.client_registered", 1),
    (10, "merchant.kyc_form_set", 1),
    (21, "realm.clock_advanced", 1),
    (41, "rail.settled", 1),
    (61, "user.registered", 2),
    (62, "user.closed", 1),
    (63, "user.profile_set", 1),
    (65, "kyc.saved", 1),
    (66, "kyc.submitted", 1),
    (67, "kyc.approved", 1),
    (68, "kyc.rejected", 1),
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
    (212, "signer.key_adopted", 1),
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
    let mut body = Vec::new();
    (append_event(&mut body, event), body)
}

/// Appends an event's body to `out`; gives its kind as it is written today.
pub(super) fn append_event(out: &mut Vec<u8>, event: &Event) -> Kind {
    let number = match event {
        Event::Merchant(event) => match event {
            merchant::Event::Registered(body) => write(out, 1, body),
            merchant::Event::ModeSet(body) => write(out, 2, body),
            merchant::Event::TermsSet(body) => write(out, 3, body),
            merchant::Event::SecretIssued(body) => write(out, 4, body),
            merchant::Event::PlanSet(body) => write(out, 5, body),
            merchant::Event::OrderDeadlinesSet(body) => write(out, 6, body),
            merchant::Event::AccessKeyIssued(body) => write(out, 7, body),
            merchant::Event::ClientSecretIssued(body) => write(out, 8, body),
            merchant::Event::ClientRegistered(body) => write(out, 9, body),
            merchant::Event::KycFormSet(body) => write(out, 10, body),
        },
        Event::Realm(event) => match event {
            realm::Event::ClockAdvanced(body) => write(out, 21, body),
        },
        Event::Rail(event) => match event {
            rail::Event::Settled(body) => write(out, 41, body),
        },
        Event::User(event) => match event {
            user::Event::Registered(body) => write(out, 61, body),
            user::Event::Closed(body) => write(out, 62, body),
            user::Event::ProfileSet(body) => write(out, 63, body),
        },
        Event::Kyc(event) => match event {
            kyc::Event::Saved(body) => write(out, 65, body),
            kyc::Event::Submitted(body) => write(out, 66, body),
            kyc::Event::Approved(body) => write(out, 67, body),
            kyc::Event::Rejected(body) => write(out, 68, body),
        },
        Event::Token(event) => match event {
            token::Event::Registered(body) => write(out, 71, body),
        },
        Event::Wallet(event) => match event {
            wallet::Event::Credited(body) => write(out, 81, body),
            wallet::Event::Issued(body) => write(out, 82, body),
            wallet::Event::Transferred(body) => write(out, 83, body),
        },
        Event::Points(event) => match event {
            points::Event::Issued(body) => write(out, 91, body),
            points::Event::Spent(body) => write(out, 92, body),
            points::Event::GivenBack(body) => write(out, 93, body),
            points::Event::Lapsed(body) => write(out, 94, body),
        },
        Event::Payment(event) => match event {
            payment::Event::Created(body) => write(out, 101, body),
            payment::Event::AwaitingCustomer(body) => write(out, 102, body),
            payment::Event::Authorized(body) => write(out, 103, body),
            payment::Event::PartReceived(body) => write(out, 104, body),
            payment::Event::Captured(body) => write(out, 105, body),
            payment::Event::Declined(body) => write(out, 106, body),
            payment::Event::Cancelled(body) => write(out, 107, body),
            payment::Event::Expired(body) => write(out, 108, body),
            payment::Event::Failed(body) => write(out, 109, body),
            payment::Event::Refunded(body) => write(out, 110, body),
            payment::Event::ChargedBack(body) => write(out, 111, body),
            payment::Event::ChargebackWon(body) => write(out, 112, body),
            payment::Event::ExcessReceived(body) => write(out, 113, body),
            payment::Event::ExcessReturned(body) => write(out, 114, body),
        },
        Event::Settlement(event) => match event {
            settlement::Event::Closed(body) => write(out, 121, body),
        },
        Event::Payout(event) => match event {
            payout::Event::Sent(body) => write(out, 122, body),
            payout::Event::Confirmed(body) => write(out, 123, body),
            payout::Event::Returned(body) => write(out, 124, body),
        },
        Event::Listing(event) => match event {
            listing::Event::Listed(body) => write(out, 131, body),
            listing::Event::Repriced(body) => write(out, 132, body),
            listing::Event::StockAdjusted(body) => write(out, 133, body),
            listing::Event::Closed(body) => write(out, 134, body),
        },
        Event::Order(event) => match event {
            order::Event::Placed(body) => write(out, 141, body),
            order::Event::Paid(body) => write(out, 142, body),
            order::Event::Shipped(body) => write(out, 143, body),
            order::Event::Delivered(body) => write(out, 144, body),
            order::Event::Disputed(body) => write(out, 145, body),
            order::Event::Released(body) => write(out, 146, body),
            order::Event::Cancelled(body) => write(out, 147, body),
            order::Event::Refunded(body) => write(out, 148, body),
        },
        Event::Chain(event) => match event {
            chain::Event::AddressAssigned(body) => write(out, 151, body),
            chain::Event::Swept(body) => write(out, 152, body),
            chain::Event::Moved(body) => write(out, 153, body),
            chain::Event::FeePaid(body) => write(out, 154, body),
        },
        Event::Deposit(event) => match event {
            deposit::Event::Reported(body) => write(out, 161, body),
            deposit::Event::Confirmed(body) => write(out, 162, body),
            deposit::Event::Granted(body) => write(out, 163, body),
            deposit::Event::Skipped(body) => write(out, 164, body),
            deposit::Event::Assigned(body) => write(out, 165, body),
            deposit::Event::Reorganised(body) => write(out, 166, body),
        },
        Event::Withdrawal(event) => match event {
            withdrawal::Event::Requested(body) => write(out, 171, body),
            withdrawal::Event::Sent(body) => write(out, 172, body),
            withdrawal::Event::Expired(body) => write(out, 173, body),
            withdrawal::Event::Processed(body) => write(out, 174, body),
            withdrawal::Event::Failed(body) => write(out, 175, body),
            withdrawal::Event::SentAnyway(body) => write(out, 176, body),
        },
        Event::Card(event) => match event {
            card::Event::Issued(body) => write(out, 181, body),
            card::Event::Blocked(body) => write(out, 182, body),
            card::Event::Unblocked(body) => write(out, 183, body),
            card::Event::Closed(body) => write(out, 184, body),
            card::Event::Authorized(body) => write(out, 185, body),
            card::Event::AuthorizationIncreased(body) => write(out, 186, body),
            card::Event::Reversed(body) => write(out, 187, body),
            card::Event::Cleared(body) => write(out, 188, body),
            card::Event::AuthorizationExpired(body) => write(out, 189, body),
            card::Event::Refunded(body) => write(out, 190, body),
        },
        Event::Subscription(event) => match event {
            subscription::Event::Started(body) => write(out, 191, body),
            subscription::Event::Invoiced(body) => write(out, 192, body),
            subscription::Event::Paid(body) => write(out, 193, body),
            subscription::Event::Refunded(body) => write(out, 194, body),
            subscription::Event::Failed(body) => write(out, 195, body),
            subscription::Event::Cancelled(body) => write(out, 196, body),
            subscription::Event::Stopped(body) => write(out, 197, body),
        },
        Event::Webhook(event) => match event {
            webhook::Event::Owed(body) => write(out, 201, body),
            webhook::Event::Attempted(body) => write(out, 202, body),
            webhook::Event::Requeued(body) => write(out, 203, body),
        },
        Event::Signer(event) => match event {
            signer::Event::KeyAdopted(body) => write(out, 212, body),
        },
        Event::Subject(event) => match event {
            subject::Event::Erased(body) => write(out, 211, body),
        },
    };
    Kind::current(number)
}

/// Appends a body; gives its kind's number back.
fn write<T: Serialize>(out: &mut Vec<u8>, number: u16, body: &T) -> u16 {
    append(out, body);
    number
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
        (7, 1) => merchant::Event::AccessKeyIssued(from_bytes(body)?).into(),
        (8, 1) => merchant::Event::ClientSecretIssued(from_bytes(body)?).into(),
        (9, 1) => merchant::Event::ClientRegistered(from_bytes(body)?).into(),
        (10, 1) => merchant::Event::KycFormSet(from_bytes(body)?).into(),
        (21, 1) => realm::Event::ClockAdvanced(from_bytes(body)?).into(),
        (41, 1) => rail::Event::Settled(from_bytes(body)?).into(),
        (61, 1) => user::Event::Registered(from_bytes::<upcast::UserRegisteredV1>(body)?.into()).into(),
        (61, 2) => user::Event::Registered(from_bytes(body)?).into(),
        (62, 1) => user::Event::Closed(from_bytes(body)?).into(),
        (63, 1) => user::Event::ProfileSet(from_bytes(body)?).into(),
        (65, 1) => kyc::Event::Saved(from_bytes(body)?).into(),
        (66, 1) => kyc::Event::Submitted(from_bytes(body)?).into(),
        (67, 1) => kyc::Event::Approved(from_bytes(body)?).into(),
        (68, 1) => kyc::Event::Rejected(from_bytes(body)?).into(),
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
        (212, 1) => signer::Event::KeyAdopted(from_bytes(body)?).into(),
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
    let mut bytes = Vec::new();
    append(&mut bytes, value);
    bytes
}

/// The bytes of a key that sorts as `value` does, where that is made of enums, unsigned numbers, and texts that are all of
/// one length.
pub fn to_sorted_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    sorted().serialize(value).expect("keys are made of plain data")
}

/// The key of `bytes`, all of which must be used.
///
/// # Errors
/// [`Fault::Undecodable`] for bytes of another shape.
pub fn from_sorted_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    sorted().deserialize(bytes).map_err(|error| Fault::Undecodable(error.to_string()))
}

/// Variable-length integers say first how long they are, and so the longer sort after the shorter.
fn sorted() -> impl Options {
    bincode::options().with_big_endian()
}

/// Appends the bytes of a row or body to `out`. The bound is looked at afterwards: to bincode, a limit means to reckon
/// the length first.
fn append<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    let start = out.len();
    bincode::options().serialize_into(&mut *out, value).expect("rows and bodies are made of plain data");
    assert!((out.len() - start) as u64 <= BODY_BYTES_MAX, "rows and bodies are bounded");
}

/// The row or body of `bytes`, all of which must be used. As they bound what is read, bincode need not count it; and it
/// allocates for what is there, whatever length damage may state.
///
/// # Errors
/// [`Fault::Undecodable`] for bytes of another shape.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    if bytes.len() as u64 > BODY_BYTES_MAX {
        return Err(Fault::Undecodable("longer than any row or body".to_owned()));
    }
    // Variable-length integers, little-endian, no trailing bytes.
    bincode::options().deserialize(bytes).map_err(|error| Fault::Undecodable(error.to_string()))
}
