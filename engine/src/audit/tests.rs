//! Every law broken on purpose, in logs whose bytes are in order: the audit names the law and the position.

use expect_test::{Expect, expect};
use uuid::Uuid;

use super::*;
use crate::{
    books::{Entry, Label},
    domain::{Event, MerchantId, Span, payment},
    log::{Actor, FrameDraft, MemoryStore, RecordHeader},
    money::Money,
    samples::payment_id,
    state::IdempotencyKey,
};

const HERE: Realm = Realm::Test(MerchantId(1));
/// 2026-01-05T00:00:00Z
const START: Timestamp = Timestamp(1_767_571_200_000_000);

/// One commit with one event, in order unless a test puts it out of order.
#[derive(Clone)]
struct Told {
    recorded_at: Timestamp,
    header: RecordHeader,
    event: Event,
}

/// The `number`th event of a payment's stream, an hour after the one before.
fn told(number: u64, event: payment::Event) -> Told {
    let event = Event::from(event);
    let id = Uuid::from_u128(number.into());
    let at = START + Span::hours(i64::try_from(number).unwrap());
    let header = RecordHeader {
        stream: event.stream(),
        revision: number,
        id,
        realm: Some(HERE),
        effective_at: at,
        causation: id,
        correlation: id,
        actor: Actor::Operator,
        idempotency: None,
    };
    Told { recorded_at: at, header, event }
}

fn yen(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

/// A part of `amount` of which `posted` is posted.
fn part(amount: i128, posted: i128) -> payment::Event {
    let payment = payment_id(1);
    let entry = Entry::write()
        .debit(Account::Rail(Label::SANDBOX), yen(posted))
        .credit(Account::PaymentHeld(payment), yen(posted))
        .close();
    let means = payment::Means { method: payment::Method::WebMoney, rail: Label::SANDBOX, card: None };
    payment::Event::PartReceived(payment::PartReceived { payment, means, amount: yen(amount), entry })
}

/// A cancellation that gives `amount` of what is held to `account`.
fn cancelled(amount: i128, account: Account) -> payment::Event {
    let payment = payment_id(1);
    let entry =
        Entry::write().debit(Account::PaymentHeld(payment), yen(amount)).credit(account, yen(amount)).close();
    payment::Event::Cancelled(payment::Cancelled { payment, entry })
}

/// Audits these commits and tells what is broken, and where.
fn check(commits: &[Told], then: Expect) {
    let store = MemoryStore::new();
    for Told { recorded_at, header, event } in commits {
        let head = store.head().unwrap();
        let mut draft = FrameDraft::new(head, *recorded_at);
        draft.push(header, event);
        store.append(head, &draft.seal(), &[]).unwrap();
    }
    let report = audit(&store, |_| ()).unwrap();
    assert_eq!(report.events, commits.len() as u64, "every event was looked at");
    let broken =
        report.checks.iter().filter_map(|check| check.broken.as_ref().map(|found| (check.name, found)));
    let text = broken.map(|(name, found)| format!("{name}: at {}, {}\n", found.position, found.what));
    then.assert_eq(&text.collect::<String>());
}

/// Audits three good commits with the second spoiled.
fn check_spoiled(spoil: impl FnOnce(&mut Told), then: Expect) {
    let mut commits = [0, 1, 2].map(|number| told(number, part(100, 100)));
    spoil(&mut commits[1]);
    check(&commits, then);
}

#[test]
fn a_log_in_order_breaks_nothing() {
    check(&[], expect![[""]]);
    check_spoiled(|_| {}, expect![[""]]);
    let whole = [told(0, part(100, 100)), told(1, cancelled(100, Account::Rail(Label::SANDBOX)))];
    check(&whole, expect![[""]]);
}

#[test]
fn a_revision_left_out_or_used_twice_is_found() {
    check_spoiled(
        |told| told.header.revision = 2,
        expect![[r#"
        revisions of every stream are dense from 0: at 2, payment-P000000000000000000000001 has revision 2 after 1 events
    "#]],
    );
    check_spoiled(
        |told| told.header.revision = 0,
        expect![[r#"
        revisions of every stream are dense from 0: at 2, payment-P000000000000000000000001 has revision 0 after 1 events
    "#]],
    );
}

#[test]
fn time_that_falls_is_found() {
    check_spoiled(
        |told| told.header.effective_at = START - Span::MICRO,
        expect![[r#"
        recorded time never falls, nor effective time within a realm: at 2, effective at 2026-01-04T23:59:59.999999Z
    "#]],
    );
    check_spoiled(
        |told| told.recorded_at = START - Span::MICRO,
        expect![[r#"
        recorded time never falls, nor effective time within a realm: at 2, recorded at 2026-01-04T23:59:59.999999Z
    "#]],
    );
}

#[test]
fn a_key_with_two_effects_is_found() {
    let key = Some(IdempotencyKey { key: [1; 16], request: [2; 16] });
    let mut commits = [0, 1, 2].map(|number| told(number, part(100, 100)));
    commits[0].header.idempotency = key;
    commits[2].header.idempotency = key;
    check(
        &commits,
        expect![[r#"
        one idempotency key, one effect: at 3, the key had an effect before
    "#]],
    );
    // Two events of one command stand together and are one effect.
    let mut commits = [0, 1, 2].map(|number| told(number, part(100, 100)));
    for told in &mut commits[..2] {
        told.header.idempotency = key;
        told.header.causation = Uuid::from_u128(9);
    }
    check(&commits, expect![[""]]);
}

#[test]
fn value_outside_its_realm_is_found() {
    check_spoiled(
        |told| told.header.realm = None,
        expect![[r#"
        no tenant has an account in another tenant's realm: at 2, an entry outside any realm
    "#]],
    );
    let foreign = cancelled(100, Account::MerchantPending(MerchantId(2)));
    check(
        &[told(0, part(100, 100)), told(1, foreign)],
        expect![[r#"
        no tenant has an account in another tenant's realm: at 2, test-1/merchant-pending:2/JPY
    "#]],
    );
}

#[test]
fn a_held_account_that_is_not_what_its_payment_says_is_found() {
    check_spoiled(
        |told| told.event = part(100, 90).into(),
        expect![[r#"
        held and suspense accounts hold what their payments say: at 2, test-1/payment-held:P000000000000000000000001/JPY is at 190, its payment says 200
    "#]],
    );
    check(
        &[told(0, cancelled(50, Account::Rail(Label::SANDBOX)))],
        expect![[r#"
        no guarded account was ever beyond its guard: at 1, test-1/payment-held:P000000000000000000000001/JPY at -50
        held and suspense accounts hold what their payments say: at 1, test-1/payment-held:P000000000000000000000001/JPY is at -50, its payment says 0
    "#]],
    );
}

#[test]
fn a_guard_is_looked_at_after_every_entry() {
    // Beyond it and back again: at the end of the log nothing would be seen.
    let commits = [told(0, cancelled(50, Account::Rail(Label::SANDBOX))), told(1, part(50, 50))];
    check(
        &commits,
        expect![[r#"
        no guarded account was ever beyond its guard: at 1, test-1/payment-held:P000000000000000000000001/JPY at -50
        held and suspense accounts hold what their payments say: at 1, test-1/payment-held:P000000000000000000000001/JPY is at -50, its payment says 0
    "#]],
    );
}
