//! Rail settlements, as data.

use expect_test::{Expect, expect};

use super::*;
use crate::{
    books::{Label, Realm},
    domain::{AMOUNT_MINOR_MAX, Context, MerchantId, Timestamp, story::Story},
    money::{Currency, Money},
};

fn check(realm: Option<Realm>, net: Money, fee: Money, then: Expect) {
    check_sent_for(None, realm, net, fee, then);
}

fn check_sent_for(tenant: Option<MerchantId>, realm: Option<Realm>, net: Money, fee: Money, then: Expect) {
    let state = Story::begin().state;
    let context = Context { realm, tenant, now: Timestamp(0) };
    let command = Command::Settle { rail: Label::SANDBOX, bank: Label::MAIN, net, fee };
    let text = match decide(&state, &command, &context) {
        Err(refused) => format!("refused: {refused}"),
        Ok(events) => {
            let postings = events.iter().filter_map(|event| event.entry()).flat_map(|entry| entry.postings());
            postings.map(|posting| format!("{} {}; ", posting.account, posting.debit_minor)).collect()
        }
    };
    then.assert_eq(&text);
}

fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}

const HERE: Option<Realm> = Some(Realm::Test(MerchantId(1)));

#[test]
fn what_a_rail_keeps_is_an_expense() {
    check(
        HERE,
        usd(96_35),
        usd(3_65),
        expect!["bank:main 9635; expense:rail-fee 365; rail:sandbox -10000; "],
    );
    check(HERE, usd(0), usd(1), expect!["expense:rail-fee 1; rail:sandbox -1; "]);
    check(HERE, usd(1), usd(0), expect!["bank:main 1; rail:sandbox -1; "]);
}

#[test]
fn a_settlement_is_checked_in_this_order() {
    check(None, usd(0), usd(0), expect!["refused: a rail settles in one realm"]);
    let platform = expect!["refused: only the platform tells what a rail has paid out"];
    check_sent_for(Some(MerchantId(1)), HERE, usd(0), usd(0), platform);
    let nobodys = Some(Realm::Test(MerchantId(9)));
    check(nobodys, usd(0), usd(0), expect!["refused: there is no merchant-9"]);
    check(Some(Realm::Live), usd(0), usd(0), expect!["refused: the sandbox rail does not exist in live"]);
    check(
        HERE,
        usd(0),
        usd(0),
        expect!["refused: net and fee are zero or more, not both zero, and no more than a payment can be"],
    );
    check(
        HERE,
        usd(-1),
        usd(2),
        expect!["refused: net and fee are zero or more, not both zero, and no more than a payment can be"],
    );
    check(
        HERE,
        usd(2),
        usd(-1),
        expect!["refused: net and fee are zero or more, not both zero, and no more than a payment can be"],
    );
    check(
        HERE,
        usd(1),
        Money::new(1, Currency::Jpy),
        expect!["refused: USD and JPY cannot be reckoned together"],
    );
}

/// Two settlements of the largest number there is once overflowed the rail's balance, which stopped the writer.
#[test]
fn a_settlement_is_no_more_than_a_payment_can_be() {
    check(
        HERE,
        usd(AMOUNT_MINOR_MAX),
        usd(0),
        expect!["bank:main 1000000000000000000000000; rail:sandbox -1000000000000000000000000; "],
    );
    check(
        HERE,
        usd(AMOUNT_MINOR_MAX),
        usd(1),
        expect!["refused: net and fee are zero or more, not both zero, and no more than a payment can be"],
    );
    check(
        HERE,
        usd(i128::MAX),
        usd(0),
        expect!["refused: net and fee are zero or more, not both zero, and no more than a payment can be"],
    );
    check(HERE, usd(i128::MAX), usd(1), expect!["refused: the amount is too large to be counted"]);
}
