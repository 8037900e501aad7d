//! Random histories: what is wished for, by whom, and how much time passes.

use proptest::{prelude::*, sample::Index};

use super::traffic::{CoinWish, coin_wish};

use crate::{
    domain::{
        Span,
        payment::{Method, Purse},
    },
    money::Currency,
};

/// One step of a history.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    /// One wish.
    One(Wish),
    /// Wishes sent at once, to be taken in whatever order they arrive.
    Together(Vec<Wish>),
    /// The same request fifty times at once.
    Flood(Wish),
    /// An earlier request again, by its key.
    Again(Index),
    /// An earlier key with another request.
    Clash(Index),
    /// The wall clock moves, now and then back.
    Tick(Span),
    /// The engine is closed and opened again.
    Restart,
}

/// A wish, and which payment and merchant it is about.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) what: What,
    /// Of the payments there are.
    pub(super) payment: Index,
    /// Of the three merchants.
    pub(super) merchant: usize,
    /// Of the seven holders: who acts, and upon whom.
    pub(super) holders: (usize, usize),
    /// Sent where it has no business: to be refused.
    pub(super) astray: Option<Astray>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Astray {
    Tenant,
    Realm,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Create {
        currency: Currency,
        amount: i128,
        tax: i128,
        fee: i128,
        top_up: bool,
    },
    Await(Method),
    Authorize,
    Capture(Option<Part>),
    Receive {
        method: Method,
        rail: bool,
        part: Part,
    },
    Decline,
    Cancel,
    Fail,
    Refund(Option<Part>),
    ChargeBack {
        part: Part,
        fee: i128,
    },
    WinChargeback,
    ReturnExcess,
    Settle {
        net: i128,
        fee: i128,
    },
    Attempt {
        number: u32,
        delivered: bool,
    },
    Requeue,
    SetMode(bool),
    SetTerms {
        percent: u8,
        fixed: i128,
        returns_charge: bool,
    },
    RotateSecret,
    Advance(Span),
    Credit(Sum),
    IssueTokens(i128),
    Transfer(Sum),
    Grant(i128),
    Buy(i128),
    PayByUser(Purse),
    CloseUser,
    /// As many days before the last that something happened on.
    CloseDays(i64),
    SendPayout {
        part: Part,
        points: bool,
    },
    /// Confirmed, or returned.
    EndPayout(bool),
    /// About coins on chains.
    Coins(CoinWish),
}

/// So much in the first, second, third or last of what wallets hold.
pub(super) type Sum = (usize, i128);

/// So many tenths of a payment's total, and a little more or less.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    tenths: i128,
    more: i128,
}

impl Part {
    pub(super) fn of(self, total: i128) -> i128 {
        total * self.tenths / 10 + self.more
    }
}

pub(super) fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        30 => wish().prop_map(Turn::One),
        5 => proptest::collection::vec(wish(), 2..6).prop_map(Turn::Together),
        1 => wish().prop_map(Turn::Flood),
        2 => any::<Index>().prop_map(Turn::Again),
        1 => any::<Index>().prop_map(Turn::Clash),
        3 => tick().prop_map(Turn::Tick),
        1 => Just(Turn::Restart),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let astray =
        prop_oneof![30 => Just(None), 1 => Just(Some(Astray::Tenant)), 1 => Just(Some(Astray::Realm))];
    let holders = (0..7usize, 0..7usize);
    (what(), any::<Index>(), 0..3usize, holders, astray).prop_map(
        |(what, payment, merchant, holders, astray)| Wish { what, payment, merchant, holders, astray },
    )
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        10 => creation(),
        4 => delayed_method().prop_map(What::Await),
        3 => Just(What::Authorize),
        3 => proptest::option::of(part()).prop_map(What::Capture),
        16 => (method(), any::<bool>(), part()).prop_map(|(method, rail, part)| What::Receive { method, rail, part }),
        3 => Just(What::Decline),
        1 => Just(What::Cancel),
        1 => Just(What::Fail),
        9 => proptest::option::weighted(0.8, part()).prop_map(What::Refund),
        3 => (part(), 0..2_000i128).prop_map(|(part, fee)| What::ChargeBack { part, fee }),
        3 => Just(What::WinChargeback),
        2 => Just(What::ReturnExcess),
        1 => (0..50_000i128, 0..2_000i128).prop_map(|(net, fee)| What::Settle { net, fee }),
        6 => (1..3u32, any::<bool>()).prop_map(|(number, delivered)| What::Attempt { number, delivered }),
        5 => Just(What::Requeue),
        1 => any::<bool>().prop_map(What::SetMode),
        2 => (0..=100u8, 0..50i128, any::<bool>())
            .prop_map(|(percent, fixed, returns_charge)| What::SetTerms { percent, fixed, returns_charge }),
        1 => Just(What::RotateSecret),
        1 => tick().prop_map(What::Advance),
        40 => holding(),
        18 => paying_out(),
        45 => coin_wish().prop_map(What::Coins),
    ]
}

