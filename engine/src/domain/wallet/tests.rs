//! Wallets, as data.

use expect_test::expect;

use super::Command;
use crate::{
    books::{Holder, Label, Realm},
    domain::{
        self, AMOUNT_MINOR_MAX, MerchantId, UserId,
        story::{SHOP, Story, credit, sgp, usd, usdt, user},
        token,
    },
    money::{Currency, Money, Token},
};

fn issue(holder: Holder, amount: Money) -> domain::Command {
    domain::Command::Wallet(Command::Issue { holder, amount })
}

fn transfer(from: Holder, to: Holder, amount: Money) -> domain::Command {
    domain::Command::Wallet(Command::Transfer { from, to, amount })
}

fn tokens(id: u32, minor: i128) -> Money {
    Money::new(minor, Currency::Token(Token::new(id, 18).unwrap()))
}

/// 100.00 in the first user's wallet; token 1 may be given on, token 2 may not, token 3 is another tenant's, and
/// token 4 lives on a chain.
fn begun() -> Story {
    let mut story = Story::begin();
    let ton = Some(Label::TON);
    for (tenant, is_transferable, network) in
        [(1, true, None), (1, false, None), (2, true, None), (1, true, ton)]
    {
        let tenant = MerchantId(tenant);
        let register = token::Command::Register { tenant, digits: 18, is_transferable, network };
        story.given(domain::Command::Token(register));
    }
    story.given(credit(user(1), usd(100_00)));
    story.given(credit(user(1), usdt(10_000_000)));
    story.given(issue(user(1), tokens(1, 5)));
    story.given(issue(user(1), tokens(2, 5)));
    story
}

#[test]
fn money_comes_in_and_is_given_on() {
    let shop = Holder::Merchant(SHOP);
    expect![[r#"
        wallet.credited: Dr rail:sandbox 0.01 USD · Cr wallet:user-1 0.01 USD
        wallet.issued: Dr issuer 1.000000000000000000 TOKEN-1.18 · Cr wallet:user-2 1.000000000000000000 TOKEN-1.18
        wallet.transferred: Dr wallet:user-1 60.00 USD · Cr wallet:user-2 60.00 USD
        wallet.transferred: Dr wallet:user-2 60.00 USD · Cr wallet:merchant-1 60.00 USD
        wallet.transferred: Dr wallet:merchant-1 59.99 USD · Cr wallet:user-1 59.99 USD
        wallet.transferred: Dr wallet:user-1 0.000000000000000005 TOKEN-1.18 · Cr wallet:user-2 0.000000000000000005 TOKEN-1.18
    "#]].assert_eq(&begun().tell([
        credit(user(1), usd(1)),
        issue(user(2), tokens(1, 1_000_000_000_000_000_000)),
        transfer(user(1), user(2), usd(60_00)),
        transfer(user(2), shop, usd(60_00)),
        transfer(shop, user(1), usd(59_99)),
        transfer(user(1), user(2), tokens(1, 5)),
    ]));
}

#[test]
fn a_wallet_goes_to_nothing_and_no_further() {
    let amounts = [100_00, 100_01, 1, 0, -1, AMOUNT_MINOR_MAX + 1, i128::MAX];
    let transfers = amounts.map(|minor| transfer(user(1), user(2), usd(minor)));
    expect![[r#"
        wallet.transferred: Dr wallet:user-1 100.00 USD · Cr wallet:user-2 100.00 USD
        refused: test-1/wallet:user-1/USD is short of 0.01
        wallet.transferred: Dr wallet:user-1 0.01 USD · Cr wallet:user-2 0.01 USD
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        refused: the amount is too large
        refused: the amount is too large
    "#]]
    .assert_eq(&Story::tell_apart(begun, transfers));
}

#[test]
fn what_may_not_be_given_on_stays_where_it_is() {
    let amounts = [sgp(1), usdt(1), tokens(2, 1), tokens(3, 1), tokens(9, 1)];
    let transfers = amounts.map(|amount| transfer(user(1), user(2), amount));
    expect![[r#"
        refused: points cannot be transferred
        refused: USDT cannot be transferred
        refused: TOKEN-2.18 cannot be transferred
        refused: TOKEN-3.18 is no token of this tenant
        refused: TOKEN-9.18 is no token of this tenant
    "#]]
    .assert_eq(&Story::tell_apart(begun, transfers));
}

#[test]
fn only_holders_of_one_tenant_give_to_one_another() {
    let close = domain::Command::User(domain::user::Command::Close { user: UserId(2) });
    let mut story = begun();
    story.given(close);
    let shop = Holder::Merchant(SHOP);
    expect![[r#"
        refused: user-1 cannot give to itself
        refused: user-2 is closed
        refused: user-2 is closed
        refused: there is no user-3
        refused: there is no user-9
        refused: there is no merchant-9
    "#]]
    .assert_eq(&story.tell([
        transfer(user(1), user(1), usd(1)),
        transfer(user(1), user(2), usd(1)),
        transfer(user(2), user(1), usd(1)),
        transfer(user(1), user(3), usd(1)),
        transfer(user(1), user(9), usd(1)),
        transfer(Holder::Merchant(MerchantId(9)), user(1), usd(1)),
    ]));
    story.context.tenant = Some(MerchantId(2));
    expect![[r#"
        refused: there is no user-1
        refused: there is no user-1
    "#]]
    .assert_eq(&story.tell([transfer(user(1), shop, usd(1)), credit(user(1), usd(1))]));
}

/// In live every tenant has its holders, and money still does not pass between tenants.
#[test]
fn live_wallets_are_not_credited_by_hand_nor_shared_by_tenants() {
    let mut story = begun();
    story.context.realm = Some(Realm::Live);
    expect![[r#"
        refused: only a test realm's wallets can be credited by hand
        wallet.issued: Dr issuer 0.000000000000000007 TOKEN-1.18 · Cr wallet:user-1 0.000000000000000007 TOKEN-1.18
        wallet.transferred: Dr wallet:user-1 0.000000000000000007 TOKEN-1.18 · Cr wallet:user-2 0.000000000000000007 TOKEN-1.18
        refused: user-3 is of another tenant
    "#]].assert_eq(&story.tell([
        credit(user(1), usd(1)),
        issue(user(1), tokens(1, 7)),
        transfer(user(1), user(2), tokens(1, 7)),
        transfer(user(1), user(3), tokens(1, 7)),
    ]));
    story.context.realm = None;
    expect![[r#"
        refused: value lives in a realm: live, or a tenant's test realm
    "#]]
    .assert_eq(&story.tell([issue(user(1), tokens(1, 7))]));
}

#[test]
fn tokens_are_issued_and_money_is_credited() {
    let commands = [
        issue(user(1), usd(1)),
        issue(user(3), tokens(1, 1)),
        issue(user(1), tokens(4, 1)),
        credit(user(1), tokens(1, 1)),
        credit(user(1), sgp(1)),
    ];
    expect![[r#"
        refused: USD is no token of this tenant
        refused: there is no user-3
        refused: TOKEN-4.18 lives on a chain and cannot be issued
        refused: TOKEN-1.18 cannot be transferred
        refused: points cannot be transferred
    "#]]
    .assert_eq(&Story::tell_apart(begun, commands));
}
