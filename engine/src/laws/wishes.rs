//! Random histories: what is wished for, by whom, and how much time passes.

use proptest::{prelude::*, sample::Index, strategy::Union};

use super::traffic::{CoinWish, coin_wish};

use crate::{
    domain::{
        Span,
        merchant::{Earner, Plan},
        payment::{Method, Purse},
    },
    money::{Currency, Money},
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
    SetPlan(Plan),
    Access(AccessWish),
    /// About who a user is, and what it is asked.
    Person(PersonWish),
    Advance(Span),
    Credit(Sum),
    IssueTokens(i128),
    Transfer(Sum),
    Grant(i128),
    Buy(i128),
    PayByUser(Purse),
    CloseUser,
    /// The payer of a payment, or a user.
    Erase {
        payer: bool,
    },
    Subscribe,
    Unsubscribe,
    /// The running month, or one so many before it.
    PayMonth {
        purse: Purse,
        before: i32,
    },
    RefundMonth(i32),
    /// By a payment.
    BillMonth(i32),
    /// As many days before the last that something happened on.
    CloseDays(i64),
    SendPayout {
        part: Part,
        points: bool,
    },
    /// Confirmed, or returned.
    EndPayout(bool),
    /// About listings and orders.
    Order(Ordering),
    /// About coins on chains.
    Coins(CoinWish),
    AuthorizeByUser,
    /// Good for so many months.
    IssueCard {
        months: u8,
        sandbox: bool,
    },
    SetCard(CardWish),
    Charge(i128),
    Increase(i128),
    Reverse(Option<i128>),
    Clear(i128),
    RefundCard(i128),
}

/// What marketplaces are there for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ordering {
    /// Of a currency, at a price, so many, sent or not.
    List {
        currency: Currency,
        price: i128,
        stock: u64,
        is_shippable: bool,
    },
    Reprice(i128),
    AdjustStock(i64),
    CloseListing,
    SetDeadlines(i64),
    /// So many, with so much in points.
    Place {
        quantity: u32,
        points: Part,
    },
    /// From the wallet, or by card.
    Pay {
        by_card: bool,
    },
    /// By the buyer, or the merchant.
    Cancel(bool),
    Ship,
    Confirm,
    Release,
    Dispute,
    Resolve(Part),
    Refund(Option<Part>),
    ChargeBack(Part),
}

/// What lets a merchant's programs in, and what its users are asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum AccessWish {
    RotateSecret,
    RotateAccessKey,
    RotateClientSecret,
    RegisterClient,
    SetKycForm,
}

impl AccessWish {
    const ALL: [Self; 5] = [
        Self::RotateSecret,
        Self::RotateAccessKey,
        Self::RotateClientSecret,
        Self::RegisterClient,
        Self::SetKycForm,
    ];
}

#[derive(Debug, Clone, Copy)]
pub(super) enum PersonWish {
    SetProfile,
    /// For the first version of the form, or another.
    Save(u32),
    Submit,
    Approve,
    Reject,
}

impl PersonWish {
    const ALL: [Self; 6] =
        [Self::SetProfile, Self::Save(1), Self::Save(2), Self::Submit, Self::Approve, Self::Reject];
}

#[derive(Debug, Clone, Copy)]
pub(super) enum CardWish {
    Block,
    Unblock,
    Close,
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
    pub(super) const NOTHING: Self = Self { tenths: 0, more: 0 };

    pub(super) fn of(self, total: i128) -> i128 {
        total * self.tenths / 10 + self.more
    }
}

