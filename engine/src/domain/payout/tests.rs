//! Payouts, as data.

use expect_test::expect;

use super::{Action, Command, Stage, TRANSITIONS};
use crate::{
    books::{Account, Label, Realm},
    domain::{
        self, AMOUNT_MINOR_MAX, Day, MerchantId, PayoutId, Span,
        payment::{self, Means, Method},
        settlement,
        story::{HERE, SHOP, START, Story, sgp, usd},
    },
    money::{Currency, Money, Token},
    samples::{self, payment_id},
};

fn send(amount: Money) -> domain::Command {
    domain::Command::Payout(Command::Send { merchant: SHOP, amount, bank: Label::MAIN })
}

fn confirm(payout: u32) -> domain::Command {
    domain::Command::Payout(Command::Confirm { payout: PayoutId(payout) })
}

fn give_back(payout: u32) -> domain::Command {
    domain::Command::Payout(Command::Return { payout: PayoutId(payout) })
}

fn about(command: payment::Command) -> domain::Command {
    domain::Command::Payment(command)
}

/// 95.00 USD are ready to be paid out, and 5.00 pending.
fn begun() -> Story {
    let mut story = Story::begin();
    let pay = |story: &mut Story, number, amount| {
        story.given(about(payment::Command::Create(samples::create(number, SHOP, amount))));
        let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
        story.given(about(payment::Command::Receive { payment: payment_id(number), means, amount }));
    };
    pay(&mut story, 1, usd(100_00));
    story.wait(Span::days(1));
    let through = Day::of(START);
    let settle = settlement::Command::Settle { merchant: SHOP, currency: Currency::Usd, through };
    story.given(domain::Command::Settlement(settle));
    pay(&mut story, 2, usd(5_26));
    story
}

