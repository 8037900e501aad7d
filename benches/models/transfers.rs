//! A log of wallet transfers, made without the engine: the same events in the same order in every run.

use std::path::Path;

use choai_engine::{
    books::{Account, Entry, Holder, Realm},
    domain::{MerchantId, Timestamp, UserId, wallet},
    log::{Actor, EVENTS_MAX, FrameDraft, Log, RecordHeader, RocksStore},
    money::{Currency, Money},
};
use uuid::Uuid;

/// How many accounts there are, unless the spread is wide.
const ACCOUNTS: u32 = 10_000;
/// How many there are if it is.
const ACCOUNTS_WIDE: u32 = 10_000_000;
/// Where they are.
pub const REALM: Realm = Realm::Test(MerchantId(1));
/// When the first commit is made: 2027-01-15T08:00:00Z.
const BEGINNING_US: i64 = 1_800_000_000_000_000;
/// From one commit to the next: 350,000 events a second.
pub const COMMIT_US: i64 = 23_400;

/// How accounts are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// All alike.
    Uniform,
    /// The k-th most often of all, in proportion to k to the power of -1.1.
    Zipf,
    /// One of the two is always the same.
    Hot,
    /// All alike, and a thousand times as many.
    Wide,
}

impl Spread {
    pub const ALL: [Self; 4] = [Self::Uniform, Self::Zipf, Self::Hot, Self::Wide];

    pub fn name(&self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Zipf => "zipf",
            Self::Hot => "hot",
            Self::Wide => "wide",
        }
    }

    const fn accounts(self) -> u32 {
        match self {
            Self::Uniform | Self::Zipf | Self::Hot => ACCOUNTS,
            Self::Wide => ACCOUNTS_WIDE,
        }
    }
}

/// Draws accounts, the same in every run.
pub struct Draw {
    spread: Spread,
    state: u64,
    /// Of each account, the chance that it or an earlier one is drawn, in parts of 2^53.
    chances: Vec<u64>,
}

impl Draw {
    pub fn new(spread: Spread) -> Self {
        let chances = if spread == Spread::Zipf { zipf() } else { Vec::new() };
        Self { spread, state: 1, chances }
    }

    /// Steele, Lea and Flood's SplitMix64 (2014).
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// An account, counted from 1.
    pub fn account(&mut self) -> UserId {
        let bits = self.bits();
        let at = match self.spread {
            Spread::Uniform | Spread::Hot | Spread::Wide => bits % u64::from(self.spread.accounts()),
            Spread::Zipf => self.chances.partition_point(|chance| *chance <= bits >> 11) as u64,
        };
        UserId(1 + u32::try_from(at).expect("accounts have small numbers"))
    }

    /// Who gives and who takes; never the same.
    fn pair(&mut self) -> (UserId, UserId) {
        let gives = self.bits().is_multiple_of(2);
        let (from, other) = match self.spread {
            Spread::Hot => (UserId(1), self.other(UserId(1))),
            Spread::Uniform | Spread::Zipf | Spread::Wide => {
                let from = self.account();
                (from, self.other(from))
            }
        };
        if gives { (from, other) } else { (other, from) }
    }

    fn other(&mut self, than: UserId) -> UserId {
        loop {
            let drawn = self.account();
            if drawn != than {
                return drawn;
            }
        }
    }
}

#[expect(clippy::float_arithmetic, reason = "chances are no money")]
fn zipf() -> Vec<u64> {
    let weights: Vec<f64> = (1..=ACCOUNTS).map(|rank| f64::from(rank).powf(-1.1)).collect();
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    let mut chances: Vec<u64> = weights
        .iter()
        .map(|weight| {
            sum += weight / total;
            (sum * (1_u64 << 53) as f64) as u64
        })
        .collect();
    // Whatever rounding left over is the last one's.
    *chances.last_mut().expect("there are accounts") = u64::MAX;
    chances
}

/// Writes `count` transfers into a new ledger at `path`.
pub fn write(path: &Path, spread: Spread, count: u64) -> RocksStore {
    RocksStore::make(path).expect("a new folder");
    let store = RocksStore::open(path).expect("a new store opens");
    let mut draw = Draw::new(spread);
    let mut revisions = vec![0; spread.accounts() as usize + 1];
    let mut left = count;
    while left > 0 {
        let after = store.head().expect("the log has a head");
        let commits = (after.position / EVENTS_MAX as u64).cast_signed();
        let mut draft = FrameDraft::new(after.position + 1, Timestamp(BEGINNING_US + commits * COMMIT_US));
        for _ in 0..left.min(EVENTS_MAX as u64) {
            let (from, to) = draw.pair();
            let revision: &mut u64 = &mut revisions[from.0 as usize];
            transfer(&mut draft, (from, to), *revision, &mut draw);
            *revision += 1;
            left -= 1;
        }
        store.append(after, &draft.seal(after), &[]).expect("the log takes the commit");
    }
    store
}

fn transfer(draft: &mut FrameDraft, (from, to): (UserId, UserId), revision: u64, draw: &mut Draw) {
    let (from, to) = (Holder::User(from), Holder::User(to));
    let amount = Money::new(1 + i128::from(draw.below(100_00)), Currency::Usd);
    let entry =
        Entry::write().debit(Account::Wallet(from), amount).credit(Account::Wallet(to), amount).close();
    let event = wallet::Event::Transferred(wallet::Transferred { realm: REALM, from, to, amount, entry });
    let id = Uuid::from_u64_pair(draw.bits(), draw.bits());
    let header = RecordHeader {
        stream: event.stream(),
        revision,
        id,
        realm: Some(REALM),
        effective_at: draft.recorded_at(),
        causation: id,
        correlation: id,
        actor: Actor::Merchant(MerchantId(1)),
        idempotency: None,
    };
    draft.push(&header, &event.into());
}

/// The instant of the commit that holds `position`.
pub const fn instant_of(position: u64) -> Timestamp {
    Timestamp(BEGINNING_US + (position.saturating_sub(1) / EVENTS_MAX as u64).cast_signed() * COMMIT_US)
}
