//! A server that was off for a while: whatever became due of any room, each at its own time, before anything new.

use expect_test::{Expect, expect};

use super::*;
use crate::{
    books::Holder,
    domain::{
        AuthorizationId, CardId, DepositId, ListingId, Month, OrderNumber, UserId, WithdrawalId, card,
        chain::{self, Block, Custody, Owner},
        deposit, listing, order,
        payment::{Brand, CardSummary, Purpose, Purse},
        points, subscription, user,
        withdrawal::{self, Request},
    },
    samples::{chain_address, chain_hash, output, sealed},
};

const USER: UserId = UserId(1);
const CARD: CardId = CardId(1);

/// A user of `shop`, who has money, points and coins in `realm` and began something of everything.
struct Household<'a> {
    desk: &'a Desk,
    shop: MerchantId,
    realm: Realm,
}

impl Household<'_> {
    fn tell(&self, command: Command) {
        self.desk.accepted(self.realm, command);
    }

    fn move_in(&self) {
        let register = Command::User(user::Command::Register { tenant: self.shop });
        self.desk.submit(vec![self.desk.envelope(None, register)]);
        let amount = usd(500_00);
        let top_up = samples::create(9, self.shop, amount);
        self.about_payment(payment::Command::Create(payment::Create {
            purpose: Purpose::TopUp(USER),
            ..top_up
        }));
        let means = Means { method: Method::CreditCard, rail: "acquirer".parse().unwrap(), card: None };
        self.about_payment(payment::Command::Receive { payment: id(9), means, amount });
        self.coins_arrive();
        let list =
            listing::Command::List { merchant: self.shop, price: usd(10_00), stock: 100, is_shippable: true };
        self.tell(Command::Listing(list));
        let summary = CardSummary { brand: Brand::Visa, last_four: 42, month: 3, year: 2029 };
        let (user, rail, token) = (USER, Label::ISSUING, "card-a".parse().unwrap());
        let issue = card::Issue { user, rail, token, summary, currency: Currency::Usd };
        self.tell(Command::Card(card::Command::Issue(issue)));
    }

    fn coins_arrive(&self) {
        let (network, address, amount) = (Label::TON, chain_address(1), Money::new(900, Currency::Ton));
        let (owner, currency) = (Owner::Keeps(Custody::Wallet(Holder::User(USER))), amount.currency);
        let assign =
            chain::Command::Assign { network, address: address.clone(), currency, owner, private: None };
        self.tell(Command::Chain(assign));
        let report = deposit::Command::Report { network, output: output(1), address, amount, private: None };
        self.tell(Command::Deposit(report));
        let (deposit, block) = (DepositId(1), Block { number: 1, at: START });
        self.tell(Command::Deposit(deposit::Command::Confirm { deposit, block }));
    }

    /// What will be due: in an hour, half an hour, a day, a week, two weeks, a month and half a year.
    fn begin_everything(&self) {
        self.grant();
        self.withdraw();
        self.tell(Command::Card(card::Command::Authorize { card: CARD, amount: usd(20_00) }));
        self.tell(Command::Subscription(subscription::Command::Start { user: USER }));
        self.tell(create(1, self.shop));
        for number in 1..=3 {
            self.place(number);
        }
        // The first waits for its payment, the second for its shipping, the third is on its way.
        for number in [2, 3] {
            let (payment, purse) = (payment_of(number), Purse::Wallet);
            self.about_payment(payment::Command::PayByUser { payment, payer: USER, purse });
        }
        let (order, carrier, tracking_number) = (order(3), "Yamato".into(), "4711".into());
        self.tell(Command::Order(order::Command::Ship { order, carrier, tracking_number }));
    }

    fn grant(&self) {
        let quantity = Money::new(5_00, Currency::SgpUsd);
        self.tell(Command::Points(points::Command::Grant { holder: USER, quantity }));
    }

    fn withdraw(&self) {
        let (from, network) = (Custody::Wallet(Holder::User(USER)), Label::TON);
        let amount = Money::new(100, Currency::Ton);
        let request = Request { from, network, amount, query: None, destination: sealed(1) };
        self.tell(Command::Withdrawal(withdrawal::Command::Request(request)));
        let (withdrawal, message) = (WithdrawalId(1), chain_hash(2));
        // To the week, the longest that a message may live, less an hour.
        let expires_at = START + Span::days(7) + Span::hours(-1);
        let send = withdrawal::Command::Send { withdrawal, message, expires_at };
        self.tell(Command::Withdrawal(send));
    }

    fn place(&self, number: u32) {
        self.tell(Command::Order(order::Command::Place(order::Place {
            order: order(number),
            buyer: USER,
            listing: ListingId(1),
            quantity: 1,
            total: usd(10_00),
            points: Money::new(1_00, Currency::SgpUsd),
            payment: payment_of(number),
            private: None,
        })));
    }

    fn about_payment(&self, command: payment::Command) {
        self.tell(Command::Payment(command));
    }
}

