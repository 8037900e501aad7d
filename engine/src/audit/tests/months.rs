//! Months that say what is not so.

use super::*;
use crate::{
    books::Income,
    domain::{
        Month,
        merchant::{Earner, Plan},
        subscription::{Event as E, Failed, Invoiced, Paid, Refunded, Source, Started, Stopped},
    },
};

const USER: UserId = UserId(1);
const SHOP: MerchantId = MerchantId(1);
/// The month of [`START`].
const JANUARY: Month = Month((2026 - 1970) * 12);
const INCOME: Account = Account::Income(Income::Subscription);
const WALLET: Account = Account::Wallet(Holder::User(USER));

fn both(debit: Account, credit: Account, minor: i128) -> Entry {
    Entry::write().debit(debit, yen(minor)).credit(credit, yen(minor)).close()
}

fn started() -> E {
    E::Started(Started { realm: HERE, user: USER })
}

fn invoiced(month: Month) -> E {
    let Plan { price, earner } = Plan::default();
    E::Invoiced(Invoiced { realm: HERE, user: USER, tenant: SHOP, month, price, earner })
}

fn paid(source: Source, entry: Entry) -> E {
    E::Paid(Paid { realm: HERE, user: USER, month: JANUARY, price: yen(1_277), source, entry })
}

fn refunded(source: Source, entry: Entry) -> E {
    E::Refunded(Refunded { realm: HERE, user: USER, month: JANUARY, price: yen(1_277), source, entry })
}

fn failed() -> E {
    E::Failed(Failed { realm: HERE, user: USER, month: JANUARY })
}

/// From a wallet that has it.
fn from_wallet(minor: i128) -> E {
    paid(Source::Wallet, both(WALLET, INCOME, minor))
}

fn credited(minor: i128) -> Event {
    let entry = both(Account::Rail(Label::SANDBOX), WALLET, minor);
    let (holder, amount) = (Holder::User(USER), yen(minor));
    wallet::Event::Credited(wallet::Credited { realm: HERE, holder, amount, entry }).into()
}

fn created() -> Event {
    payment::Event::Created(payment::Created {
        payment: payment_id(1),
        merchant: SHOP,
        purpose: payment::Purpose::Subscription(USER, JANUARY),
        amount: yen(1_277),
        tax: yen(0),
        method_fee: yen(0),
        origin: payment::Origin::Platform,
        deadline: START + Span::days(1),
        private: None,
    })
    .into()
}

fn captured(to: Account) -> Event {
    let means = payment::Means { method: payment::Method::CreditCard, rail: Label::SANDBOX, card: None };
    payment::Event::Captured(payment::Captured {
        payment: payment_id(1),
        merchant: SHOP,
        source: payment::Source::Rail(means),
        total: yen(1_277),
        method_fee: yen(0),
        charge: yen(0),
        received: yen(1_277),
        entry: both(Account::Rail(Label::SANDBOX), to, 1_277),
    })
    .into()
}

fn given_back(minor: i128) -> Event {
    payment::Event::Refunded(payment::Refunded {
        payment: payment_id(1),
        amount: yen(minor),
        charge_returned: yen(0),
        entry: both(INCOME, Account::Rail(Label::SANDBOX), minor),
    })
    .into()
}

/// Each command's events, so long after the start; a subscription that is billed for January and a wallet with money
/// come first.
fn check_months(commands: Vec<(Span, Vec<Event>)>, then: Expect) {
    let begun = vec![started().into(), invoiced(JANUARY).into(), credited(5_000)];
    let (mut revisions, mut all) = (HashMap::new(), Vec::new());
    for (command, (after, events)) in [(Span::ZERO, begun)].into_iter().chain(commands).enumerate() {
        for event in events {
            let mut told = told(command as u64, event);
            let at = START + after;
            (told.recorded_at, told.header.effective_at) = (at, at);
            let revision = revisions.entry(told.header.stream).or_insert(0);
            told.header.revision = *revision;
            *revision += 1;
            all.push(told);
        }
    }
    check(&all, then);
}

fn at_once(commands: impl IntoIterator<Item = Vec<Event>>) -> Vec<(Span, Vec<Event>)> {
    commands.into_iter().map(|events| (Span::hours(1), events)).collect()
}

/// Until the first instant of February.
fn january() -> Span {
    JANUARY.next().first_instant() - START
}

