//! Histories: every line posted to every account with the balance it left, so a past balance is one seek.
//!
//! Along an account, positions and effective times rise together. Lines are found by position alone; an instant is
//! turned into a position first, by an index of the instants at which anything was posted in a realm.

use choai_engine::{
    Fault,
    books::{AccountKey, Realm},
    domain::{StreamId, Timestamp},
    log::{
        Recorded,
        codec::{from_bytes, to_bytes},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    fold::Folding,
    keys::Key,
    numbers::{put_i64, put_i128, put_u64, take_bytes, take_i64, take_i128, take_u64},
    runs::{Item, Run, Runs},
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "histories";
/// 2: a line's place is as wide as an entry can be long.
/// 3: keys have room for tokens.
/// 4: lines and instants are kept in runs.
pub(crate) const VERSION: u32 = 4;

/// Lines of each account, in runs found by position.
const LINES: u8 = 0;
/// Instants of each realm, in runs found by time.
const INSTANTS: u8 = 1;

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

/// Of a line's first byte: its stream is that of the line before.
const SAME_STREAM: u64 = 1;
/// Its kind is that of the line before.
const SAME_KIND: u64 = 1 << 1;
/// The bits before its place in the entry.
const FLAGS: u32 = 2;

impl Item for HistoryLine {
    const NOTHING: Self = Self {
        position: 0,
        line: 0,
        effective_at: Timestamp(0),
        debit_minor: 0,
        balance_minor: 0,
        stream: StreamId::Realm(Realm::Live),
        kind: 0,
    };

    fn number(&self) -> u64 {
        self.position
    }

    fn write_after(&self, before: &Self, out: &mut Vec<u8>) {
        let same_stream = if self.stream == before.stream { SAME_STREAM } else { 0 };
        let same_kind = if self.kind == before.kind { SAME_KIND } else { 0 };
        put_u64(out, u64::from(self.line) << FLAGS | same_kind | same_stream);
        put_u64(out, self.position - before.position);
        put_i64(out, self.effective_at.0.wrapping_sub(before.effective_at.0));
        put_i128(out, self.debit_minor);
        if same_stream == 0 {
            let stream = to_bytes(&self.stream);
            put_u64(out, stream.len() as u64);
            out.extend_from_slice(&stream);
        }
        if same_kind == 0 {
            put_u64(out, u64::from(self.kind));
        }
    }

    fn read_after(before: &Self, from: &mut &[u8]) -> Result<Self, Fault> {
        let undecodable = || Fault::Undecodable("a line in a block of histories".into());
        let first = take_u64(from)?;
        let position = before.position.wrapping_add(take_u64(from)?);
        let effective_at = Timestamp(before.effective_at.0.wrapping_add(take_i64(from)?));
        let debit_minor = take_i128(from)?;
        let stream = if first & SAME_STREAM == 0 {
            let length = usize::try_from(take_u64(from)?).map_err(|_| undecodable())?;
            from_bytes(take_bytes(from, length)?)?
        } else {
            before.stream
        };
        let kind = if first & SAME_KIND == 0 {
            u16::try_from(take_u64(from)?).map_err(|_| undecodable())?
        } else {
            before.kind
        };
        let balance_minor = before.balance_minor.checked_add(debit_minor).ok_or_else(undecodable)?;
        let line = u32::try_from(first >> FLAGS).map_err(|_| undecodable())?;
        Ok(Self { position, line, effective_at, debit_minor, balance_minor, stream, kind })
    }
}

/// When something was first posted in a realm, of all that was posted at that instant.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Instant {
    at: Timestamp,
    position: u64,
}

impl Item for Instant {
    const NOTHING: Self = Self { at: Timestamp(i64::MIN), position: 0 };

    fn number(&self) -> u64 {
        numbered(self.at)
    }

    fn write_after(&self, before: &Self, out: &mut Vec<u8>) {
        put_u64(out, self.at.0.abs_diff(before.at.0));
        put_u64(out, self.position - before.position);
    }

    fn read_after(before: &Self, from: &mut &[u8]) -> Result<Self, Fault> {
        let at = Timestamp(before.at.0.wrapping_add_unsigned(take_u64(from)?));
        Ok(Self { at, position: before.position.wrapping_add(take_u64(from)?) })
    }
}

/// With the sign turned over, instants before 1970 come first.
const fn numbered(at: Timestamp) -> u64 {
    at.0.cast_unsigned() ^ (1 << 63)
}

/// Begins to fold.
pub(crate) fn begin() -> Box<dyn Folding> {
    Box::new(Fold { lines: Runs::new(of_account), instants: Runs::new(of_realm) })
}

struct Fold {
    lines: Runs<AccountKey, HistoryLine>,
    instants: Runs<Realm, Instant>,
}

impl Folding for Fold {
    /// Folds in what an event posts.
    fn event(&mut self, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
        let (Some(realm), Some(entry)) = (recorded.header.realm, recorded.event.entry()) else {
            return Ok(());
        };
        if entry.is_empty() {
            return Ok(());
        }
        let (position, effective_at) = (recorded.position, recorded.header.effective_at);
        let (stream, kind) = (recorded.header.stream, recorded.kind.number);
        for (line, posting) in (0..).zip(entry.postings()) {
            let account = AccountKey { realm, account: posting.account, currency: posting.currency };
            let debit_minor = posting.debit_minor;
            self.lines.push(account, rows, |last| {
                let balance_minor = last.balance_minor + debit_minor;
                Some(HistoryLine { position, line, effective_at, debit_minor, balance_minor, stream, kind })
            })?;
        }
        self.instants.push(realm, rows, |last| {
            (effective_at > last.at).then_some(Instant { at: effective_at, position })
        })
    }

    fn is_full(&self) -> bool {
        self.lines.is_full()
    }

    fn end_step(&mut self, rows: &mut Rows<'_>) {
        self.lines.write(rows);
        self.instants.write(rows);
    }
}

fn of_account(account: &AccountKey) -> Key {
    Key::of(LINES).account(account)
}

fn of_realm(realm: &Realm) -> Key {
    Key::of(INSTANTS).realm(*realm)
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
        let position = last_position(&view, account.realm, instant)?;
        balance_at(&view, account, position)
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
        let Some(last) = before.unwrap_or(u64::MAX).checked_sub(1) else { return Ok(Vec::new()) };
        let view = self.view()?;
        let mut page: Vec<HistoryLine> = Vec::new();
        for line in Run::of(&view, of_account(account)).descending(last) {
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
    Ok(Run::<HistoryLine>::of(view, of_account(account)).last(position)?.balance_minor)
}

/// The last position before anything of `realm` was posted after `instant`.
fn last_position(view: &View<'_>, realm: Realm, instant: Timestamp) -> Result<u64, Fault> {
    let instants = Run::<Instant>::of(view, of_realm(&realm));
    let after = instants.ascending(numbered(instant).saturating_add(1)).next().transpose()?;
    Ok(after.map_or(u64::MAX, |after| after.position - 1))
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
