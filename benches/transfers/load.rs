//! The load: any transfer by its number, always the same.

use choai_engine::{
    Envelope, Provenance,
    books::{Holder, Realm},
    domain::{Command, MerchantId, UserId, wallet},
    log::Actor,
    money::{Currency, Money},
    state::IdempotencyKey,
};
use uuid::Uuid;

/// Users who give and take, unless there are many.
pub const USERS: u32 = 10_000;
/// Many.
const WIDE_USERS: u32 = 10_000_000;
/// Whose users they are.
pub const SHOP: MerchantId = MerchantId(1);
/// Where it all happens.
pub const REALM: Realm = Realm::Test(SHOP);
/// Numbers below this are never sent again, and none is before so many came after it: its answer must be known.
const SETTLED: u64 = 200_000;
/// One transfer in so many is an old one.
const REPEATED_ONE_IN: u64 = 100;
/// 2026-01-05T00:00:00Z
const START_MS: u64 = 1_767_571_200_000;
/// How far out of order time-ordered keys are.
const DISORDER_MS: u64 = 10_000;

/// Between whom.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Accounts {
    /// Anybody, each as likely.
    Uniform,
    /// The k-th as likely as k to the power of -1.1.
    Zipf,
    /// The first and anybody, to and fro.
    Hot,
    /// Anybody of many, each as likely.
    Wide,
}

/// What idempotency keys are like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// A time of ms, and random bits.
    TimeOrdered,
    /// Random bits.
    Random,
}

/// All transfers there could be.
pub struct Load {
    accounts: Accounts,
    ids: Ids,
    /// For each user, how many of 2^64 draws go to it or to one before.
    zipf: Vec<u64>,
}

impl Load {
    pub fn new(accounts: Accounts, ids: Ids) -> Self {
        let zipf = if accounts == Accounts::Zipf { zipf() } else { Vec::new() };
        Self { accounts, ids, zipf }
    }

    /// How many users there are.
    pub const fn users(&self) -> u32 {
        match self.accounts {
            Accounts::Wide => WIDE_USERS,
            Accounts::Uniform | Accounts::Zipf | Accounts::Hot => USERS,
        }
    }

    /// What is sent as number `at`, and whether it was sent before.
    pub fn sent(&self, at: u64) -> (Envelope, bool) {
        match self.repeats(at) {
            Some(earlier) => (self.envelope(earlier), true),
            None => (self.envelope(at), false),
        }
    }

    /// The earlier number that is sent again at `at`.
    fn repeats(&self, at: u64) -> Option<u64> {
        let draw = random(at, 1);
        if at < 2 * SETTLED || !draw.is_multiple_of(REPEATED_ONE_IN) {
            return None;
        }
        let mut earlier = random(at, 2) % (at - SETTLED);
        // One that was a repetition itself was never sent under its own number.
        while self.repeats(earlier).is_some() {
            earlier -= 1;
        }
        Some(earlier)
    }

    fn envelope(&self, number: u64) -> Envelope {
        let (from, to) = self.between(number);
        let amount = Money::new(1 + i128::from(random(number, 3) % 100), Currency::Usd);
        let transfer = wallet::Command::Transfer { from: Holder::User(from), to: Holder::User(to), amount };
        let key = self.key(number);
        let id = Uuid::from_bytes(key);
        let mut provenance = Provenance::new(id, Actor::Merchant(SHOP), Some(REALM));
        let request = [random(number, 4), random(number, 5)].map(u64::to_le_bytes);
        let request = std::array::from_fn(|byte| request[byte / 8][byte % 8]);
        provenance.idempotency = Some(IdempotencyKey { key, request });
        let mut envelope = Envelope::new(provenance, Command::Wallet(transfer));
        envelope.tenant = Some(SHOP);
        envelope
    }

    fn key(&self, number: u64) -> [u8; 16] {
        let random_bits = u128::from(random(number, 6)) << 64 | u128::from(random(number, 7));
        let key = match self.ids {
            Ids::Random => random_bits,
            Ids::TimeOrdered => {
                let ms = START_MS + number / 1_000 - random(number, 8) % DISORDER_MS;
                u128::from(ms) << 80 | random_bits >> 48
            }
        };
        key.to_be_bytes()
    }

    fn between(&self, number: u64) -> (UserId, UserId) {
        let users = self.users();
        let other =
            |one: u32| UserId(1 + (one + 1 + (random(number, 10) % u64::from(users - 1)) as u32) % users);
        match self.accounts {
            Accounts::Uniform | Accounts::Wide => {
                let one = (random(number, 9) % u64::from(users)) as u32;
                (UserId(1 + one), other(one))
            }
            Accounts::Zipf => {
                let draw = |salt| self.zipf.partition_point(|up_to| *up_to < random(number, salt)) as u32;
                let (one, mut two) = (draw(9), draw(10));
                if one == two {
                    two = (one + 1) % users;
                }
                (UserId(1 + one), UserId(1 + two))
            }
            Accounts::Hot if number.is_multiple_of(2) => (UserId(1), other(0)),
            Accounts::Hot => (other(0), UserId(1)),
        }
    }
}

/// Random bits, always the same for the same number and salt. Source: the finaliser of SplitMix64.
pub fn random(number: u64, salt: u64) -> u64 {
    let mut bits =
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt.wrapping_mul(0xd1b5_4a32_d192_ed03));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[expect(clippy::float_arithmetic, reason = "how likely a user is, is no amount of money")]
fn zipf() -> Vec<u64> {
    let weights: Vec<f64> = (1..=USERS).map(|rank| f64::from(rank).powf(-1.1)).collect();
    let all: f64 = weights.iter().sum();
    let mut so_far = 0.0;
    let mut up_to = Vec::new();
    for weight in weights {
        so_far += weight;
        up_to.push((so_far / all * u64::MAX as f64) as u64);
    }
    *up_to.last_mut().expect("there are users") = u64::MAX;
    up_to
}
