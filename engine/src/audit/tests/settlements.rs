//! Settlements and payouts that say what is not so.

use super::*;
use crate::{
    domain::{
        PayoutId, SettlementId,
        payout::{Confirmed, Event as Payout, Returned, Sent},
        settlement::{Closed, Day, Event as Settlement, Figures},
    },
    samples::payment_id,
};

const SHOP: MerchantId = MerchantId(1);
const PENDING: Account = Account::MerchantPending(SHOP);
const AVAILABLE: Account = Account::MerchantAvailable(SHOP);
const PAYOUT: Account = Account::Payout(PayoutId(1));

fn both(debit: Account, credit: Account, minor: i128) -> Entry {
    Entry::write().debit(debit, yen(minor)).credit(credit, yen(minor)).close()
}

/// As if a payment had been captured without a charge.
fn earned(minor: i128) -> payment::Event {
    let payment = payment_id(1);
    let entry = both(Account::Rail(Label::SANDBOX), PENDING, minor);
    payment::Event::Captured(payment::Captured {
        payment,
        merchant: SHOP,
        source: payment::Source::Wallet(HOLDER),
        total: yen(minor),
        method_fee: yen(0),
        charge: yen(0),
        received: yen(minor),
        entry,
    })
}

/// All of 1,000, of the first day.
fn closed() -> Closed {
    let day = Day::of(START);
    Closed {
        settlement: SettlementId(1),
        realm: HERE,
        merchant: SHOP,
        currency: Currency::Jpy,
        from: day,
        through: day,
        figures: Figures { gross: yen(1_000), ..Figures::zero(Currency::Jpy) },
        net: yen(1_000),
        carried_in: yen(0),
        moved: yen(1_000),
        carried_out: yen(0),
        entry: both(PENDING, AVAILABLE, 1_000),
    }
}

/// These events, each the first of its stream or else the next, so many days after the first.
pub(super) fn commits(events: impl IntoIterator<Item = (i64, Event)>) -> Vec<Told> {
    let mut revisions = HashMap::new();
    let told = events.into_iter().enumerate().map(|(number, (days, event))| {
        let mut told = told(number as u64, event);
        let at = START + Span::days(days);
        (told.recorded_at, told.header.effective_at) = (at, at);
        let revision = revisions.entry(told.header.stream).or_insert(0);
        told.header.revision = *revision;
        *revision += 1;
        told
    });
    told.collect()
}

fn settled(spoil: impl FnOnce(&mut Closed)) -> Event {
    let mut closed = closed();
    spoil(&mut closed);
    Settlement::Closed(Box::new(closed)).into()
}

/// 1,000 are earned on the first day and 200 on the second; the first is settled on the third.
fn check_settled(spoil: impl FnOnce(&mut Closed), then: Expect) {
    check(&commits([(0, earned(1_000).into()), (1, earned(200).into()), (2, settled(spoil))]), then);
}

#[test]
fn a_settlement_that_comes_to_what_its_days_posted_breaks_nothing() {
    check_settled(|_| {}, expect![[""]]);
    let second = |closed: &mut Closed| {
        (closed.from, closed.through) = (closed.from.next(), closed.from.next());
        (closed.figures.gross, closed.net, closed.moved) = (yen(200), yen(200), yen(200));
        closed.entry = both(PENDING, AVAILABLE, 200);
    };
    let story =
        [(0, earned(1_000).into()), (1, earned(200).into()), (2, settled(|_| {})), (3, settled(second))];
    check(&commits(story), expect![[""]]);
}

#[test]
fn a_settlement_that_says_what_is_not_so_is_found() {
    check_settled(
        |closed| closed.figures.charges = yen(1),
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, its days posted 1000, its figures come to 999, its net is 1000
        "#]],
    );
    check_settled(
        |closed| closed.net = yen(999),
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, its days posted 1000, its figures come to 1000, its net is 999
        "#]],
    );
    // As if the second day were in it.
    check_settled(
        |closed| {
            (closed.figures.gross, closed.net, closed.moved) = (yen(1_200), yen(1_200), yen(1_200));
            closed.entry = both(PENDING, AVAILABLE, 1_200);
        },
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, its days posted 1000, its figures come to 1200, its net is 1200
        "#]],
    );
    check_settled(
        |closed| (closed.moved, closed.entry) = (yen(1_100), both(PENDING, AVAILABLE, 1_100)),
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, 1100 was taken and 1100 made ready where 1000 could be moved
        "#]],
    );
    check_settled(
        |closed| {
            (closed.moved, closed.carried_out) = (yen(900), yen(100));
            closed.entry = both(PENDING, AVAILABLE, 900);
        },
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, 900 was taken and 900 made ready where 1000 could be moved
        "#]],
    );
    check_settled(
        |closed| closed.entry = both(PENDING, Account::Bank(Label::MAIN), 1_000),
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, 1000 was taken and 0 made ready where 1000 could be moved
        "#]],
    );
    check_settled(
        |closed| closed.carried_in = yen(1),
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, it carries 1 in and 0 out after 0
        "#]],
    );
    check_settled(
        |closed| closed.carried_out = yen(1),
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, it carries 0 in and 1 out after 0
        "#]],
    );
}

