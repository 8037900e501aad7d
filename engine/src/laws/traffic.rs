//! Wishes about coins on chains, and the commands they stand for.

use std::collections::HashMap;

use proptest::{prelude::*, sample::Index};

use super::{
    commands::{HOLDERS, jetton, user_of},
    wishes::{Part, part},
};
use crate::{
    books::{Holder, Label, Place, Realm},
    domain::{
        AddressId, Command, DepositId, Digest, Event, MerchantId, Span, Timestamp, WithdrawalId,
        chain::{self, Block, Custody, Owner},
        deposit, withdrawal,
    },
    log::Recorded,
    money::{Currency, Money},
    samples::{chain_address, chain_hash, output, sealed},
};

/// A wish about coins; numbers name addresses, outputs and messages.
#[derive(Debug, Clone)]
pub(super) enum CoinWish {
    Assign {
        owner: usize,
        coin: usize,
        address: u64,
    },
    /// At an address that has an owner, or at one of a number.
    Report {
        coin: usize,
        address: Option<u64>,
        output: u64,
        minor: i128,
    },
    Confirm,
    AssignDeposit(usize),
    Reorganise,
    Sweep {
        output: u64,
        part: Part,
    },
    Move {
        to: usize,
        output: u64,
        minor: i128,
    },
    PayFee {
        place: usize,
        transaction: u64,
        minor: i128,
    },
    Withdraw {
        part: Part,
        query: Option<u8>,
        other: Option<Currency>,
    },
    Send {
        message: u64,
        life: Span,
    },
    Process {
        output: u64,
        fee: Option<i128>,
    },
    Fail {
        stale: bool,
    },
    GiveUp,
}

/// Few enough that some are told twice.
const OUTPUTS: u64 = 30;

pub(super) fn coin_wish() -> impl Strategy<Value = CoinWish> {
    use CoinWish as W;
    // Below a cent, around it, and whole coins.
    let minor = || prop_oneof![2 => 1..20_000i128, 4 => 10_000..100_000_000i128, 1 => -1..1i128];
    let place = || (proptest::option::weighted(0.3, 0..4u64), 0..OUTPUTS);
    let life = proptest::sample::select(vec![Span::MICRO, Span::hours(1), Span::days(4), Span::days(8)]);
    let other = proptest::option::weighted(
        0.1,
        proptest::sample::select(vec![Currency::SgpUsd, Currency::Usd, super::commands::token()]),
    );
    let query = proptest::option::weighted(0.3, 0..3u8);
    prop_oneof![
        5 => (0..4usize, 0..3usize, 0..4u64)
            .prop_map(|(owner, coin, address)| W::Assign { owner, coin, address }),
        12 => (0..4usize, place(), minor()).prop_map(|(coin, (address, output), minor)| {
            // More of what can buy points than of anything else.
            W::Report { coin: coin % 3, address, output, minor }
        }),
        14 => Just(W::Confirm),
        3 => (0..4usize).prop_map(W::AssignDeposit),
        5 => Just(W::Reorganise),
        4 => (0..OUTPUTS, part()).prop_map(|(output, part)| W::Sweep { output, part }),
        2 => (0..4usize, 0..OUTPUTS, minor()).prop_map(|(to, output, minor)| W::Move { to, output, minor }),
        2 => (0..3usize, 0..OUTPUTS, minor())
            .prop_map(|(place, transaction, minor)| W::PayFee { place, transaction, minor }),
        10 => (part(), query, other).prop_map(|(part, query, other)| W::Withdraw { part, query, other }),
        8 => (0..OUTPUTS, life).prop_map(|(message, life)| W::Send { message, life }),
        7 => (0..OUTPUTS, proptest::option::of(-1..50i128))
            .prop_map(|(output, fee)| W::Process { output, fee }),
        4 => proptest::bool::weighted(0.2).prop_map(|stale| W::Fail { stale }),
        2 => Just(W::GiveUp),
    ]
}

/// Which network has which coins.
fn coin(which: usize) -> (Label, Currency) {
    [(Label::ETHEREUM, Currency::Usdt), (Label::TON, Currency::Ton), (Label::TON, jetton())][which]
}

/// One address of each kind of owner, so that what arrives finds somebody.
pub(super) fn first_addresses() -> impl Iterator<Item = Command> {
    (0..3).zip([2, 1, 0]).map(|(which, owner)| {
        let (network, currency) = coin(which);
        let (address, owner) = (chain_address(100 + which as u64), owner_of(owner, 0));
        Command::Chain(chain::Command::Assign { network, address, currency, owner, private: None })
    })
}

