//! What is asked of the models, and how long each answer takes.

use std::{hint::black_box, time::Instant};

use choai_benches::{
    figures::Figures,
    made::{Draw, REALM, Spread, instant_of},
};
use choai_engine::{
    books::{Account, AccountKey, Holder},
    domain::{StreamId, UserId},
    money::Currency,
};
use choai_projections::Models;

/// Questions of each sort.
const CALLS: usize = 20_000;
/// Lines on a page.
const PAGE: usize = 100;

/// Every sort of question, about accounts drawn as the transfers' were.
pub fn all(models: &Models, spread: Spread, events: u64) -> [(&'static str, Figures); 6] {
    let mut draw = Draw::new(spread);
    let (histories, balances, streams) = (models.histories(), models.balances(), models.streams());
    let mut ask = |question: &dyn Fn(UserId, u64)| {
        let mut figures = Figures::default();
        for _ in 0..CALLS {
            let (user, position) = (draw.account(), 1 + draw.below(events));
            let begun = Instant::now();
            question(user, position);
            figures.add(begun.elapsed());
        }
        figures
    };
    let wallet = |user| StreamId::Wallet(Holder::User(user), REALM);
    [
        (
            "last 100 entries",
            ask(&|user, _| _ = black_box(histories.page(&account(user), None, PAGE).unwrap())),
        ),
        (
            "100 entries before any",
            ask(&|user, at| _ = black_box(histories.page(&account(user), Some(at), PAGE).unwrap())),
        ),
        ("balance now", ask(&|user, _| _ = black_box(balances.get(&account(user)).unwrap()))),
        (
            "balance as of a position",
            ask(&|user, at| _ = black_box(histories.at_position(&account(user), at).unwrap())),
        ),
        (
            "balance as of an instant",
            ask(&|user, at| _ = black_box(histories.at_instant(&account(user), instant_of(at)).unwrap())),
        ),
        (
            "100 events of a stream",
            ask(&|user, at| _ = black_box(streams.read(wallet(user), at % 1_000, PAGE).unwrap())),
        ),
    ]
}

const fn account(user: UserId) -> AccountKey {
    AccountKey { realm: REALM, account: Account::Wallet(Holder::User(user)), currency: Currency::Usd }
}
