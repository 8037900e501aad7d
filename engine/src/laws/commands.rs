//! The commands that wishes stand for.

use super::wishes::{AccessWish, CardWish, Part, PersonWish, Sum, What, Wish};
use crate::{
    books::{Holder, Label, Realm},
    domain::{
        AuthorizationId, CardId, Command, Day, DeliveryId, Digest, MerchantId, Month, PaymentId, PayoutId,
        SecretId, Span, Subject, Timestamp, UserId, card, kyc, merchant, payment, payout, points, settlement,
        subject, subscription, user, wallet, webhook,
    },
    money::{Currency, Money, Percent, Token},
    samples::sealed,
};

pub(super) fn yen(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

/// A rail that is not the sandbox.
pub(super) fn acquirer() -> Label {
    "acquirer".parse().unwrap()
}

pub(super) fn about_payment(wish: &Wish, payment: PaymentId, realm: Realm, total: Money) -> payment::Command {
    use payment::Command as C;
    let part = |part: Part| Money::new(part.of(total.minor), total.currency);
    let rail = |other: bool| if other || !realm.is_test() { acquirer() } else { Label::SANDBOX };
    let means = |method, other| payment::Means { method, rail: rail(other), card: None };
    match wish.what {
        What::Await(method) => C::Await { payment, means: means(method, false), instructions: Vec::new() },
        What::Authorize => {
            C::Authorize { payment, means: means(payment::Method::CreditCard, false), amount: total }
        }
        What::Capture(amount) => C::Capture { payment, amount: amount.map(part) },
        What::Receive { method, rail, part: amount } => {
            C::Receive { payment, means: means(method, rail), amount: part(amount) }
        }
        What::Decline => C::Decline {
            payment,
            method: payment::Method::CreditCard,
            reason: payment::DeclineReason::InsufficientFunds,
        },
        What::Cancel => C::Cancel { payment },
        What::Fail => C::Fail { payment, reason: payment::FailReason::Rail },
        What::Refund(amount) => C::Refund { payment, amount: amount.map(part) },
        What::ChargeBack { part: amount, fee } => C::ChargeBack {
            payment,
            amount: part(amount),
            fee: Money::new(fee, total.currency),
            rail: rail(fee % 2 == 0),
        },
        What::WinChargeback => C::WinChargeback { payment },
        What::ReturnExcess => C::ReturnExcess { payment },
        ref other => unreachable!("{other:?} is not about a payment"),
    }
}

pub(super) fn about_delivery(wish: &Wish, payment: PaymentId) -> webhook::Command {
    let delivery = DeliveryId { payment, number: 1 };
    match wish.what {
        What::Attempt { number, delivered } => webhook::Command::RecordAttempt {
            delivery,
            number,
            started_at: Timestamp(0),
            duration_ms: 5,
            answer: webhook::Answer::Status(if delivered { 200 } else { 500 }),
            verdict: match delivered {
                true => webhook::Verdict::Delivered,
                false => webhook::Verdict::RetryAt(Timestamp(0) + Span::hours(1)),
            },
        },
        _ => webhook::Command::Requeue { delivery },
    }
}

pub(super) fn about_merchant(wish: &Wish, merchant: MerchantId) -> merchant::Command {
    match wish.what {
        What::SetMode(active) => {
            let mode = if active { merchant::Mode::Active } else { merchant::Mode::Test };
            merchant::Command::SetMode { merchant, mode }
        }
        What::SetTerms { percent, fixed, returns_charge } => {
            let rule =
                |rail| merchant::ChargeRule { rail, percent: Percent::whole(percent / 3), fixed: yen(fixed) };
            let terms = merchant::Terms {
                percent: Percent::whole(percent),
                rules: vec![rule(acquirer())],
                refund_returns_charge: returns_charge,
                ..merchant::Terms::default()
            };
            merchant::Command::SetTerms { merchant, terms }
        }
        What::SetPlan(plan) => merchant::Command::SetPlan { merchant, plan },
        What::Access(access) => about_access(access, merchant),
        ref other => unreachable!("{other:?} is not about a merchant"),
    }
}

fn about_access(wish: AccessWish, merchant: MerchantId) -> merchant::Command {
    use merchant::Command as C;
    let (digest, overlap) = (Digest([6; 32]), Span::hours(1));
    match wish {
        AccessWish::RotateSecret => C::RotateSecret { merchant, secret: SecretId([4; 16]), overlap },
        AccessWish::RotateAccessKey => C::RotateAccessKey { merchant, access_key: digest, overlap },
        AccessWish::RotateClientSecret => C::RotateClientSecret { merchant, client_secret: digest, overlap },
        AccessWish::RegisterClient => C::RegisterClient {
            merchant,
            client_id: "app".into(),
            name: "App".into(),
            redirect_uris: vec!["https://app.jp/".into()],
        },
        AccessWish::SetKycForm => C::SetKycForm { merchant, form: kyc::Form::default() },
    }
}

fn about_person(wish: PersonWish, user: UserId) -> Command {
    let own = || sealed(user.0);
    match wish {
        PersonWish::SetProfile => Command::User(user::Command::SetProfile { user, profile: own() }),
        PersonWish::Save(form) => {
            Command::Kyc(kyc::Command::Save { user, form, answers: own(), documents: Vec::new() })
        }
        PersonWish::Submit => Command::Kyc(kyc::Command::Submit { user, form: 1 }),
        PersonWish::Approve => Command::Kyc(kyc::Command::Approve { user }),
        PersonWish::Reject => Command::Kyc(kyc::Command::Reject { user, reason: own() }),
    }
}

/// The users of the three merchants, then the merchants.
pub(super) const HOLDERS: [(Holder, usize); 7] = [
    (Holder::User(UserId(1)), 0),
    (Holder::User(UserId(2)), 0),
    (Holder::User(UserId(3)), 1),
    (Holder::User(UserId(4)), 2),
    (Holder::Merchant(MerchantId(1)), 0),
    (Holder::Merchant(MerchantId(2)), 1),
    (Holder::Merchant(MerchantId(3)), 2),
];

/// A user of `tenant`, so that most wishes get somewhere; the first has two.
pub(super) fn user_of(holder: usize, tenant: MerchantId) -> UserId {
    match tenant {
        MerchantId(1) => UserId(1 + (holder % 2) as u32),
        MerchantId(2) => UserId(3),
        MerchantId(_) => UserId(4),
    }
}

/// Mostly a holder of the same tenant.
fn receiver(from: usize, to: usize) -> Holder {
    let neighbours = HOLDERS.into_iter().filter(|(_, tenant)| *tenant == HOLDERS[from].1);
    let neighbours: Vec<Holder> = neighbours.map(|(holder, _)| holder).collect();
    if to == 6 { HOLDERS[to].0 } else { neighbours[to % neighbours.len()] }
}

/// The first merchant's jetton.
pub(super) fn jetton() -> Currency {
    Currency::Token(Token::new(2, 9).unwrap())
}

/// The one token that is issued, by the first merchant.
pub(super) fn token() -> Currency {
    Currency::Token(Token::new(1, 18).unwrap())
}

fn money((which, minor): Sum) -> Money {
    Money::new(minor, [Currency::Usd, Currency::Jpy, token(), jetton()][which])
}

/// A wish about what holders have, if it is one; `realm` is the payment's.
pub(super) fn about_holders(wish: &Wish, payment: PaymentId, realm: Realm) -> Option<Command> {
    let (one, other) = wish.holders;
    let (holder, to) = (HOLDERS[one].0, receiver(one, other));
    let tenant = MerchantId(1 + HOLDERS[one].1 as u32);
    let user = user_of(one, tenant);
    Some(match wish.what {
        What::Credit(sum) => Command::Wallet(wallet::Command::Credit { holder, amount: money(sum) }),
        What::IssueTokens(minor) => {
            Command::Wallet(wallet::Command::Issue { holder, amount: money((2, minor)) })
        }
        What::Transfer(sum) => {
            Command::Wallet(wallet::Command::Transfer { from: holder, to, amount: money(sum) })
        }
        What::Grant(minor) => {
            let quantity = Money::new(minor, Currency::SgpUsd);
            Command::Points(points::Command::Grant { holder: user, quantity })
        }
        What::Buy(minor) => {
            let price = Money::new(minor, Currency::Usd);
            Command::Points(points::Command::Buy { holder: user, price })
        }
        What::PayByUser(purse) => {
            let payer = payer(one, user, realm);
            Command::Payment(payment::Command::PayByUser { payment, payer, purse })
        }
        What::AuthorizeByUser => {
            let payer = payer(one, user, realm);
            Command::Payment(payment::Command::AuthorizeByUser { payment, payer })
        }
        What::Person(person) => about_person(person, user),
        What::CloseUser => Command::User(user::Command::Close { user }),
        What::Erase { .. } => Command::Subject(subject::Command::Erase { subject: Subject::User(user) }),
        _ => return None,
    })
}

pub(super) fn about_subscription(what: &What, user: UserId, month: Month) -> subscription::Command {
    use subscription::Command as C;
    match *what {
        What::Subscribe => C::Start { user },
        What::Unsubscribe => C::Stop { user },
        What::PayMonth { purse, before } => C::Pay { user, month: Month(month.0 - before), purse },
        What::RefundMonth(before) => C::Refund { user, month: Month(month.0 - before) },
        ref other => unreachable!("{other:?} is not about a subscription"),
    }
}

/// Mostly a user of the payment's merchant.
fn payer(holder: usize, user: UserId, realm: Realm) -> UserId {
    match realm {
        Realm::Test(tenant) => user_of(holder, tenant),
        Realm::Live => user,
    }
}

/// A card of a name of its own, or of few that many have; good for some months from `now`.
pub(super) fn issue_card(
    wish: &Wish,
    user: UserId,
    currency: Currency,
    now: Timestamp,
    number: u64,
) -> Command {
    let (months, sandbox) = match wish.what {
        What::IssueCard { months, sandbox } => (months, sandbox),
        _ => (8, false),
    };
    let (year, month) = now.tokyo_month();
    let after = year * 12 + i32::from(month) - 1 + i32::from(months);
    let summary = payment::CardSummary {
        brand: payment::Brand::Visa,
        last_four: u16::from(months),
        month: (after % 12) as u8 + 1,
        year: (after / 12) as u16,
    };
    let token = if months == 3 { "one-of-few".into() } else { format!("card-{number}") };
    Command::Card(card::Command::Issue(card::Issue {
        user,
        rail: if sandbox { Label::SANDBOX } else { Label::ISSUING },
        token: token.parse().expect("it is no card number"),
        summary,
        currency,
    }))
}

/// A wish about a card; where there is no authorisation yet, one for the first.
pub(super) fn about_card(
    wish: &Wish,
    card: CardId,
    currency: Currency,
    authorization: Option<AuthorizationId>,
) -> Command {
    use card::Command as C;
    let money = |minor: i128| Money::new(minor, currency);
    Command::Card(match (&wish.what, authorization) {
        (What::SetCard(CardWish::Block), _) => C::Block { card },
        (What::SetCard(CardWish::Unblock), _) => C::Unblock { card },
        (What::SetCard(CardWish::Close), _) => C::Close { card },
        (What::RefundCard(minor), _) => C::Refund { card, amount: money(*minor) },
        (What::Increase(minor), Some(authorization)) => {
            C::Increase { card, authorization, amount: money(*minor) }
        }
        (What::Reverse(minor), Some(authorization)) => {
            C::Reverse { card, authorization, amount: minor.map(money) }
        }
        (What::Clear(minor), Some(authorization)) => C::Clear { card, authorization, amount: money(*minor) },
        (What::Charge(minor) | What::Increase(minor) | What::Clear(minor), _) => {
            C::Authorize { card, amount: money(*minor) }
        }
        _ => C::Authorize { card, amount: money(1) },
    })
}

/// Closes the days of `merchant` up to so many before the last that anything happened on.
pub(super) fn close_days(
    merchant: MerchantId,
    currency: Currency,
    latest: Timestamp,
    before: i64,
) -> Command {
    let through = Day(Day::of(latest).0 - before);
    // A price in points is settled in dollars; now and then it is forgotten.
    let currency = if currency == Currency::SgpUsd && before < 3 { Currency::Usd } else { currency };
    Command::Settlement(settlement::Command::Settle { merchant, currency, through })
}

pub(super) fn send_payout(merchant: MerchantId, amount: Money) -> Command {
    Command::Payout(payout::Command::Send { merchant, amount, bank: Label::MAIN })
}

pub(super) fn end_payout(payout: PayoutId, confirmed: bool) -> Command {
    Command::Payout(match confirmed {
        true => payout::Command::Confirm { payout },
        false => payout::Command::Return { payout },
    })
}