/// What later wishes have to know.
#[derive(Default)]
pub(super) struct Traffic {
    /// Addresses with an owner, and what they were made for.
    owned: Vec<(Realm, Label, chain::ChainAddress, Currency)>,
    deposits: Vec<(DepositId, Realm)>,
    arrived: Vec<(Realm, Label, AddressId, Money)>,
    /// What was credited, and where it is kept.
    kept: Vec<(Realm, Label, Custody, Money)>,
    amounts: HashMap<DepositId, (Label, Money)>,
    withdrawals: Vec<(WithdrawalId, Realm)>,
    messages: HashMap<WithdrawalId, chain::ChainHash>,
}

impl Traffic {
    pub(super) fn learn(&mut self, recorded: &Recorded) {
        let Some(realm) = recorded.header.realm else { return };
        match &recorded.event {
            Event::Chain(chain::Event::AddressAssigned(fact)) if fact.owner.is_some() => {
                self.owned.push((realm, fact.network, fact.address.clone(), fact.currency));
            }
            Event::Deposit(deposit::Event::Reported(fact)) => {
                self.deposits.push((fact.deposit, realm));
                self.arrived.push((realm, fact.network, fact.address, fact.amount));
                self.amounts.insert(fact.deposit, (fact.network, fact.amount));
            }
            Event::Deposit(deposit::Event::Confirmed(fact)) => {
                if let Some(Owner::Keeps(custody)) = fact.owner {
                    let (network, amount) = self.amounts[&fact.deposit];
                    self.kept.push((realm, network, custody, amount));
                }
            }
            Event::Withdrawal(withdrawal::Event::Requested(fact)) => {
                self.withdrawals.push((fact.withdrawal, realm));
            }
            Event::Withdrawal(withdrawal::Event::Sent(fact)) => {
                self.messages.insert(fact.withdrawal, fact.message.clone());
            }
            _ => {}
        }
    }

    /// A wish as a command; one that comes too early is one for what comes before.
    pub(super) fn command(
        &self,
        wish: &CoinWish,
        pick: Index,
        holder: usize,
        realm: Realm,
        now: Timestamp,
    ) -> (Realm, Command) {
        match wish {
            CoinWish::Assign { owner, coin: which, address } => {
                let (network, currency) = coin(*which);
                let (address, owner) = (chain_address(*address), owner_of(*owner, holder));
                let private = Some(sealed(1));
                let wish = chain::Command::Assign { network, address, currency, owner, private };
                (realm, Command::Chain(wish))
            }
            CoinWish::Sweep { .. } | CoinWish::Move { .. } | CoinWish::PayFee { .. } => {
                self.in_places(wish, pick, realm)
            }
            CoinWish::Report { .. }
            | CoinWish::Confirm
            | CoinWish::AssignDeposit(_)
            | CoinWish::Reorganise => self.arriving(wish, pick, holder, realm, now),
            CoinWish::Withdraw { .. }
            | CoinWish::Send { .. }
            | CoinWish::Process { .. }
            | CoinWish::Fail { .. }
            | CoinWish::GiveUp => self.leaving(wish, pick, realm, now),
        }
    }

    fn in_places(&self, wish: &CoinWish, pick: Index, realm: Realm) -> (Realm, Command) {
        let arrived = latest(&self.arrived, pick);
        let nowhere = (realm, Label::TON, AddressId(1), Money::new(1, Currency::Ton));
        let (realm, network, address, amount) = arrived.unwrap_or(nowhere);
        let places = [Place::Hot, Place::Cold, Place::Address(address)];
        let of = |minor| Money::new(minor, amount.currency);
        let wish = match wish {
            CoinWish::Sweep { output: number, part } => {
                let (amount, output) = (of(part.of(amount.minor)), output(*number));
                chain::Command::Sweep { network, address, amount, output }
            }
            CoinWish::Move { to, output: number, minor } => {
                let (from, to) = if *to == 3 { (Place::Cold, Place::Hot) } else { (Place::Hot, places[*to]) };
                chain::Command::Move { network, from, to, amount: of(*minor), output: output(*number) }
            }
            CoinWish::PayFee { place, transaction, minor } => {
                let (place, transaction) = (places[*place], chain_hash(*transaction));
                chain::Command::PayFee { network, place, amount: of(*minor), transaction }
            }
            other => unreachable!("{other:?} is not about places"),
        };
        (realm, Command::Chain(wish))
    }