#[test]
fn months_as_they_should_be_break_nothing() {
    let by_payment = Source::Payment(payment_id(1));
    let nothing = Entry::default;
    check_months(
        vec![
            (Span::hours(1), vec![from_wallet(1_277).into()]),
            (Span::hours(2), vec![refunded(Source::Wallet, both(INCOME, WALLET, 1_277)).into()]),
            (january(), vec![invoiced(JANUARY.next()).into()]),
        ],
        expect![[""]],
    );
    check_months(
        at_once([
            vec![created()],
            vec![captured(INCOME), paid(by_payment, nothing()).into()],
            vec![given_back(1_277), refunded(by_payment, nothing()).into()],
        ]),
        expect![[""]],
    );
    // Not due, and so given back.
    check_months(
        at_once([
            vec![created()],
            vec![from_wallet(1_277).into()],
            vec![captured(INCOME), given_back(1_277)],
        ]),
        expect![[""]],
    );
    check_months(
        vec![
            (january(), vec![failed().into(), invoiced(JANUARY.next()).into()]),
            (january() + Span::hours(1), vec![E::Stopped(Stopped { realm: HERE, user: USER }).into()]),
            (january() + Span::days(90), vec![credited(1)]),
        ],
        expect![[""]],
    );
}

#[test]
fn a_month_paid_twice_or_not_as_it_is_worth_is_found() {
    let by_payment = Source::Payment(payment_id(1));
    check_months(
        at_once([vec![from_wallet(1_277).into()], vec![from_wallet(1_277).into()]]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 5, 2026-01 was paid twice
        "#]],
    );
    check_months(
        at_once([vec![from_wallet(1_276).into()]]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 4, 2026-01 of user 1 in test-1 has brought 1277, and 1276 were posted
        "#]],
    );
    check_months(
        at_once([vec![paid(Source::Wallet, Entry::default()).into()]]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 4, 2026-01 of user 1 in test-1 has brought 0 and is worth 1277
        "#]],
    );
    check_months(
        at_once([vec![paid(by_payment, Entry::default()).into()]]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 4, 2026-01 of user 1 in test-1 has brought 0 and is worth 1277
        "#]],
    );
    // Captured for a month that is paid, and kept.
    check_months(
        at_once([vec![created()], vec![from_wallet(1_277).into()], vec![captured(INCOME)]]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 6, 2026-01 of user 1 in test-1 has brought 2554 and is worth 1277
        "#]],
    );
    check_months(
        at_once([vec![created()], vec![captured(INCOME)]]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 5, 2026-01 of user 1 in test-1 has brought 1277 and is worth 0
        "#]],
    );
    check_months(
        at_once([
            vec![created()],
            vec![captured(Account::MerchantPending(SHOP)), paid(by_payment, Entry::default()).into()],
        ]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 6, 2026-01 of user 1 in test-1 has brought 1277, and 0 were posted
        "#]],
    );
    check_months(
        at_once([
            vec![created()],
            vec![captured(INCOME), paid(by_payment, Entry::default()).into()],
            vec![given_back(1_276), refunded(by_payment, Entry::default()).into()],
        ]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 8, 2026-01 of user 1 in test-1 has brought 1 and is worth 0
        "#]],
    );
    check_months(
        at_once([vec![refunded(Source::Wallet, both(INCOME, WALLET, 1_277)).into()]]),
        expect![[r#"
            every month of a subscription is billed as it begins, paid once, and worth its price: at 4, 2026-01 went back unpaid
        "#]],
    );
}

#[test]
fn a_month_that_comes_or_goes_at_another_time_is_found() {
    let next = || invoiced(JANUARY.next()).into();
    check_months(
        vec![(Span(january().0 - 1), vec![failed().into(), next()])],
        expect![[r#"
        every month of a subscription is billed as it begins, paid once, and worth its price: at 4, 2026-01 failed at 2026-01-31T14:59:59.999999Z
    "#]],
    );
    check_months(
        vec![(january() + Span::MICRO, vec![failed().into(), next()])],
        expect![[r#"
        every month of a subscription is billed as it begins, paid once, and worth its price: at 4, the month of 1 was over at 2026-01-31T15:00:00Z
    "#]],
    );
    check_months(
        vec![(january() + Span::MICRO, vec![credited(1)])],
        expect![[r#"
        every month of a subscription is billed as it begins, paid once, and worth its price: at 4, the month of 1 was over at 2026-01-31T15:00:00Z
    "#]],
    );
    check_months(
        vec![(january(), vec![next(), from_wallet(1_277).into()])],
        expect![[r#"
        every month of a subscription is billed as it begins, paid once, and worth its price: at 5, 2026-01 was paid at 2026-01-31T15:00:00Z
    "#]],
    );
    check_months(
        vec![(january(), vec![failed().into(), next(), next(), next()])],
        expect![[r#"
        every month of a subscription is billed as it begins, paid once, and worth its price: at 6, 2026-02 was billed twice
    "#]],
    );
    let tenants = E::Invoiced(Invoiced {
        realm: HERE,
        user: USER,
        tenant: SHOP,
        month: JANUARY,
        price: yen(1_277),
        earner: Earner::Tenant,
    });
    check_months(
        at_once([vec![tenants.into()]]),
        expect![[r#"
        every month of a subscription is billed as it begins, paid once, and worth its price: at 4, 2026-01 was billed twice
    "#]],
    );
}
