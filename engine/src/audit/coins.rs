//! Coins on chains as the log alone has them: an output is one deposit and is credited once, and what is set aside for a
//! withdrawal leaves or comes back once.

use std::collections::{HashMap, HashSet};

use super::settlements::debited;
use crate::{
    books::{Account, AccountKey, Entry, Label, Place, Realm},
    domain::{
        AddressId, DepositId, WithdrawalId,
        chain::{Output, Owner},
        deposit, withdrawal,
    },
    money::{Currency, Money},
};

/// A deposit.
struct Arrival {
    realm: Realm,
    network: Label,
    address: AddressId,
    amount: Money,
    /// Whether its coins are on the books.
    credited: bool,
    /// Whether they are nobody's.
    unowned: bool,
}

/// Every deposit there was.
#[derive(Default)]
pub(super) struct Deposits {
    outputs: HashSet<(Realm, Label, Output)>,
    arrivals: HashMap<DepositId, Arrival>,
    unowned: HashMap<(Realm, Label, Currency), i128>,
    /// The purchase that the next event has to tell the outcome of.
    buying: Option<DepositId>,
}

impl Deposits {
    /// What was left open when something else happened.
    pub(super) fn left_open(&mut self, event: Option<&deposit::Event>) -> Option<String> {
        let deposit = self.buying?;
        let outcome = match event {
            Some(deposit::Event::Granted(event)) => Some(event.deposit),
            Some(deposit::Event::Skipped(event)) => Some(event.deposit),
            Some(
                deposit::Event::Reported(_)
                | deposit::Event::Confirmed(_)
                | deposit::Event::Assigned(_)
                | deposit::Event::Reorganised(_),
            )
            | None => None,
        };
        if outcome == Some(deposit) {
            return None;
        }
        self.buying = None;
        Some(format!("deposit {deposit} bought something, and it is not said what"))
    }

    /// Takes one fact; gives where coins of nobody's are kept and how many must be there after it, or what is wrong.
    pub(super) fn follow(&mut self, event: &deposit::Event) -> Result<Option<(AccountKey, i128)>, String> {
        if let deposit::Event::Reported(event) = event {
            return self.report(event).map(|()| None);
        }
        let id = event.deposit();
        let known = self.arrivals.get_mut(&id).ok_or_else(|| format!("deposit {id} was never reported"))?;
        let key = (known.realm, known.network, known.amount.currency);
        let (minor, bought) = (known.amount.minor, self.buying.take() == Some(id));
        let was_unowned = known.unowned;
        let buys = |owner| matches!(owner, Owner::Buys(_)) && key.2 == Currency::Usdt;
        // What the chain's account must be debited, for the deposit to be on the books after it.
        let arrives = match event {
            deposit::Event::Reported(_) => 0,
            deposit::Event::Confirmed(event) => {
                if known.credited {
                    return Err(format!("deposit {id} is credited twice"));
                }
                known.unowned = event.owner.is_none();
                if event.owner.is_some_and(buys) {
                    self.buying = Some(id);
                    0
                } else {
                    known.credited = true;
                    minor
                }
            }
            deposit::Event::Assigned(event) => {
                if !known.unowned {
                    return Err(format!("deposit {id} is somebody's"));
                }
                if buys(event.owner) {
                    self.buying = Some(id);
                } else {
                    known.unowned = false;
                }
                0
            }
            deposit::Event::Granted(_) | deposit::Event::Skipped(_) if !bought => {
                return Err(format!("deposit {id} did not buy anything"));
            }
            deposit::Event::Granted(_) | deposit::Event::Skipped(_) => {
                let arrives = if known.unowned { 0 } else { minor };
                (known.credited, known.unowned) = (true, false);
                arrives
            }
            deposit::Event::Reorganised(_) => {
                known.unowned = false;
                if std::mem::take(&mut known.credited) { -minor } else { 0 }
            }
        };
        let is_unowned = known.unowned;
        let place = Account::Chain(known.network, Place::Address(known.address));
        let came = event.entry().map_or(0, |entry: &Entry| debited(entry, place, key.2));
        if came != arrives {
            let [came, arrives] = [came, arrives].map(|minor| Money::new(minor, key.2).to_decimal());
            return Err(format!("deposit {id} brought {came} to {place} where it had {arrives} to bring"));
        }
        let unowned = self.unowned.entry(key).or_default();
        *unowned += minor * (i128::from(is_unowned) - i128::from(was_unowned));
        let (realm, network, currency) = key;
        Ok(Some((AccountKey { realm, account: Account::Unowned(network), currency }, *unowned)))
    }

    fn report(&mut self, event: &deposit::Reported) -> Result<(), String> {
        let &deposit::Reported { deposit, realm, network, address, amount, .. } = event;
        let arrival = Arrival { realm, network, address, amount, credited: false, unowned: false };
        if self.arrivals.insert(deposit, arrival).is_some() {
            return Err(format!("deposit {deposit} was reported before"));
        }
        match self.outputs.insert((realm, network, event.output.clone())) {
            true => Ok(()),
            false => Err(format!("{} is a deposit already", event.output)),
        }
    }
}

/// Every withdrawal that something is set aside for, and how much.
#[derive(Default)]
pub(super) struct Withdrawals(HashMap<WithdrawalId, Money>);

impl Withdrawals {
    /// Takes one fact; gives what its withdrawal's account must hold after it, in which currency. `None` if what it
    /// tells of cannot be, by what was set aside.
    pub(super) fn follow(&mut self, event: &withdrawal::Event) -> Option<Money> {
        let id = event.withdrawal();
        match event {
            withdrawal::Event::Requested(event) => {
                self.0.insert(id, event.amount);
                Some(event.amount)
            }
            withdrawal::Event::Sent(_) | withdrawal::Event::Expired(_) => self.0.get(&id).copied(),
            withdrawal::Event::Processed(_) | withdrawal::Event::Failed(_) => {
                self.0.remove(&id).map(|amount| Money::zero(amount.currency))
            }
            withdrawal::Event::SentAnyway(event) => {
                let currency = event.entry.postings().first()?.currency;
                (!self.0.contains_key(&id)).then(|| Money::zero(currency))
            }
        }
    }
}