#[test]
fn a_day_settled_twice_too_early_or_not_at_all_is_found() {
    let today = [(0, earned(1_000).into()), (0, settled(|_| {}))];
    check(
        &commits(today),
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 2, 2026-01-05 to 2026-01-05 was settled on 2026-01-05
        "#]],
    );
    let backwards = |closed: &mut Closed| closed.from = closed.through.next();
    check_settled(
        backwards,
        expect![[r#"
            every settlement comes to what its days posted, and moves no more than was there: at 3, 2026-01-06 to 2026-01-05 was settled on 2026-01-07
        "#]],
    );
    for (days, expected) in [
        (
            0,
            expect![[r#"
                every settlement comes to what its days posted, and moves no more than was there: at 3, 2026-01-05 to 2026-01-05 was settled on 2026-01-08
            "#]],
        ),
        (
            2,
            expect![[r#"
                every settlement comes to what its days posted, and moves no more than was there: at 3, 2026-01-07 to 2026-01-07 was settled on 2026-01-08
            "#]],
        ),
    ] {
        let again = |closed: &mut Closed| {
            (closed.from, closed.through) = (Day(closed.from.0 + days), Day(closed.from.0 + days));
            let nothing = yen(0);
            (closed.figures.gross, closed.net, closed.moved) = (nothing, nothing, nothing);
            closed.entry = Entry::default();
        };
        let story = [(0, earned(1_000).into()), (3, settled(|_| {})), (3, settled(again))];
        check(&commits(story), expected);
    }
}

fn sent(amount: i128, posted: i128) -> Event {
    let entry = both(AVAILABLE, PAYOUT, posted);
    let (payout, bank) = (PayoutId(1), Label::MAIN);
    Payout::Sent(Sent { payout, realm: HERE, merchant: SHOP, amount: yen(amount), bank, entry }).into()
}

fn confirmed(posted: i128) -> Event {
    let entry = both(PAYOUT, Account::Bank(Label::MAIN), posted);
    Payout::Confirmed(Confirmed { payout: PayoutId(1), entry }).into()
}

fn returned(posted: i128) -> Event {
    Payout::Returned(Returned { payout: PayoutId(1), entry: both(PAYOUT, AVAILABLE, posted) }).into()
}

/// After 1,000 were settled.
fn check_payout(events: impl IntoIterator<Item = Event>, then: Expect) {
    let settled = [(0, earned(1_000).into()), (1, settled(|_| {}))];
    check(&commits(settled.into_iter().chain(events.into_iter().map(|event| (1, event)))), then);
}

#[test]
fn a_payout_that_ends_as_it_was_sent_breaks_nothing() {
    check_payout([sent(600, 600), confirmed(600)], expect![[""]]);
    check_payout([sent(600, 600), returned(600)], expect![[""]]);
}

#[test]
fn a_payout_account_that_is_not_what_its_payout_says_is_found() {
    check_payout(
        [sent(600, 500)],
        expect![[r#"
            payout accounts hold what their payouts say: at 3, test-1/payout:1/JPY is at 500, its payout says 600
        "#]],
    );
    check_payout(
        [sent(600, 600), confirmed(500)],
        expect![[r#"
            payout accounts hold what their payouts say: at 4, test-1/payout:1/JPY is at 100, its payout says 0
        "#]],
    );
    check_payout(
        [sent(600, 600), returned(600), confirmed(600)],
        expect![[r#"
            no guarded account was ever beyond its guard: at 5, test-1/payout:1/JPY at -600
            payout accounts hold what their payouts say: at 5, payout 1 is not under way
        "#]],
    );
    check_payout(
        [confirmed(600)],
        expect![[r#"
            no guarded account was ever beyond its guard: at 3, test-1/payout:1/JPY at -600
            payout accounts hold what their payouts say: at 3, payout 1 is not under way
        "#]],
    );
}
