//! Merchants, as data.

use std::sync::Arc;

use expect_test::{Expect, expect};

use super::*;
use crate::{
    books::Label,
    domain::{self, AMOUNT_MINOR_MAX, Context, Digest, MerchantId, SecretId, Span, Timestamp},
    log::MemoryStore,
    money::{Currency, Money, Percent},
    state::{State, TableRows},
};

const HERE: Context = Context { realm: None, tenant: None, now: Timestamp(0) };
const FIRST: MerchantId = MerchantId(1);

fn register(name: &str) -> Command {
    Command::Register {
        name: name.into(),
        access_key: Digest([1; 32]),
        client_id: "client".into(),
        client_secret: Digest([2; 32]),
        secret: SecretId([3; 16]),
        signature_required: true,
        mode: Mode::Test,
    }
}

fn set_mode(merchant: MerchantId, mode: Mode) -> Command {
    Command::SetMode { merchant, mode }
}

fn rotate(overlap: Span) -> Command {
    Command::RotateSecret { merchant: FIRST, secret: SecretId([4; 16]), overlap }
}

fn agree(fixed: Money) -> Command {
    let rule = ChargeRule { rail: Label::SANDBOX, percent: Percent::whole(1), fixed };
    Command::SetTerms { merchant: FIRST, terms: Terms { rules: vec![rule], ..Terms::default() } }
}

/// Takes each command in turn, the first merchant being there already.
fn check(commands: &[Command], then: Expect) {
    let store: Arc<dyn TableRows> = Arc::new(MemoryStore::new());
    let mut state = State::load(&store).unwrap();
    let mut text = String::new();
    for (index, command) in [register("Shop")].iter().chain(commands).enumerate() {
        let answer = decide(&state, command, &HERE);
        let events = answer.as_deref().unwrap_or_default();
        events.iter().for_each(|event| domain::apply(&mut state, event, &HERE));
        if index > 0 {
            text +=
                &answer.map_or_else(|refused| format!("refused: {refused}\n"), |events| describe(&events));
        }
    }
    then.assert_eq(&text);
}

fn describe(events: &[domain::Event]) -> String {
    let describe = |event: &domain::Event| match event {
        domain::Event::Merchant(Event::Registered(event)) => {
            format!("{} is {}\n", event.name, event.merchant)
        }
        domain::Event::Merchant(Event::ModeSet(event)) => {
            format!("{} is in {}\n", event.merchant, event.mode.word())
        }
        domain::Event::Merchant(Event::TermsSet(event)) => format!("{} rules\n", event.terms.rules.len()),
        domain::Event::Merchant(Event::SecretIssued(event)) => {
            format!("secret {}, earlier ones until {}\n", event.number, event.earlier_until)
        }
        domain::Event::Merchant(Event::PlanSet(event)) => {
            format!("{} a month, earned by {:?}\n", event.plan.price, event.plan.earner)
        }
        other => panic!("{other:?}"),
    };
    events.iter().map(describe).collect()
}

#[test]
fn merchants_are_numbered_as_they_come() {
    check(
        &[register("Second"), register("Third")],
        expect![[r#"
        Second is 2
        Third is 3
    "#]],
    );
}

#[test]
fn a_name_has_1_to_100_characters() {
    for (name, accepted) in [
        (String::new(), false),
        (" ".into(), false),
        ("帳".into(), true),
        ("帳".repeat(100), true),
        ("帳".repeat(101), false),
        (format!("a{}", " ".repeat(100)), false),
        ("two\nlines".into(), false),
        ("a\u{7f}".into(), false),
    ] {
        let store: Arc<dyn TableRows> = Arc::new(MemoryStore::new());
        let decided = decide(&State::load(&store).unwrap(), &register(&name), &HERE);
        assert_eq!(decided.is_ok(), accepted, "{name:?}");
        assert!(accepted || decided == Err(Rejection::Name));
    }
}

/// The key of a request that changed nothing was forgotten, and its late repeat flipped the merchant back.
#[test]
fn a_mode_that_is_set_already_is_set_again() {
    let modes = [Mode::Active, Mode::Active, Mode::Test];
    check(
        &modes.map(|mode| set_mode(FIRST, mode)),
        expect![[r#"
        1 is in active
        1 is in active
        1 is in test
    "#]],
    );
}

#[test]
fn earlier_secrets_work_on_for_0_to_30_days() {
    let overlaps = [Span(-1), Span::ZERO, Span::days(30), Span::days(30) + Span::MICRO];
    check(
        &overlaps.map(rotate),
        expect![[r#"
        refused: earlier secrets may be accepted for 0 to 30 days
        secret 2, earlier ones until 1970-01-01T00:00:00Z
        secret 3, earlier ones until 1970-01-31T00:00:00Z
        refused: earlier secrets may be accepted for 0 to 30 days
    "#]],
    );
}

#[test]
fn points_are_never_charged_and_no_charge_is_negative() {
    let fixed = [
        (1, Currency::SgpUsd),
        (-1, Currency::SgpUsd),
        (-1, Currency::Usd),
        (0, Currency::Usd),
        (30, Currency::Ton),
    ];
    check(
        &fixed.map(|(minor, currency)| agree(Money::new(minor, currency))),
        expect![[r#"
        refused: no charge can be agreed on in SGP-USD
        refused: no charge can be agreed on in SGP-USD
        refused: a fixed charge is never below zero
        1 rules
        1 rules
    "#]],
    );
}

#[test]
fn nobody_is_changed_who_is_not_there() {
    let nobody = MerchantId(2);
    let terms = Terms::default();
    let secret = SecretId([4; 16]);
    check(
        &[
            set_mode(nobody, Mode::Test),
            Command::SetTerms { merchant: nobody, terms },
            Command::RotateSecret { merchant: nobody, secret, overlap: Span::ZERO },
            Command::SetPlan { merchant: nobody, plan: Plan::default() },
        ],
        expect![[r#"
            refused: no merchant has the number 2
            refused: no merchant has the number 2
            refused: no merchant has the number 2
            refused: no merchant has the number 2
        "#]],
    );
}

#[test]
fn a_month_is_priced_in_yen_or_dollars_and_never_for_nothing() {
    let token = Currency::Token(crate::money::Token::new(1, 18).unwrap());
    let prices = [
        (0, Currency::SgpUsd),
        (1, token),
        (1, Currency::Eur),
        (-1, Currency::Jpy),
        (0, Currency::Jpy),
        (1, Currency::Jpy),
        (AMOUNT_MINOR_MAX, Currency::Usd),
        (AMOUNT_MINOR_MAX + 1, Currency::Usd),
        (i128::MAX, Currency::Usd),
    ];
    let set = |(minor, currency)| {
        let plan = Plan { price: Money::new(minor, currency), earner: Earner::Tenant };
        Command::SetPlan { merchant: FIRST, plan }
    };
    check(
        &prices.map(set),
        expect![[r#"
        refused: no month can be priced in SGP-USD
        refused: no month can be priced in TOKEN-1.18
        refused: no month can be priced in EUR
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        1 JPY a month, earned by Tenant
        10000000000000000000000.00 USD a month, earned by Tenant
        refused: the amount is too large
        refused: the amount is too large
    "#]],
    );
    assert_eq!(Plan::default().price, Money::new(1_277, Currency::Jpy), "as in the document's sample");
}
