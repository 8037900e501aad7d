//! Why wishes are refused, and in which order the reasons are looked for.

use expect_test::expect;

use super::*;
use crate::domain::AMOUNT_MINOR_MAX;

const NOBODY: MerchantId = MerchantId(9);

fn creation(payment: u32, merchant: MerchantId, amount: Money, tax: i128, fee: i128) -> Wish {
    let [tax, method_fee] = [tax, fee].map(|minor| Money::new(minor, amount.currency));
    Command::Create(Create { tax, method_fee, ..samples::create(payment.into(), merchant, amount) }).into()
}

#[test]
fn a_creation_is_checked_in_this_order() {
    let most = AMOUNT_MINOR_MAX;
    let mixed = Command::Create(Create { tax: jpy(1), ..samples::create(2, SHOP, usd(1)) });
    // From wish to wish one fault less, from everything wrong to nothing wrong.
    let whens = [
        creation(1, NOBODY, usd(0), 0, most).within(Realm::Live),
        creation(1, SHOP, usd(0), 0, most).within(Realm::Live),
        creation(1, SHOP, usd(0), 0, most),
        creation(2, SHOP, usd(0), 0, most),
        creation(2, SHOP, usd(-1), 0, most),
        creation(2, SHOP, usd(1), -1, most),
        creation(2, SHOP, usd(1), most, -1),
        creation(2, SHOP, usd(1), 0, most),
        creation(2, SHOP, usd(most), 1, 0),
        creation(2, SHOP, usd(i128::MAX), 0, 0),
        creation(2, SHOP, usd(i128::MAX), 1, 0),
        mixed.into(),
        creation(2, SHOP, usd(most), 0, 0),
    ];
    check(
        &[create(usd(1))],
        &whens,
        expect![[r#"
            create 0.00 USD
              refused: no merchant has the number 9
            create 0.00 USD
              refused: the merchant's service mode selects another realm
            create 0.00 USD
              refused: a payment with the id P1 exists
            create 0.00 USD
              refused: the amount must be more than zero
            create -0.01 USD
              refused: the amount must be more than zero
            create 0.01 USD
              refused: the amount must be more than zero
            create 0.01 USD
              refused: the amount must be more than zero
            create 0.01 USD
              refused: the amount is too large
            create 10000000000000000000000.00 USD
              refused: the amount is too large
            create 1701411834604692317316873037158841057.27 USD
              refused: the amount is too large
            create 1701411834604692317316873037158841057.27 USD
              refused: the amount is too large to be counted
            create 0.01 USD
              refused: USD and JPY cannot be reckoned together
            create 10000000000000000000000.00 USD
              created, until 2026-01-06T03:00:00Z
              = created
        "#]],
    );
}

#[test]
fn a_merchant_creates_for_itself_in_the_realm_its_mode_selects() {
    let payment = |merchant| creation(1, merchant, usd(1), 0, 0);
    let whens = [
        payment(SHOP).sent_by(SHOP),
        payment(SHOP).sent_by(NEIGHBOUR),
        payment(NEIGHBOUR),
        payment(NEIGHBOUR).within(Realm::Test(NEIGHBOUR)),
        payment(LIVE_SHOP),
        payment(LIVE_SHOP).within(Realm::Test(LIVE_SHOP)),
        payment(LIVE_SHOP).within(Realm::Live),
        payment(LIVE_SHOP).within(Realm::Live).sent_by(SHOP),
    ];
    check_apart(
        &[],
        &whens,
        expect![[r#"
        create 0.01 USD
          created, until 2026-01-06T03:00:00Z
          = created
        create 0.01 USD
          refused: no merchant has the number 1
        create 0.01 USD
          refused: the merchant's service mode selects another realm
        create 0.01 USD
          created, until 2026-01-06T03:00:00Z
          = created
        create 0.01 USD
          refused: the merchant's service mode selects another realm
        create 0.01 USD
          refused: the merchant's service mode selects another realm
        create 0.01 USD
          created, until 2026-01-06T03:00:00Z
          = created
        create 0.01 USD
          refused: no merchant has the number 3
    "#]],
    );
}

#[test]
fn nobody_sees_another_tenants_payment_or_another_realms() {
    let wishes = [
        choose(Method::Konbini),
        authorize(jpy(1_000)),
        capture(None),
        pay_by_card(jpy(1_000)),
        decline(),
        cancel(),
        fail(),
        refund(None),
        charge_back(jpy(1), 0),
        win(),
        return_excess(),
    ];
    let strangers: [fn(Wish) -> Wish; 4] = [
        |wish| wish.sent_by(NEIGHBOUR),
        |wish| wish.within(Realm::Live),
        |wish| wish.within(Realm::Test(NEIGHBOUR)).sent_by(NEIGHBOUR),
        |mut wish| {
            wish.context.realm = None;
            wish
        },
    ];
    for wish in wishes {
        for stranger in strangers {
            let refused = World::after(&[create(jpy(1_000))]).take(&stranger(wish.clone()));
            assert_eq!(refused, Err(payment::Rejection::Unknown(id(1)).into()), "{}", label(&wish));
        }
        let mut world = World::after(&[]);
        assert_eq!(world.take(&wish), Err(payment::Rejection::Unknown(id(1)).into()), "{}", label(&wish));
    }
}

#[test]
fn money_in_is_checked_in_this_order() {
    let live = [create_number(1, usd(100_00), NO_FEE, LIVE_SHOP).within(Realm::Live)];
    let amounts =
        [usd(0), usd(-1), usd(AMOUNT_MINOR_MAX + 1), jpy(AMOUNT_MINOR_MAX + 1), jpy(100_00), usd(100_00)];
    let whens = amounts.map(|amount| pay_by_card(amount).within(Realm::Live));
    check(
        &live,
        &whens,
        expect![[r#"
        pay 0.00 by credit_card
          refused: the amount must be more than zero
        pay -0.01 by credit_card
          refused: the amount must be more than zero
        pay 10000000000000000000000.01 by credit_card
          refused: the amount is too large
        pay 1000000000000000000000001 by credit_card
          refused: the amount is too large
        pay 10000 by credit_card
          refused: the payment is in USD
        pay 100.00 by credit_card
          refused: the sandbox rail does not exist in live
    "#]],
    );
    let whens = amounts.map(|amount| authorize(amount).within(Realm::Live));
    check(
        &live,
        &whens,
        expect![[r#"
        authorize 0.00
          refused: the amount must be more than zero
        authorize -0.01
          refused: the amount must be more than zero
        authorize 10000000000000000000000.01
          refused: the amount is too large
        authorize 1000000000000000000000001
          refused: the amount is too large
        authorize 10000
          refused: the payment is in USD
        authorize 100.00
          refused: the sandbox rail does not exist in live
    "#]],
    );
    check(
        &live,
        &[choose(Method::Konbini).within(Realm::Live)],
        expect![[r#"
        choose konbini
          refused: the sandbox rail does not exist in live
    "#]],
    );
}

#[test]
fn the_sandbox_pays_nothing_in_live_but_another_rail_does() {
    let live = create_number(1, usd(100_00), NO_FEE, LIVE_SHOP).within(Realm::Live);
    let real = Means { rail: "komoju".parse().unwrap(), ..means(Method::CreditCard) };
    let wish: Wish = Command::Receive { payment: id(1), means: real, amount: usd(100_00) }.into();
    check(
        &[live],
        &[pay_by_card(usd(100_00)).within(Realm::Live), wish.within(Realm::Live)],
        expect![[r#"
        pay 100.00 by credit_card
          refused: the sandbox rail does not exist in live
        pay 100.00 by credit_card
          captured 100.00, of it now 100.00, charge 5.00
            Dr rail:komoju 100.00 · Cr merchant-pending:3 95.00 · Cr income:charge 5.00
          webhook 1 is owed
          = captured
    "#]],
    );
}

#[test]
fn an_authorisation_is_checked_in_this_order() {
    let captured = [create(usd(100_00)), pay_by_card(usd(100_00))];
    let amounts = [usd(0), usd(AMOUNT_MINOR_MAX + 1), jpy(1), usd(1)];
    check(
        &captured,
        &amounts.map(authorize),
        expect![[r#"
        authorize 0.00
          refused: the amount must be more than zero
        authorize 10000000000000000000000.01
          refused: the amount is too large
        authorize 1
          refused: the payment is in USD
        authorize 0.01
          refused: a payment that is captured cannot be authorized
    "#]],
    );
    check(
        &captured,
        &amounts.map(capture),
        expect![[r#"
        capture 0.00
          refused: the amount must be more than zero
        capture 10000000000000000000000.01
          refused: the amount is too large
        capture 1
          refused: the payment is in USD
        capture 0.01
          refused: a payment that is captured cannot be captured
    "#]],
    );
    check(
        &captured,
        &[choose(Method::CreditCard)],
        expect![[r#"
        choose credit_card
          refused: a payment that is captured cannot be paid elsewhere
    "#]],
    );
}

#[test]
fn a_refund_is_checked_in_this_order() {
    let amounts = [usd(0), usd(-1), usd(AMOUNT_MINOR_MAX + 1), jpy(1), usd(1)];
    check(
        &[create(usd(100_00))],
        &amounts.map(refund),
        expect![[r#"
        refund 0.00
          refused: the amount must be more than zero
        refund -0.01
          refused: the amount must be more than zero
        refund 10000000000000000000000.01
          refused: the amount is too large
        refund 1
          refused: the payment is in USD
        refund 0.01
          refused: a payment that is created cannot be refunded
    "#]],
    );
    check(
        &[create(usd(100_00)), pay_by_card(usd(100_00))],
        &amounts.map(refund),
        expect![[r#"
        refund 0.00
          refused: the amount must be more than zero
        refund -0.01
          refused: the amount must be more than zero
        refund 10000000000000000000000.01
          refused: the amount is too large
        refund 1
          refused: the payment is in USD
        refund 0.01
          refunded 0.01, charge returned 0.00
            Dr merchant-pending:1 0.01 · Cr rail:sandbox 0.01
          = captured
    "#]],
    );
}

#[test]
fn a_chargeback_is_checked_in_this_order() {
    let odd =
        |amount, fee| Wish::from(Command::ChargeBack { payment: id(1), amount, fee, rail: Label::SANDBOX });
    let whens = [
        odd(usd(0), jpy(-1)),
        odd(usd(AMOUNT_MINOR_MAX + 1), usd(1)),
        odd(usd(1), usd(-1)),
        odd(usd(1), usd(AMOUNT_MINOR_MAX + 1)),
        odd(usd(1), usd(i128::MAX - 1)),
        odd(jpy(1), jpy(1)),
        odd(usd(1), jpy(1)),
        odd(usd(1), usd(1)),
    ];
    let live = [create_number(1, usd(100_00), NO_FEE, LIVE_SHOP).within(Realm::Live)];
    let in_live: Vec<Wish> = whens[6..].iter().map(|wish| wish.clone().within(Realm::Live)).collect();
    check(
        &live,
        &in_live,
        expect![[r#"
        charge back 0.01, fee 1
          refused: the payment is in USD
        charge back 0.01, fee 0.01
          refused: the sandbox rail does not exist in live
    "#]],
    );
    check(
        &[create(usd(100_00))],
        &whens,
        expect![[r#"
        charge back 0.00, fee -1
          refused: the amount must be more than zero
        charge back 10000000000000000000000.01, fee 0.01
          refused: the amount is too large
        charge back 0.01, fee -0.01
          refused: the amount must be more than zero
        charge back 0.01, fee 10000000000000000000000.01
          refused: the amount is too large
        charge back 0.01, fee 1701411834604692317316873037158841057.26
          refused: the amount is too large
        charge back 1, fee 1
          refused: the payment is in USD
        charge back 0.01, fee 1
          refused: the payment is in USD
        charge back 0.01, fee 0.01
          refused: a payment that is created cannot be charged back
    "#]],
    );
}

#[test]
fn there_must_be_excess_to_return_it() {
    check(
        &[create(usd(100_00))],
        &[return_excess()],
        expect![[r#"
        return the excess
          refused: the payment has no excess
    "#]],
    );
}

#[test]
fn the_largest_payments_are_reckoned_to_the_last_unit() {
    let most = jpy(AMOUNT_MINOR_MAX);
    let given = [agree(terms(33, true)), create(most), pay_by_card(most)];
    check(
        &given,
        &[refund(jpy(AMOUNT_MINOR_MAX / 3)), refund(None)],
        expect![[r#"
        refund 333333333333333333333333
          refunded 333333333333333333333333, charge returned 110000000000000000000000
            Dr merchant-pending:1 223333333333333333333333 · Dr income:charge 110000000000000000000000 · Cr rail:sandbox 333333333333333333333333
          = captured
        refund all
          refunded 666666666666666666666667, charge returned 220000000000000000000000
            Dr merchant-pending:1 446666666666666666666667 · Dr income:charge 220000000000000000000000 · Cr rail:sandbox 666666666666666666666667
          = refunded
    "#]],
    );
}
