//! Histories: every line posted to every account with the balance it left, so a past balance is one seek.
//!
//! Along an account, positions and effective times rise together. Lines are kept by position alone; an
//! instant is turned into a position first, by an index with one row per realm and instant.

use choai_engine::{
    Fault,
    books::{AccountKey, Realm},
    domain::{StreamId, Timestamp},
    log::Recorded,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "histories";
/// 2: a line's place is as wide as an entry can be long.
/// 3: keys have room for tokens.
pub(crate) const VERSION: u32 = 3;

/// Lines by account, position and place in the entry.
const LINES: u8 = 0;
/// The balance after the last line, by account.
const LATEST: u8 = 1;
/// The last position with postings at each instant, by realm and instant.
const INSTANTS: u8 = 2;

/// One line posted to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// The event that posted it.
    pub position: u64,
    /// Its place in that event's entry, from 0.
    pub line: u32,
    /// When it happened, by the realm's clock.
    pub effective_at: Timestamp,
    /// Smallest units: above zero a debit, below zero a credit.
    pub debit_minor: i128,
    /// Debits less credits of the account after this line.
    pub balance_minor: i128,
    /// The stream the event stands in.
    pub stream: StreamId,
    /// The event's kind, as the log numbers them.
    pub kind: u16,
}

/// Folds in what an event posts.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let (Some(realm), Some(entry)) = (recorded.header.realm, recorded.event.entry()) else { return Ok(()) };
    if entry.is_empty() {
        return Ok(());
    }
    for (line, posting) in (0..).zip(entry.postings()) {
        let account = AccountKey { realm, account: posting.account, currency: posting.currency };
        let latest = Key::of(LATEST).account(&account);
        let balance_minor = rows.get::<i128>(&latest)?.unwrap_or_default() + posting.debit_minor;
        rows.put(latest, &balance_minor);
        let row = HistoryLine {
            position: recorded.position,
            line,
            effective_at: recorded.header.effective_at,
            debit_minor: posting.debit_minor,
            balance_minor,
            stream: recorded.header.stream,
            kind: recorded.kind.number,
        };
        rows.put(Key::of(LINES).account(&account).u64(row.position).u32(line), &row);
    }
    rows.put(Key::of(INSTANTS).realm(realm).time(recorded.header.effective_at), &recorded.position);
    Ok(())
}

/// How every account came to hold what it does.
#[derive(Clone, Copy)]
pub struct Histories<'a> {
    store: &'a Store,
}

