//! Subscriptions, as data.

mod billing;
mod months;
mod payments;
mod refusals;
mod stages;

use std::fmt::Write;

use super::{Command, Invoice};
use crate::{
    books::{Account, Label},
    domain::{
        self, Month, UserId,
        merchant::{self, Earner, Plan},
        payment::{self, Means, Method, Purse},
        points,
        story::{HERE, SHOP, Story, credit, jpy, sgp, usd, user},
        wallet,
    },
    money::{Currency, Money},
    samples::{self, payment_id},
};

/// The month in which a story begins.
const JANUARY: Month = Month((2026 - 1970) * 12);
const FEBRUARY: Month = JANUARY.next();

fn about(command: Command) -> domain::Command {
    domain::Command::Subscription(command)
}

fn about_payment(command: payment::Command) -> domain::Command {
    domain::Command::Payment(command)
}

fn start() -> domain::Command {
    about(Command::Start { user: UserId(1) })
}

fn stop() -> domain::Command {
    about(Command::Stop { user: UserId(1) })
}

fn pay(month: Month, purse: Purse) -> domain::Command {
    about(Command::Pay { user: UserId(1), month, purse })
}

fn refund(month: Month) -> domain::Command {
    about(Command::Refund { user: UserId(1), month })
}

fn grant(minor: i128) -> domain::Command {
    domain::Command::Points(points::Command::Grant { holder: UserId(1), quantity: sgp(minor) })
}

/// A payment for a month of the first user.
fn for_month(number: u64, month: Month, amount: Money) -> payment::Create {
    payment::Create {
        purpose: payment::Purpose::Subscription(UserId(1), month),
        origin: payment::Origin::Platform,
        ..samples::create(number, SHOP, amount)
    }
}

fn bill(number: u64, month: Month, amount: Money) -> domain::Command {
    about_payment(payment::Command::Create(for_month(number, month, amount)))
}

fn receive(number: u64, method: Method, amount: Money) -> domain::Command {
    let means = Means { method, rail: Label::SANDBOX, card: None };
    about_payment(payment::Command::Receive { payment: payment_id(number), means, amount })
}

fn card(number: u64, amount: Money) -> domain::Command {
    receive(number, Method::CreditCard, amount)
}

fn refund_payment(number: u64, amount: Option<Money>) -> domain::Command {
    about_payment(payment::Command::Refund { payment: payment_id(number), amount })
}

fn charge_back(number: u64, amount: Money) -> domain::Command {
    let (payment, fee) = (payment_id(number), Money::new(15, amount.currency));
    about_payment(payment::Command::ChargeBack { payment, amount, fee, rail: Label::SANDBOX })
}

fn win(number: u64) -> domain::Command {
    about_payment(payment::Command::WinChargeback { payment: payment_id(number) })
}

/// Something about an identity, which has no realm.
fn outside(story: &mut Story, command: domain::Command) {
    let realm = story.context.realm.take();
    story.given(command);
    story.context.realm = realm;
}

fn set_plan(story: &mut Story, price: Money, earner: Earner) {
    let plan = Plan { price, earner };
    outside(story, domain::Command::Merchant(merchant::Command::SetPlan { merchant: SHOP, plan }));
}

/// The first user has subscribed, at 1,277 yen or what else the plan says.
fn subscribed(plan: Option<(Money, Earner)>) -> Story {
    let mut story = Story::begin();
    if let Some((price, earner)) = plan {
        set_plan(&mut story, price, earner);
    }
    story.given(start());
    story
}

/// The same, and 1,277 yen in the wallet.
fn funded() -> Story {
    let mut story = subscribed(None);
    story.given(credit(user(1), jpy(1_277)));
    story
}

fn invoice(story: &Story, month: Month) -> Option<Invoice> {
    story.state.invoices.get(&(HERE, UserId(1), month))
}

/// Every invoice of the first user, month by month.
fn invoices(story: &Story) -> String {
    let mut text = String::new();
    let mut month = JANUARY;
    while let Some(invoice) = invoice(story, month) {
        writeln!(text, "{month} {} {}", invoice.price, invoice.stage).unwrap();
        month = month.next();
    }
    text
}
