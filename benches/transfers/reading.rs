//! The read models beside the engine: how far behind they are, and what they answer.

use std::time::{Duration, Instant};

use choai_benches::figures::Figures;
use choai_engine::{
    books::{Account, AccountKey, Holder},
    domain::UserId,
    money::Currency,
};
use choai_projections::{Follower, Models};

use crate::{
    ledger::Ledger,
    load::{REALM, USERS, random},
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(600);
/// Pages asked for, of accounts drawn evenly.
const PAGES: u64 = 20_000;
const PAGE: usize = 100;

pub struct Reading {
    models: Models,
    follower: Follower,
}

impl Reading {
    /// Models of their own, following `ledger`.
    pub fn of(ledger: &Ledger) -> Self {
        let models = Models::open(&ledger.paths.models()).expect("new models open");
        let follower = models.follow(&ledger.engine);
        Self { models, follower }
    }

    /// How many events the models have not folded in.
    pub fn lag(&self, ledger: &Ledger) -> u64 {
        ledger.engine.head().position - self.models.position()
    }

    /// Waits until they have folded in everything.
    pub fn catch_up(&self, ledger: &Ledger) {
        let head = ledger.engine.head().position;
        runtime_with_time().block_on(self.models.wait_for(head, LONG)).expect("the models follow");
    }

    /// The last entries of accounts.
    pub fn last_entries(&self) -> Figures {
        let mut figures = Figures::default();
        for draw in 0..PAGES {
            let user = UserId(1 + (random(draw, 11) % u64::from(USERS)) as u32);
            let account = Account::Wallet(Holder::User(user));
            let account = AccountKey { realm: REALM, account, currency: Currency::Usd };
            let begun = Instant::now();
            let page = self.models.histories().page(&account, None, PAGE).expect("a page reads");
            figures.add(begun.elapsed());
            assert!(!page.is_empty(), "everybody was given something at first");
        }
        figures
    }

    /// Stops following, and compacts.
    pub fn close(self) {
        self.follower.stop().expect("the models followed");
        self.models.compact().expect("the models compact");
    }
}

fn runtime_with_time() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime for one caller")
}
