//! Prepaid parts, and money that was not due.

use expect_test::expect;

use super::*;

#[test]
fn prepaid_parts_are_held_until_they_reach_the_total() {
    // komoju-v1.txt: numbers of 2,000 each until the total is there; what the last one holds over goes to suspense.
    let part = || pay(Method::WebMoney, jpy(2_000));
    check(
        &[create(jpy(5_000))],
        &[part(), part(), part()],
        expect![[r#"
        pay 2000 by web_money
          part received 2000
            Dr rail:sandbox 2000 · Cr payment-held:P1 2000
          = pending
        pay 2000 by web_money
          part received 2000
            Dr rail:sandbox 2000 · Cr payment-held:P1 2000
          = pending
        pay 2000 by web_money
          captured 5000, of it now 1000, charge 250
            Dr payment-held:P1 4000 · Dr rail:sandbox 1000 · Cr merchant-pending:1 4750 · Cr income:charge 250
          webhook 1 is owed
          excess received 1000
            Dr rail:sandbox 1000 · Cr suspense:P1 1000
          = captured
    "#]],
    );
}

#[test]
fn the_last_part_is_short_exact_or_over() {
    let given = [create(jpy(5_000)), pay(Method::BitCash, jpy(2_000)), pay(Method::NetCash, jpy(2_000))];
    check_apart(
        &given,
        &[999, 1_000, 1_001].map(|yen| pay(Method::WebMoney, jpy(yen))),
        expect![[r#"
        pay 999 by web_money
          part received 999
            Dr rail:sandbox 999 · Cr payment-held:P1 999
          = pending
        pay 1000 by web_money
          captured 5000, of it now 1000, charge 250
            Dr payment-held:P1 4000 · Dr rail:sandbox 1000 · Cr merchant-pending:1 4750 · Cr income:charge 250
          webhook 1 is owed
          = captured
        pay 1001 by web_money
          captured 5000, of it now 1000, charge 250
            Dr payment-held:P1 4000 · Dr rail:sandbox 1000 · Cr merchant-pending:1 4750 · Cr income:charge 250
          webhook 1 is owed
          excess received 1
            Dr rail:sandbox 1 · Cr suspense:P1 1
          = captured
    "#]],
    );
}

#[test]
fn a_card_completes_a_payment_begun_with_parts() {
    let given = [create(jpy(5_000)), pay(Method::Nanaco, jpy(2_000))];
    check_apart(
        &given,
        &[
            pay_by_card(jpy(2_999)),
            pay_by_card(jpy(3_000)),
            pay_by_card(jpy(5_000)),
            pay(Method::Konbini, jpy(2_999)),
        ],
        expect![[r#"
            pay 2999 by credit_card
              excess received 2999
                Dr rail:sandbox 2999 · Cr suspense:P1 2999
              excess returned 2999
                Dr suspense:P1 2999 · Cr rail:sandbox 2999
              = pending
            pay 3000 by credit_card
              captured 5000, of it now 3000, charge 250
                Dr payment-held:P1 2000 · Dr rail:sandbox 3000 · Cr merchant-pending:1 4750 · Cr income:charge 250
              webhook 1 is owed
              = captured
            pay 5000 by credit_card
              captured 5000, of it now 3000, charge 250
                Dr payment-held:P1 2000 · Dr rail:sandbox 3000 · Cr merchant-pending:1 4750 · Cr income:charge 250
              webhook 1 is owed
              excess received 2000
                Dr rail:sandbox 2000 · Cr suspense:P1 2000
              excess returned 2000
                Dr suspense:P1 2000 · Cr rail:sandbox 2000
              = captured
            pay 2999 by konbini
              excess received 2999
                Dr rail:sandbox 2999 · Cr suspense:P1 2999
              = pending
        "#]],
    );
}

#[test]
fn a_part_that_does_not_suit_the_stage_is_excess() {
    let part = || pay(Method::WebMoney, jpy(400));
    check(
        &[create(jpy(1_000)), choose(Method::Konbini)],
        &[part()],
        expect![[r#"
        pay 400 by web_money
          excess received 400
            Dr rail:sandbox 400 · Cr suspense:P1 400
          = awaiting_customer
    "#]],
    );
    check(
        &[create(jpy(1_000)), authorize(jpy(1_000))],
        &[part()],
        expect![[r#"
        pay 400 by web_money
          excess received 400
            Dr rail:sandbox 400 · Cr suspense:P1 400
          = authorized
    "#]],
    );
}

#[test]
fn money_that_comes_to_a_final_payment_is_excess() {
    let created = || create(jpy(1_000));
    let paid = || pay_by_card(jpy(1_000));
    for (given, then) in [
        (
            vec![created(), paid()],
            expect![[r#"
            pay 7 by credit_card
              excess received 7
                Dr rail:sandbox 7 · Cr suspense:P1 7
              excess returned 7
                Dr suspense:P1 7 · Cr rail:sandbox 7
              = captured
            pay 1000 by konbini
              excess received 1000
                Dr rail:sandbox 1000 · Cr suspense:P1 1000
              = captured
            return the excess
              excess returned 1000
                Dr suspense:P1 1000 · Cr rail:sandbox 1000
              = captured
        "#]],
        ),
        (
            vec![created(), paid(), refund(None)],
            expect![[r#"
            pay 7 by credit_card
              excess received 7
                Dr rail:sandbox 7 · Cr suspense:P1 7
              excess returned 7
                Dr suspense:P1 7 · Cr rail:sandbox 7
              = refunded
            pay 1000 by konbini
              excess received 1000
                Dr rail:sandbox 1000 · Cr suspense:P1 1000
              = refunded
            return the excess
              excess returned 1000
                Dr suspense:P1 1000 · Cr rail:sandbox 1000
              = refunded
        "#]],
        ),
        (
            vec![created(), cancel()],
            expect![[r#"
            pay 7 by credit_card
              excess received 7
                Dr rail:sandbox 7 · Cr suspense:P1 7
              excess returned 7
                Dr suspense:P1 7 · Cr rail:sandbox 7
              = cancelled
            pay 1000 by konbini
              excess received 1000
                Dr rail:sandbox 1000 · Cr suspense:P1 1000
              = cancelled
            return the excess
              excess returned 1000
                Dr suspense:P1 1000 · Cr rail:sandbox 1000
              = cancelled
        "#]],
        ),
        (
            vec![created(), fail()],
            expect![[r#"
            pay 7 by credit_card
              excess received 7
                Dr rail:sandbox 7 · Cr suspense:P1 7
              excess returned 7
                Dr suspense:P1 7 · Cr rail:sandbox 7
              = failed
            pay 1000 by konbini
              excess received 1000
                Dr rail:sandbox 1000 · Cr suspense:P1 1000
              = failed
            return the excess
              excess returned 1000
                Dr suspense:P1 1000 · Cr rail:sandbox 1000
              = failed
        "#]],
        ),
        (
            vec![created(), paid(), charge_back(jpy(1_000), 0)],
            expect![[r#"
            pay 7 by credit_card
              excess received 7
                Dr rail:sandbox 7 · Cr suspense:P1 7
              excess returned 7
                Dr suspense:P1 7 · Cr rail:sandbox 7
              = charged_back
            pay 1000 by konbini
              excess received 1000
                Dr rail:sandbox 1000 · Cr suspense:P1 1000
              = charged_back
            return the excess
              excess returned 1000
                Dr suspense:P1 1000 · Cr rail:sandbox 1000
              = charged_back
        "#]],
        ),
    ] {
        // A card is given back at once; konbini cash stays until the operator has found the customer.
        check(&given, &[pay_by_card(jpy(7)), pay(Method::Konbini, jpy(1_000)), return_excess()], then);
    }
}

#[test]
fn all_excess_goes_back_together_each_by_its_rail() {
    let given = [create(jpy(1_000)), pay_by_card(jpy(1_000))];
    let whens = [
        pay(Method::Konbini, jpy(1_000)),
        pay_by_card(jpy(1_000)),
        pay_on("collector", Method::PayEasy, jpy(300)),
        return_excess(),
        return_excess(),
    ];
    check(
        &given,
        &whens,
        expect![[r#"
            pay 1000 by konbini
              excess received 1000
                Dr rail:sandbox 1000 · Cr suspense:P1 1000
              = captured
            pay 1000 by credit_card
              excess received 1000
                Dr rail:sandbox 1000 · Cr suspense:P1 1000
              excess returned 1000
                Dr suspense:P1 1000 · Cr rail:sandbox 1000
              = captured
            pay 300 by pay_easy
              excess received 300
                Dr rail:collector 300 · Cr suspense:P1 300
              = captured
            return the excess
              excess returned 1000 + 300
                Dr suspense:P1 1000 · Cr rail:sandbox 1000 · Dr suspense:P1 300 · Cr rail:collector 300
              = captured
            return the excess
              refused: the payment has no excess
        "#]],
    );
}

#[test]
fn money_that_comes_after_the_deadline_is_excess() {
    let mut world = World::after(&[create(jpy(1_000)), choose(Method::Konbini)]);
    world.expire();
    let wishes = [pay(Method::Konbini, jpy(1_000)), pay_by_card(jpy(1_000)), return_excess()];
    let text: String = wishes.iter().map(|wish| world.answer(wish)).collect();
    expect![[r#"
        pay 1000 by konbini
          excess received 1000
            Dr rail:sandbox 1000 · Cr suspense:P1 1000
          = expired
        pay 1000 by credit_card
          excess received 1000
            Dr rail:sandbox 1000 · Cr suspense:P1 1000
          excess returned 1000
            Dr suspense:P1 1000 · Cr rail:sandbox 1000
          = expired
        return the excess
          excess returned 1000
            Dr suspense:P1 1000 · Cr rail:sandbox 1000
          = expired
    "#]]
    .assert_eq(&text);
}

/// Every card a customer paid with once had a part of its own, and giving thousands of them back was one event with
/// twice as many postings.
#[test]
fn thousands_of_parts_on_one_rail_are_one_part() {
    let mut world = World::after(&[create(jpy(10_000_000))]);
    for _ in 0..3_000 {
        world.take(&pay(Method::WebMoney, jpy(2_000))).unwrap();
    }
    assert_eq!(world.payment(id(1)).parts.len(), 1);
    let cancelled = world.take(&Command::Cancel { payment: id(1) }.into()).unwrap();
    assert_eq!(cancelled[0].entry().unwrap().postings().len(), 2);
    for _ in 0..3_000 {
        world.take(&pay(Method::Konbini, jpy(2_000))).unwrap();
    }
    assert_eq!(sum(&world.payment(id(1)).excess), 6_000_000);
    assert_eq!(world.payment(id(1)).excess.len(), 1);
}

/// Rails that take turns are parts that cannot be put together: how many there may be is bounded.
#[test]
fn rails_cannot_take_turns_for_ever() {
    let mut world = World::after(&[create(jpy(10_000_000))]);
    let rails: [Label; 2] = ["one".parse().unwrap(), "other".parse().unwrap()];
    for turn in 0..200 {
        let means = Means { rail: rails[turn % 2], ..means(Method::WebMoney) };
        world.take(&Command::Receive { payment: id(1), means, amount: jpy(1) }.into()).unwrap();
    }
    // The rail of the last part can still add to it; the other one cannot any more.
    assert_eq!((sum(&world.payment(id(1)).parts), world.payment(id(1)).parts.len()), (132, 64));
    assert_eq!((sum(&world.payment(id(1)).excess), world.payment(id(1)).excess.len()), (68, 1));
}
