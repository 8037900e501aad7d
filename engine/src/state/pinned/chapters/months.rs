//! Subscriptions: months paid from everything they can be paid from, given back, left unpaid and called off.

use super::{Chapter, HERE, SHOP, begin, usd};
use crate::{
    books::Label,
    domain::{
        Command, Month, Span, UserId,
        merchant::{self, Earner, Plan},
        payment::{self, Method, Purpose, Purse},
        points, subscription, user,
    },
    money::{Currency, Money},
    samples::{self, payment_id},
};

const USER: UserId = UserId(1);

pub(super) fn months() -> Chapter {
    let mut chapter = begin("months");
    chapter.credit(usd(50_00));
    let grant = points::Command::Grant { holder: USER, quantity: Money::new(5_00, Currency::SgpUsd) };
    chapter.here(Command::Points(grant));
    chapter.wait(HERE, Span::hours(1));
    chapter.here(Command::Points(points::Command::Buy { holder: USER, price: usd(20_00) }));
    // At what a plan costs where none was set.
    chapter.about_month(subscription::Command::Start { user: UserId(2) });
    set_plan(&mut chapter, usd(8_00), Earner::Tenant);
    chapter.about_month(subscription::Command::Start { user: USER });
    for purse in [Purse::Wallet, Purse::Points] {
        let month = month(&chapter);
        chapter.about_month(subscription::Command::Pay { user: USER, month, purse });
        chapter.about_month(subscription::Command::Refund { user: USER, month });
        set_plan(&mut chapter, usd(9_00), Earner::Platform);
        chapter.wait(HERE, Span::days(31));
    }
    paid_by_cards(&mut chapter);
    chapter.wait(HERE, Span::days(31));
    // Of the month after: left unpaid, then called off, opened again, and left to its end.
    chapter.wait(HERE, Span::days(31));
    chapter.about_month(subscription::Command::Stop { user: USER });
    chapter.about_month(subscription::Command::Start { user: USER });
    chapter.tell(None, Command::User(user::Command::Close { user: USER }));
    chapter.wait(HERE, Span::days(31));
    chapter
}

/// Two cards for one month: the second goes back; the first is charged back, and that is won.
fn paid_by_cards(chapter: &mut Chapter) {
    let (month, amount) = (month(chapter), usd(9_00));
    for number in [1, 2] {
        let purpose = Purpose::Subscription(USER, month);
        let sale = samples::create(number, SHOP, amount);
        chapter.about(payment::Command::Create(payment::Create { purpose, ..sale }));
    }
    for number in [1, 2] {
        chapter.receive(number, Method::CreditCard, amount);
    }
    let (payment, rail) = (payment_id(1), Label::SANDBOX);
    chapter.about(payment::Command::ChargeBack { payment, amount, fee: usd(15_00), rail });
    chapter.about(payment::Command::WinChargeback { payment });
}

fn set_plan(chapter: &mut Chapter, price: Money, earner: Earner) {
    let plan = Plan { price, earner };
    chapter.tell(None, Command::Merchant(merchant::Command::SetPlan { merchant: SHOP, plan }));
}

fn month(chapter: &Chapter) -> Month {
    Month::of(chapter.now)
}

impl Chapter {
    fn about_month(&mut self, command: subscription::Command) {
        self.here(Command::Subscription(command));
    }
}