#[test]
fn what_is_ready_is_sent_and_confirmed_or_comes_back() {
    expect![[r#"
        payout.sent: Dr merchant-available:1 60.00 USD · Cr payout:1 60.00 USD
        payout.sent: Dr merchant-available:1 35.00 USD · Cr payout:2 35.00 USD
        payout.confirmed: Dr payout:1 60.00 USD · Cr bank:main 60.00 USD
        payout.returned: Dr payout:2 35.00 USD · Cr merchant-available:1 35.00 USD
        payout.sent: Dr merchant-available:1 35.00 USD · Cr payout:3 35.00 USD
        payout.confirmed: Dr payout:3 35.00 USD · Cr bank:main 35.00 USD
    "#]]
    .assert_eq(&begun().tell([
        send(usd(60_00)),
        send(usd(35_00)),
        confirm(1),
        give_back(2),
        send(usd(35_00)),
        confirm(3),
    ]));
}

#[test]
fn no_more_is_sent_than_is_ready() {
    expect![[r#"
        payout.sent: Dr merchant-available:1 0.01 USD · Cr payout:1 0.01 USD
        payout.sent: Dr merchant-available:1 95.00 USD · Cr payout:1 95.00 USD
        refused: test-1/merchant-available:1/USD is short of 0.01
        refused: test-1/merchant-available:1/USD is short of 5.00
    "#]]
    .assert_eq(&Story::tell_apart(begun, [1, 95_00, 95_01, 100_00].map(|minor| send(usd(minor)))));
    let mut story = begun();
    expect![[r#"
        payout.sent: Dr merchant-available:1 94.99 USD · Cr payout:1 94.99 USD
        refused: test-1/merchant-available:1/USD is short of 0.01
        payout.sent: Dr merchant-available:1 0.01 USD · Cr payout:2 0.01 USD
        refused: test-1/merchant-available:1/USD is short of 0.01
    "#]]
    .assert_eq(&story.tell([send(usd(94_99)), send(usd(2)), send(usd(1)), send(usd(1))]));
}

#[test]
fn what_cannot_be_is_refused_in_this_order() {
    let token = Currency::Token(Token::new(1, 18).unwrap());
    let to = |merchant, minor| {
        let (merchant, amount) = (MerchantId(merchant), usd(minor));
        domain::Command::Payout(Command::Send { merchant, amount, bank: Label::MAIN })
    };
    expect![[r#"
        refused: there is no merchant-9
        refused: there is no merchant-2
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: test-1/merchant-available:1/USD is short of 9999999999999999999905.00
        refused: SGP-USD is not paid out to a bank
        refused: USDT is not paid out to a bank
        refused: TON is not paid out to a bank
        refused: TOKEN-1.18 is not paid out to a bank
        refused: test-1/merchant-available:1/JPY is short of 1
        refused: test-1/merchant-available:1/KRW is short of 1
        refused: test-1/merchant-available:1/EUR is short of 0.01
        refused: test-1/merchant-available:1/TWD is short of 0.01
        refused: there is no payout 1
        refused: there is no payout 0
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [
            to(9, 0),
            to(2, 0),
            send(sgp(0)),
            send(usd(-1)),
            send(usd(AMOUNT_MINOR_MAX + 1)),
            send(usd(AMOUNT_MINOR_MAX)),
            send(sgp(1)),
            send(Money::new(1, Currency::Usdt)),
            send(Money::new(1, Currency::Ton)),
            send(Money::new(1, token)),
            send(Money::new(1, Currency::Jpy)),
            send(Money::new(1, Currency::Krw)),
            send(Money::new(1, Currency::Eur)),
            send(Money::new(1, Currency::Twd)),
            confirm(1),
            give_back(0),
        ],
    ));
}

/// Every action in every stage, beside the table.
#[test]
fn a_payout_ends_once() {
    let mut told = String::new();
    for stage in Stage::ALL {
        for action in Action::ALL {
            let mut story = begun();
            story.given(send(usd(60_00)));
            match stage {
                Stage::Sent => {}
                Stage::Confirmed => story.given(confirm(1)),
                Stage::Returned => story.given(give_back(1)),
            }
            assert_eq!(story.state.payouts.get(&PayoutId(1)).unwrap().stage, stage);
            let command = match action {
                Action::Confirm => confirm(1),
                Action::Return => give_back(1),
            };
            told += &format!("{stage}, {}: {}", action.word(), story.tell([command]));
            let row = TRANSITIONS.iter().find(|row| row.action == action && row.from == stage);
            let after = story.state.payouts.get(&PayoutId(1)).unwrap().stage;
            assert_eq!(after, row.map_or(stage, |row| row.to));
            let held = story.state.balance(HERE, Account::Payout(PayoutId(1)), Currency::Usd).minor;
            assert_eq!(held, 0, "it has ended one way or the other");
        }
    }
    expect![[r#"
        sent, confirmed: payout.confirmed: Dr payout:1 60.00 USD · Cr bank:main 60.00 USD
        sent, returned: payout.returned: Dr payout:1 60.00 USD · Cr merchant-available:1 60.00 USD
        confirmed, confirmed: refused: a payout that is confirmed cannot be confirmed
        confirmed, returned: refused: a payout that is confirmed cannot be returned
        returned, confirmed: refused: a payout that is returned cannot be confirmed
        returned, returned: refused: a payout that is returned cannot be returned
    "#]]
    .assert_eq(&told);
}

/// 60.00 are on their way when a refund of 80.00 takes the other 40.00 and leaves 40.00 owing.
#[test]
fn what_comes_back_clears_what_is_owed_by_then() {
    let mut story = begun();
    story.given(send(usd(60_00)));
    let refund = payment::Command::Refund { payment: payment_id(1), amount: Some(usd(80_00)) };
    expect![[r#"
        payment.refunded: Dr merchant-pending:1 5.00 USD · Dr merchant-available:1 35.00 USD · Dr receivable:1 40.00 USD · Cr rail:sandbox 80.00 USD
        payout.returned: Dr payout:1 60.00 USD · Cr receivable:1 40.00 USD · Cr merchant-available:1 20.00 USD
    "#]]
    .assert_eq(&story.tell([about(refund), give_back(1)]));
}

#[test]
fn a_payout_is_seen_in_its_realm_and_by_its_merchant_only() {
    let mut story = begun();
    story.given(send(usd(60_00)));
    story.context.tenant = Some(MerchantId(2));
    let others = story.tell([confirm(1), give_back(1), send(usd(1))]);
    story.context.tenant = None;
    story.context.realm = Some(Realm::Live);
    let elsewhere = story.tell([confirm(1), send(usd(1))]);
    story.context.realm = None;
    let nowhere = story.tell([confirm(1), send(usd(1))]);
    story.context.realm = Some(HERE);
    story.context.tenant = Some(SHOP);
    let own = story.tell([confirm(1)]);
    expect![[r#"
        refused: there is no payout 1
        refused: there is no payout 1
        refused: there is no merchant-1
        refused: there is no payout 1
        refused: live/merchant-available:1/USD is short of 0.01
        refused: there is no payout 1
        refused: value lives in a realm: live, or a tenant's test realm
        payout.confirmed: Dr payout:1 60.00 USD · Cr bank:main 60.00 USD
    "#]]
    .assert_eq(&[others, elsewhere, nowhere, own].concat());
}
