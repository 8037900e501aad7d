//! A log of wallet transfers, made without the engine: the same events in the same order in every run.

use std::path::Path;

use choai_engine::{
    books::{Account, Entry, Holder, Label, Realm},
    domain::{MerchantId, Timestamp, UserId, wallet},
    log::{Actor, EVENTS_MAX, FrameDraft, Head, Log, RecordHeader, RocksStore},
    money::{Currency, Money},
    state::IdempotencyKey,
};
use uuid::Uuid;

/// How many accounts there are, unless the spread is wide.
const ACCOUNTS: u32 = 10_000;
/// How many there are if it is.
const ACCOUNTS_WIDE: u32 = 10_000_000;
/// In every wallet before the first transfer, where any has to be: more than ten million transfers can take.
const FILLED_MINOR: i128 = 1_000_000_000_000;
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
    /// Every spread there is.
    pub const ALL: [Self; 4] = [Self::Uniform, Self::Zipf, Self::Hot, Self::Wide];

    /// As it is called on the command line.
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
    /// Begins anew.
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

    fn bytes(&mut self) -> [u8; 16] {
        Uuid::from_u64_pair(self.bits(), self.bits()).into_bytes()
    }

    /// A number below `end`.
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
    Writing::begin(path, spread).transfers(count).store
}

/// Writes `count` transfers into a new ledger at `path`, and before them what makes every wallet able to pay them all.
pub fn write_filled(path: &Path, spread: Spread, count: u64) -> RocksStore {
    Writing::begin(path, spread).credits(spread).transfers(count).store
}

/// A ledger being written, commit by commit.
struct Writing {
    store: RocksStore,
    draft: FrameDraft,
    draw: Draw,
    /// Of each wallet, how many events its stream has.
    revisions: Vec<u64>,
}

impl Writing {
    fn begin(path: &Path, spread: Spread) -> Self {
        RocksStore::make(path).expect("a new folder");
        let store = RocksStore::open(path).expect("a new store opens");
        let revisions = vec![0; spread.accounts() as usize + 1];
        Self { store, draft: draft(Head::default()), draw: Draw::new(spread), revisions }
    }

    fn credits(mut self, spread: Spread) -> Self {
        for user in 1..=spread.accounts() {
            let (holder, amount) = (Holder::User(UserId(user)), Money::new(FILLED_MINOR, Currency::Usd));
            let (rail, wallet) = (Account::Rail(Label::SANDBOX), Account::Wallet(holder));
            let entry = Entry::write().debit(rail, amount).credit(wallet, amount).close();
            let credited = wallet::Credited { realm: REALM, holder, amount, entry };
            self.push(UserId(user), wallet::Event::Credited(credited));
        }
        self.commit();
        self
    }

    fn transfers(mut self, count: u64) -> Self {
        for _ in 0..count {
            let (from, to) = self.draw.pair();
            let giver = from;
            let (from, to) = (Holder::User(from), Holder::User(to));
            let amount = Money::new(1 + i128::from(self.draw.below(100_00)), Currency::Usd);
            let (debit, credit) = (Account::Wallet(from), Account::Wallet(to));
            let entry = Entry::write().debit(debit, amount).credit(credit, amount).close();
            let transferred = wallet::Transferred { realm: REALM, from, to, amount, entry };
            self.push(giver, wallet::Event::Transferred(transferred));
        }
        self.commit();
        self
    }

    /// Adds an event of the stream of `user`, with a key of its own as every request has one.
    fn push(&mut self, user: UserId, event: wallet::Event) {
        let id = Uuid::from_u64_pair(self.draw.bits(), self.draw.bits());
        let revision = &mut self.revisions[user.0 as usize];
        let header = RecordHeader {
            stream: event.stream(),
            revision: *revision,
            id,
            realm: Some(REALM),
            effective_at: self.draft.recorded_at(),
            causation: id,
            correlation: id,
            actor: Actor::Merchant(MerchantId(1)),
            idempotency: Some(IdempotencyKey { key: self.draw.bytes(), request: self.draw.bytes() }),
        };
        *revision += 1;
        self.draft.push(&header, &event.into());
        if self.draft.count() == EVENTS_MAX {
            self.commit();
        }
    }

    fn commit(&mut self) {
        if self.draft.count() == 0 {
            return;
        }
        let after = self.store.head().expect("the log has a head");
        let next = Head { position: self.draft.next_position() - 1, hash: [0; 32] };
        let frame = std::mem::replace(&mut self.draft, draft(next)).seal(after);
        self.store.append(after, &frame, &[]).expect("the log takes the commit");
    }
}

/// The commit that comes after `head`.
fn draft(head: Head) -> FrameDraft {
    FrameDraft::new(head.position + 1, instant_of(head.position + 1))
}

/// The instant of the commit that holds `position`.
pub const fn instant_of(position: u64) -> Timestamp {
    Timestamp(BEGINNING_US + (position.saturating_sub(1) / EVENTS_MAX as u64).cast_signed() * COMMIT_US)
}
