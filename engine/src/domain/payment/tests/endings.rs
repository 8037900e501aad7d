//! Declines, cancellations, deadlines and failures: what is held goes back where it came from.

use expect_test::expect;

use super::*;

#[test]
fn the_fifth_decline_fails_the_payment() {
    check(
        &[create(usd(100_00))],
        &std::array::from_fn::<_, 6, _>(|_| decline()),
        expect![[r#"
        decline
          declined, number 1
          = created
        decline
          declined, number 2
          = created
        decline
          declined, number 3
          = created
        decline
          declined, number 4
          = created
        decline
          declined, number 5
          failed, by Declines
          = failed
        decline
          refused: a payment that is failed cannot be declined
    "#]],
    );
}

#[test]
fn four_declines_and_then_a_good_card() {
    check(
        &[create(usd(1_00)), decline(), decline(), decline(), decline()],
        &[pay_by_card(usd(1_00))],
        expect![[r#"
        pay 1.00 by credit_card
          captured 1.00, of it now 1.00, charge 0.05
            Dr rail:sandbox 1.00 · Cr merchant-pending:1 0.95 · Cr income:charge 0.05
          webhook 1 is owed
          = captured
    "#]],
    );
}

#[test]
fn the_fifth_decline_gives_back_the_parts() {
    let part = pay(Method::WebMoney, jpy(400));
    let given = [create(jpy(1_000)), part, decline(), decline(), decline(), decline()];
    check(
        &given,
        &[decline()],
        expect![[r#"
        decline
          declined, number 5
          failed, by Declines
            Dr payment-held:P1 400 · Cr rail:sandbox 400
          = failed
    "#]],
    );
}

#[test]
fn what_is_held_goes_back_by_the_rails_it_came_on() {
    let given = [
        create(jpy(5_000)),
        pay(Method::WebMoney, jpy(2_000)),
        pay_on("prepaid", Method::BitCash, jpy(1_500)),
    ];
    check_apart(
        &given,
        &[cancel(), fail()],
        expect![[r#"
            cancel
              cancelled
                Dr payment-held:P1 2000 · Cr rail:sandbox 2000 · Dr payment-held:P1 1500 · Cr rail:prepaid 1500
              = cancelled
            fail
              failed, by Rail
                Dr payment-held:P1 2000 · Cr rail:sandbox 2000 · Dr payment-held:P1 1500 · Cr rail:prepaid 1500
              = failed
        "#]],
    );
}

#[test]
fn a_payment_with_nothing_held_ends_without_an_entry() {
    let created = create(jpy(1_000));
    for (given, then) in [
        (
            vec![created.clone()],
            expect![[r#"
            cancel
              cancelled
              = cancelled
            fail
              failed, by Rail
              = failed
        "#]],
        ),
        (
            vec![created.clone(), choose(Method::Konbini)],
            expect![[r#"
            cancel
              cancelled
              = cancelled
            fail
              failed, by Rail
              = failed
        "#]],
        ),
        (
            vec![created, authorize(jpy(1_000))],
            expect![[r#"
            cancel
              cancelled
              = cancelled
            fail
              failed, by Rail
              = failed
        "#]],
        ),
    ] {
        check_apart(&given, &[cancel(), fail()], then);
    }
}

#[test]
fn a_deadline_ends_what_is_still_open_and_is_struck_out_when_nothing_is() {
    let created = create(jpy(1_000));
    let part = pay(Method::WebMoney, jpy(400));
    let mut text = String::new();
    for given in [
        vec![created.clone()],
        vec![created.clone(), choose(Method::Konbini)],
        vec![created.clone(), choose(Method::BankTransfer)],
        vec![created.clone(), authorize(jpy(1_000))],
        vec![created.clone(), part],
    ] {
        let mut world = World::after(&given);
        let stage = world.payment(id(1)).stage;
        let (at, _) = world.state.dues.first(HERE).expect("it is open, so it has a deadline");
        let events: String = world.expire().iter().map(describe).collect();
        text += &format!("{stage} at {at}\n{events}").replace(id(1).as_str(), "P1");
        assert_eq!(world.payment(id(1)).stage, Stage::Expired);
        assert_eq!(world.state.dues.first(HERE), None, "a deadline comes once");
    }
    expect![[r#"
        created at 2026-01-06T03:00:00Z
          expired
        awaiting_customer at 2026-01-08T14:59:59Z
          expired
        awaiting_customer at 2026-01-19T14:59:59Z
          expired
        authorized at 2026-01-06T03:00:00Z
          expired
        pending at 2026-01-06T03:00:00Z
          expired
            Dr payment-held:P1 400 · Cr rail:sandbox 400
    "#]]
    .assert_eq(&text);
    for ending in [pay_by_card(jpy(1_000)), cancel(), fail()] {
        for chosen in [None, Some(choose(Method::Konbini))] {
            let given: Vec<Wish> =
                [created.clone()].into_iter().chain(chosen).chain([ending.clone()]).collect();
            assert_eq!(World::after(&given).state.dues.first(HERE), None, "{}", label(&ending));
        }
    }
}