/// A history that is mostly about one thing, and a little about everything else: one about everything alike gets
/// nowhere far.
pub(super) fn history(turns: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Turn>> {
    let themes: Vec<Theme> = vec![payments, holding, paying_out, ordering, subscribing, cards, coins, people];
    (0..themes.len()).prop_flat_map(move |theme| {
        proptest::collection::vec(turn(themes[theme], themes.clone()), turns.clone())
    })
}

/// What one room, or a few that belong together, are there for.
type Theme = fn() -> BoxedStrategy<What>;

fn turn(theme: Theme, all: Vec<Theme>) -> impl Strategy<Value = Turn> {
    let anything = Union::new(all.into_iter().map(|theme| theme()));
    let what = prop_oneof![12 => theme(), 5 => anything, 1 => upkeep()].boxed();
    let wish = move || wish(what.clone());
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

fn wish(what: BoxedStrategy<What>) -> impl Strategy<Value = Wish> {
    let astray =
        prop_oneof![30 => Just(None), 1 => Just(Some(Astray::Tenant)), 1 => Just(Some(Astray::Realm))];
    let holders = (0..7usize, 0..7usize);
    (what, any::<Index>(), 0..3usize, holders, astray).prop_map(
        |(what, payment, merchant, holders, astray)| Wish { what, payment, merchant, holders, astray },
    )
}

/// Payments, and the notifications that follow from them.
fn payments() -> BoxedStrategy<What> {
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
    ]
    .boxed()
}

/// What changes for a merchant and its realm.
fn upkeep() -> BoxedStrategy<What> {
    prop_oneof![
        1 => any::<bool>().prop_map(What::SetMode),
        2 => (0..=100u8, 0..50i128, any::<bool>())
            .prop_map(|(percent, fixed, returns_charge)| What::SetTerms { percent, fixed, returns_charge }),
        1 => proptest::sample::select(AccessWish::ALL.as_slice()).prop_map(What::Access),
        1 => tick().prop_map(What::Advance),
        2 => creation(),
    ]
    .boxed()
}

/// Listings and orders.
fn ordering() -> BoxedStrategy<What> {
    let currency =
        prop_oneof![4 => Just(Currency::Usd), 1 => Just(Currency::SgpUsd), 1 => Just(Currency::Jpy)];
    let list = (currency, 0..900i128, 0..9u64, any::<bool>());
    let wish = prop_oneof![
        3 => list.prop_map(|(currency, price, stock, is_shippable)| {
            Ordering::List { currency, price, stock, is_shippable }
        }),
        1 => (1..900i128).prop_map(Ordering::Reprice),
        1 => (-3..9i64).prop_map(Ordering::AdjustStock),
        1 => (0..8u8).prop_map(|turn| if turn == 0 { Ordering::CloseListing } else { Ordering::Ship }),
        1 => (0..5i64).prop_map(Ordering::SetDeadlines),
        14 => (0..4u32, part()).prop_map(|(quantity, points)| Ordering::Place { quantity, points }),
        14 => any::<bool>().prop_map(|by_card| Ordering::Pay { by_card }),
        2 => any::<bool>().prop_map(Ordering::Cancel),
        8 => Just(Ordering::Ship),
        10 => Just(Ordering::Confirm),
        8 => Just(Ordering::Release),
        4 => Just(Ordering::Dispute),
        6 => part().prop_map(Ordering::Resolve),
        6 => proptest::option::of(part()).prop_map(Ordering::Refund),
        3 => part().prop_map(Ordering::ChargeBack),
    ];
    // Without something in the wallets and lots, nobody orders anything.
    prop_oneof![5 => wish.prop_map(What::Order), 1 => holding()].boxed()
}

/// What wallets and points are there for.
fn holding() -> BoxedStrategy<What> {
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
        1 => (0..6u8).prop_map(|turn| match turn {
            0 => What::CloseUser,
            1 | 2 => What::Erase { payer: turn == 1 },
            _ => What::Requeue,
        }),
    ]
    .boxed()
}

/// What settlements and payouts are there for.
fn paying_out() -> BoxedStrategy<What> {
    prop_oneof![
        8 => (0..4i64).prop_map(What::CloseDays),
        5 => (part(), 0..9u8).prop_map(|(part, turn)| What::SendPayout { part, points: turn == 0 }),
        6 => any::<bool>().prop_map(What::EndPayout),
        15 => payments(),
    ]
    .boxed()
}

/// What subscriptions are there for.
fn subscribing() -> BoxedStrategy<What> {
    let purse = proptest::sample::select(vec![Purse::Wallet, Purse::Points]);
    let before = || prop_oneof![6 => Just(0), 1 => 1..8i32];
    let price = (1..200i128, proptest::sample::select(vec![Currency::Jpy, Currency::Usd, Currency::Usd]));
    let earner = proptest::sample::select(vec![Earner::Platform, Earner::Tenant]);
    let plan = (price, earner)
        .prop_map(|((minor, currency), earner)| Plan { price: Money::new(minor, currency), earner });
    prop_oneof![
        5 => Just(What::Subscribe),
        2 => Just(What::Unsubscribe),
        9 => (purse, before()).prop_map(|(purse, before)| What::PayMonth { purse, before }),
        4 => before().prop_map(What::RefundMonth),
        7 => before().prop_map(What::BillMonth),
        1 => plan.prop_map(What::SetPlan),
        // Money to pay months with, and payments for them that come in.
        6 => holding(),
        6 => payments(),
    ]
    .boxed()
}

/// What chains are there for.
fn coins() -> BoxedStrategy<What> {
    prop_oneof![6 => coin_wish().prop_map(What::Coins), 1 => holding()].boxed()
}

/// Who users are, and what they are asked.
fn people() -> BoxedStrategy<What> {
    prop_oneof![
        6 => proptest::sample::select(PersonWish::ALL.as_slice()).prop_map(What::Person),
        1 => holding(),
    ]
    .boxed()
}

/// What issued cards are there for.
fn cards() -> BoxedStrategy<What> {
    use CardWish::{Block, Close, Unblock};
    let amount = || prop_oneof![8 => 1..60i128, 4 => 60..500i128, 1 => Just(0)];
    prop_oneof![
        2 => (0..9u8, any::<bool>()).prop_map(|(months, sandbox)| What::IssueCard { months, sandbox }),
        3 => proptest::sample::select(vec![Block, Block, Block, Unblock, Unblock, Unblock, Unblock, Close]).prop_map(What::SetCard),
        8 => amount().prop_map(What::Charge),
        5 => amount().prop_map(What::Increase),
        4 => proptest::option::of(amount()).prop_map(What::Reverse),
        8 => amount().prop_map(What::Clear),
        2 => amount().prop_map(What::RefundCard),
        12 => Just(What::AuthorizeByUser),
        // Something to spend, and payments that are captured.
        8 => holding(),
        8 => payments(),
    ]
    .boxed()
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
