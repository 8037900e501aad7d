//! What orders hold, and what is not where it should be.

use expect_test::expect;

use super::*;
use crate::domain::{ListingId, OrderNumber, order};

fn number() -> OrderNumber {
    "ORD-AB12CD34".parse().unwrap()
}

/// An order of 100 yen.
fn placed() -> order::Event {
    let parts = order::Parts { points: Money::zero(Currency::SgpUsd), money: yen(100) };
    order::Event::Placed(Box::new(order::Placed {
        order: number(),
        realm: HERE,
        merchant: MerchantId(1),
        buyer: UserId(1),
        listing: ListingId(1),
        quantity: 1,
        is_shippable: true,
        total: yen(100),
        parts,
        payment: Some(payment_id(1)),
        private: None,
    }))
}

/// A rail brings so much into escrow.
fn captured(minor: i128) -> payment::Event {
    let means = payment::Means { method: payment::Method::CreditCard, rail: Label::SANDBOX, card: None };
    let entry = Entry::write()
        .debit(Account::Rail(Label::SANDBOX), yen(minor))
        .credit(Account::Escrow(number()), yen(minor))
        .close();
    payment::Event::Captured(payment::Captured {
        payment: payment_id(1),
        merchant: MerchantId(1),
        source: payment::Source::Rail(means),
        total: yen(minor),
        method_fee: yen(0),
        charge: yen(5),
        received: yen(minor),
        entry,
    })
}

fn paid() -> order::Event {
    order::Event::Paid(order::Paid { order: number(), charge: yen(5), deadline: START })
}

/// So much of it leaves escrow for the seller.
fn released(minor: i128) -> order::Event {
    let entry = Entry::write()
        .debit(Account::Escrow(number()), yen(minor))
        .credit(Account::MerchantPending(MerchantId(1)), yen(minor))
        .close();
    let nothing = order::Parts { points: Money::zero(Currency::SgpUsd), money: yen(0) };
    let (earned, charge) = (yen(minor), yen(0));
    order::Event::Released(order::Released { order: number(), to_buyer: nothing, earned, charge, entry })
}

/// These events in their streams' order, capture and payment of one command.
fn commits(events: Vec<Event>) -> Vec<Told> {
    let mut revisions = std::collections::HashMap::new();
    let numbered = (0..).zip(events).map(|(number, event)| {
        let revision = revisions.entry(event.stream()).or_insert(0);
        let mut told = told(number, event);
        told.header.revision = *revision;
        *revision += 1;
        if matches!(told.event, Event::Payment(_) | Event::Order(order::Event::Paid(_))) {
            told.header.causation = Uuid::from_u128(1 << 64);
        }
        told
    });
    numbered.collect()
}

#[test]
fn escrow_holds_what_its_order_says() {
    check(
        &commits(vec![placed().into(), captured(100).into(), paid().into(), released(100).into()]),
        expect![[""]],
    );
    check(
        &commits(vec![placed().into(), captured(99).into(), paid().into()]),
        expect![[r#"
        escrow and held points are what their orders say: at 3, test-1/escrow:ORD-AB12CD34/JPY is at 99, its order says 100
    "#]],
    );
    check(
        &commits(vec![placed().into(), captured(100).into()]),
        expect![[r#"
        escrow and held points are what their orders say: at 2, test-1/escrow:ORD-AB12CD34/JPY is at 100, its order says 0
    "#]],
    );
    check(
        &commits(vec![placed().into(), captured(100).into(), paid().into(), released(60).into()]),
        expect![[r#"
            escrow and held points are what their orders say: at 4, test-1/escrow:ORD-AB12CD34/JPY is at 40, its order says 0
        "#]],
    );
    check(
        &commits(vec![captured(100).into()]),
        expect![[r#"
        escrow and held points are what their orders say: at 1, test-1/escrow:ORD-AB12CD34/JPY is at 100, its order says 0
    "#]],
    );
}

#[test]
fn an_order_that_is_over_is_not_paid_again() {
    check(
        &commits(vec![
            placed().into(),
            captured(100).into(),
            paid().into(),
            released(100).into(),
            paid().into(),
        ]),
        expect![[r#"
        escrow and held points are what their orders say: at 5, order ORD-AB12CD34 was paid and is not open
    "#]],
    );
}