/// What wallets and points are there for.
fn holding() -> impl Strategy<Value = What> {
    let little = || prop_oneof![3 => 1..400i128, 1 => Just(0), 1 => 1..100_000i128];
    let sum = || (0..3usize, little());
    prop_oneof![
        8 => sum().prop_map(What::Credit),
        1 => little().prop_map(What::IssueTokens),
        6 => (0..2usize, 1..60i128).prop_map(What::Transfer),
        1 => sum().prop_map(What::Transfer),
        1 => (1..10_000i128).prop_map(|minor| What::Transfer((3, minor))),
        2 => little().prop_map(What::Grant),
        5 => (0..1_000_000i128).prop_map(What::Grant),
        4 => little().prop_map(What::Buy),
        12 => proptest::sample::select(vec![Purse::Wallet, Purse::Points, Purse::Points]).prop_map(What::PayByUser),
        1 => (0..6u8).prop_map(|turn| if turn == 0 { What::CloseUser } else { What::Requeue }),
    ]
}

/// What settlements and payouts are there for.
fn paying_out() -> impl Strategy<Value = What> {
    prop_oneof![
        8 => (0..4i64).prop_map(What::CloseDays),
        5 => (part(), 0..9u8).prop_map(|(part, turn)| What::SendPayout { part, points: turn == 0 }),
        6 => any::<bool>().prop_map(What::EndPayout),
    ]
}

fn creation() -> impl Strategy<Value = What> {
    let currency =
        prop_oneof![4 => Just(Currency::Jpy), 4 => Just(Currency::Usd), 2 => Just(Currency::SgpUsd)];
    // Small amounts, so that rounding matters, and large ones.
    let amount = prop_oneof![3 => 0..30i128, 3 => 1..1_000_000i128, 1 => Just(10i128.pow(23))];
    let little = || prop_oneof![3 => Just(0), 1 => 0..40i128];
    let top_up = proptest::bool::weighted(0.15);
    (currency, amount, little(), little(), top_up)
        .prop_map(|(currency, amount, tax, fee, top_up)| What::Create { currency, amount, tax, fee, top_up })
}

fn method() -> impl Strategy<Value = Method> {
    proptest::sample::select(Method::ALL.as_slice())
}

fn delayed_method() -> impl Strategy<Value = Method> {
    let delayed = Method::ALL.into_iter().filter(|method| method.is_delayed());
    proptest::sample::select(delayed.collect::<Vec<_>>())
}

pub(super) fn part() -> impl Strategy<Value = Part> {
    let tenths = prop_oneof![4 => Just(10), 4 => 0..10i128, 1 => 11..14i128];
    let more = prop_oneof![8 => Just(0), 1 => Just(1), 1 => Just(-1)];
    (tenths, more).prop_map(|(tenths, more)| Part { tenths, more })
}

fn tick() -> impl Strategy<Value = Span> {
    proptest::sample::select(vec![
        Span::MICRO,
        Span::hours(1),
        Span::hours(7),
        Span::days(1),
        Span::days(4),
        Span::days(31),
        Span::days(180),
        Span::hours(-3),
    ])
}