impl<'a> Histories<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// Debits less credits of an account after the event at `position`; zero before its first line.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn at_position(&self, account: &AccountKey, position: u64) -> Result<i128, Fault> {
        balance_at(&self.view()?, account, position)
    }

    /// Debits less credits of an account after everything that had happened by `instant`, that instant
    /// included, by the realm's clock; zero before its first line.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn at_instant(&self, account: &AccountKey, instant: Timestamp) -> Result<i128, Fault> {
        let view = self.view()?;
        match last_position(&view, account.realm, instant)? {
            Some(position) => balance_at(&view, account, position),
            None => Ok(0),
        }
    }

    /// An account's lines of events before position `before`, or of all, newest first.
    ///
    /// A page ends with the first event that fills it: lines of one event are never torn apart, so there can
    /// be a few more than `limit`. The last line's position is where the next page goes on.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn page(
        &self,
        account: &AccountKey,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<HistoryLine>, Fault> {
        let view = self.view()?;
        let mut page: Vec<HistoryLine> = Vec::new();
        for line in view.descending(Key::of(LINES).account(account).all_before(before)) {
            let line: HistoryLine = line?;
            if page.len() >= limit && page.last().is_none_or(|last| last.position != line.position) {
                break;
            }
            page.push(line);
        }
        Ok(page)
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

fn balance_at(view: &View<'_>, account: &AccountKey, position: u64) -> Result<i128, Fault> {
    let lines = Key::of(LINES).account(account).all_before(position.checked_add(1));
    let last = view.descending::<HistoryLine>(lines).next().transpose()?;
    Ok(last.map_or(0, |line| line.balance_minor))
}

/// The last event of `realm` that posted anything by `instant`.
fn last_position(view: &View<'_>, realm: Realm, instant: Timestamp) -> Result<Option<u64>, Fault> {
    let realm = Key::of(INSTANTS).realm(realm);
    view.descending(realm.clone()..realm.time(instant).end()).next().transpose()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use choai_engine::{
        books::{Account, Label},
        domain::Span,
        money::Currency,
    };

    use crate::scene::{Scene, busy};

    use super::*;

    /// Every account's balance after each position, by a plain fold, and the positions' times.
    struct Plain {
        balances: Vec<BTreeMap<AccountKey, i128>>,
        times: Vec<(Option<Realm>, Timestamp)>,
    }

    fn fold_plainly(scene: &Scene) -> Plain {
        let mut plain = Plain { balances: vec![BTreeMap::new()], times: vec![(None, Timestamp(i64::MIN))] };
        for recorded in scene.events() {
            let mut balances = plain.balances.last().unwrap().clone();
            if let (Some(realm), Some(entry)) = (recorded.header.realm, recorded.event.entry()) {
                for posting in entry.postings() {
                    let key = AccountKey { realm, account: posting.account, currency: posting.currency };
                    *balances.entry(key).or_default() += posting.debit_minor;
                }
            }
            plain.balances.push(balances);
            plain.times.push((recorded.header.realm, recorded.header.effective_at));
        }
        plain
    }

    #[tokio::test]
    async fn a_balance_as_of_any_position_is_what_a_plain_fold_gives() {
        let scene = busy().await;
        let plain = fold_plainly(&scene);
        let accounts: Vec<_> = plain.balances.last().unwrap().keys().copied().collect();
        assert!(accounts.len() > 5, "the scene posts to many accounts: {accounts:?}");
        for account in accounts {
            for (position, balances) in (0..).zip(&plain.balances) {
                let expected = balances.get(&account).copied().unwrap_or_default();
                let actual = scene.models.histories().at_position(&account, position).unwrap();
                assert_eq!(actual, expected, "{account} at {position}");
            }
            let now = scene.models.histories().at_position(&account, u64::MAX).unwrap();
            assert_eq!(scene.models.balances().get(&account).unwrap().unwrap().debit_minor, now);
        }
    }

    #[tokio::test]
    async fn a_balance_as_of_any_instant_counts_everything_until_then_and_nothing_after() {
        let scene = busy().await;
        let plain = fold_plainly(&scene);
        for account in plain.balances.last().unwrap().keys() {
            let of_realm = |at: &usize| plain.times[*at].0 == Some(account.realm);
            let places: Vec<usize> = (0..plain.times.len()).filter(of_realm).collect();
            for instant in places.iter().map(|at| plain.times[*at].1) {
                for instant in [instant - Span::MICRO, instant, instant + Span::MICRO] {
                    let last = places.iter().rev().find(|at| plain.times[**at].1 <= instant);
                    let expected =
                        last.and_then(|at| plain.balances[*at].get(account)).copied().unwrap_or_default();
                    let actual = scene.models.histories().at_instant(account, instant).unwrap();
                    assert_eq!(actual, expected, "{account} at {instant}");
                }
            }
        }
    }

    #[tokio::test]
    async fn pages_of_any_size_show_every_line_once_newest_first() {
        let scene = busy().await;
        let account = AccountKey {
            realm: scene.realm(),
            account: Account::Rail(Label::SANDBOX),
            currency: Currency::Jpy,
        };
        let whole = scene.models.histories().page(&account, None, usize::MAX).unwrap();
        assert!(whole.len() > 8, "the scene has a history: {}", whole.len());
        assert!(whole.iter().rev().is_sorted_by_key(|line| (line.position, line.line)));
        assert!(
            whole.windows(2).any(|lines| lines[0].position == lines[1].position),
            "an event with two lines"
        );
        for pair in whole.windows(2) {
            assert_eq!(
                pair[0].balance_minor,
                pair[1].balance_minor + pair[0].debit_minor,
                "the balance runs"
            );
        }
        for limit in 1..=whole.len() {
            let (mut pages, mut before) = (Vec::new(), None);
            loop {
                let page = scene.models.histories().page(&account, before, limit).unwrap();
                let Some(last) = page.last() else { break };
                assert!(page.len() >= limit || last.position == whole.last().unwrap().position);
                before = Some(last.position);
                pages.extend(page);
            }
            assert_eq!(pages, whole, "in pages of {limit}");
        }
    }
}
