//! Balances: what every account holds now.

use choai_engine::{
    Fault,
    books::{AccountKey, Class, Posting, Realm},
    domain::Timestamp,
    log::Recorded,
    money::Currency,
};
use serde::{Deserialize, Serialize};

use crate::{
    fold::Folding,
    kept::Kept,
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "balances";
/// 2: sums by class are kept. 3: keys have room for tokens.
pub(crate) const VERSION: u32 = 3;

/// Rows by account.
const ACCOUNTS: u8 = 0;
/// What all accounts of a class hold together, by realm, currency and class: accounts of single payments are never
/// fewer, and a trial balance must not take longer every day.
const SUMS: u8 = 1;

/// What an account holds, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Debits less credits, in smallest units.
    pub debit_minor: i128,
    /// The last event that posted to it.
    pub position: u64,
    /// When that happened, by the realm's clock.
    pub effective_at: Timestamp,
}

/// All accounts of every class, at one position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialBalance {
    /// The last event in it.
    pub position: u64,
    /// By realm, currency and class.
    pub lines: Vec<TrialLine>,
}

/// One line of the trial balance: all accounts of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialLine {
    /// In which realm.
    pub realm: Realm,
    /// In which currency.
    pub currency: Currency,
    /// Of which class.
    pub class: Class,
    /// Debits less credits, in smallest units; they add up to zero per realm and currency.
    pub debit_minor: i128,
}

/// Begins to fold.
pub(crate) fn begin() -> Box<dyn Folding> {
    let sums = Kept::new(|&(realm, currency, class): &(Realm, Currency, Class)| {
        Key::of(SUMS).realm(realm).u32(currency.number()).class(class)
    });
    Box::new(Fold { accounts: Kept::new(|account| Key::of(ACCOUNTS).account(account)), sums })
}

struct Fold {
    accounts: Kept<AccountKey, Balance>,
    sums: Kept<(Realm, Currency, Class), i128>,
}

impl Folding for Fold {
    /// Folds in what an event posts.
    fn event(&mut self, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
        let (Some(realm), Some(entry)) = (recorded.header.realm, recorded.event.entry()) else {
            return Ok(());
        };
        let (position, effective_at) = (recorded.position, recorded.header.effective_at);
        for Posting { account, currency, debit_minor } in entry.postings() {
            let key = AccountKey { realm, account: *account, currency: *currency };
            let balance = self.accounts.change(key, rows, |row: Option<(AccountKey, Balance)>| {
                let nothing = Balance { debit_minor: 0, position, effective_at };
                Ok(row.map_or(nothing, |(_, balance)| balance))
            })?;
            *balance = Balance { debit_minor: balance.debit_minor + debit_minor, position, effective_at };
            let sum =
                self.sums.change((realm, *currency, account.class()), rows, |row: Option<TrialLine>| {
                    Ok(row.map_or(0, |line| line.debit_minor))
                })?;
            *sum += debit_minor;
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.accounts.is_full()
    }

    fn end_step(&mut self, rows: &mut Rows<'_>) {
        self.accounts.write(rows, |key, account, balance, rows| rows.put(key, &(account, balance)));
        self.sums.write(rows, |key, &(realm, currency, class), &debit_minor, rows| {
            rows.put(key, &TrialLine { realm, currency, class, debit_minor });
        });
    }
}

/// What every account holds.
#[derive(Clone, Copy)]
pub struct Balances<'a> {
    store: &'a Store,
}

impl<'a> Balances<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// What an account holds; `None` before anything was posted to it.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn get(&self, account: &AccountKey) -> Result<Option<Balance>, Fault> {
        let row = self.view()?.get::<(AccountKey, Balance)>(&Key::of(ACCOUNTS).account(account))?;
        Ok(row.map(|(_, balance)| balance))
    }

    /// Every account that anything was ever posted to, by realm and currency.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn all(&self) -> Result<Vec<(AccountKey, Balance)>, Fault> {
        self.view()?.ascending(Key::of(ACCOUNTS).all()).collect()
    }

    /// What all accounts of a class hold together.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn trial_balance(&self) -> Result<TrialBalance, Fault> {
        let view = self.view()?;
        let lines = view.ascending(Key::of(SUMS).all()).collect::<Result<_, _>>()?;
        Ok(TrialBalance { position: view.head().position, lines })
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use choai_engine::{
        books::{Account, Label},
        domain::payment::Method,
    };

    use crate::scene::{Scene, busy, create, receive, usd};

    use super::*;

    #[tokio::test]
    async fn a_capture_shows_in_the_accounts_it_posts_to() {
        let scene = Scene::new();
        let merchant = scene.register("Fruit").await;
        scene.pay(create(1, 1, usd(100_00))).await;
        let captured = scene.pay(receive(1, Method::CreditCard, usd(100_00))).await;
        scene.seen().await;
        let (position, effective_at) = (captured.events[0].position, captured.events[0].header.effective_at);
        for (account, expected) in [
            (Account::Rail(Label::SANDBOX), Some(100_00)),
            (Account::MerchantPending(merchant), Some(-95_00)),
            (Account::Income(choai_engine::books::Income::Charge), Some(-5_00)),
            (Account::MerchantAvailable(merchant), None),
        ] {
            let key = AccountKey { realm: scene.realm(), account, currency: Currency::Usd };
            let expected = expected.map(|debit_minor| Balance { debit_minor, position, effective_at });
            assert_eq!(scene.models.balances().get(&key).unwrap(), expected, "{key}");
        }
    }

    #[tokio::test]
    async fn the_trial_balance_is_zero_in_every_realm_and_currency() {
        let scene = busy().await;
        let mut sums = BTreeMap::<_, (i128, i128)>::new();
        let trial = scene.models.balances().trial_balance().unwrap();
        assert_eq!(trial.position, scene.engine.head().position);
        for line in &trial.lines {
            let (sum, turnover) = sums.entry((line.realm, line.currency)).or_default();
            *sum += line.debit_minor;
            *turnover += line.debit_minor.abs();
        }
        let mut summed = BTreeMap::<_, i128>::new();
        for (AccountKey { realm, account, currency }, balance) in scene.models.balances().all().unwrap() {
            *summed.entry((realm, currency, account.class())).or_default() += balance.debit_minor;
        }
        let kept: BTreeMap<_, i128> = trial
            .lines
            .iter()
            .map(|line| ((line.realm, line.currency, line.class), line.debit_minor))
            .collect();
        assert_eq!(kept, summed, "sums are those of the accounts");
        assert_eq!(sums.len(), 4, "dollars in three realms, yen in one: {sums:?}");
        for (place, (sum, turnover)) in sums {
            assert!(sum == 0 && turnover > 0, "{place:?} has {sum} in a turnover of {turnover}");
        }
    }
}
