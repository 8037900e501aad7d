//! Top-ups: payments whose money goes into a user's wallet.

use expect_test::expect;

use super::super::{Command, Create, Means, Method, Purpose, Purse};
use crate::{
    books::{Holder, Label},
    domain::{
        self, MerchantId, UserId,
        story::{HERE, SHOP, Story, sgp, usd, user},
        token, wallet,
    },
    money::{Currency, Money, Token},
    samples,
};

/// User 1 is to pay this for money in the wallet, and 1.00 for the method.
fn top_up(number: u64, amount: Money, payer: u32) -> domain::Command {
    let method_fee = Money::new(1_00, amount.currency);
    let purpose = Purpose::TopUp(UserId(payer));
    let create = Create { purpose, method_fee, ..samples::create(number, SHOP, amount) };
    domain::Command::Payment(Command::Create(create))
}

fn card_pays(number: u64, amount: Money) -> domain::Command {
    let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
    domain::Command::Payment(Command::Receive { payment: samples::payment_id(number), means, amount })
}

fn refund(number: u64, amount: Option<Money>) -> domain::Command {
    domain::Command::Payment(Command::Refund { payment: samples::payment_id(number), amount })
}

fn charge_back(number: u64, amount: Money) -> domain::Command {
    let (payment, fee) = (samples::payment_id(number), usd(15_00));
    domain::Command::Payment(Command::ChargeBack { payment, amount, fee, rail: Label::SANDBOX })
}

fn give_away(amount: Money) -> domain::Command {
    let (from, to) = (user(1), Holder::Merchant(SHOP));
    domain::Command::Wallet(wallet::Command::Transfer { from, to, amount })
}

/// 50.00 in the wallet of user 1, for which a card was charged 51.00.
fn topped_up() -> Story {
    let mut story = Story::begin();
    story.given(top_up(1, usd(50_00), 1));
    story.given(card_pays(1, usd(51_00)));
    story
}

#[test]
fn what_is_topped_up_is_the_users_without_a_charge() {
    expect![[r#"
        payment.created
        payment.captured: Dr rail:sandbox 51.00 USD · Cr wallet:user-1 50.00 USD · Cr income:method-fee 1.00 USD
        webhook.owed
        wallet.transferred: Dr wallet:user-1 20.00 USD · Cr wallet:merchant-1 20.00 USD
        payment.refunded: Dr wallet:user-1 30.00 USD · Cr rail:sandbox 30.00 USD
        refused: test-1/wallet:user-1/USD is short of 20.00
    "#]].assert_eq(&Story::begin().tell([
        top_up(1, usd(50_00), 1),
        card_pays(1, usd(51_00)),
        give_away(usd(20_00)),
        refund(1, Some(usd(30_00))),
        refund(1, None),
    ]));
}

