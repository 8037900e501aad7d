//! Refunds, chargebacks, and what a merchant owes after them.

use expect_test::expect;

use super::*;

fn paid(minor: i128) -> [Wish; 2] {
    [create(usd(minor)), pay_by_card(usd(minor))]
}

fn with(given: &[Wish], more: impl IntoIterator<Item = Wish>) -> Vec<Wish> {
    given.iter().cloned().chain(more).collect()
}

#[test]
fn a_refund_takes_what_is_pending_and_then_what_is_owed() {
    let amounts = [1, 94_99, 95_00, 95_01, 100_00, 100_01];
    check_apart(
        &paid(100_00),
        &amounts.map(|minor| refund(usd(minor))),
        expect![[r#"
        refund 0.01
          refunded 0.01, charge returned 0.00
            Dr merchant-pending:1 0.01 · Cr rail:sandbox 0.01
          = captured
        refund 94.99
          refunded 94.99, charge returned 0.00
            Dr merchant-pending:1 94.99 · Cr rail:sandbox 94.99
          = captured
        refund 95.00
          refunded 95.00, charge returned 0.00
            Dr merchant-pending:1 95.00 · Cr rail:sandbox 95.00
          = captured
        refund 95.01
          refunded 95.01, charge returned 0.00
            Dr merchant-pending:1 95.00 · Dr receivable:1 0.01 · Cr rail:sandbox 95.01
          = captured
        refund 100.00
          refunded 100.00, charge returned 0.00
            Dr merchant-pending:1 95.00 · Dr receivable:1 5.00 · Cr rail:sandbox 100.00
          = refunded
        refund 100.01
          refused: at most 100.00 USD can be refunded
    "#]],
    );
}

#[test]
fn a_refund_of_all_means_what_is_left() {
    check(
        &paid(100_00),
        &[refund(usd(30_00)), refund(None), refund(None)],
        expect![[r#"
        refund 30.00
          refunded 30.00, charge returned 0.00
            Dr merchant-pending:1 30.00 · Cr rail:sandbox 30.00
          = captured
        refund all
          refunded 70.00, charge returned 0.00
            Dr merchant-pending:1 65.00 · Dr receivable:1 5.00 · Cr rail:sandbox 70.00
          = refunded
        refund all
          refused: a payment that is refunded cannot be refunded
    "#]],
    );
}

#[test]
fn what_is_ready_to_be_paid_out_is_taken_second() {
    // A settlement's entry, posted by hand: 60.00 of the 95.00 are ready.
    let mut world = World::after(&paid(100_00));
    let entry = Entry::write()
        .debit(Account::MerchantPending(SHOP), usd(60_00))
        .credit(Account::MerchantAvailable(SHOP), usd(60_00))
        .close();
    world.state.post(HERE, &entry);
    world.post(HERE, &entry);
    expect![[r#"
        refund all
          refunded 100.00, charge returned 0.00
            Dr merchant-pending:1 35.00 · Dr merchant-available:1 60.00 · Dr receivable:1 5.00 · Cr rail:sandbox 100.00
          = refunded
    "#]].assert_eq(&world.answer(&refund(None)));
}

#[test]
fn the_method_fee_is_never_refunded() {
    let given = [create_with_fee(jpy(1_000), 190), pay(Method::Konbini, jpy(1_190))];
    check_apart(
        &given,
        &[refund(jpy(1_000)), refund(jpy(1_001)), refund(None)],
        expect![[r#"
        refund 1000
          refunded 1000, charge returned 0
            Dr merchant-pending:1 950 · Dr receivable:1 50 · Cr rail:sandbox 1000
          = refunded
        refund 1001
          refused: at most 1000 JPY can be refunded
        refund all
          refunded 1000, charge returned 0
            Dr merchant-pending:1 950 · Dr receivable:1 50 · Cr rail:sandbox 1000
          = refunded
    "#]],
    );
}

#[test]
fn a_capture_of_the_fee_alone_leaves_nothing_to_refund() {
    let given = [create_with_fee(usd(100_00), 2_00), authorize(usd(102_00)), capture(usd(2_00))];
    check_apart(
        &given,
        &[refund(None), refund(usd(1))],
        expect![[r#"
        refund all
          refused: at most 0.00 USD can be refunded
        refund 0.01
          refused: at most 0.00 USD can be refunded
    "#]],
    );
}

#[test]
fn the_last_part_goes_back_first() {
    let given =
        [create(jpy(5_000)), pay_on("prepaid", Method::WebMoney, jpy(2_000)), pay_by_card(jpy(3_000))];
    check(
        &given,
        &[refund(jpy(2_999)), refund(jpy(2)), refund(None)],
        expect![[r#"
            refund 2999
              refunded 2999, charge returned 0
                Dr merchant-pending:1 2999 · Cr rail:sandbox 2999
              = captured
            refund 2
              refunded 2, charge returned 0
                Dr merchant-pending:1 2 · Cr rail:sandbox 1 · Cr rail:prepaid 1
              = captured
            refund all
              refunded 1999, charge returned 0
                Dr merchant-pending:1 1749 · Dr receivable:1 250 · Cr rail:prepaid 1999
              = refunded
        "#]],
    );
}

#[test]
fn the_charge_is_returned_where_the_terms_say_so() {
    let given = with(&[agree(terms(5, true))], paid(100_00));
    check_apart(
        &given,
        &[refund(usd(1)), refund(usd(10)), refund(usd(50_00)), refund(None)],
        expect![[r#"
        refund 0.01
          refunded 0.01, charge returned 0.00
            Dr merchant-pending:1 0.01 · Cr rail:sandbox 0.01
          = captured
        refund 0.10
          refunded 0.10, charge returned 0.01
            Dr merchant-pending:1 0.09 · Dr income:charge 0.01 · Cr rail:sandbox 0.10
          = captured
        refund 50.00
          refunded 50.00, charge returned 2.50
            Dr merchant-pending:1 47.50 · Dr income:charge 2.50 · Cr rail:sandbox 50.00
          = captured
        refund all
          refunded 100.00, charge returned 5.00
            Dr merchant-pending:1 95.00 · Dr income:charge 5.00 · Cr rail:sandbox 100.00
          = refunded
    "#]],
    );
}

/// A charge of 49 on 100, refunded one by one: each single share rounds down to nothing, so the last refund
/// once had all 49 to give back on an amount of 1, and the entry had a negative line.
#[test]
fn the_charge_returned_in_steps_adds_up_to_the_charge() {
    for percent in [0, 1, 49, 50, 51, 99, 100] {
        for step in [1, 3, 7, 99] {
            let given = with(&[agree(terms(percent, true))], [create(jpy(100)), pay_by_card(jpy(100))]);
            let mut world = World::after(&given);
            while world.payment(id(1)).stage == Stage::Captured {
                let known = world.payment(id(1));
                let amount = jpy(step.min(100 - known.refunded.minor));
                world.take(&refund(amount)).unwrap();
                let returned = world.payment(id(1)).charge_returned.minor - known.charge_returned.minor;
                assert!((0..=amount.minor).contains(&returned), "{percent} %: {returned} of {amount}");
            }
            assert_eq!(world.payment(id(1)).charge_returned.minor, i128::from(percent), "in steps of {step}");
            let owed = world.state.balance(HERE, Account::Receivable(SHOP), Currency::Jpy);
            assert_eq!(owed.minor, 0, "a merchant that gets its charge back owes nothing");
        }
    }
}

#[test]
fn terms_agreed_between_two_refunds_count_for_the_second() {
    let given = with(&paid(100_00), [refund(usd(40_00)), agree(terms(50, true))]);
    check(
        &given,
        &[refund(None)],
        expect![[r#"
        refund all
          refunded 60.00, charge returned 3.00
            Dr merchant-pending:1 55.00 · Dr receivable:1 2.00 · Dr income:charge 3.00 · Cr rail:sandbox 60.00
          = refunded
    "#]],
    );
}

#[test]
fn a_merchant_owes_up_to_a_tenth_of_its_sales() {
    // 50 % of 10,000.00 are charged, so 5,000.00 are pending; a tenth of the sales is 1,000.00.
    let given = with(&[agree(terms(50, false))], paid(10_000_00));
    check_apart(
        &given,
        &[6_000_00, 6_000_01].map(|minor| refund(usd(minor))),
        expect![[r#"
        refund 6000.00
          refunded 6000.00, charge returned 0.00
            Dr merchant-pending:1 5000.00 · Dr receivable:1 1000.00 · Cr rail:sandbox 6000.00
          = captured
        refund 6000.01
          refused: the merchant would owe 1000.01 USD after the refund, and may owe at most 1000.00 USD
    "#]],
    );
}

#[test]
fn a_merchant_owes_a_hundred_units_in_any_case() {
    let given = with(&[agree(terms(100, false))], paid(500_00));
    check_apart(
        &given,
        &[100_00, 100_01].map(|minor| refund(usd(minor))),
        expect![[r#"
        refund 100.00
          refunded 100.00, charge returned 0.00
            Dr receivable:1 100.00 · Cr rail:sandbox 100.00
          = captured
        refund 100.01
          refused: the merchant would owe 100.01 USD after the refund, and may owe at most 100.00 USD
    "#]],
    );
}

#[test]
fn sales_count_for_thirty_days() {
    let given = with(&[agree(terms(100, false))], paid(10_000_00));
    let refunds = [29, 30].map(|days| refund(usd(1_000_00)).after(Span::days(days)));
    check_apart(
        &given,
        &refunds,
        expect![[r#"
        refund 1000.00
          refunded 1000.00, charge returned 0.00
            Dr receivable:1 1000.00 · Cr rail:sandbox 1000.00
          = captured
        refund 1000.00
          refused: the merchant would owe 1000.00 USD after the refund, and may owe at most 100.00 USD
    "#]],
    );
}

#[test]
fn what_is_owed_already_counts_for_the_ceiling() {
    let given = with(&[agree(terms(100, false))], paid(500_00));
    check(
        &with(&given, [refund(usd(60_00))]),
        &[refund(usd(40_01)), refund(usd(40_00))],
        expect![[r#"
        refund 40.01
          refused: the merchant would owe 100.01 USD after the refund, and may owe at most 100.00 USD
        refund 40.00
          refunded 40.00, charge returned 0.00
            Dr receivable:1 40.00 · Cr rail:sandbox 40.00
          = captured
    "#]],
    );
}

#[test]
fn a_chargeback_is_borne_by_the_merchant_the_fee_by_the_platform() {
    let chargebacks = [(1, 0), (100_00, 0), (100_00, 15_00), (100_01, 0), (250_00, 15_00)];
    check_apart(
        &paid(100_00),
        &chargebacks.map(|(minor, fee)| charge_back(usd(minor), fee)),
        expect![[r#"
        charge back 0.01, fee 0.00
          charged back 0.01, fee 0.00, merchant bears 0.01
            Dr merchant-pending:1 0.01 · Cr rail:sandbox 0.01
          = charged_back
        charge back 100.00, fee 0.00
          charged back 100.00, fee 0.00, merchant bears 100.00
            Dr merchant-pending:1 95.00 · Dr receivable:1 5.00 · Cr rail:sandbox 100.00
          = charged_back
        charge back 100.00, fee 15.00
          charged back 100.00, fee 15.00, merchant bears 100.00
            Dr merchant-pending:1 95.00 · Dr receivable:1 5.00 · Dr expense:chargeback 15.00 · Cr rail:sandbox 115.00
          = charged_back
        charge back 100.01, fee 0.00
          charged back 100.01, fee 0.00, merchant bears 100.00
            Dr merchant-pending:1 95.00 · Dr receivable:1 5.00 · Dr expense:chargeback 0.01 · Cr rail:sandbox 100.01
          = charged_back
        charge back 250.00, fee 15.00
          charged back 250.00, fee 15.00, merchant bears 100.00
            Dr merchant-pending:1 95.00 · Dr receivable:1 5.00 · Dr expense:chargeback 165.00 · Cr rail:sandbox 265.00
          = charged_back
    "#]],
    );
}

#[test]
fn a_chargeback_never_asks_for_the_ceiling() {
    let given = with(&[agree(terms(100, false))], paid(10_000_00));
    check(
        &given,
        &[charge_back(usd(10_000_00), 0)],
        expect![[r#"
        charge back 10000.00, fee 0.00
          charged back 10000.00, fee 0.00, merchant bears 10000.00
            Dr receivable:1 10000.00 · Cr rail:sandbox 10000.00
          = charged_back
    "#]],
    );
}

#[test]
fn a_merchant_bears_no_more_than_was_left_after_refunds() {
    let given = with(&paid(100_00), [refund(usd(70_00))]);
    check_apart(
        &given,
        &[30_00, 30_01, 100_00].map(|minor| charge_back(usd(minor), 0)),
        expect![[r#"
        charge back 30.00, fee 0.00
          charged back 30.00, fee 0.00, merchant bears 30.00
            Dr merchant-pending:1 25.00 · Dr receivable:1 5.00 · Cr rail:sandbox 30.00
          = charged_back
        charge back 30.01, fee 0.00
          charged back 30.01, fee 0.00, merchant bears 30.00
            Dr merchant-pending:1 25.00 · Dr receivable:1 5.00 · Dr expense:chargeback 0.01 · Cr rail:sandbox 30.01
          = charged_back
        charge back 100.00, fee 0.00
          charged back 100.00, fee 0.00, merchant bears 30.00
            Dr merchant-pending:1 25.00 · Dr receivable:1 5.00 · Dr expense:chargeback 70.00 · Cr rail:sandbox 100.00
          = charged_back
    "#]],
    );
    check(
        &with(&paid(100_00), [refund(None)]),
        &[charge_back(usd(100_00), 15_00)],
        expect![[r#"
        charge back 100.00, fee 15.00
          charged back 100.00, fee 15.00, merchant bears 0.00
            Dr expense:chargeback 115.00 · Cr rail:sandbox 115.00
          = charged_back
    "#]],
    );
}

#[test]
fn the_method_fee_is_not_the_merchants_to_bear() {
    let given = [create_with_fee(usd(100_00), 2_00), pay_by_card(usd(102_00))];
    check(
        &given,
        &[charge_back(usd(102_00), 0)],
        expect![[r#"
        charge back 102.00, fee 0.00
          charged back 102.00, fee 0.00, merchant bears 100.00
            Dr merchant-pending:1 95.00 · Dr receivable:1 5.00 · Dr expense:chargeback 2.00 · Cr rail:sandbox 102.00
          = charged_back
    "#]],
    );
}

#[test]
fn a_dispute_won_gives_all_of_it_back() {
    // Of the 95.00 pending 25.00 are left; of the 50.00 charged back the merchant bears 30.00, so it owes 5.00.
    let given = with(&paid(100_00), [refund(usd(70_00)), charge_back(usd(50_00), 15_00)]);
    check(
        &given,
        &[win(), win(), refund(None)],
        expect![[r#"
        win the chargeback
          chargeback won
            Dr rail:sandbox 65.00 · Cr expense:chargeback 35.00 · Cr receivable:1 5.00 · Cr merchant-pending:1 25.00
          = captured
        win the chargeback
          refused: a payment that is captured cannot be won back
        refund all
          refunded 30.00, charge returned 0.00
            Dr merchant-pending:1 25.00 · Dr receivable:1 5.00 · Cr rail:sandbox 30.00
          = refunded
    "#]],
    );
    check(
        &with(&paid(100_00), [refund(None), charge_back(usd(1_00), 0)]),
        &[win()],
        expect![[r#"
        win the chargeback
          chargeback won
            Dr rail:sandbox 1.00 · Cr expense:chargeback 1.00
          = refunded
    "#]],
    );
}

#[test]
fn a_dispute_won_clears_what_is_owed_before_it_pays() {
    // 5.00 are owed after the chargeback, and another payment has cleared 1.90 of them.
    let given = with(&paid(100_00), [charge_back(usd(100_00), 0), create_number(2, usd(2_00), NO_FEE, SHOP)]);
    let other = Command::Receive { payment: id(2), means: means(Method::CreditCard), amount: usd(2_00) };
    check(
        &with(&given, [other.into()]),
        &[win()],
        expect![[r#"
        win the chargeback
          chargeback won
            Dr rail:sandbox 100.00 · Cr receivable:1 3.10 · Cr merchant-pending:1 96.90
          = captured
    "#]],
    );
}

#[test]
fn a_payment_won_back_can_be_disputed_again() {
    let given = with(&paid(100_00), [charge_back(usd(40_00), 0), win()]);
    check(
        &given,
        &[charge_back(usd(100_00), 0)],
        expect![[r#"
        charge back 100.00, fee 0.00
          charged back 100.00, fee 0.00, merchant bears 100.00
            Dr merchant-pending:1 95.00 · Dr receivable:1 5.00 · Cr rail:sandbox 100.00
          = charged_back
    "#]],
    );
}
