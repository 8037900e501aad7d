//! Subjects, as data.

use expect_test::{Expect, expect};

use super::Command;
use crate::{
    books::{Holder, Label},
    domain::{
        self, Command as Wish, DeliveryId, Digest, Span, Subject, UserId, card,
        chain::Custody,
        listing, order,
        payment::{self, Brand, CardSummary, Means, Method, Purse},
        points,
        story::{HERE, SHOP, START, Story, credit, jpy, sgp, usd, user},
        subscription, user as users,
        webhook::{self, Answer, Verdict},
        withdrawal::{self, Request},
    },
    money::Money,
    samples::{self, payment_id, sealed},
};

const USER: UserId = UserId(1);

fn erase(subject: Subject) -> Wish {
    Wish::Subject(Command::Erase { subject })
}

fn erase_user(number: u32) -> Wish {
    erase(Subject::User(UserId(number)))
}

fn erase_payer(number: u64) -> Wish {
    erase(Subject::Payment(payment_id(number)))
}

fn close() -> Wish {
    Wish::User(users::Command::Close { user: USER })
}

fn about(command: payment::Command) -> Wish {
    Wish::Payment(command)
}

fn create(number: u64, amount: Money) -> Wish {
    about(payment::Command::Create(samples::create(number, SHOP, amount)))
}

fn receive(number: u64, amount: Money) -> Wish {
    let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
    about(payment::Command::Receive { payment: payment_id(number), means, amount })
}

fn attempt(number: u32, verdict: Verdict) -> Wish {
    Wish::Webhook(webhook::Command::RecordAttempt {
        delivery: DeliveryId { payment: payment_id(1), number: 1 },
        number,
        started_at: START,
        duration_ms: 7,
        answer: Answer::Status(200),
        verdict,
    })
}

/// What comes of a wish after what was given.
fn told(given: &[Wish], wish: Wish) -> String {
    let mut story = Story::begin();
    given.iter().cloned().for_each(|command| story.given(command));
    story.tell([wish])
}

fn check<const CASES: usize>(cases: [(&[Wish], Wish); CASES], expected: &Expect) {
    expected.assert_eq(&cases.map(|(given, wish)| told(given, wish)).concat());
}