fn order(number: u32) -> OrderNumber {
    format!("ORD-{number:08}").parse().unwrap()
}

fn payment_of(order: u32) -> PaymentId {
    id(4 + order)
}

/// Everything has been begun at the beginning; then nobody is there for `off`, and a new payment is made.
fn check(shop: MerchantId, realm: Realm, off: Span, expected: Expect) {
    let desk = Desk::new();
    let household = Household { desk: &desk, shop, realm };
    household.move_in();
    household.begin_everything();
    let before = desk.log();
    desk.clock.advance(off);
    desk.accepted(realm, create(2, shop));
    let log = desk.log();
    expected.assert_eq(log.strip_prefix(&before).expect("a log is only appended to"));
}

#[test]
fn after_a_week() {
    check(
        SHOP,
        HERE,
        Span::days(7),
        expect![[r#"
        commit of 2026-01-12T00:00:00Z
          34 payment.expired payment-P5 at 2026-01-05T00:30:00Z
          35 order.cancelled order-ORD-00000001 at 2026-01-05T00:30:00Z
          36 points.given_back points-1-test-1 at 2026-01-05T00:30:00Z
          37 payment.expired payment-P1 at 2026-01-06T00:00:00Z
          38 withdrawal.expired withdrawal-1 at 2026-01-11T23:00:00Z
          39 card.authorization_expired card-1 at 2026-01-12T00:00:00Z
          40 payment.created payment-P2 at 2026-01-12T00:00:00Z
    "#]],
    );
}

#[test]
fn after_a_month() {
    check(
        SHOP,
        HERE,
        Span::days(31),
        expect![[r#"
        commit of 2026-02-05T00:00:00Z
          34 payment.expired payment-P5 at 2026-01-05T00:30:00Z
          35 order.cancelled order-ORD-00000001 at 2026-01-05T00:30:00Z
          36 points.given_back points-1-test-1 at 2026-01-05T00:30:00Z
          37 payment.expired payment-P1 at 2026-01-06T00:00:00Z
          38 withdrawal.expired withdrawal-1 at 2026-01-11T23:00:00Z
          39 card.authorization_expired card-1 at 2026-01-12T00:00:00Z
          40 order.refunded order-ORD-00000002 at 2026-01-19T00:00:00Z
          41 payment.refunded payment-P6 at 2026-01-19T00:00:00Z
          42 points.given_back points-1-test-1 at 2026-01-19T00:00:00Z
          43 order.delivered order-ORD-00000003 at 2026-01-26T00:00:00Z
          44 subscription.failed subscription-1-test-1 at 2026-01-31T15:00:00Z
          45 subscription.invoiced subscription-1-test-1 at 2026-01-31T15:00:00Z
          46 order.released order-ORD-00000003 at 2026-02-02T00:00:00Z
          47 payment.created payment-P2 at 2026-02-05T00:00:00Z
    "#]],
    );
}

#[test]
fn after_half_a_year_in_live() {
    check(
        LIVE_SHOP,
        Realm::Live,
        Span::days(181),
        expect![[r#"
        commit of 2026-07-05T00:00:00Z
          34 payment.expired payment-P5 at 2026-01-05T00:30:00Z
          35 order.cancelled order-ORD-00000001 at 2026-01-05T00:30:00Z
          36 points.given_back points-1-live at 2026-01-05T00:30:00Z
          37 payment.expired payment-P1 at 2026-01-06T00:00:00Z
          38 withdrawal.expired withdrawal-1 at 2026-01-11T23:00:00Z
          39 card.authorization_expired card-1 at 2026-01-12T00:00:00Z
          40 order.refunded order-ORD-00000002 at 2026-01-19T00:00:00Z
          41 payment.refunded payment-P6 at 2026-01-19T00:00:00Z
          42 points.given_back points-1-live at 2026-01-19T00:00:00Z
          43 order.delivered order-ORD-00000003 at 2026-01-26T00:00:00Z
          44 subscription.failed subscription-1-live at 2026-01-31T15:00:00Z
          45 subscription.invoiced subscription-1-live at 2026-01-31T15:00:00Z
          46 order.released order-ORD-00000003 at 2026-02-02T00:00:00Z
          47 subscription.failed subscription-1-live at 2026-02-28T15:00:00Z
          48 subscription.invoiced subscription-1-live at 2026-02-28T15:00:00Z
          49 subscription.failed subscription-1-live at 2026-03-31T15:00:00Z
          50 subscription.invoiced subscription-1-live at 2026-03-31T15:00:00Z
          51 subscription.failed subscription-1-live at 2026-04-30T15:00:00Z
          52 subscription.invoiced subscription-1-live at 2026-04-30T15:00:00Z
          53 subscription.failed subscription-1-live at 2026-05-31T15:00:00Z
          54 subscription.invoiced subscription-1-live at 2026-05-31T15:00:00Z
          55 subscription.failed subscription-1-live at 2026-06-30T15:00:00Z
          56 subscription.invoiced subscription-1-live at 2026-06-30T15:00:00Z
          57 points.lapsed points-1-live at 2026-07-04T00:00:00Z
          58 payment.created payment-P2 at 2026-07-05T00:00:00Z
    "#]],
    );
}

/// A new command finds everything as it has become meanwhile.
#[test]
fn what_is_asked_for_after_the_sleep_is_decided_by_what_happened_in_it() {
    let desk = Desk::new();
    let household = Household { desk: &desk, shop: SHOP, realm: HERE };
    household.move_in();
    household.begin_everything();
    desk.clock.advance(Span::days(31));
    let (carrier, tracking_number) = ("Yamato".into(), "4712".into());
    let month = Month::of(START);
    let too_late = [
        pay_late(),
        Command::Order(order::Command::Ship { order: order(2), carrier, tracking_number }),
        Command::Order(order::Command::Dispute { order: order(3), buyer: USER, private: None }),
        Command::Subscription(subscription::Command::Pay { user: USER, month, purse: Purse::Wallet }),
        Command::Card(card::Command::Reverse { card: CARD, authorization: AuthorizationId(1), amount: None }),
    ];
    let told = desk.submit(too_late.map(|command| desk.envelope(Some(HERE), command)).into());
    let refusals = told.iter().map(|outcome| match outcome {
        Outcome::Rejected(refused) => format!("{refused}\n"),
        other => panic!("{other:?}"),
    });
    expect![[r#"
        a payment that is expired cannot be paid by a user
        an order that is refunded cannot be shipped
        an order that is released cannot be disputed
        an invoice that is failed cannot be paid
        an authorization that is expired cannot be reversed
    "#]]
    .assert_eq(&refusals.collect::<String>());
}

fn pay_late() -> Command {
    let (payment, purse) = (id(1), Purse::Wallet);
    Command::Payment(payment::Command::PayByUser { payment, payer: USER, purse })
}

/// What is due in other realms than the command's happens as well, at the same times, and after it.
#[test]
fn another_realms_dues_wait_for_their_turn_and_lose_nothing() {
    let dues = |desk: &Desk| -> Vec<String> {
        let records = desk.frames().into_iter().flat_map(|frame| frame.records().unwrap());
        let here = records.filter(|record| record.header.realm == Some(HERE));
        here.map(|record| format!("{} {}", record.kind.name(), record.header.effective_at)).collect()
    };
    let slept = |wake: fn(&Desk)| {
        let desk = Desk::new();
        let household = Household { desk: &desk, shop: SHOP, realm: HERE };
        household.move_in();
        household.begin_everything();
        desk.clock.advance(Span::days(31));
        wake(&desk);
        desk.run(vec![]).ended.unwrap();
        dues(&desk)
    };
    let by_itself = slept(|_| {});
    let after_others = slept(|desk| {
        desk.accepted(THERE, create(2, NEIGHBOUR));
        desk.accepted(Realm::Live, create(3, LIVE_SHOP));
    });
    assert_eq!(by_itself, after_others);
    assert!(by_itself.last().is_some_and(|last| last == "order.released 2026-02-02T00:00:00Z"));
}

/// A writer that stops in the middle goes on where it was: nothing happens twice, and nothing is passed over.
#[test]
fn who_falls_asleep_again_goes_on_where_it_was() {
    let slept = |naps: &[i64]| {
        let desk = Desk::new();
        let household = Household { desk: &desk, shop: SHOP, realm: HERE };
        household.move_in();
        household.begin_everything();
        for days in naps {
            desk.clock.advance(Span::days(*days));
            desk.run(vec![]).ended.unwrap();
        }
        let records = desk.frames().into_iter().flat_map(|frame| frame.records().unwrap());
        let told = records.map(|record| format!("{} {}", record.kind.name(), record.header.effective_at));
        told.collect::<Vec<_>>()
    };
    assert_eq!(slept(&[90]), slept(&[1, 6, 7, 7, 10, 28, 31]));
}
