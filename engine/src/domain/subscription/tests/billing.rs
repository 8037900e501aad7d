//! What a month costs, who earns it, and where a refund goes.

use expect_test::expect;

use super::*;
use crate::{
    books::{Holder, Income},
    domain::{Day, MerchantId, Span, payout, settlement, story::START},
};

#[test]
fn a_month_is_paid_from_the_wallet_to_the_platform() {
    let mut story = subscribed(None);
    expect![[r#"
        refused: test-1/wallet:user-1/JPY is short of 1277
        wallet.credited: Dr rail:sandbox 1276 JPY · Cr wallet:user-1 1276 JPY
        refused: test-1/wallet:user-1/JPY is short of 1
        wallet.credited: Dr rail:sandbox 1 JPY · Cr wallet:user-1 1 JPY
        subscription.paid: Dr wallet:user-1 1277 JPY · Cr income:subscription 1277 JPY
    "#]]
    .assert_eq(&story.tell([
        pay(JANUARY, Purse::Wallet),
        credit(user(1), jpy(1_276)),
        pay(JANUARY, Purse::Wallet),
        credit(user(1), jpy(1)),
        pay(JANUARY, Purse::Wallet),
    ]));
    expect![[r#"
        2026-01 1277 JPY completed
    "#]]
    .assert_eq(&invoices(&story));
}

/// Whoever asks for it again is told all that the first was.
#[test]
fn a_month_is_paid_once_and_the_second_is_told_of_the_first() {
    let mut story = funded();
    story.given(credit(user(1), jpy(1_277)));
    let first = story.tell([pay(JANUARY, Purse::Wallet)]);
    story.wait(Span::hours(1));
    let second =
        story.tell([pay(JANUARY, Purse::Wallet), pay(JANUARY, Purse::Points), bill(1, JANUARY, jpy(1_277))]);
    expect![[r#"
        subscription.paid: Dr wallet:user-1 1277 JPY · Cr income:subscription 1277 JPY
        refused: 2026-01 is paid: 1277 JPY, at 2026-01-05T00:00:00Z
        refused: 2026-01 is paid: 1277 JPY, at 2026-01-05T00:00:00Z
        refused: 2026-01 is paid: 1277 JPY, at 2026-01-05T00:00:00Z
    "#]]
    .assert_eq(&(first + &second));
    assert_eq!(story.balance(Account::Wallet(user(1)), Currency::Jpy), 1_277);
}

#[test]
fn a_month_that_the_tenant_earns_is_pending_to_it_without_a_charge() {
    let mut story = subscribed(Some((usd(9_80), Earner::Tenant)));
    story.given(credit(user(1), usd(9_80)));
    expect![[r#"
        subscription.paid: Dr wallet:user-1 9.80 USD · Cr merchant-pending:1 9.80 USD
        subscription.refunded: Dr merchant-pending:1 9.80 USD · Cr wallet:user-1 9.80 USD
    "#]]
    .assert_eq(&story.tell([pay(JANUARY, Purse::Wallet), refund(JANUARY)]));
}

/// A merchant that owes 40.00 after a refund: the month clears it, and its own refund is owed in turn.
#[test]
fn what_the_tenant_owes_is_cleared_first() {
    let mut story = subscribed(Some((usd(50_00), Earner::Tenant)));
    story.given(about_payment(payment::Command::Create(samples::create(1, SHOP, usd(800_00)))));
    story.given(card(1, usd(800_00)));
    story.given(refund_payment(1, Some(usd(800_00))));
    story.given(credit(user(1), usd(50_00)));
    expect![[r#"
        subscription.paid: Dr wallet:user-1 50.00 USD · Cr receivable:1 40.00 USD · Cr merchant-pending:1 10.00 USD
        subscription.refunded: Dr merchant-pending:1 10.00 USD · Dr receivable:1 40.00 USD · Cr wallet:user-1 50.00 USD
    "#]].assert_eq(&story.tell([pay(JANUARY, Purse::Wallet), refund(JANUARY)]));
}

/// The ceiling is 100.00 USD, or a tenth of what was sold; months count as sold.
#[test]
fn a_refund_leaves_the_tenant_owing_no_more_than_its_ceiling() {
    for price in [100_00, 100_01, 2_000_00] {
        let mut story = subscribed(Some((usd(price), Earner::Tenant)));
        story.given(credit(user(1), usd(price)));
        story.given(pay(JANUARY, Purse::Wallet));
        story.wait(Span::days(1));
        let through = Day::of(START);
        let settle = settlement::Command::Settle { merchant: SHOP, currency: Currency::Usd, through };
        story.given(domain::Command::Settlement(settle));
        let send = payout::Command::Send { merchant: SHOP, amount: usd(price), bank: Label::MAIN };
        story.given(domain::Command::Payout(send));
        let told = story.tell([refund(JANUARY)]);
        let expected = match price {
            100_00 => "subscription.refunded: Dr receivable:1 100.00 USD · Cr wallet:user-1 100.00 USD\n",
            100_01 => {
                "refused: the merchant would owe 100.01 USD after the refund, and may owe at most 100.00 USD\n"
            }
            _ => {
                "refused: the merchant would owe 2000.00 USD after the refund, and may owe at most 200.00 USD\n"
            }
        };
        assert_eq!(told, expected);
    }
}

#[test]
fn points_pay_a_price_in_dollars_and_come_back_to_their_lots() {
    for earner in [Earner::Platform, Earner::Tenant] {
        let mut story = subscribed(Some((usd(9_80), earner)));
        let lots = |story: &Story| {
            let lots = story.state.points.get(&(HERE, UserId(1))).unwrap_or_default();
            lots.open().iter().map(|lot| (lot.number, lot.remaining.minor)).collect::<Vec<_>>()
        };
        story.given(grant(5_00));
        story.given(grant(4_79));
        let short = story.tell([pay(JANUARY, Purse::Points)]);
        story.given(grant(3));
        let told = short + &story.tell([pay(JANUARY, Purse::Points)]);
        assert_eq!(lots(&story), [(3, 2)]);
        let told = told + &story.tell([refund(JANUARY), refund(JANUARY)]);
        assert_eq!(lots(&story), [(1, 5_00), (2, 4_79), (3, 3)]);
        match earner {
            Earner::Platform => expect![[r#"
                refused: at most 9.79 SGP-USD can be spent
                subscription.paid: Dr exchange 9.80 USD · Cr income:subscription 9.80 USD
                points.spent: Dr points:1 9.80 SGP-USD · Cr exchange 9.80 SGP-USD
                subscription.refunded: Dr income:subscription 9.80 USD · Cr exchange 9.80 USD
                points.given_back: Dr exchange 9.80 SGP-USD · Cr points:1 9.80 SGP-USD
                refused: an invoice that is refunded cannot be refunded
            "#]]
            .assert_eq(&told),
            Earner::Tenant => expect![[r#"
                refused: at most 9.79 SGP-USD can be spent
                subscription.paid: Dr exchange 9.80 USD · Cr merchant-pending:1 9.80 USD
                points.spent: Dr points:1 9.80 SGP-USD · Cr exchange 9.80 SGP-USD
                subscription.refunded: Dr merchant-pending:1 9.80 USD · Cr exchange 9.80 USD
                points.given_back: Dr exchange 9.80 SGP-USD · Cr points:1 9.80 SGP-USD
                refused: an invoice that is refunded cannot be refunded
            "#]]
            .assert_eq(&told),
        }
    }
}

/// Nothing extends a lot: what comes back too late lapses at once.
#[test]
fn points_that_come_back_after_their_expiry_lapse_in_the_same_commit() {
    let mut story = subscribed(Some((usd(9_80), Earner::Platform)));
    story.given(grant(5_00));
    story.wait(Span::days(1));
    story.given(grant(5_00));
    story.given(pay(JANUARY, Purse::Points));
    story.wait(Span::days(179));
    expect![[r#"
        subscription.refunded: Dr income:subscription 9.80 USD · Cr exchange 9.80 USD
        points.given_back: Dr exchange 9.80 SGP-USD · Cr points:1 9.80 SGP-USD
        points.lapsed: Dr points:1 5.00 SGP-USD · Cr expense:promotion 5.00 SGP-USD
    "#]]
    .assert_eq(&story.tell([refund(JANUARY)]));
}

#[test]
fn points_pay_no_price_in_yen() {
    let mut story = subscribed(None);
    story.given(grant(100_000));
    expect![[r#"
        refused: JPY cannot be paid with points
    "#]]
    .assert_eq(&story.tell([pay(JANUARY, Purse::Points)]));
}

/// What the user owes is cleared before anything comes back into the wallet.
#[test]
fn a_refund_clears_what_the_user_owes() {
    let mut story = funded();
    story.given(pay(JANUARY, Purse::Wallet));
    let top_up =
        payment::Create { purpose: payment::Purpose::TopUp(UserId(1)), ..samples::create(1, SHOP, jpy(900)) };
    story.given(about_payment(payment::Command::Create(top_up)));
    story.given(card(1, jpy(900)));
    let (from, to) = (user(1), Holder::Merchant(MerchantId(1)));
    story.given(domain::Command::Wallet(wallet::Command::Transfer { from, to, amount: jpy(900) }));
    expect![[r#"
        payment.charged_back: Dr receivable:user-1 900 JPY · Dr expense:chargeback 15 JPY · Cr rail:sandbox 915 JPY
        subscription.refunded: Dr income:subscription 1277 JPY · Cr receivable:user-1 900 JPY · Cr wallet:user-1 377 JPY
    "#]].assert_eq(&story.tell([charge_back(1, jpy(900)), refund(JANUARY)]));
}

/// The figures count every month: else nothing could be settled.
#[test]
fn what_the_tenant_earns_by_months_is_settled() {
    let mut story = subscribed(Some((usd(9_80), Earner::Tenant)));
    story.given(credit(user(1), usd(9_80)));
    story.given(pay(JANUARY, Purse::Wallet));
    story.wait(Span::days(28));
    story.given(bill(1, FEBRUARY, usd(9_80)));
    story.given(bill(2, FEBRUARY, usd(9_80)));
    story.given(card(1, usd(9_80)));
    story.given(card(2, usd(9_80)));
    story.given(grant(9_80));
    story.wait(Span::days(28));
    story.given(pay(FEBRUARY.next(), Purse::Points));
    story.given(refund(JANUARY));
    story.wait(Span::days(1));
    let through = Day(Day::of(story.context.now).0 - 1);
    let settle = settlement::Command::Settle { merchant: SHOP, currency: Currency::Usd, through };
    let settle = domain::Command::Settlement(settle);
    let events = domain::decide(&story.state, &settle, &story.context).unwrap();
    let [domain::Event::Settlement(settlement::Event::Closed(closed))] = &events[..] else {
        panic!("{events:?}")
    };
    let figures = &closed.figures;
    assert_eq!(
        [figures.gross, figures.refunds, figures.charges, closed.moved].map(|it| it.minor),
        [39_20, 19_60, 0, 19_60]
    );
    expect![[r#"
        settlement.closed: Dr merchant-pending:1 19.60 USD · Cr merchant-available:1 19.60 USD
    "#]]
    .assert_eq(&story.tell([settle]));
    assert_eq!(story.balance(Account::Income(Income::Subscription), Currency::Usd), 0);
}
