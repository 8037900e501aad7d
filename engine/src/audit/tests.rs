//! Every law broken on purpose, in logs whose bytes are in order: the audit names the law and the position.

mod coins;
mod months;
mod orders;
mod settlements;
mod wallet_holds;

use std::collections::HashMap;

use expect_test::{Expect, expect};
use uuid::Uuid;

use super::*;
use crate::{
    books::{Account, Entry, Expense, Holder, Label, Realm},
    domain::{Event, MerchantId, Span, Timestamp, UserId, payment, points, user, wallet},
    log::{Actor, FrameDraft, MemoryStore, RecordHeader},
    money::{Currency, Money, Token},
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

/// The `number`th event of a stream, an hour after the one before.
fn told(number: u64, event: impl Into<Event>) -> Told {
    let event = event.into();
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

/// A log of these commits.
fn written(commits: &[Told]) -> MemoryStore {
    let store = MemoryStore::new();
    for Told { recorded_at, header, event } in commits {
        let head = store.head().unwrap();
        let mut draft = FrameDraft::new(head.position + 1, *recorded_at);
        draft.push(header, event);
        store.append(head, &draft.seal(head), &[]).unwrap();
    }
    store
}

/// Audits these commits and tells what is broken, and where.
fn check(commits: &[Told], then: Expect) {
    let store = written(commits);
    let report = audit(&store, Level::Full, |_| ()).unwrap();
    assert_eq!(report.events, commits.len() as u64, "every event was looked at");
    // What is checked of the books alone is found there too, in the same words and at the same position.
    let books = audit(&store, Level::Books, |_| ()).unwrap();
    assert_eq!((books.events, books.entries, books.head), (report.events, report.entries, report.head));
    assert!(books.checks.iter().all(|check| report.checks.contains(check)), "{:#?}", books.checks);
    assert_eq!(books.checks.len() + Level::Books.left_out(), report.checks.len());
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

/// More than fit a page, so that several threads decode them.
#[test]
fn commits_of_many_pages_are_judged_in_their_order() {
    let whole: Vec<_> = (0..10_000).map(|number| told(number, part(1, 1))).collect();
    for level in [Level::Books, Level::Full] {
        let mut seen = Vec::new();
        let report = audit(&written(&whole), level, |position| seen.push(position)).unwrap();
        assert!(report.is_clean() && report.events == 10_000, "{report:#?}");
        assert!(seen.into_iter().eq(1..=10_000), "every commit is told of, in order");
        for spoiled in [2, 5_000, 10_000] {
            let mut commits = whole.clone();
            commits[spoiled - 1].header.effective_at = START - Span::MICRO;
            let report = audit(&written(&commits), level, |_| ()).unwrap();
            let broken: Vec<_> = report.checks.iter().filter_map(|check| check.broken.as_ref()).collect();
            assert_eq!(broken.iter().map(|broken| broken.position).collect::<Vec<_>>(), [spoiled as u64]);
        }
    }
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
        no tenant has an account in another tenant's realm, and no entry has two tenants: at 2, an entry outside any realm
    "#]],
    );
    let foreign = cancelled(100, Account::MerchantPending(MerchantId(2)));
    check(
        &[told(0, part(100, 100)), told(1, foreign)],
        expect![[r#"
        no tenant has an account in another tenant's realm, and no entry has two tenants: at 2, test-1/merchant-pending:2/JPY
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

const HOLDER: UserId = UserId(1);

fn sgp(minor: i128) -> Money {
    Money::new(minor, Currency::SgpUsd)
}

/// A free lot of 10.00, issued with the first event.
fn issued(quantity: i128, lifetime: Span) -> points::Event {
    let entry = Entry::write()
        .debit(Account::Expense(Expense::Promotion), sgp(quantity))
        .credit(Account::Points(HOLDER), sgp(quantity))
        .close();
    points::Event::Issued(points::Issued {
        realm: HERE,
        holder: HOLDER,
        lot: 1,
        kind: points::Kind::Free,
        source: points::Source::Promotion,
        quantity: sgp(10_00),
        expires_at: START + lifetime,
        entry,
    })
}

fn draws(lot: u32, quantity: i128, kind: points::Kind) -> Vec<points::Draw> {
    let (issued_at, expires_at) = (START, START + points::LIFETIME);
    vec![points::Draw { lot, kind, issued_at, expires_at, quantity: sgp(quantity) }]
}

fn spent(quantity: i128, draws: Vec<points::Draw>) -> points::Event {
    let entry = Entry::write()
        .debit(Account::Points(HOLDER), sgp(quantity))
        .credit(Account::Exchange, sgp(quantity))
        .close();
    let purpose = points::Purpose::Payment(payment_id(1));
    points::Event::Spent(points::Spent { realm: HERE, holder: HOLDER, purpose, draws, entry })
}

fn given_back(quantity: i128) -> points::Event {
    let entry = Entry::write()
        .debit(Account::Exchange, sgp(quantity))
        .credit(Account::Points(HOLDER), sgp(quantity))
        .close();
    let (purpose, draws) = (points::Purpose::Payment(payment_id(1)), draws(1, quantity, points::Kind::Free));
    points::Event::GivenBack(points::GivenBack { realm: HERE, holder: HOLDER, purpose, draws, entry })
}

fn lapsed(quantity: i128, kind: points::Kind) -> points::Event {
    let entry = Entry::write()
        .debit(Account::Points(HOLDER), sgp(quantity))
        .credit(Account::Expense(Expense::Promotion), sgp(quantity))
        .close();
    let quantity = sgp(quantity);
    points::Event::Lapsed(points::Lapsed { realm: HERE, holder: HOLDER, lot: 1, kind, quantity, entry })
}

/// The first lot, and then this, so long after its issue.
fn check_lot(after: Span, then_what: points::Event, then: Expect) {
    let mut second = told(1, then_what);
    (second.recorded_at, second.header.effective_at) = (START + after, START + after);
    check(&[told(0, issued(10_00, points::LIFETIME)), second], then);
}

#[test]
fn a_lot_that_gives_what_it_has_breaks_nothing() {
    use points::Kind::Free;
    let mut story = [
        issued(10_00, points::LIFETIME),
        spent(7_00, draws(1, 7_00, Free)),
        given_back(2_00),
        lapsed(5_00, Free),
    ]
    .map(Event::from);
    let mut commits = Vec::new();
    for (number, event) in story.iter_mut().enumerate() {
        let mut told = told(number as u64, event.clone());
        if number == 3 {
            (told.recorded_at, told.header.effective_at) =
                (START + points::LIFETIME, START + points::LIFETIME);
        }
        commits.push(told);
    }
    check(&commits, expect![[""]]);
}

#[test]
fn a_lot_that_gives_what_it_has_not_or_when_it_may_not_is_found() {
    use points::Kind::{Free, Paid};
    let day = Span::days(1);
    check_lot(
        day,
        spent(11_00, draws(1, 11_00, Free)),
        expect![[r#"
        no guarded account was ever beyond its guard: at 2, test-1/points:1/SGP-USD at -100
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 is at -100 live, 1100 drawn
    "#]],
    );
    check_lot(
        day,
        spent(1_00, draws(1, 2_00, Free)),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, test-1/points:1/SGP-USD is at 9.00, its lots hold 8.00
    "#]],
    );
    check_lot(
        day,
        spent(1_00, draws(2, 1_00, Free)),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 2 was never issued
    "#]],
    );
    check_lot(
        day,
        spent(1_00, draws(1, 1_00, Paid)),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 is told of as another one
    "#]],
    );
    check_lot(
        points::LIFETIME,
        spent(1_00, draws(1, 1_00, Free)),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 was spent after it had expired
    "#]],
    );
    check_lot(
        day,
        given_back(1_00),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 is at 1100 live, -100 drawn
    "#]],
    );
    check_lot(
        Span(points::LIFETIME.0 - 1),
        lapsed(10_00, Free),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 lapsed before its expiry
    "#]],
    );
    check_lot(
        points::LIFETIME,
        lapsed(10_00, Paid),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 lapsed as one of another kind
    "#]],
    );
    check_lot(
        points::LIFETIME,
        lapsed(9_00, Free),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 lapsed in part
    "#]],
    );
    // Something else happens in the realm, and the lot has not lapsed by then.
    check_lot(
        Span::days(181),
        spent(0, Vec::new()),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 of 1 should have lapsed at 2026-07-04T00:00:00Z
    "#]],
    );
    check_lot(
        day,
        issued(10_00, points::LIFETIME),
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 2, lot 1 was issued before
    "#]],
    );
    check(
        &[told(0, issued(10_00, Span::days(181)))],
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 1, lot 1 lives until 2026-07-05T00:00:00Z
    "#]],
    );
    check(
        &[told(0, issued(9_00, points::LIFETIME))],
        expect![[r#"
        every lot of points gives what was issued to it and no more, and lapses at its expiry: at 1, test-1/points:1/SGP-USD is at 9.00, its lots hold 10.00
    "#]],
    );
}

/// In live nothing but the tenants of an entry's holders tells that value has passed from one to another.
#[test]
fn value_that_passes_between_tenants_is_found() {
    let live = |mut told: Told| {
        told.header.realm = Some(Realm::Live);
        told
    };
    let registered = |number: u32, tenant: u32| {
        let (user, tenant) = (UserId(number), MerchantId(tenant));
        let mut told =
            told(0, user::Event::Registered(user::Registered { user, tenant, client: None, profile: None }));
        told.header.realm = None;
        told
    };
    let token = Currency::Token(Token::new(1, 0).unwrap());
    let amount = Money::new(5, token);
    let [from, to] = [1, 2].map(|number| Holder::User(UserId(number)));
    let issued = Entry::write().debit(Account::Issuer, amount).credit(Account::Wallet(from), amount).close();
    let issued =
        wallet::Event::Issued(wallet::Issued { realm: Realm::Live, holder: from, amount, entry: issued });
    let given =
        Entry::write().debit(Account::Wallet(from), amount).credit(Account::Wallet(to), amount).close();
    let given = wallet::Event::Transferred(wallet::Transferred {
        realm: Realm::Live,
        from,
        to,
        amount,
        entry: given,
    });
    let story = |tenant_of_second| {
        [
            registered(1, 1),
            registered(2, tenant_of_second),
            live(told(0, issued.clone())),
            live(told(1, given.clone())),
        ]
    };
    check(&story(1), expect![[""]]);
    check(
        &story(2),
        expect![[r#"
        no tenant has an account in another tenant's realm, and no entry has two tenants: at 4, one entry, tenants {MerchantId(1), MerchantId(2)}
    "#]],
    );
}