    fn arriving(
        &self,
        wish: &CoinWish,
        pick: Index,
        holder: usize,
        realm: Realm,
        now: Timestamp,
    ) -> (Realm, Command) {
        use deposit::Command as C;
        let picked = latest(&self.deposits, pick);
        let (realm, wish) = match (wish, picked) {
            (CoinWish::Confirm, Some((deposit, realm))) => {
                (realm, C::Confirm { deposit, block: Block { number: 1, at: now } })
            }
            (CoinWish::AssignDeposit(owner), Some((deposit, realm))) => {
                (realm, C::Assign { deposit, owner: owner_of(*owner, holder) })
            }
            (CoinWish::Reorganise, Some((deposit, realm))) => (realm, C::Reorganise { deposit }),
            (CoinWish::Report { coin, address, output, minor }, _) => {
                self.report((*coin, *address), *output, *minor, pick, realm)
            }
            (_, _) => self.report((0, None), pick.index(OUTPUTS as usize) as u64, 1_000_000, pick, realm),
        };
        (realm, Command::Deposit(wish))
    }

    fn report(
        &self,
        (which, address): (usize, Option<u64>),
        number: u64,
        minor: i128,
        pick: Index,
        realm: Realm,
    ) -> (Realm, deposit::Command) {
        let (network, currency) = coin(which);
        let nobodys = (realm, network, chain_address(address.unwrap_or_default()), currency);
        let owned = latest(&self.owned, pick).filter(|_| address.is_none());
        let (realm, network, address, currency) = owned.unwrap_or(nobodys);
        let amount = Money::new(minor, currency);
        let private = Some(sealed(1));
        (realm, deposit::Command::Report { network, output: output(number), address, amount, private })
    }

    fn leaving(&self, wish: &CoinWish, pick: Index, realm: Realm, now: Timestamp) -> (Realm, Command) {
        use withdrawal::Command as C;
        let picked = latest(&self.withdrawals, pick);
        let (realm, wish) = match (wish, picked) {
            (CoinWish::Send { message, life }, Some((withdrawal, realm))) => {
                let (message, expires_at) = (chain_hash(*message), now + *life);
                (realm, C::Send { withdrawal, message, expires_at })
            }
            (CoinWish::Process { output: number, fee }, Some((withdrawal, realm))) => {
                let fee = fee.map(|minor| Money::new(minor, Currency::Ton));
                (realm, C::Process { withdrawal, output: output(*number), fee })
            }
            (CoinWish::Fail { stale }, Some((withdrawal, realm))) => {
                let last = self.messages.get(&withdrawal).filter(|_| !stale);
                let message = last.cloned().unwrap_or_else(|| chain_hash(u64::MAX));
                (realm, C::Fail { withdrawal, message, transaction: chain_hash(1) })
            }
            (CoinWish::GiveUp, Some((withdrawal, realm))) => (realm, C::GiveUp { withdrawal }),
            (wish, _) => self.withdraw(wish, pick, realm),
        };
        (realm, Command::Withdrawal(wish))
    }

    fn withdraw(&self, wish: &CoinWish, pick: Index, realm: Realm) -> (Realm, withdrawal::Command) {
        let from = Custody::Processor(MerchantId(1));
        let nothing = (realm, Label::TON, from, Money::new(1, Currency::Ton));
        let kept = latest(&self.kept, pick);
        let (realm, network, from, kept) = kept.unwrap_or(nothing);
        let (amount, query) = match wish {
            CoinWish::Withdraw { part, query, other } => {
                let amount = Money::new(part.of(kept.minor), other.unwrap_or(kept.currency));
                (amount, query.map(|query| Digest([query; 32])))
            }
            _ => (kept, None),
        };
        let destination = sealed(1);
        let wish = withdrawal::Request { from, network, amount, query, destination };
        (realm, withdrawal::Command::Request(wish))
    }
}

/// One of the last few, so that what was begun is gone on with.
fn latest<T: Clone>(all: &[T], pick: Index) -> Option<T> {
    let few = &all[all.len().saturating_sub(4)..];
    (!few.is_empty()).then(|| pick.get(few).clone())
}

/// Whose: the holder's wallet, the user's purchases, twice as often, or the tenant's processor.
fn owner_of(which: usize, holder: usize) -> Owner {
    let (wallet, tenant) = HOLDERS[holder];
    let tenant = MerchantId(1 + tenant as u32);
    match which {
        0 => Owner::Keeps(Custody::Wallet(wallet)),
        1 => Owner::Keeps(Custody::Processor(tenant)),
        _ => Owner::Buys(match wallet {
            Holder::User(user) => user,
            Holder::Merchant(_) => user_of(holder, tenant),
        }),
    }
}