#[test]
fn a_top_up_goes_to_a_user_of_the_tenant_in_money_from_a_rail() {
    let payment = samples::payment_id(1);
    let pay = |purse| domain::Command::Payment(Command::PayByUser { payment, payer: UserId(2), purse });
    expect![[r#"
        refused: there is no user-3
        refused: there is no user-9
        refused: a price in SGP-USD is paid with points only
        payment.created
        refused: a top-up is paid on a rail
        refused: a top-up is paid on a rail
    "#]]
    .assert_eq(&Story::begin().tell([
        top_up(1, usd(50_00), 3),
        top_up(1, usd(50_00), 9),
        top_up(1, sgp(50_00), 1),
        top_up(1, usd(50_00), 1),
        pay(Purse::Wallet),
        pay(Purse::Points),
    ]));
}

/// The wallet bears it, then the user owes it; money that comes in clears that first.
#[test]
fn a_top_up_charged_back_is_taken_from_the_wallet_and_owed_beyond() {
    let mut story = topped_up();
    expect![[r#"
        wallet.transferred: Dr wallet:user-1 45.00 USD · Cr wallet:merchant-1 45.00 USD
        payment.charged_back: Dr wallet:user-1 5.00 USD · Dr receivable:user-1 45.00 USD · Dr expense:chargeback 16.00 USD · Cr rail:sandbox 66.00 USD
        payment.created
        payment.captured: Dr rail:sandbox 31.00 USD · Cr receivable:user-1 30.00 USD · Cr income:method-fee 1.00 USD
        webhook.owed
        payment.chargeback_won: Dr rail:sandbox 66.00 USD · Cr expense:chargeback 16.00 USD · Cr receivable:user-1 15.00 USD · Cr wallet:user-1 35.00 USD
    "#]].assert_eq(&story.tell([
        give_away(usd(45_00)),
        charge_back(1, usd(51_00)),
        top_up(2, usd(30_00), 1),
        card_pays(2, usd(31_00)),
        domain::Command::Payment(Command::WinChargeback { payment: samples::payment_id(1) }),
    ]));
}

/// What a user spent of a top-up that was then charged back is owed. When the purchase was refunded, its money once lay
/// in the wallet beside that debt, free to be spent again.
#[test]
fn what_goes_back_to_a_wallet_clears_what_its_user_owes_first() {
    let payment = samples::payment_id(2);
    let mut story = topped_up();
    story.given(domain::Command::Payment(Command::Create(samples::create(2, SHOP, usd(40_00)))));
    let pay = Command::PayByUser { payment, payer: UserId(1), purse: Purse::Wallet };
    story.given(domain::Command::Payment(pay));
    story.given(charge_back(1, usd(45_00)));
    expect![[r#"
        payment.refunded: Dr merchant-pending:1 30.00 USD · Cr receivable:user-1 30.00 USD
        payment.refunded: Dr merchant-pending:1 8.00 USD · Dr receivable:1 2.00 USD · Cr receivable:user-1 5.00 USD · Cr wallet:user-1 5.00 USD
    "#]].assert_eq(&story.tell([refund(2, Some(usd(30_00))), refund(2, Some(usd(10_00)))]));
}

/// Cards once brought tokens that nobody had issued, another tenant's among them, and into wallets too.
#[test]
fn tokens_are_their_tenants_and_come_in_by_no_rail() {
    let [own, others, nobodys] = [1, 2, 3].map(|id| Currency::Token(Token::new(id, 2).unwrap()));
    let sale = |number, currency| {
        domain::Command::Payment(Command::Create(samples::create(number, SHOP, Money::new(5_00, currency))))
    };
    let begun = || {
        let mut story = Story::begin();
        story.context.realm = None;
        for tenant in [SHOP, MerchantId(2)] {
            let register =
                token::Command::Register { tenant, digits: 2, is_transferable: true, network: None };
            story.given(domain::Command::Token(register));
        }
        story.context.realm = Some(HERE);
        let issue = wallet::Command::Issue { holder: user(1), amount: Money::new(5_00, own) };
        story.given(domain::Command::Wallet(issue));
        story
    };
    let payment = samples::payment_id(1);
    let pay = Command::PayByUser { payment, payer: UserId(1), purse: Purse::Wallet };
    let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
    let authorize = Command::Authorize { payment, means, amount: Money::new(5_00, own) };
    expect![[r#"
        refused: TOKEN-2.2 is no token of this tenant
        refused: TOKEN-3.2 is no token of this tenant
        refused: no rail brings TOKEN-1.2
        refused: TOKEN-2.2 is no token of this tenant
        payment.created
        refused: no rail brings TOKEN-1.2
        refused: no rail brings TOKEN-1.2
        payment.captured: Dr wallet:user-1 5.00 TOKEN-1.2 · Cr merchant-pending:1 4.75 TOKEN-1.2 · Cr income:charge 0.25 TOKEN-1.2
        webhook.owed
    "#]].assert_eq(&begun().tell([
        sale(1, others),
        sale(1, nobodys),
        top_up(1, Money::new(5_00, own), 1),
        top_up(1, Money::new(5_00, others), 1),
        sale(1, own),
        domain::Command::Payment(authorize),
        card_pays(1, Money::new(5_00, own)),
        domain::Command::Payment(pay),
    ]));
}