#[test]
fn a_user_without_anything_left_is_erased_once() {
    let customer = erase(Subject::Customer(Digest([5; 32])));
    check(
        [
            (&[], erase_user(9)),
            (&[], erase_user(1)),
            (&[close()], erase_user(1)),
            (&[close(), erase_user(1)], erase_user(1)),
            (&[], customer),
        ],
        &expect![[r#"
            refused: there is no user-9
            refused: user-1 is not closed; close it first
            subject.erased
            refused: user-1 is erased already
            refused: there is no customer-0505050505050505050505050505050505050505050505050505050505050505
        "#]],
    );
}

#[test]
fn a_user_who_has_something_is_not_erased() {
    let grant = Wish::Points(points::Command::Grant { holder: USER, quantity: sgp(1) });
    check(
        [(&[credit(user(1), jpy(1)), close()], erase_user(1)), (&[grant, close()], erase_user(1))],
        &expect![[r#"
            refused: test-1/wallet:user-1 still holds 1 JPY
            refused: test-1/points:1 still holds 0.01 SGP-USD
        "#]],
    );
}

/// What is held, ordered or subscribed to is no balance of the user's, and ends in one.
#[test]
fn a_user_for_whom_something_goes_on_is_not_erased() {
    let money = |amount| credit(user(1), amount);
    let authorize = payment::Command::AuthorizeByUser { payment: payment_id(1), payer: USER };
    let by_card = [Wish::Card(card::Command::Issue(issue())), Wish::Card(authorize_on_card())];
    let withdraw = Wish::Withdrawal(withdrawal::Command::Request(request()));
    let subscribe = Wish::Subscription(subscription::Command::Start { user: USER });
    let mut text = String::new();
    for begun in [
        vec![create(1, usd(5_00)), money(usd(5_00)), about(authorize)],
        [vec![money(usd(5_00))], by_card.into()].concat(),
        vec![money(domain::story::ton(5)), withdraw],
        vec![list(), money(usd(5_00)), place(), pay_order()],
        vec![subscribe],
    ] {
        text += &told(&[begun, vec![close()]].concat(), erase_user(1));
    }
    expect![[r#"
        refused: 1 orders, holds, withdrawals or subscriptions are still open
        refused: 1 orders, holds, withdrawals or subscriptions are still open
        refused: 1 orders, holds, withdrawals or subscriptions are still open
        refused: 1 orders, holds, withdrawals or subscriptions are still open
        refused: 1 orders, holds, withdrawals or subscriptions are still open
    "#]]
    .assert_eq(&text);
}

#[test]
fn what_has_ended_stands_in_nobodys_way() {
    let authorize = payment::Command::AuthorizeByUser { payment: payment_id(1), payer: USER };
    let cancel = payment::Command::Cancel { payment: payment_id(1) };
    let pay_out =
        Wish::Wallet(domain::wallet::Command::Transfer { from: user(1), to: user(2), amount: usd(5_00) });
    let subscribe = Wish::Subscription(subscription::Command::Start { user: USER });
    let unsubscribe = Wish::Subscription(subscription::Command::Stop { user: USER });
    let held =
        vec![create(1, usd(5_00)), credit(user(1), usd(5_00)), about(authorize), about(cancel), pay_out];
    for ended in [held, vec![subscribe, unsubscribe]] {
        let given = [ended, vec![close()]].concat();
        assert_eq!(
            told(&given, erase_user(1)),
            "subject.erased
"
        );
    }
}

#[test]
fn a_payer_is_erased_once_the_payment_is_over_and_told_of() {
    let cancel = about(payment::Command::Cancel { payment: payment_id(1) });
    let refund = about(payment::Command::Refund { payment: payment_id(1), amount: None });
    let (paid, told) = ([create(1, usd(5_00)), receive(1, usd(5_00))], attempt(1, Verdict::Delivered));
    let with = |more: &[Wish]| [&paid, more].concat();
    // Of a rail that gives nothing back by itself.
    let means = Means { method: Method::Konbini, rail: "acquirer".parse().unwrap(), card: None };
    let excess = about(payment::Command::Receive { payment: payment_id(1), means, amount: usd(5_00) });
    let again = attempt(1, Verdict::RetryAt(START + Span::hours(1)));
    check(
        [
            (&[], erase_payer(1)),
            (&paid[..1], erase_payer(1)),
            (&[paid[0].clone(), cancel], erase_payer(1)),
            (&paid, erase_payer(1)),
            (&with(&[again]), erase_payer(1)),
            (&with(&[attempt(1, Verdict::GaveUp)]), erase_payer(1)),
            (&with(&[told.clone(), receive(1, usd(5_00))]), erase_payer(1)),
            (&with(&[told.clone(), excess]), erase_payer(1)),
            (&with(std::slice::from_ref(&told)), erase_payer(1)),
            // What is sealed has nothing to do with how money goes back.
            (&with(&[told.clone(), erase_payer(1)]), refund),
            (&with(&[told, erase_payer(1)]), erase_payer(1)),
        ],
        &expect![[r#"
            refused: there is no payment-P000000000000000000000001
            refused: the payment is created and not at its end
            subject.erased
            refused: a notification is still being delivered; that ends within three days
            refused: a notification is still being delivered; that ends within three days
            subject.erased
            subject.erased
            refused: money that was not due has not gone back
            subject.erased
            payment.refunded: Dr merchant-pending:1 4.75 USD · Dr receivable:1 0.25 USD · Cr rail:sandbox 5.00 USD
            refused: payment-P000000000000000000000001 is erased already
        "#]],
    );
}

#[test]
fn what_paid_for_an_order_waits_for_it() {
    let given = [list(), credit(user(1), usd(5_00)), place(), pay_order()];
    check(
        [(&given, erase_payer(50))],
        &expect![[r#"
        refused: order ORD-AB12CD34 is not over
    "#]],
    );
}

#[test]
fn what_a_restored_log_does_not_reach_to_is_recorded_whatever_is_open() {
    let begun = [create(1, usd(5_00)), credit(user(1), jpy(1))];
    let again = |subject| (&begun[..], Wish::Subject(Command::EraseAgain { subject }));
    let subjects = [Subject::User(USER), Subject::Payment(payment_id(1)), Subject::Payment(payment_id(2))];
    check(
        subjects.map(again),
        &expect![[r#"
        subject.erased
        subject.erased
        refused: there is no payment-P000000000000000000000002
    "#]],
    );
}

#[test]
fn nobody_erases_another_tenants() {
    let mut story = Story::begin();
    story.context.tenant = Some(domain::MerchantId(2));
    expect![[r#"
        refused: there is no user-1
    "#]]
    .assert_eq(&story.tell([erase_user(1)]));
    story.context.tenant = None;
    story.given(create(1, usd(5_00)));
    story.context.realm = Some(crate::books::Realm::Live);
    assert_ne!(story.context.realm, Some(HERE));
    expect![[r#"
        refused: there is no payment-P000000000000000000000001
    "#]]
    .assert_eq(&story.tell([erase_payer(1)]));
}

fn issue() -> card::Issue {
    let summary = CardSummary { brand: Brand::Visa, last_four: 42, month: 3, year: 2029 };
    let (rail, token) = (Label::ISSUING, "card-a".parse().unwrap());
    card::Issue { user: USER, rail, token, summary, currency: crate::money::Currency::Usd }
}

fn authorize_on_card() -> card::Command {
    card::Command::Authorize { card: domain::CardId(1), amount: usd(5_00) }
}

fn request() -> Request {
    let from = Custody::Wallet(Holder::User(USER));
    let (amount, destination) = (domain::story::ton(5), sealed(1));
    Request { from, network: Label::TON, amount, query: None, destination }
}

fn list() -> Wish {
    let price = usd(5_00);
    Wish::Listing(listing::Command::List { merchant: SHOP, price, stock: 1, is_shippable: true })
}

fn place() -> Wish {
    Wish::Order(order::Command::Place(order::Place {
        order: "ORD-AB12CD34".parse().unwrap(),
        buyer: USER,
        listing: domain::ListingId(1),
        quantity: 1,
        total: usd(5_00),
        points: sgp(0),
        payment: payment_id(50),
        private: None,
    }))
}

fn pay_order() -> Wish {
    about(payment::Command::PayByUser { payment: payment_id(50), payer: USER, purse: Purse::Wallet })
}
